from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from ..followup_const import KPBS

MANAGER = ("crm_base.group_manager",)
REVIEW = "crm_h23_followup.mail_activity_type_review"
#: Days before the review date from which on somebody is reminded.
REMIND_DAYS = 30


class CrmFollowupSchedule(models.Model):
    """When each KPB is followed up, how, and what must be offered to whoever refuses: one version of the procedure.

    A version holds from its first day until a later one begins. A published one never changes; whoever wants another
    schedule makes a new version (H23-6).
    """

    _name = "crm.followup.schedule"
    _description = "Follow-up Schedule"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.workflow.mixin"]
    _order = "valid_from desc, id desc"

    _workflow = Workflow(
        states={"draft": "Draft", "published": "Published", "withdrawn": "Withdrawn"},
        transitions=(
            Transition(
                "publish", ("draft",), "published", groups=MANAGER, requires=("line_ids", "step_ids", "user_id")
            ),
            Transition("withdraw", ("published",), "withdrawn", groups=MANAGER, reason=True),
        ),
        locked={
            "published": (ALL_BUT, "review_date", "reviewed_on", "user_id", "activity_ids", "message_follower_ids"),
            "withdrawn": (ALL_BUT, "activity_ids", "message_follower_ids"),
        },
        deletable=("draft",),
    )

    state = _workflow.state_field(index=True)
    name = fields.Char("Version", required=True, help="As on the document, e.g. PCD/OP-MKT/0005 rev. 0.")
    company_id = fields.Many2one("res.company", index=True, help="Empty: for all companies without one of their own.")
    valid_from = fields.Date(required=True, help="KPBs that come due from this day on follow this version.")
    line_ids = fields.One2many("crm.followup.schedule.line", "schedule_id", "Free Services", copy=True)
    step_ids = fields.One2many("crm.followup.schedule.step", "schedule_id", "Follow-ups", copy=True)
    reason_ids = fields.One2many("crm.followup.reason", "schedule_id", "Refusals and Offers", copy=True)
    is_in_force = fields.Boolean("In Force", compute="_compute_is_in_force")
    # Review
    user_id = fields.Many2one(
        "res.users",
        "Reviewed By",
        index=True,
        default=lambda self: self.env.user,
        tracking=True,
        domain=[("share", "=", False)],
        help="Is reminded of the review, once a year at least.",
    )
    review_date = fields.Date("Next Review", tracking=True, compute="_compute_review_date", store=True, readonly=False)
    reviewed_on = fields.Date("Last Review", readonly=True, copy=False, tracking=True)

    _published_once = models.UniqueIndex(
        "(COALESCE(company_id, 0), valid_from) WHERE state = 'published'",
        "Another published version begins on that day: choose another one.",
    )

    # === COMPUTE METHODS === #

    @api.depends("valid_from")
    def _compute_review_date(self):
        for schedule in self:
            if schedule.valid_from and not schedule.review_date:
                schedule.review_date = fields.Date.add(schedule.valid_from, years=1)

    def _compute_case_count(self):
        groups = self.env["crm.followup.case"]._read_group(
            [("schedule_id", "in", self.ids)], ["schedule_id"], ["__count"]
        )
        counts = {schedule.id: count for schedule, count in groups}
        for schedule in self:
            schedule.case_count = counts.get(schedule.id, 0)

    @api.depends("state", "valid_from", "company_id")
    def _compute_is_in_force(self):
        today = fields.Date.context_today(self)
        companies = self.env["res.company"].sudo().search([])
        chosen = {self._in_force(company, today).id for company in companies}
        for schedule in self:
            schedule.is_in_force = schedule.id in chosen

    # === CRUD METHODS === #

    def copy_data(self, default=None):
        """Override: a copy is the draft of the next version, from tomorrow on."""
        vals_list = super().copy_data(default)
        tomorrow = fields.Date.add(fields.Date.context_today(self), days=1)
        for schedule, vals in zip(self, vals_list, strict=True):
            given = default or {}
            vals["name"] = given.get("name") or self.env._("%s (new version)", schedule.name)
            vals["valid_from"] = given.get("valid_from") or max(tomorrow, fields.Date.add(schedule.valid_from, days=1))
            vals["review_date"] = given.get("review_date") or fields.Date.add(vals["valid_from"], years=1)
        return vals_list

    # === ACTION METHODS === #

    def action_publish(self):
        """Let the version hold from its first day: it never changes again."""
        self._workflow_do("publish")

    def action_new_version(self):
        """Open a draft that begins with what this version says."""
        self.ensure_one()
        draft = self.copy()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "views": [[False, "form"]],
        }

    def action_reviewed(self):
        """Note that the procedure was reviewed today and stays as it is; the next review is in a year (H23-6)."""
        self.check_access("write")
        today = fields.Date.context_today(self)
        for schedule in self:
            if schedule.state != "published":
                raise UserError(self.env._("Only a published version is reviewed."))
        self.write({"reviewed_on": today, "review_date": fields.Date.add(today, years=1)})
        self.activity_feedback([REVIEW], only_automated=False)

    # === BUSINESS METHODS === #

    def _check_transition(self, transition):
        for schedule in self:
            schedule._check_oversees()
            if transition.name == "publish":
                schedule._check_publishable()
        return super()._check_transition(transition)

    def _check_oversees(self):
        """Check that whoever publishes or withdraws sees all branches that the version holds for (H23-2).

        :raise AccessError: they don't
        """
        domain = [("company_id", "=", self.company_id.id)] if self.company_id else []
        if self.env["crm.branch"].sudo().search(domain) - self.env.user.sudo().visible_branch_ids:
            raise AccessError(
                self.env._("A version holds for branches that you don't see: have the headquarters publish it.")
            )

    def _check_publishable(self):
        """Check that the version leaves nothing open, and doesn't rewrite the past.

        :raise UserError: what is wrong with it
        """
        self.ensure_one()
        offsets = self.step_ids.sorted("step").mapped("offset_days")
        if offsets != sorted(set(offsets)) or "1" not in self.step_ids.mapped("step"):
            raise UserError(self.env._("FU-1 comes first, and each follow-up comes after the one before it."))
        for line in self.line_ids:
            if line.window_days < max(offsets):
                raise UserError(self.env._("%s expires before its last follow-up.", dict(KPBS)[line.kpb]))
        earlier = self._published(self.company_id, company_exactly=True)
        if earlier and self.valid_from < fields.Date.context_today(self):
            raise UserError(self.env._("A new version begins today or later: what is past followed the old one."))

    @api.model
    def _published(self, company, day=None, company_exactly=False):
        """Return the published versions for a company, the latest first; those of its own before those for all.

        :param day: only versions that have begun by then
        """
        schedules = self.sudo().search(
            [
                ("state", "=", "published"),
                ("company_id", "in", [company.id] if company_exactly else [company.id, False]),
                *([("valid_from", "<=", day)] if day else []),
            ]
        )
        return schedules.sorted(lambda schedule: (bool(schedule.company_id), schedule.valid_from), reverse=True)

    @api.model
    def _in_force(self, company, day):
        """Return the version that holds for a company on a day, perhaps none."""
        return self._published(company, day)[:1].sudo(self.env.su)

    @api.model
    def _publish_document(self):
        """Publish the version that the addon brings, as its data file is loaded: that of the document."""
        schedule = self.env.ref("crm_h23_followup.crm_followup_schedule_document")
        if schedule.state == "draft":
            schedule = schedule.with_user(self.env.ref("base.user_admin"))
            schedule._record_transition(self._workflow.find("publish"), False)
            schedule._write_state("published")

    # === CRON === #

    @api.model
    def _cron_remind_review(self):
        """Remind who reviews the versions in force, from a month before the day until the review is noted (H23-6)."""
        today = fields.Date.context_today(self)
        limit = fields.Date.add(today, days=REMIND_DAYS)
        due = self.search([("state", "=", "published"), ("review_date", "<=", limit)])
        for schedule in due.filtered("is_in_force"):
            if not schedule.activity_search([REVIEW], only_automated=False):
                user = schedule.user_id or self.env.ref("base.user_admin")
                theirs = self.with_context(lang=user.lang)
                schedule.activity_schedule(
                    REVIEW,
                    date_deadline=schedule.review_date,
                    user_id=user.id,
                    summary=theirs.env._("Review the follow-up procedure"),
                    note=theirs.env._("It is reviewed at least once a year. Press “Reviewed”, or make a new version."),
                )


class CrmFollowupSchedulePart(models.AbstractModel):
    """A line of a version: it changes only while the version is a draft."""

    _name = "crm.followup.schedule.part"
    _description = "Part of a Follow-up Schedule"

    schedule_id = fields.Many2one("crm.followup.schedule", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="schedule_id.company_id")

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a published version doesn't change by its lines either."""
        parts = super().create(vals_list)
        parts._check_draft()
        return parts

    def write(self, vals):
        """Override: a published version doesn't change by its lines either."""
        if vals:
            self._check_draft()
        result = super().write(vals)
        self._check_draft()
        return result

    def unlink(self):
        """Override: a published version doesn't change by its lines either."""
        self._check_draft()
        return super().unlink()

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """Override: a translation changes the text too, and doesn't come by way of :meth:`write`."""
        self._check_draft()
        return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)

    def _check_draft(self):
        if any(part.schedule_id.sudo().state != "draft" for part in self):
            raise UserError(self.env._("A published version of the schedule never changes: make a new version of it."))
