from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestDailyReport(ReportCase):
    def test_one_click(self):
        """H23-4.5.2: “Send My Report” makes, counts and sends the report of today; again it changes nothing."""
        self._due()._answer("no_response", "Rang out")
        action = self.reports.with_user(self.admin_1).action_send_mine()
        report = self.reports.browse(action["res_id"])
        self.assertEqual((report.state, report.user_id, report.day), ("sent", self.admin_1, self.today))
        self.assertEqual(self._figures(report, "due", "contacted", "no_response", "open"), (1, 1, 1, 0))
        sent_at = report.sent_at
        self.reports.with_user(self.admin_1).action_send_mine()
        self.assertEqual((report.sent_at, len(self.reports.search([("user_id", "=", self.admin_1.id)]))), (sent_at, 1))
        self.assertEqual(self._history(report), [("send", "open", "sent", self.admin_1, False)])

    def test_nothing_to_do_is_reported_too(self):
        """H23-4.5.2: a day without follow-ups is reported as such, for the admin's main branch."""
        action = self.reports.with_user(self.admin_2).action_send_mine()
        report = self.reports.browse(action["res_id"])
        self.assertEqual((report.state, report.branch_id, report.due_count), ("sent", self.branch_a, 0))

    def test_blocked_by_an_answer_without_result(self):
        """H23-4.5.1: a customer who answered and has no result blocks the report; the error lists and opens it."""
        followup = self._due()
        self._reply(followup)
        report = self._report()
        with self.assertRaises(RedirectWarning) as refused:
            report.action_send()
        message, action, __, ___ = refused.exception.args
        self.assertIn(followup.display_name, message)
        self.assertEqual(action["domain"], [("id", "in", followup.ids)])
        self.assertEqual(report.action_view_blockers()["domain"], action["domain"])
        self.assertEqual(report.state, "open")
        self._willing(followup, "Comes on Tuesday")
        report.action_send()
        self.assertEqual((report.state, report.willing_count), ("sent", 1))

    def test_blocked_by_a_call_that_was_not_closed(self):
        """H23-4.5.1: a call with the customer that was begun and not closed blocks the report."""
        followup = self._due()
        contact = self._create_interaction(self.admin_1, res_model="crm.followup", res_id=followup.id)
        report = self._report()
        with self.assertRaises(RedirectWarning) as refused:
            report.action_send()
        self.assertEqual(refused.exception.args[1]["domain"], [("id", "in", contact.ids)])
        contact.write({"outcome_id": self.outcome.id})
        contact.action_close()
        report.action_send()
        self.assertEqual(report.contacted_count, 1)

    def test_an_answer_is_listed_once(self):
        """H23-4.5.1: a customer's answer and the contact that it opened are one thing to do: one result closes both."""
        followup = self._due()
        self._reply(followup)
        self._create_interaction(self.admin_1, res_model="crm.followup", res_id=followup.id)
        report = self._report()
        with self.assertRaises(RedirectWarning) as refused:
            report.action_send()
        self.assertTrue(refused.exception.args[0].startswith("1 contacts"))
        self._willing(followup)
        report.action_send()
        self.assertEqual(report.state, "sent")

    def test_blocked_by_a_call_back_that_was_not_made(self):
        """H23-4.5.1: an agreed call back whose time has come blocks the report; one that is to come doesn't."""
        with self._at(9):
            followup = self._due()
            followup._answer("call_back", "At three", call_back_at=self._in(hours=6))
        with self._at(14):
            self.assertFalse(self._report().sudo()._blocked())
        with self._at(17):
            report = self._report()
            with self.assertRaises(RedirectWarning):
                report.action_send()
            followup._answer("call_back", "Tomorrow", call_back_at=self._in(days=1))
            report.action_send()
            self.assertEqual(self._figures(report, "contacted", "call_back", "responded", "open"), (1, 1, 1, 0))

    def test_others_do_not_block(self):
        """H23-4.5.1: what another admin left open, or what was never touched, doesn't block; it is counted as open."""
        self._due()
        other = self._due(number=2).sudo()
        other._note({"user_id": self.admin_2.id})
        self._reply(other)
        report = self._report()
        report.action_send()
        self.assertEqual((report.state, report.open_count), ("sent", 1))
        with self.assertRaises(RedirectWarning):
            self._report(self.admin_2).action_send()

    def test_frozen(self):
        """H23-4.5.2: what was sent stays as it was, whatever happens afterwards."""
        first, second = self._due(), self._due(number=2)
        first._answer("no_response", "Rang out")
        report = self._report()
        report.action_send()
        self._willing(second)
        report.action_count()
        self.assertEqual(self._figures(report, "due", "contacted", "willing", "open"), (2, 1, 0, 1))

    def test_late(self):
        """H23-4.5.2: the report of a missed day can be sent, is marked late and counts that day's work."""
        with self._at(10, days=-1):
            followup = self._due("2")
            followup._answer("no_response", "Rang out")
        report = self._report(day=self.today - timedelta(days=1))
        with self._at(8):
            self._willing(self._due("2", number=2))
            report.action_send()
        self.assertTrue(report.is_late)
        self.assertEqual(self._figures(report, "contacted", "no_response", "willing"), (1, 1, 0))

    def test_not_ahead(self):
        """H23-4.5.2: a day that is still to come isn't reported."""
        report = self._report(day=self.today + timedelta(days=1))
        with self.assertRaises(UserError):
            report.action_send()

    def test_only_their_own(self):
        """H23-4.5.2: nobody sends or comments another admin's report, not even its PIC or superuser mode."""
        report = self._report()
        for user in (self.admin_2, self.pic, self.head, self.manager_hq, self.officer_b, self.admin):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                report.with_user(user).action_send()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                report.with_user(user).write({"note": "x"})
        with self.assertRaises(AccessError):
            report.with_user(self.pic).sudo().action_send()
        report.write({"note": "Rain all day"})
        report.action_send()
        self.assertEqual((report.state, report.note), ("sent", "Rain all day"))
        with self.assertRaises(UserError):
            report.write({"note": "Sun"})

    def test_reopened_by_a_leader(self):
        """H23-4.5.2: a leader reopens a report with a reason, while the summary hasn't gone out."""
        report = self._report()
        report.action_send()
        with self.assertRaises(AccessError):
            report._workflow_do("reopen", "typo")
        with self.assertRaises(UserError):
            report.with_user(self.pic)._workflow_do("reopen")
        report.with_user(self.pic)._workflow_do("reopen", "Results were corrected")
        self.assertEqual((report.state, report.sent_at), ("open", False))
        report.action_send()
        self._summary().action_send()
        with self.assertRaises(UserError):
            report.with_user(self.pic)._workflow_do("reopen", "Again")

    def test_facts_by_rpc(self):
        """H23-4.5.2: states and figures aren't written, made or deleted by RPC, import or the context, by nobody."""
        report = self._report()
        hostile = [
            {"state": "sent"},
            {"contacted_count": 99},
            {"is_late": True},
            {"sent_at": "2026-01-01 00:00:00"},
            {"user_id": self.admin_2.id},
            {"day": "2026-01-01"},
        ]
        contexts = ({}, {"followup_step": True}, {"followup_step": "STEP", "workflow_permit": True})
        for user in (self.admin_1, self.pic, self.manager_hq, self.admin):
            for vals in hostile:
                for context in contexts:
                    with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                        report.with_user(user).with_context(**context).write(vals)
            with self.assertRaises(UserError):
                report.with_user(user).unlink()
            with self.assertRaises(UserError):
                report.with_user(user).copy({"day": "2026-01-01"})
            vals = {"user_id": user.id, "branch_id": self.branch_a.id, "day": fields.Date.to_string(self.today)}
            for values in (vals, {**vals, "user_id": self.admin_2.id}, {**vals, "state": "sent"}):
                with self.subTest(user=user.login, values=values), self.assertRaises(UserError):
                    self.reports.with_user(user).create(values)
        self.assertEqual((report.state, report.contacted_count), ("open", 0))

    def test_once_in_the_database(self):
        """H23-4.5.2: an admin has one report for a branch and day, by the database."""
        report = self._report()
        values = {"user_id": report.user_id.id, "branch_id": self.branch_a.id, "day": report.day}
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.reports._make([values])
        self.reports._insert([(self.branch_a, report.day, report.user_id)])
        self.assertEqual(self.reports.search_count([("user_id", "=", self.admin_1.id)]), 1)

    def test_who_sees_what(self):
        """H23-4.5.2: an admin sees their own, the branch's leaders all of it, headquarters everything."""
        mine, theirs = self._report(), self._report(self.admin_2)
        reports = mine | theirs
        seen = {
            self.admin_1: mine,
            self.admin_2: theirs,
            self.pic: reports,
            self.head: reports,
            self.manager_hq: reports,
            self.officer_b: self.reports,
            self.manager_b: self.reports,
        }
        for user, expected in seen.items():
            with self.subTest(user=user.login):
                found = self.reports.with_user(user).search([("id", "in", reports.ids)])
                self.assertEqual(set(found.ids), set(expected.ids))
        self.branch_a.pic_id = self.admin_2
        self.assertEqual(set(self.reports.with_user(self.admin_2).search([]).ids), set(reports.ids))
        for user in (self.internal, self.portal):
            with self.assertRaises(AccessError):
                mine.with_user(user).read(["day"])

    def test_today_by_admin(self):
        """H23-1.2: the person in charge opens the day by admin, counted at that moment; an admin can't."""
        self._due()._answer("no_response", "Rang out")
        self._due(number=2).sudo()._note({"user_id": self.admin_2.id})
        self.reports.with_user(self.pic).action_today()
        reports = self.reports.with_user(self.pic).search([("day", "=", self.today)])
        self.assertEqual(
            {report.user_id: self._figures(report, "due", "contacted", "open") for report in reports},
            {self.admin_1: (1, 1, 0), self.admin_2: (1, 0, 1)},
        )
        with self.assertRaises(AccessError):
            self.reports.with_user(self.admin_1).action_today()
