from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tools import SQL, format_date

from odoo.addons.crm_base.workflow import Transition, Workflow

from .crm_followup_figures import FIGURES

#: The activity of an admin whose report is open at the set hour.
SEND = "crm_h23_followup.mail_activity_type_report"
#: How many open contacts a refusal names.
NAMED = 10


class CrmFollowupReport(models.Model):
    """An admin's day at a branch, reported to the person in charge (H23-4.5.2).

    The figures are counted from the rows until the report is sent, and stay as they were then. It can't be sent while
    the admin has contacts without result (H23-4.5.1).
    """

    _name = "crm.followup.report"
    _description = "Daily Report"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "crm.branch.mixin",
        "crm.followup.mixin",
        "crm.followup.figures",
    ]
    _order = "day desc, branch_id, user_id, id"
    _rec_name = "user_id"

    _workflow = Workflow(
        states={"open": "Open", "sent": "Sent"},
        transitions=(
            Transition("send", ("open",), "sent"),
            Transition("reopen", ("sent",), "open", reason=True),
        ),
        locked={"sent": ("note",)},
    )
    _open_fields = frozenset({"note", "message_follower_ids", "message_ids", "activity_ids"})

    state = _workflow.state_field(group_expand=True)
    user_id = fields.Many2one("res.users", "Admin", required=True, readonly=True, index=True, ondelete="restrict")
    branch_id = fields.Many2one(readonly=True, index=False)  # other indexes begin with it
    day = fields.Date(required=True, readonly=True, help="By the branch's calendar.")
    note = fields.Text("Remarks", help="What the person in charge should know of this day.")
    sent_at = fields.Datetime("Sent On", readonly=True, copy=False)
    is_late = fields.Boolean("Late", readonly=True, copy=False, help="Sent after the day had ended at the branch.")
    is_missing = fields.Boolean(
        "Missing", compute="_compute_is_missing", help="Not sent, and the hour of the report has passed."
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    counted_at = fields.Datetime("Counted On", readonly=True, copy=False)

    _once = models.Constraint("UNIQUE(user_id, branch_id, day)", "The admin's day has its report already.")
    _sent_when = models.Constraint("CHECK(state != 'sent' OR sent_at IS NOT NULL)", "A report is sent at a moment.")
    _branch_idx = models.Index("(branch_id, day)")

    # === COMPUTE METHODS === #

    @api.depends("user_id", "branch_id", "day")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            words = (
                report.user_id.sudo().name,
                report.branch_id.code,
                report.day and format_date(self.env, report.day),
            )
            report.display_name = " · ".join(word for word in words if word)

    @api.depends("state", "day", "branch_id")
    def _compute_is_missing(self):
        for report in self:
            hour = report.company_id.sudo().followup_report_hour
            report.is_missing = report.state == "open" and report.branch_id.sudo()._is_past(report.day, hour)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for report in self:
            report.is_mine = report.user_id.id == self.env.uid

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: an admin's remarks are theirs."""
        if "note" in vals and self._is_changed("note", vals["note"]):
            self._check_own()
        return super().write(vals)

    # === ACTION METHODS === #

    def action_send(self):
        """Send the report to the person in charge; its figures are counted now and stay."""
        if todo := self.filtered(lambda report: report.state == "open"):
            todo._workflow_do("send")

    @api.model
    def action_send_mine(self):
        """Send the user's report of today, of every branch where they follow up (H23-4.5.2).

        :return: the action that shows what was sent, and what is missing of days before
        """
        branches = self._my_branches()
        if not branches:
            raise UserError(self.env._("You belong to no branch: have a manager add you to yours."))
        reports = self._make_for(branches, self.env.user)
        reports.action_send()
        return self._show_mine(reports)

    def action_count(self):
        """Count the figures of open reports anew."""
        self.check_access("read")
        self.filtered(lambda report: report.state == "open")._count()

    @api.model
    def action_today(self):
        """Open today's reports of the branches that the user leads, counted now."""
        led = self.env["crm.branch"].search([]).filtered(lambda branch: branch.sudo()._is_led_by(self.env.user))
        if not led:
            raise AccessError(self.env._("Only the person in charge of a branch, its head or a manager may do this."))
        reports = self._make_expected([(branch, branch._today()) for branch in led])
        reports.filtered(lambda report: report.state == "open")._count()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_followup_report_action_team")
        return {**action, "target": "main"}

    def action_view_blockers(self):
        """Open the contacts without result that keep the report from being sent."""
        self.ensure_one()
        self.check_access("read")
        return self._blockers_action()

    def action_view_followups(self):
        """Open what the admin did on the day."""
        self.ensure_one()
        self.check_access("read")
        start, stop = self.branch_id.sudo()._day_bounds(self.day)
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_followup_action_all")
        mine = [("branch_id", "=", self.branch_id.id), ("user_id", "=", self.user_id.id)]
        domain = ["|", *self._within("done_at", start, stop), *self._within("sent_at", start, stop)]
        views = [[False, "list"], [False, "kanban"], [False, "form"]]
        return {**action, "domain": mine + domain, "context": {}, "views": views}

    # === BUSINESS METHODS === #

    @api.model
    def _within(self, name, start, stop):
        moments = map(fields.Datetime.to_string, (start, stop))
        return ["&", *((name, operator, moment) for operator, moment in zip((">=", "<"), moments, strict=True))]

    @api.model
    def _my_branches(self):
        """Return the branches whose report the user owes today; where there was nothing to do, their main branch."""
        mine = self.env["crm.branch"].search([])
        days = [(branch, branch._today()) for branch in mine]
        owed = {branch for branch, __, user in self._expected(days) if user == self.env.user}
        return mine.browse().union(*owed) or self.env.user.branch_id

    @api.model
    def _make_for(self, branches, user):
        """Return the user's reports of today, made where there are none yet."""
        days = [(branch, branch._today(), user) for branch in branches]
        self._insert(days)
        return self._find(days)

    def _show_mine(self, reports):
        """Return the action that shows these reports, and the user's missing ones."""
        mine = self.search([("user_id", "=", self.env.uid), ("state", "=", "open")]) | reports
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_followup_report_action_mine")
        if len(mine) == 1:
            return {**action, "views": [[False, "form"]], "res_id": mine.id}
        return {**action, "domain": [("id", "in", mine.ids)], "context": {}}

    def _check_own(self):
        """Check that the reports are the user's own, or that it is the scheduler.

        :raise AccessError: one of them is somebody else's
        """
        if self.env.uid != SUPERUSER_ID and any(report.user_id.id != self.env.uid for report in self):
            raise AccessError(self.env._("A daily report is sent and commented by the admin whose it is."))

    def _check_transition(self, transition):
        """Override: admins send their own, once nothing is open; leaders reopen what isn't summarised yet."""
        if transition.name == "send":
            self._check_own()
            self._check_day_has_come()
            self._check_nothing_open()
        elif transition.name == "reopen":
            self.branch_id._check_led()
            self._check_not_summarised()
        return super()._check_transition(transition)

    def _check_day_has_come(self):
        for report in self:
            if report.day > report.branch_id.sudo()._today():
                raise UserError(self.env._("%s: this day is still to come.", report.display_name))

    def _check_nothing_open(self):
        """Check that the admin has entered a result for every contact (H23-4.5.1).

        :raise RedirectWarning: names the open ones, and offers to open them
        """
        for report in self.browse(self._blocked()):
            followups, contacts = report._blockers()
            names = [*followups.mapped("display_name"), *contacts.mapped("display_name")]
            lines = "\n".join(f"• {name}" for name in names[:NAMED])
            if len(names) > NAMED:
                lines += "\n" + self.env._("… and %s more", len(names) - NAMED)
            raise RedirectWarning(
                self.env._(
                    "%(count)s contacts have no result yet. Enter result and feedback first:\n%(names)s",
                    count=len(names),
                    names=lines,
                ),
                report._blockers_action(),
                self.env._("Show Them"),
            )

    def _check_not_summarised(self):
        summaries = self.env["crm.followup.summary"].sudo()
        for report in self:
            if summaries._find([(report.branch_id, report.day)]).filtered(lambda summary: summary.state != "draft"):
                raise UserError(self.env._("The summary of this day has been sent: the report stays as it is."))

    def _after_transition(self, transition):
        """Override: note when it was sent; what the activity asked for is done."""
        result = super()._after_transition(transition)
        if transition.name == "send":
            self._count(sent=True)
            self.sudo().activity_unlink([SEND], only_automated=False)
        else:
            self._note({"sent_at": False, "is_late": False})
        return result

    def _write_state(self, state):
        """Override: a sent report has its moment from the beginning: the database asks for it."""
        if state == "sent":
            self._note({"sent_at": fields.Datetime.now()})
        return super()._write_state(state)

    # === WHAT IS OPEN === #

    def _blocked(self):
        """Return the ids of those whose admin has contacts without result: one statement for all.

        A contact without result is a customer who answered, an agreed call back whose time has come, or a call about a
        follow-up or a booking that was begun and not closed, until the end of the report's day.
        """
        if not self.ids:
            return []
        return [
            id_ for (id_,) in self.env.execute_query(SQL("SELECT DISTINCT report_id FROM (%s) o", self._open_sql()))
        ]

    def _blockers(self):
        """Return what is open on the report's day: follow-ups, and contacts with other customers that were begun."""
        self.ensure_one()
        rows = self.env.execute_query(self._open_sql())
        followups = self.env["crm.followup"].browse(sorted({id_ for __, id_, ___ in rows if id_}))
        contacts = self.env["crm.interaction"].browse(sorted({id_ for __, ___, id_ in rows if id_}))
        listed = {("crm.followup", id_) for id_ in followups.ids}
        return followups, contacts.filtered(lambda contact: (contact.res_model, contact.res_id) not in listed)

    def _open_sql(self):
        """Return the query of what is open: ``report_id, followup_id, interaction_id`` (one of the two is null)."""
        self.env.flush_all()
        ends = [report.branch_id.sudo()._day_bounds(report.day)[1] for report in self]
        return SQL(
            """
            WITH ends AS (SELECT * FROM unnest(%(ids)s::int[], %(ends)s::timestamp[]) AS given(id, stop))
            SELECT report.id AS report_id, fu.id AS followup_id, NULL::int AS interaction_id
              FROM ends JOIN crm_followup_report report ON report.id = ends.id
              JOIN crm_followup fu ON fu.user_id = report.user_id AND fu.branch_id = report.branch_id
                   AND fu.state = 'todo'
             WHERE (fu.replied_at < stop AND fu.result IS NULL)
                OR (fu.result = 'call_back' AND fu.call_back_at < LEAST(stop, %(now)s::timestamp))
             UNION ALL
            SELECT report.id, NULL, contact.id
              FROM ends JOIN crm_followup_report report ON report.id = ends.id
              JOIN crm_interaction contact ON contact.user_id = report.user_id AND contact.state = 'open'
                   AND contact.branch_id = report.branch_id
                   AND contact.res_model IN ('crm.followup', 'crm.service.booking')
                   AND contact.began_at < stop AND contact.began_at <= %(now)s
            """,
            ids=list(self.ids),
            ends=ends,
            now=fields.Datetime.now(),
        )

    def _blockers_action(self):
        """Return the action that opens what is open."""
        followups, contacts = self._blockers()
        if followups or not contacts:
            action = self.env["ir.actions.act_window"]._for_xml_id("crm_h23_followup.crm_followup_action_all")
            views = [[False, "list"], [False, "form"]]
            found = followups
        else:
            action = self.env["ir.actions.act_window"]._for_xml_id("crm_base.crm_interaction_action")
            views = [[False, "list"], [False, "form"]]
            found = contacts
        return {
            **action,
            "domain": [("id", "in", found.ids)],
            "context": {},
            "views": views,
            "name": self.env._("Without Result"),
        }

    # === COUNTING === #

    def _count(self, sent=False):
        """Count the figures from the rows, by one statement. For our own code, which has checked who acts.

        :param bool sent: whether they are being sent now: mark who is late
        """
        if not self:
            return
        self.env.flush_all()
        days = {(report.branch_id, report.day) for report in self}
        late = SQL("")
        if sent:
            today = [report.id for report in self if report.day < report.branch_id.sudo()._today()]
            late = SQL(", is_late = report.id = ANY(%s)", today)
        self.env.cr.execute(
            SQL(
                """
                WITH figures AS (%(figures)s), sums AS (
                    SELECT report.id, %(sums)s FROM crm_followup_report report
                      LEFT JOIN figures ON figures.branch_id = report.branch_id AND figures.day = report.day
                           AND figures.user_id = report.user_id
                     WHERE report.id = ANY(%(ids)s) GROUP BY report.id
                )
                UPDATE crm_followup_report report SET counted_at = %(now)s, %(columns)s %(late)s
                  FROM sums WHERE sums.id = report.id
                """,
                figures=self._figures_sql(days),
                sums=SQL(", ").join(
                    SQL("COALESCE(sum(%s), 0)::int AS %s", SQL.identifier("figures", name), SQL.identifier(name))
                    for name in FIGURES
                ),
                ids=list(self.ids),
                now=fields.Datetime.now(),
                columns=SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), SQL.identifier("sums", name)) for name in FIGURES
                ),
                late=late,
            )
        )
        self.invalidate_recordset()
