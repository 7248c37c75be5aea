from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from ..followup_const import KPBS, STEPS
from .crm_followup_figures import FIGURES, MAIN_FIGURES

#: The activities of who sends the summary, and of who evaluates it.
SEND = "crm_h23_followup.mail_activity_type_summary"
EVALUATE = "crm_h23_followup.mail_activity_type_evaluate"
CHATTER = ("message_follower_ids", "message_ids", "activity_ids")
#: Fields of who sends it, and of who evaluates it.
PIC_FIELDS = ("note", "missing_reason")
HEAD_FIELDS = ("evaluation", "rating", "action", "action_user_id", "action_date")
RATINGS = [("good", "On Track"), ("watch", "Needs Attention"), ("poor", "Must Improve")]


class CrmFollowupSummary(models.Model):
    """A branch's day, summed up from its admins' reports by the person in charge, sent to the head by e-mail with a
    copy to the area coordinator (H23-4.5.3), and evaluated by the head (H23-4.5.4).

    What was sent is kept: the figures by admin, by KPB and follow-up, and the file.
    """

    _name = "crm.followup.summary"
    _description = "Summary of the Day"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "crm.branch.mixin",
        "crm.followup.mixin",
        "crm.followup.figures",
    ]
    _order = "day desc, branch_id, id"
    _rec_name = "day"

    _workflow = Workflow(
        states={"draft": "Draft", "sent": "Sent", "evaluated": "Evaluated"},
        transitions=(
            Transition("send", ("draft",), "sent"),
            Transition("evaluate", ("sent",), "evaluated", requires=("evaluation", "rating")),
        ),
        locked={"draft": HEAD_FIELDS, "sent": PIC_FIELDS, "evaluated": (ALL_BUT, *CHATTER, "closed_at")},
    )
    _open_fields = frozenset({*PIC_FIELDS, *HEAD_FIELDS, *CHATTER})

    state = _workflow.state_field(group_expand=True)
    branch_id = fields.Many2one(readonly=True, index=False)  # other indexes begin with it
    day = fields.Date(required=True, readonly=True, help="By the branch's calendar.")
    # The admins' reports
    report_ids = fields.Many2many("crm.followup.report", compute="_compute_report_ids", string="Reports")
    report_count = fields.Integer("Reports Sent", compute="_compute_report_ids")
    missing_user_ids = fields.Many2many("res.users", compute="_compute_report_ids", string="Missing Reports")
    missing_count = fields.Integer("Reports Missing", compute="_compute_report_ids")
    missing_reason = fields.Char("Why Without Them", help="Needed where a report is missing when the summary goes out.")
    note = fields.Text("Remarks", help="What the branch head should know; it is part of the e-mail.")
    counted = fields.Json(readonly=True, copy=False)
    figures_html = fields.Html("Figures", compute="_compute_figures_html", sanitize=False)
    sent_at = fields.Datetime("Sent On", readonly=True, copy=False)
    sent_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    attachment_id = fields.Many2one("ir.attachment", "File", readonly=True, copy=False, ondelete="set null")
    # Evaluation
    evaluation = fields.Text(copy=False, tracking=True)
    rating = fields.Selection(RATINGS, copy=False, tracking=True)
    action = fields.Char("Follow-up Action", copy=False, help="Becomes an activity of the person below.")
    action_user_id = fields.Many2one(
        "res.users", "Who Does It", copy=False, domain="[('share', '=', False)]", index="btree_not_null"
    )
    action_date = fields.Date("Until", copy=False)
    evaluated_at = fields.Datetime("Evaluated On", readonly=True, copy=False)
    evaluated_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    may_send = fields.Boolean(compute="_compute_may")
    may_evaluate = fields.Boolean(compute="_compute_may")
    # What was done and told by itself, once
    closed_at = fields.Datetime(readonly=True, copy=False)
    missing_told_at = fields.Datetime(readonly=True, copy=False)
    unsent_told_at = fields.Datetime(readonly=True, copy=False)
    unevaluated_told_at = fields.Datetime(readonly=True, copy=False)

    _once = models.Constraint("UNIQUE(branch_id, day)", "The branch's day has its summary already.")
    _evaluated = models.Constraint(
        "CHECK(state != 'evaluated' OR (rating IS NOT NULL AND btrim(evaluation) != ''))",
        "An evaluation says how the day was, in words and by a rating.",
    )
    _sent_when = models.Constraint("CHECK(state = 'draft' OR sent_at IS NOT NULL)", "A summary is sent at a moment.")
    _open_idx = models.Index("(state, day) WHERE state != 'evaluated'")

    # === COMPUTE METHODS === #

    @api.depends("branch_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for summary in self:
            words = (summary.branch_id.name, summary.day and format_date(self.env, summary.day))
            summary.display_name = " · ".join(word for word in words if word)

    @api.depends("branch_id", "day")
    @api.depends_context("uid")
    def _compute_report_ids(self):
        days = {(summary.branch_id, summary.day) for summary in self if summary.day}
        groups = self._reports(days).grouped(lambda report: (report.branch_id, report.day))
        for summary in self:
            reports = groups.get((summary.branch_id, summary.day), self.env["crm.followup.report"])
            missing = reports.filtered(lambda report: report.state == "open")
            summary.report_ids = reports
            summary.report_count = len(reports - missing)
            summary.missing_user_ids = missing.user_id
            summary.missing_count = len(missing)

    @api.depends("state", "counted", "branch_id", "day")
    @api.depends_context("lang")
    def _compute_figures_html(self):
        for summary in self:
            summary.figures_html = summary._render_figures() if summary.day else False

    @api.depends("branch_id", "state")
    @api.depends_context("uid")
    def _compute_may(self):
        for summary in self:
            branch = summary.branch_id.sudo()
            summary.may_send = branch and summary.state == "draft" and branch._is_led_by(self.env.user)
            summary.may_evaluate = branch and summary.state == "sent" and branch._is_headed_by(self.env.user)

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: remarks are the leaders', the evaluation is the head's (H23-4.5.4)."""
        if any(name in vals and self._is_changed(name, vals[name]) for name in PIC_FIELDS):
            self.branch_id._check_led()
        if any(name in vals and self._is_changed(name, vals[name]) for name in HEAD_FIELDS):
            self._check_head()
        return super().write(vals)

    # === ACTION METHODS === #

    @api.model
    def action_today(self):
        """Open the summary of today, or the list of them where the user leads several branches."""
        branches = self.env["crm.branch"].search([])
        mine = branches.filtered(lambda branch: self.env.user in (branch.sudo().pic_id, branch.sudo().head_id))
        mine = mine or branches.filtered(lambda branch: branch.sudo()._is_led_by(self.env.user))
        mine._check_led()
        days = [(branch, branch._today()) for branch in mine]
        reports = self.env["crm.followup.report"]._make_expected(days)
        reports.filtered(lambda report: report.state == "open")._count()
        branches = reports.branch_id or mine[:1]
        summaries = self._make_days([(branch, day) for branch, day in days if branch in branches])
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_followup_summary_action")
        if len(summaries) == 1:
            return {**action, "views": [[False, "form"]], "res_id": summaries.id}
        return {**action, "domain": [("id", "in", summaries.ids)], "context": {}}

    def action_view_reports(self):
        """Open the admins' reports of the day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_followup_report_action_all")
        domain = [("branch_id", "=", self.branch_id.id), ("day", "=", self.day)]
        return {**action, "domain": domain, "context": {}}

    # === BUSINESS METHODS === #

    @api.model
    def _find(self, days):
        """Return the summaries of these pairs of branch and day."""
        wanted = {(branch.id, day) for branch, day in days}
        found = self.search(
            [("branch_id", "in", [branch for branch, __ in wanted]), ("day", "in", [day for __, day in wanted])]
        )
        return found.filtered(lambda summary: (summary.branch_id.id, summary.day) in wanted)

    @api.model
    def _reports(self, days):
        return self.env["crm.followup.report"]._find_days(days) if days else self.env["crm.followup.report"]

    @api.model
    def _make_days(self, days):
        """Return the summaries of these pairs of branch and day, made where there are none yet."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_followup_summary
                       (branch_id, day, company_id, state, create_uid, create_date, write_uid, write_date)
                SELECT given.branch_id, given.day, branch.company_id, 'draft', %(me)s, %(now)s, %(me)s, %(now)s
                  FROM unnest(%(branches)s::int[], %(days)s::date[]) AS given(branch_id, day)
                  JOIN crm_branch branch ON branch.id = given.branch_id
                    ON CONFLICT (branch_id, day) DO NOTHING
                """,
                me=self.env.uid,
                now=fields.Datetime.now(),
                branches=[branch.id for branch, __ in days],
                days=[day for __, day in days],
            )
        )
        self.invalidate_model()
        return self._find(days)

    def _check_head(self):
        """Check that the user evaluates these branches.

        :raise AccessError: they aren't the head
        """
        for summary in self.sudo():
            if not summary.branch_id._is_headed_by(self.env.user):
                raise AccessError(
                    self.env._(
                        "Only the head of %s, or the headquarters, evaluates its summary.", summary.branch_id.name
                    )
                )

    # === FIGURES === #

    def _count(self):
        """Return what is counted of the day now.

        :return: ``{"admins": [{"user_id", "name", "state", "sent_at", "late", figures …}], "steps": [{"kpb", "step",
            figures …}], "total": {figures …}}``; the admins' lines add up to the total, and so do the steps'
        """
        self.ensure_one()
        self.env.flush_all()
        query = self._figures_sql([(self.branch_id, self.day)])
        rows = [
            dict(zip(("user_id", "kpb", "step", *FIGURES), row, strict=True))
            for row in self.env.execute_query(
                SQL(
                    "SELECT user_id, kpb, step, %s FROM (%s) figures ORDER BY kpb, step NULLS FIRST",
                    SQL(", ").join(SQL.identifier(name) for name in FIGURES),
                    query,
                )
            )
        ]
        steps = [
            {"kpb": kpb, "step": step, **self._sum(group)}
            for (kpb, step), group in self._grouped(rows, ("kpb", "step")).items()
        ]
        return {"admins": self._count_admins(rows), "steps": steps, "total": self._sum(rows)}

    def _count_admins(self, rows):
        groups = self._grouped(rows, ("user_id",))
        reports = {report.user_id.id: report for report in self.sudo().report_ids}
        names = dict(
            self.env["res.users"].sudo().browse([id_ for (id_,) in groups if id_]).mapped(lambda u: (u.id, u.name))
        )
        names |= {id_: report.user_id.name for id_, report in reports.items()}
        lines = []
        for id_ in sorted(names, key=lambda id_: names[id_]):
            report = reports.get(id_)
            lines.append(
                {
                    "user_id": id_,
                    "name": names[id_],
                    "state": report.state if report else False,
                    "sent_at": fields.Datetime.to_string(report.sent_at) if report and report.sent_at else False,
                    "late": bool(report and report.is_late),
                    **self._sum(groups.get((id_,), [])),
                }
            )
        if (None,) in groups:
            lines.append({"user_id": False, "name": False, "state": False, **self._sum(groups[None,])})
        return lines

    @staticmethod
    def _grouped(rows, names):
        groups = {}
        for row in rows:
            groups.setdefault(tuple(row[name] for name in names), []).append(row)
        return groups

    @staticmethod
    def _sum(rows):
        return {name: sum(row[name] for row in rows) for name in FIGURES}

    def _figures(self):
        """Return what was counted when the summary was sent; before that, what is counted now."""
        self.ensure_one()
        return self.counted or self._count()

    def _render_figures(self):
        """Return the tables of the page, the e-mail and the printed summary."""
        self.ensure_one()
        labels = {name: info["string"] for name, info in self.fields_get(MAIN_FIGURES, ["string"]).items()}
        return self.env["ir.qweb"]._render(
            "crm_h23_followup.crm_followup_summary_figures",
            {
                "summary": self.sudo(),
                "figures": self._figures(),
                "columns": [(name, labels[name]) for name in MAIN_FIGURES],
                "states": dict(self.env["crm.followup.report"]._fields["state"]._description_selection(self.env)),
                "kpbs": dict(KPBS),
                "steps": dict(STEPS),
                "success": self._success(),
            },
        )

    @api.model
    def _moment(self, text):
        """Return the moment that is kept as text."""
        return fields.Datetime.to_datetime(text)

    def _evaluation_url(self):
        """Return the address of the summary's page."""
        self.ensure_one()
        return f"{self.get_base_url()}/odoo/follow-up-summaries/{self.id}"

    def _success(self):
        """Return how many free services of the branch whose window has closed in the last 30 days were due, how many of
        them were serviced in it, and the rate in percent (H23-1.3).
        """
        self.ensure_one()
        if self.counted and "success" in self.counted:
            return self.counted["success"]
        since = fields.Date.subtract(self.day, days=30)
        rows = (
            self.env["crm.followup.case"]
            .sudo()
            ._read_group(
                [("branch_id", "=", self.branch_id.id), ("expires_on", ">=", since), ("expires_on", "<", self.day)],
                ["is_success"],
                ["__count"],
            )
        )
        counts = {bool(success): count for success, count in rows}
        due, done = sum(counts.values()), counts.get(True, 0)
        return {"due": due, "serviced": done, "rate": round(100.0 * done / due, 1) if due else False}

    # === CHECKS === #

    def _check_sendable(self):
        """Check that the summary may go out as it is.

        :raise UserError: what is missing
        """
        self.ensure_one()
        branch = self.branch_id.sudo()
        if self.day > branch._today():
            raise UserError(self.env._("%s: this day is still to come.", self.display_name))
        if not branch.head_id:
            raise UserError(self.env._("%s has no head to send the summary to: set one under Branches.", branch.name))
        if not branch.head_id.email:
            raise UserError(self.env._("%s has no e-mail address to send the summary to.", branch.head_id.name))
        if self.missing_user_ids and not (self.missing_reason or "").strip():
            raise UserError(
                self.env._(
                    "Reports are missing: %s. Ask for them, or say why the summary goes out without them.",
                    ", ".join(self.missing_user_ids.sudo().mapped("name")),
                )
            )
