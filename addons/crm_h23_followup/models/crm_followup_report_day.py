from odoo import api, fields, models
from odoo.tools import SQL

from .crm_followup_report import SEND


class CrmFollowupReport(models.Model):
    """Who owes a report, and what goes out by itself at the set hour (H23-4.5.2)."""

    _inherit = "crm.followup.report"

    # === BUSINESS METHODS === #

    @api.model
    def _expected(self, days):
        """Return who owes a report of these days: whoever followed up, and whoever had something to do and wasn't away.

        :param days: pairs of branch and calendar date
        :return: tuples of branch, day and user
        """
        if not days:
            return []
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT branch_id, day, user_id FROM (%s) figures
                 WHERE user_id IS NOT NULL
              GROUP BY branch_id, day, user_id
                HAVING sum(contacted_count) > 0 OR (
                       sum(due_count) > 0 AND NOT EXISTS (
                       SELECT 1 FROM crm_followup_absence away
                        WHERE away.user_id = figures.user_id AND figures.day BETWEEN away.date_from AND away.date_to))
              ORDER BY branch_id, day, user_id
                """,
                self._figures_sql(days),
            )
        )
        branches, users = self.env["crm.branch"], self.env["res.users"]
        return [(branches.browse(branch), day, users.browse(user)) for branch, day, user in rows]

    @api.model
    def _make_expected(self, days):
        """Return the reports of all who owe one, made where there are none yet, and those that are there.

        For our own code, which has checked who acts.
        """
        self._insert(self._expected(days))
        return self._find_days(days)

    @api.model
    def _insert(self, owed):
        """Make the reports that aren't there yet: the same again adds nothing."""
        if not owed:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO crm_followup_report
                       (branch_id, day, user_id, company_id, state, create_uid, create_date, write_uid, write_date)
                SELECT given.branch_id, given.day, given.user_id, branch.company_id, 'open', %(me)s, %(now)s, %(me)s,
                       %(now)s
                  FROM unnest(%(branches)s::int[], %(days)s::date[], %(users)s::int[])
                       AS given(branch_id, day, user_id)
                  JOIN crm_branch branch ON branch.id = given.branch_id
                    ON CONFLICT (user_id, branch_id, day) DO NOTHING
                """,
                me=self.env.uid,
                now=fields.Datetime.now(),
                branches=[branch.id for branch, __, ___ in owed],
                days=[day for __, day, ___ in owed],
                users=[user.id for __, ___, user in owed],
            )
        )
        self.invalidate_model()

    @api.model
    def _find(self, owed):
        """Return the reports of these tuples of branch, day and user."""
        wanted = {(branch.id, day, user.id) for branch, day, user in owed}
        found = self.search(
            [
                ("branch_id", "in", [branch for branch, __, ___ in wanted]),
                ("day", "in", [day for __, day, ___ in wanted]),
                ("user_id", "in", [user for __, ___, user in wanted]),
            ]
        )
        return found.filtered(lambda report: (report.branch_id.id, report.day, report.user_id.id) in wanted)

    @api.model
    def _find_days(self, days):
        """Return all reports of these pairs of branch and day."""
        wanted = {(branch.id, day) for branch, day in days}
        found = self.search(
            [("branch_id", "in", [branch for branch, __ in wanted]), ("day", "in", [day for __, day in wanted])]
        )
        return found.filtered(lambda report: (report.branch_id.id, report.day) in wanted)

    def _send_by_itself(self):
        """Send those that nothing stops; count the others, and ask their admins. For the scheduler.

        :return: those that are still open
        """
        open_ones = self.filtered(lambda report: report.state == "open")
        auto = open_ones.filtered(lambda report: report.company_id.followup_report_auto)
        blocked = self.browse(auto._blocked())
        if ready := auto - blocked:
            ready._workflow_do("send")
        left = open_ones - ready
        left._count()
        left._ask_admins(blocked)
        return left

    def _ask_admins(self, blocked):
        """Give the admins an activity: enter the results, or send the report."""
        self._plan_activities(
            SEND,
            [
                (
                    report,
                    report.user_id,
                    self.env._("Enter the open results, then send your report")
                    if report in blocked
                    else self.env._("Send your report of the day"),
                    False,
                )
                for report in self
            ],
        )
