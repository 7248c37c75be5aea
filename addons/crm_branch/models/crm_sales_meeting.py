from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

MANAGERS = ("crm_branch.group_branch_manager",)
#: What stays open on a meeting that was closed: its conversation.
LOOSE = ("message_ids", "message_follower_ids", "activity_ids")


class CrmSalesMeeting(models.Model):
    """The month's sales-plan meeting of a branch: in everybody's calendar by itself, with plan and sales attached; what
    was decided goes to the staff and the headquarters (BR-1).
    """

    _name = "crm.sales.meeting"
    _description = "Sales Meeting"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.branch.mixin", "crm.kept.mixin"]
    _order = "month desc, branch_id"
    _rec_name = "month"

    _workflow = Workflow(
        states={"planned": "Planned", "held": "Held", "closed": "Closed"},
        transitions=(
            Transition("hold", ("planned",), "held", MANAGERS, requires=("attended_ids",)),
            Transition("close", ("held",), "closed", MANAGERS, requires=("decisions",)),
            Transition("reopen", ("closed",), "held", MANAGERS, reason=True),
        ),
        locked={"held": ("start", "duration", "invited_ids"), "closed": (ALL_BUT, *LOOSE)},
    )
    _kept = frozenset({"branch_id", "company_id", "month", "event_id", "attachment_id", "reported_at", "closed_at"})

    state = _workflow.state_field(index=True, tracking=True, group_expand=True)
    month = fields.Date(required=True, readonly=True, index=True, help="In which the meeting is, as its first day.")
    start = fields.Datetime(
        required=True,
        compute="_compute_start",
        inverse="_inverse_start",
        store=True,
        readonly=False,
        tracking=True,
        help="Moved here or in the calendar: the other follows.",
    )
    duration = fields.Float("Duration (h)", default=1.0, required=True)
    event_id = fields.Many2one(
        "calendar.event", "Calendar Event", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    invited_ids = fields.Many2many("res.users", "crm_sales_meeting_invited_rel", "meeting_id", "user_id")
    attended_ids = fields.Many2many("res.users", "crm_sales_meeting_attended_rel", "meeting_id", "user_id")
    decisions = fields.Html(help="What was decided; the staff and the headquarters get it when the meeting is closed.")
    attachment_id = fields.Many2one(
        "ir.attachment", "Report", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    reported_at = fields.Datetime("Report Made On", readonly=True, copy=False)
    closed_at = fields.Datetime("Closed On", readonly=True, copy=False)
    is_overdue = fields.Boolean("To Be Noted", compute="_compute_is_overdue", search="_search_is_overdue")

    _once = models.Constraint("UNIQUE(branch_id, month)", "The branch has its meeting of this month already.")
    _lasts = models.Constraint("CHECK(duration > 0 AND duration <= 12)", "A meeting lasts up to 12 hours.")

    # === COMPUTE METHODS === #

    @api.depends("branch_id", "month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for meeting in self:
            words = (
                self.env._("Sales Meeting"),
                meeting.branch_id.code,
                meeting.month and meeting.month.strftime("%Y-%m"),
            )
            meeting.display_name = " · ".join(word for word in words if word)

    @api.depends("event_id.start")
    def _compute_start(self):
        """A meeting that somebody moves in the calendar has moved; one that was held is where it was."""
        for meeting in self:
            moved = meeting.sudo().event_id.start
            meeting.start = moved if moved and meeting.state == "planned" else meeting.start

    def _inverse_start(self):
        for meeting in self.filtered("event_id"):
            event = meeting.sudo().event_id
            if event.start != meeting.start:
                event.write({"start": meeting.start, "stop": meeting.start + timedelta(hours=meeting.duration)})

    @api.depends("state", "start")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for meeting in self:
            meeting.is_overdue = meeting.state != "closed" and bool(meeting.start) and meeting.start < now

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("state", "!=", "closed"), ("start", "<", fields.Datetime.now())]

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: the calendar follows who is invited and how long it lasts."""
        result = super().write(vals)
        if vals.keys() & {"invited_ids", "duration"}:
            for meeting in self.sudo().filtered("event_id"):
                stop = meeting.start + timedelta(hours=meeting.duration)
                partners = meeting.invited_ids.partner_id
                meeting.event_id.write({"stop": stop, "partner_ids": [Command.set(partners.ids)]})
        return result

    # === ACTION METHODS === #

    def action_hold(self):
        """Note that the meeting was held, and who came."""
        return self._workflow_do("hold")

    def action_close(self):
        """Close the meeting: its decisions go to the staff and the headquarters."""
        return self._workflow_do("close")

    def action_everybody_came(self):
        """Note all who were invited as having come."""
        for meeting in self:
            meeting.attended_ids = meeting.invited_ids

    def action_report(self):
        """Open the report of plan and sales; until the meeting is held, with the figures of this moment."""
        self.ensure_one()
        self.check_access("read")
        if self.state == "planned" or not self.attachment_id:
            self._attach_report()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.sudo().attachment_id.id}?download=true",
            "target": "download",
        }

    def action_view_figures(self):
        """Open plan and sales of the period that the meeting is about."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_sales_performance_action")
        domain = [("branch_id", "=", self.branch_id.id), ("month", "in", (self._period(), self.month))]
        return {**action, "domain": domain}

    def action_send_results(self):
        """Send the report of this moment to the staff and the headquarters, before or after the meeting."""
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group(MANAGERS[0]):
            raise UserError(self.env._("The branch's manager informs the staff and the headquarters."))
        if self.state == "planned":
            self._attach_report()
        self._inform(self.env._("Sales results of %s", self.branch_id.name), "")

    # === WORKFLOW === #

    def _check_transition(self, transition):
        """Override: nobody notes what is still to come."""
        if transition.name == "hold":
            for meeting in self:
                if meeting.start > fields.Datetime.now():
                    raise UserError(
                        self.env._("%s is still to come: move it first, if it was earlier.", meeting.display_name)
                    )
        return super()._check_transition(transition)

    def _before_transition(self, transition):
        """Override: the report stays as it was when the meeting was held."""
        if transition.name == "hold":
            for meeting in self:
                meeting._attach_report()
        elif transition.name == "close":
            self.sudo().closed_at = fields.Datetime.now()
        return super()._before_transition(transition)

    def _after_transition(self, transition):
        """Override: what was decided goes to the staff and the headquarters."""
        if transition.name == "close":
            for meeting in self:
                meeting._inform(
                    self.env._("Decisions of the sales meeting of %s", meeting.branch_id.name), meeting.decisions
                )
        return super()._after_transition(transition)

    # === BUSINESS METHODS === #

    def _period(self):
        """Return the first day of the period that is looked back on: the month before."""
        return self.month - relativedelta(months=1)

    def _inform(self, subject, body):
        self.ensure_one()
        headquarters = self.env["crm.branch"].sudo()._headquarters_of(self.company_id).user_ids
        users = (self.sudo().invited_ids | headquarters).filtered(lambda user: user.active and not user.share)
        self.message_post(
            subject=subject,
            body=body or subject,
            partner_ids=users.partner_id.ids,
            attachment_ids=self.sudo().attachment_id.copy().ids,
            subtype_xmlid="mail.mt_comment",
        )

    # === PLANNING === #

    @api.model
    def _cron_meetings(self):
        """Put the meetings to come into the calendars, and attach the reports of those of the next days."""
        branches = self.env["crm.branch"].search([("kind", "=", "point_of_sale")])
        for branch in branches:
            self._plan_for(branch)
        soon = fields.Datetime.now() + timedelta(days=1)
        for meeting in self.search([("state", "=", "planned"), ("start", "<=", soon)]):
            if not meeting.reported_at or meeting.reported_at < meeting.start - timedelta(days=1):
                meeting._attach_report()

    @api.model
    def _plan_for(self, branch):
        """Make the branch's meetings whose day comes within the company's horizon, where there are none yet."""
        company, today = branch.company_id, branch._today()
        last = today + timedelta(days=company.meeting_ahead_days)
        months = {today.replace(day=1), (today + relativedelta(months=1)).replace(day=1), last.replace(day=1)}
        known = set(self.search([("branch_id", "=", branch.id), ("month", "in", list(months))]).mapped("month"))
        days = {month: company._meeting_day(month) for month in months - known}
        vals_list = [
            self._prepare_meeting_vals(branch, month, day)
            for month, day in sorted(days.items())
            if today <= day <= last
        ]
        for meeting in self.create(vals_list):
            meeting._enter_into_calendar()
            meeting._attach_report()

    @api.model
    def _prepare_meeting_vals(self, branch, month, day):
        hour = timedelta(minutes=round(branch.company_id.meeting_hour * 60))
        local = pytz.timezone(branch.tz).localize(datetime.combine(day, time.min) + hour)
        staff = (branch.user_ids | branch.head_id).filtered(lambda user: user.active and not user.share)
        return {
            "branch_id": branch.id,
            "month": month,
            "start": local.astimezone(pytz.utc).replace(tzinfo=None),
            "duration": branch.company_id.meeting_duration,
            "invited_ids": [Command.set(staff.ids)],
        }

    def _enter_into_calendar(self):
        """Make the calendar event of manager and staff; the document opens from it by one click."""
        self.ensure_one()
        head = self.branch_id.head_id or self.invited_ids[:1]
        event = (
            self.env["calendar.event"]
            .with_context(mail_create_nosubscribe=True)
            .create(
                {
                    "name": self.env._("Sales plan meeting: %s", self.branch_id.name),
                    "start": self.start,
                    "stop": self.start + timedelta(hours=self.duration),
                    "user_id": head.id or self.env.uid,
                    "partner_ids": [Command.set(self.invited_ids.partner_id.ids)],
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": self.id,
                    "privacy": "private",
                    "description": Markup("<p>%s <a href='/odoo/sales-meetings/%s'>%s</a></p>")
                    % (self.env._("Plan and sales by person and product:"), self.id, self.display_name),
                }
            )
        )
        self.event_id = event
