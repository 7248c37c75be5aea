import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestReportDay(ReportCase):
    def _close_day(self):
        """Do what the scheduler does, without its commits."""
        self.summaries._begin(self.summaries._days_due())
        for tell in (self.summaries._tell_missing, self.summaries._tell_unsent, self.summaries._tell_unevaluated):
            tell()
        self.env.invalidate_all()

    def _mine(self, day=None):
        return self.reports.search([("branch_id", "=", self.branch_a.id), ("day", "=", day or self.today)])

    def test_by_itself_at_the_set_hour(self):
        """H23-4.5.2: at 17:00 of the branch's clock the reports go out by themselves, not before, and once."""
        with self._at(10):
            self._due()._answer("no_response", "Rang out")
        with self._at(16.9):
            self._close_day()
            self.assertFalse(self._mine())
        with self._at(17.1):
            self._close_day()
            report = self._mine()
            self.assertEqual((report.state, report.contacted_count, report.is_late), ("sent", 1, False))
            self.assertEqual(self._activities(self._summary(), "summary"), self.pic)
        sent_at = report.sent_at
        with self._at(17.5):
            self._close_day()
            self.assertEqual((report.sent_at, len(self._mine())), (sent_at, 1))

    def test_looked_at_before_the_hour(self):
        """H23-4.5.2: that the PIC looked at the day, or sent its summary, before the hour doesn't keep the reports
        from going out by themselves, nor from being asked for.
        """
        with self._at(10):
            self._due()._answer("no_response", "Rang out")
            self._reply(self._due(number=2))
            other = self._due(number=3).with_user(self.admin_2)
            other.sudo()._note({"user_id": self.admin_2.id})
            other._answer("no_response", "Rang out")
            self.summaries.with_user(self.pic).action_today()
        with self._at(17.1):
            self._close_day()
            states = {report.user_id: report.state for report in self._mine()}
            self.assertEqual(states, {self.admin_1: "open", self.admin_2: "sent"})
            self.assertEqual(self._activities(self._summary(), "summary"), self.pic)
        sent = self._mine().filtered(lambda report: report.state == "sent").sent_at
        with self._at(17.5):
            self._close_day()
            self.assertEqual(self._mine().filtered(lambda report: report.state == "sent").sent_at, sent)

    def test_evaluated_before_the_hour(self):
        """H23-4.5.2: nor does a summary that was evaluated already; nobody is asked to send it again."""
        with self._at(10):
            summary = self._sent()
            summary.with_user(self.head).write({"evaluation": "Good", "rating": "good"})
            summary.with_user(self.head).action_evaluate()
        with self._at(17.1):
            self._close_day()
        self.assertEqual(summary.state, "evaluated")
        self.assertFalse(self._activities(summary, "summary"))

    def test_blocked_ones_are_asked_for_and_escalated_once(self):
        """H23-4.5.2: a blocked report stays; its admin gets an activity, the PIC one and at 18:00 an e-mail, once."""
        with self._at(10):
            followup = self._due()
            self._reply(followup)
        with self._at(17.1):
            self._close_day()
            report, summary = self._mine(), self._summary()
            self.assertEqual((report.state, report.due_count, report.is_missing), ("open", 1, True))
            self.assertEqual(self._activities(report, "report"), self.admin_1)
            activity = summary.sudo().activity_ids
            self.assertEqual(activity.user_id, self.pic)
            self.assertIn("1 reports are missing", activity.summary)
            self.assertFalse(self._mails(summary))
        for hour in (18.1, 18.5, 20):
            with self._at(hour):
                self._close_day()
                mail = self._mails(summary)
                self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.pic.partner_id)
        self.assertIn(self.admin_1.name, mail.body_html)
        with self._at(20.5):
            self._willing(followup)
            report.with_user(self.admin_1).action_send()
        self.assertFalse(self._activities(report, "report"))

    def test_without_automatic_reports(self):
        """H23-4.5.2: where reports don't go by themselves, every admin is asked for theirs."""
        self.company.followup_report_auto = False
        with self._at(10):
            self._due()._answer("no_response", "Rang out")
        with self._at(17.1):
            self._close_day()
            report = self._mine()
            self.assertEqual((report.state, self._activities(report, "report")), ("open", self.admin_1))

    def test_who_owes_a_report(self):
        """H23-4.5.2: who had something to do owes a report, but not who was away and did nothing."""
        with self._at(10):
            self._due()
            self._due(number=2).sudo()._note({"user_id": self.admin_2.id})
        away = {"branch_id": self.branch_a.id, "user_id": self.admin_2.id}
        self.env["crm.followup.absence"].create({**away, "date_from": self.today, "date_to": self.today})
        with self._at(17.1):
            self._close_day()
        self.assertEqual(self._mine().user_id, self.admin_1)

    def test_a_missed_run_is_caught_up(self):
        """H23-4.5.2: a day on which the scheduler stood still is closed by the next run; its reports are late."""
        with self._at(10):
            self._due()._answer("no_response", "Rang out")
        with self._at(8, days=1):
            self._close_day()
        report = self._mine()
        self.assertEqual((report.state, report.is_late, report.contacted_count), ("sent", True, 1))

    def test_each_branch_by_its_own_clock(self):
        """H23-4.5.2: five o'clock in Jakarta is late morning in Warsaw: each branch's day ends by its own clock."""
        self.branch_b.tz = "Europe/Warsaw"
        with self._at(10):
            self._generate(branches=self.branch_a | self.branch_b)
        with self._at(17.1):
            self.assertEqual([branch for branch, __ in self._due_here()], [self.branch_a])
        with self._at(17.1, branch=self.branch_b):
            self.assertEqual({branch for branch, __ in self._due_here()}, {self.branch_a, self.branch_b})

    def _due_here(self):
        ours = self.branch_a | self.branch_b
        return [(branch, day) for branch, day in self.summaries._days_due() if branch in ours and day == self.today]

    def test_a_summary_that_nobody_sends(self):
        """H23-4.5.3: the head is told the next day of a summary that wasn't sent, once."""
        with self._at(10):
            self._due()._answer("no_response", "Rang out")
        with self._at(17.1):
            self._close_day()
            self.assertFalse(self._activities(self._summary(), "unsent"))
        for hour in (8, 9):
            with self._at(hour, days=1):
                self._close_day()
        summary = self._summary()
        self.assertEqual(self._activities(summary, "unsent"), self.head)
        self.assertEqual(len(summary.sudo().activity_ids.filtered(lambda a: a.user_id == self.head)), 1)

    def test_a_summary_that_nobody_evaluates(self):
        """H23-4.5.4: a day after it was sent, the coordinator hears that it isn't evaluated, the head in copy."""
        summary = self._sent()
        sent = self._mails(summary)
        self._close_day()
        self.assertEqual(self._mails(summary), sent)
        summary.sudo()._note({"sent_at": self._in(hours=-25)})
        self._close_day()
        self._close_day()
        mail = self._mails(summary) - sent
        self.assertEqual(mail.recipient_ids, self.coordinator.partner_id)
        self.assertIn("head@example.com", mail.email_cc)
        listed = self.summaries.search([("state", "=", "sent"), ("sent_at", "<", self._in(days=-1))])
        self.assertEqual(listed, summary.with_env(listed.env))

    def test_the_cron(self):
        """H23-4.5.2: the scheduler's job runs as a whole, and a second time without doing anything again."""
        with self._at(10):
            self._due()._answer("no_response", "Rang out")
        with self._at(19), self.enter_registry_test_mode():
            self.env.ref("crm_h23_followup.ir_cron_day").method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(self._mine().state, "sent")
            self.assertFalse([pair for pair in self.summaries._days_due() if pair[0] == self.branch_a])

    def test_queries_do_not_grow_with_admins(self):
        """H23-4.5.2: closing the day of many admins costs hardly more queries than that of one."""
        counts = []
        for number, admins in ((10, 1), (20, 4)):
            users = [
                self._create_user(f"test_many_{number}_{n}", "crm_base.group_officer", self.branch_a)
                for n in range(admins)
            ]
            branch = self._create_branch(code=f"M{number}", pic_id=self.pic.id, head_id=self.head.id)
            branch.user_ids = [user.id for user in users]
            for place in range(admins):
                self._bought(30, 1000 + number + place, branch_id=branch.id)
            self._generate(branches=branch)
            for followup, user in zip(self.followups.search([("branch_id", "=", branch.id)]), users, strict=True):
                followup._note({"user_id": user.id})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.summaries._begin([(branch, self.today)])
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(self.reports.search_count([("branch_id", "=", branch.id), ("state", "=", "sent")]), admins)
        self.assertLessEqual(counts[1], counts[0] + 3)

    def test_hours_of_the_day(self):
        """H23-4.5.2: the hours are settings, and are hours of the day."""
        with self._at(10):
            self._due()._answer("no_response", "Rang out")
        self.company.write({"followup_report_hour": 20, "followup_report_missing_hour": 21})
        with self._at(19):
            self._close_day()
            self.assertFalse(self._mine())
        with self._at(20.1):
            self._close_day()
            self.assertTrue(self._mine())
        for values in (
            {"followup_report_hour": 24},
            {"followup_report_hour": -1},
            {"followup_report_missing_hour": 12},
        ):
            refused = self.assertRaises(psycopg2.errors.CheckViolation)
            with self.subTest(values=values), mute_logger("odoo.sql_db"), refused, self.cr.savepoint():
                self.company.write(values)
                self.company.flush_recordset()
