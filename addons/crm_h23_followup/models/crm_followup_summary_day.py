from datetime import timedelta

from odoo import api, fields, models

from .crm_followup_summary import SEND

#: Days for which the scheduler makes up for what it missed.
CATCH_UP_DAYS = 3
#: Branches that one transaction of the scheduler takes.
AT_ONCE = 50
MISSING = "crm_h23_followup.mail_template_reports_missing"
UNEVALUATED = "crm_h23_followup.mail_template_summary_unevaluated"
UNSENT = "crm_h23_followup.mail_activity_type_unsent"


class CrmFollowupSummary(models.Model):
    """The end of every branch's day, by its own clock: reports go out, missing ones are told of, and so are summaries
    that nobody sends or evaluates; each once (H23-4.5.2 … 4.5.4).
    """

    _inherit = "crm.followup.summary"

    # === CRON === #

    @api.model
    def _cron_day(self):
        """Close the day of every branch where the hour has come, and escalate what is missing; every 15 minutes."""
        crons = self.env["ir.cron"]
        days = self._days_due()
        crons._commit_progress(remaining=len(days))
        while days:
            now, days = days[:AT_ONCE], days[AT_ONCE:]
            self.sudo()._begin(now)
            if not crons._commit_progress(len(now), remaining=len(days)):
                return
        summaries = self.sudo()
        for tell in (summaries._tell_missing, summaries._tell_unsent, summaries._tell_unevaluated):
            tell()
            crons._commit_progress()

    @api.model
    def _days_due(self):
        """Return the branches' days whose hour of the report has come, and that weren't closed yet; oldest first.

        That somebody looked at the summary before, or sent it, closes no day.
        """
        branches = self.env["crm.branch"].sudo().search([])
        days = []
        for branch in branches:
            today = branch._today()
            hour = branch.company_id.followup_report_hour
            past = (today - timedelta(days=ago) for ago in range(CATCH_UP_DAYS, -1, -1))
            days += [(branch, day) for day in past if branch._is_past(day, hour)]
        if not days:
            return []
        runs = self._days_of(self.env["crm.followup.run"].sudo(), days)
        closed = self._days_of(self.sudo(), days, [("closed_at", "!=", False)])
        return sorted((pair for pair in days if pair in runs and pair not in closed), key=lambda pair: pair[1])

    @api.model
    def _days_of(self, records, days, domain=()):
        """Return the pairs of branch and day of which there is such a record, among these."""
        branches = records.env["crm.branch"].union(*(branch for branch, __ in days))
        oldest = min(day for __, day in days)
        known = [("branch_id", "in", branches.ids), ("day", ">=", oldest), *domain]
        found = records.search_fetch(known, ["branch_id", "day"])
        return {(record.branch_id, record.day) for record in found}

    # === BUSINESS METHODS === #

    @api.model
    def _begin(self, days):
        """Make the reports and summaries of these days, send the reports that nothing stops, ask for the others.

        :param days: pairs of branch and calendar date
        """
        reports = self.env["crm.followup.report"]._make_expected(days)
        left = reports._send_by_itself()
        summaries = self._make_days(days)
        missing = left.grouped(lambda report: (report.branch_id, report.day))
        plans = []
        for summary in summaries.filtered(lambda summary: summary.state == "draft" and summary.report_ids):
            late = missing.get((summary.branch_id, summary.day), left.browse())
            words = self.env._("Send the summary of the day")
            note = False
            if late:
                words = self.env._("Send the summary of the day: %s reports are missing", len(late))
                note = ", ".join(late.user_id.mapped("name"))
            plans.append((summary, summary._sender(), words, note))
        summaries._plan_activities(SEND, plans)
        summaries._note({"closed_at": fields.Datetime.now()})

    def _sender(self):
        """Return who sends the summary: the person in charge, or the head where there is none."""
        return self.branch_id.pic_id or self.branch_id.head_id

    @api.model
    def _tell_missing(self):
        """Tell the persons in charge by e-mail of reports that are missing at the set hour, once."""
        found = self._recent([("state", "=", "draft"), ("missing_told_at", "=", False)])
        ripe = found.filtered(
            lambda summary: summary.branch_id._is_past(summary.day, summary.company_id.followup_report_missing_hour)
        )
        due = ripe.filtered(lambda summary: summary.missing_user_ids and summary._sender().email)
        self._send_template(MISSING, due)
        ripe._note({"missing_told_at": fields.Datetime.now()})

    @api.model
    def _tell_unsent(self):
        """Tell the heads of summaries that weren't sent on their day, once."""
        found = self._recent([("state", "=", "draft"), ("unsent_told_at", "=", False)])
        due = found.filtered(lambda summary: summary.day < summary.branch_id._today() and summary.report_ids)
        self._plan_activities(
            UNSENT,
            [
                (
                    summary,
                    summary.branch_id.head_id,
                    self.env._("No summary was sent"),
                    self.env._("Ask %s for it, or send it yourself.", summary._sender().name or ""),
                )
                for summary in due
            ],
        )
        due._note({"unsent_told_at": fields.Datetime.now()})

    @api.model
    def _tell_unevaluated(self):
        """Tell the area coordinators by e-mail of summaries without evaluation a day after they were sent, once."""
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        due = self._recent(
            [("state", "=", "sent"), ("sent_at", "<=", yesterday), ("unevaluated_told_at", "=", False)],
            days=CATCH_UP_DAYS * 10,
        )
        self._send_template(UNEVALUATED, due.filtered(lambda summary: summary._overseer().email))
        due._note({"unevaluated_told_at": fields.Datetime.now()})

    def _overseer(self):
        """Return who is told that the head doesn't evaluate: the area coordinator, or the head where there is none."""
        return self.branch_id.coordinator_id or self.branch_id.head_id

    @api.model
    def _recent(self, domain, days=CATCH_UP_DAYS + 1):
        since = fields.Date.subtract(fields.Date.today(), days=days)
        return self.search([*domain, ("day", ">=", since)])

    @api.model
    def _send_template(self, xmlid, summaries):
        if summaries:
            self.env.ref(xmlid).sudo().send_mail_batch(
                summaries.ids, email_layout_xmlid="mail.mail_notification_layout"
            )
