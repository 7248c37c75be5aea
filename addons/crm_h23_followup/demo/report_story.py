"""Demo: the last week's daily reports, their summaries, and what the heads of the branches thought of them."""

from datetime import datetime, time, timedelta

from odoo import api, models
from odoo.tools import SQL

from .followup_story import BRANCHES

DAYS = 7
EVALUATIONS = (
    ("good", "Semua yang jatuh tempo sudah dihubungi, booking naik.", None),
    ("watch", "Banyak telepon tidak diangkat. Coba telepon lagi setelah jam 16.", "Telepon ulang setelah jam 16.00"),
    ("good", "Booking hari Sabtu sudah penuh, arahkan ke Senin.", None),
    ("poor", "Terlalu banyak yang belum dihubungi.", "Bagi ulang daftarnya supaya semua terhubungi"),
    ("good", "Sesuai target.", None),
)


class CrmDemoFollowupReport(models.AbstractModel):
    _name = "crm.demo.followup.report"
    _description = "Daily Report Demo"

    @api.model
    def _load(self):
        """Report, sum up and evaluate each day of the week; yesterday isn't finished yet."""
        self = self.with_context(tracking_disable=True, mail_activity_quick_update=True)  # noqa: PLW0642
        branches = self.env["crm.branch"].union(*(self.env.ref(name) for name in BRANCHES))
        today = branches[0]._today()
        for ago in range(DAYS, 0, -1):
            self._end(branches, today - timedelta(days=ago), ago)

    def _end(self, branches, day, ago):
        """Let a day end: the reports at five, the summary before six, the evaluation the next morning."""
        days = [(branch, day) for branch in branches]
        reports = self.env["crm.followup.report"]._make_expected(days)
        intan = self.env.ref("crm_h23_followup.user_intan")
        ready = reports - reports.browse(reports._blocked())
        missing = ready.filtered(lambda report: ago == 1 and report.user_id == intan)
        for report in ready - missing:
            report.with_user(report.user_id)._workflow_do("send")
        (reports - ready | missing)._count()
        late = reports.filtered(lambda report: ago == 4 and report.user_id == intan)
        self._date_back("crm_followup_report", reports, "sent_at", day, 10, SQL(", is_late = id = ANY(%s)", late.ids))
        rina = self.env.ref("crm_h23_followup.user_rina")
        for place, summary in enumerate(self.env["crm.followup.summary"]._make_days(days)):
            self._sum_up(summary, rina)
            if ago > 1 or place:
                self._evaluate(summary, EVALUATIONS[(ago + place) % len(EVALUATIONS)], rina)

    def _sum_up(self, summary, rina):
        """Send the summary as the person in charge does; no e-mail leaves a demo."""
        if summary.missing_user_ids:
            summary.missing_reason = "Intan pulang lebih awal, laporannya menyusul"
        summary.with_user(rina)._workflow_do("send")
        self._date_back("crm_followup_summary", summary, "sent_at", summary.day, 10.75)

    def _evaluate(self, summary, words, rina):
        rating, evaluation, action = words
        head = summary.branch_id.head_id
        theirs = summary.with_user(head)
        theirs.write({"rating": rating, "evaluation": evaluation})
        if action:
            theirs.write({"action": action, "action_user_id": rina.id})
        theirs.action_evaluate()
        self._date_back("crm_followup_summary", summary, "evaluated_at", summary.day + timedelta(days=1), 1.5)

    def _date_back(self, table, records, name, day, hour, more=None):
        """Let it have happened at that hour (UTC) of the day."""
        self.env.flush_all()
        moment = datetime.combine(day, time()) + timedelta(hours=hour)
        column = SQL.identifier(name)
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s = %s %s WHERE %s IS NOT NULL AND id = ANY(%s)",
                SQL.identifier(table),
                column,
                moment,
                more or SQL(""),
                column,
                list(records.ids),
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE crm_workflow_log SET date = %s, create_date = %s"
                " WHERE res_model = %s AND res_id = ANY(%s) AND date > %s",
                moment,
                moment,
                records._name,
                list(records.ids),
                moment,
            )
        )
        self.env.invalidate_all()
