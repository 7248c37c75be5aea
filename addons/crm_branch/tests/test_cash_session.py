import json
from datetime import timedelta
from functools import partial

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .cash_common import CashCase


@tagged("post_install", "-at_install")
class TestCashSession(CashCase):
    def _piece(self, value):
        return self.env["crm.cash.denomination"].search([("currency_id", "=", self.money.id), ("value", "=", value)])

    def test_day(self):
        """BR-12c: opened with counted cash, money in and out, closed with counted cash; the books agree."""
        session = self._open_desk()
        session.action_move_cash("in", "headquarters", 200.0, "change money")
        self._pay(session, self._create_invoice(49.99), tendered=50.0)
        session.action_move_cash("out", "bank", 100.0, "bag 123")
        self.assertEqual((session.expected, self._in_drawer()), (149.99, 149.99))
        session.action_count()
        hundred, fifty = self._piece(100), self._piece(50)
        with self.assertRaisesRegex(UserError, "difference"):
            session.action_close({"lines": {str(hundred.id): 1, str(fifty.id): 1}})
        lines = {str(self._piece(value).id): 1 for value in (100, 20, 5)}
        lines |= {str(self._piece(value).id): 2 for value in (10, 2, 0.2)}
        lines |= {str(self._piece(value).id): 1 for value in (0.5, 0.05)} | {str(self._piece(0.02).id): 2}
        self.assertEqual(session.action_close({"lines": lines}), 0.0)
        self.assertEqual((session.state, session.counted), ("closed", 149.99))
        self.assertEqual(sum(session.count_ids.mapped("amount")), 149.99)
        self.assertFalse(session.has_difference)
        again = self._open_desk(total=149.99)
        self.assertEqual(again.opening_expected, 149.99)

    def test_difference(self):
        """BR-12c: a difference needs a reason, is booked as loss or profit, and shown to the manager at once."""
        session = self._open_desk()
        self._pay(session, self._create_invoice(100.0))
        session.action_count()
        for reason in (False, "", "  ", None, 5):
            with self.subTest(reason=reason), self.assertRaisesRegex(UserError, "say why"):
                session.action_close({"total": 95.0}, reason)
        self.assertEqual(session.action_close({"total": 95.0}, "gave 5 too much"), -5.0)
        loss = self.desk_a.journal_id.loss_account_id
        self.assertEqual(session.sudo().entry_ids.line_ids.filtered(lambda line: line.account_id == loss).balance, 5.0)
        self.assertEqual(self._in_drawer(), 95.0)
        activity = session.activity_ids
        self.assertEqual(activity.user_id, self.branch_manager_a)
        self.assertIn("5.00", activity.summary)
        self.assertIn("gave 5 too much", activity.note)

    def test_difference_at_opening(self):
        """BR-12c: what is missing since the last count is found when the desk is opened."""
        with self.assertRaisesRegex(UserError, "say why"):
            self._open_desk(total=10.0)
        session = self._open_desk(total=10.0, reason="found under the drawer")
        self.assertEqual((session.opening_difference, self._in_drawer()), (10.0, 10.0))
        profit = self.desk_a.journal_id.profit_account_id
        self.assertEqual(
            session.sudo().entry_ids.line_ids.filtered(lambda line: line.account_id == profit).balance, -10.0
        )
        self.assertTrue(session.activity_ids)

    def test_bad_counts(self):
        """BR-12c: a count is a total or quantities of notes and coins that there are; nothing else."""
        piece, rupiah = self._piece(10), self.env.ref("crm_branch.crm_cash_idr_note_1000")
        bad = (
            None,
            {},
            [],
            "10",
            {"total": None},
            {"total": -1},
            {"total": "10"},
            {"total": float("nan")},
            {"total": 0.001},
        )
        bad += ({"lines": {}}, {"lines": {str(rupiah.id): 1}}, {"lines": {"0": 1}}, {"total": 1, "lines": {}})
        bad += tuple(
            {"lines": {str(piece.id): quantity}} for quantity in (-1, 1.5, "1", True, None, 1e308, float("nan"))
        )
        for count in bad:
            with self.subTest(count=count), self.assertRaises(UserError):
                self.desk_a.with_user(self.cashier_a).action_open(count, "because")
        self.assertFalse(self.desk_a.session_ids)

    def test_one_session_at_a_time(self):
        """BR-12c: a desk has one unclosed session, and a cashier has one; the database says so too."""
        self.cashier_b.branch_ids += self.branch_a
        self._open_desk()
        other = self._create_desk(self.branch_a, "KC")
        for desk, user in ((self.desk_a, self.cashier_a), (other, self.cashier_a), (self.desk_a, self.cashier_b)):
            with self.subTest(desk=desk.code, user=user.login), self.assertRaisesRegex(UserError, "isn't closed"):
                self._open_desk(desk, user)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.desk_a.session_ids.copy({"user_id": self.cashier_b.id})
            self.env.flush_all()

    def test_yesterday_is_closed_first(self):
        """BR-12c: a session that was left open is shown as late, and no other is opened before it is closed."""
        session = self._open_desk()
        with freeze_time(fields.Datetime.now() + timedelta(days=1)):
            self.env.invalidate_all()
            self.assertTrue(session.is_overdue)
            with self.assertRaisesRegex(UserError, "count and close it first"):
                self._open_desk()
            with self.assertRaisesRegex(UserError, "count and close it first"):
                session.action_move_cash("in", "bank", 1.0, "late")
            self._close(session, 0.0)
            self.assertTrue(self._open_desk())

    def test_midnight(self):
        """BR-12c: the day is the branch's: at 23:30 in Warsaw it is still today, in Jakarta tomorrow."""
        self.branch_b.tz = "Asia/Jakarta"
        with freeze_time("2026-01-15 22:30:00"):
            self.assertEqual(str(self._open_desk().day), "2026-01-15")
            self.assertEqual(str(self._open_desk(self.desk_b, self.cashier_b).day), "2026-01-16")

    def test_review(self):
        """BR-12c: the manager reviews, with a reason where there is a difference, and never who had the cash."""
        session = self._open_desk()
        session.action_move_cash("in", "bank", 5.0, "coins")
        self._close(session, 4.0, "lost one")
        manager = self.branch_manager_a
        with self.assertRaisesRegex(UserError, "confirm first"):
            session.with_user(manager)._workflow_do("accept", "seen")
        session.move_ids.with_user(manager).action_confirm()
        with self.assertRaisesRegex(UserError, "has a difference"):
            session.with_user(manager).action_review()
        with self.assertRaisesRegex(UserError, "reason"):
            session.with_user(manager)._workflow_do("review")
        with self.assertRaisesRegex(UserError, "Say why"):
            session.with_user(manager)._workflow_do("accept")
        for user in (self.cashier_a, self.branch_manager_b, self.service_officer_a, self.finance):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                session.with_user(user)._workflow_do("accept", "fine")
        self.cashier_a.group_ids += self.env.ref("crm_branch.group_branch_manager")
        with self.assertRaisesRegex(AccessError, "somebody else|their own"):
            session.with_user(self.cashier_a)._workflow_do("accept", "fine")
        session.with_user(manager)._workflow_do("accept", "one coin, seen on camera")
        self.assertEqual((session.state, session.reviewed_by_id), ("reviewed", manager))
        self.assertFalse(
            session.activity_ids.filtered(
                lambda activity: activity.user_id == manager and "difference" in (activity.summary or "")
            )
        )

    def test_manager_closes_for_who_left(self):
        """BR-12c: the manager may count a desk that was left open, but then headquarters reviews."""
        session = self._open_desk()
        theirs = session.with_user(self.branch_manager_a)
        theirs.action_count()
        theirs.action_close({"total": 0.0})
        with self.assertRaisesRegex(AccessError, "somebody else"):
            theirs.action_review()
        session.with_user(self.clerk).action_review()
        self.assertEqual(session.state, "reviewed")

    def test_cash_moves(self):
        """BR-12c: cash put in or taken out needs a reason, isn't more than there is, and another one confirms it."""
        session = self._open_desk()
        for arguments in (
            ("in", "bank", 10.0, ""),
            ("in", "bank", 10.0, None),
            ("in", "friend", 10.0, "why"),
            ("up", "bank", 10.0, "why"),
            ("in", "bank", -10.0, "why"),
            ("in", "bank", "10", "why"),
            ("out", "bank", 0.01, "why"),
        ):
            with self.subTest(arguments=arguments), self.assertRaises(UserError):
                session.action_move_cash(*arguments)
        move = self.env["crm.cash.move"].browse(session.action_move_cash("in", "bank", 10.0, "coins"))
        account = self.books.transfer_account_id
        self.assertEqual(move.entry_id.line_ids.filtered(lambda line: line.account_id == account).balance, -10.0)
        self.assertEqual(session.activity_ids.user_id, self.branch_manager_a)
        for user in (self.cashier_a, self.branch_manager_b, self.retention_officer_a):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                move.with_user(user).action_confirm()
        move.with_user(self.branch_manager_a)._workflow_do("dispute", "no such bag")
        move.with_user(self.branch_manager_a).action_confirm()
        self.assertFalse(session.activity_ids)
        lines = move.entry_id.statement_line_id.with_user(self.accountant)
        for attack in (lines.unlink, lines.action_undo_reconciliation, lambda: lines.write({"amount": 1})):
            with self.subTest(attack=attack), self.assertRaises(UserError):
                attack()

    def test_facts_are_kept(self):
        """BR-12c: nobody makes, changes or deletes what the desk keeps, by any call."""
        session = self._open_desk()
        payment = self._payment(self._pay(session, self._create_invoice(10.0)))
        move = self.env["crm.cash.move"].browse(session.action_move_cash("in", "bank", 10.0, "coins"))
        users = (self.cashier_a, self.branch_manager_a, self.clerk, self.admin, self.accountant, self.service_officer_a)
        for user in users:
            for record, vals in (
                (session, {"opening_counted": 5}),
                (session, {"user_id": self.cashier_b.id}),
                (session, {"state": "reviewed"}),
                (session, {"difference": 0, "day": "2020-01-01"}),
                (payment, {"amount": 1}),
                (payment, {"state": "reversed"}),
                (move, {"amount": 1}),
                (self.desk_a, {"last_number": 0}),
            ):
                theirs = record.with_user(user).with_context(workflow_permit=True, allowed_company_ids=self.books.ids)
                with (
                    self.subTest(user=user.login, record=record, vals=vals),
                    self.assertRaises(UserError),
                ):
                    theirs.write(vals)
                for attack in (theirs.copy, theirs.unlink) if record != self.desk_a else ():
                    with self.subTest(user=user.login, attack=attack), self.assertRaises(UserError):
                        attack()

    def test_desk(self):
        """BR-12: a desk has a cash journal of its own, with accounts for differences; a busy one isn't moved."""
        desks, journal = self.env["crm.cash.desk"], self.desk_a.journal_id
        bank = self.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", self.books.id)], limit=1)
        with self.assertRaisesRegex(ValidationError, "choose a cash journal"):
            desks.create({"name": "X", "code": "X", "branch_id": self.branch_a.id, "journal_id": bank.id})
        bare = journal.copy({"code": "BARE"})
        bare.loss_account_id = False
        with self.assertRaisesRegex(ValidationError, "profit and loss"):
            desks.create({"name": "Y", "code": "Y", "branch_id": self.branch_a.id, "journal_id": bare.id})
        self._open_desk()
        with self.assertRaisesRegex(ValidationError, "Close the session"):
            self.desk_a.active = False
        with self.assertRaises(AccessError):
            self.desk_a.with_user(self.branch_manager_a).write({"name": "Mine"})
        self.desk_b.with_user(self.clerk).write({"name": "Other"})

    def test_screen(self):
        """BR-12: the screen shows the cashier's desk: to be opened, open with its payments, or taken by a colleague."""
        screen = partial(self.env["crm.cash.session"].with_user(self.cashier_a).action_screen)
        closed = json.loads(json.dumps(screen()))
        self.assertIs(closed["session"], False)
        self.assertEqual([(desk["name"], desk["taken_by"]) for desk in closed["desks"]], [("Desk KA", "")])
        self.assertEqual(len(closed["pieces"]), 15)
        session = self._open_desk()
        self._pay(session, self._create_invoice(10.0))
        session.action_move_cash("out", "bank", 4.0, "bag 1")
        opened = json.loads(json.dumps(screen()))
        self.assertEqual((opened["session"]["id"], opened["session"]["expected"]), (session.id, 6.0))
        self.assertEqual([payment["name"] for payment in opened["payments"]], ["KA/000001"])
        self.assertEqual([move["amount"] for move in opened["moves"]], [-4.0])
        colleague = self._create_user("test_cashier_d", "crm_branch.group_cashier", self.branch_a)
        theirs = self.env["crm.cash.session"].with_user(colleague).action_screen()
        self.assertEqual((theirs["session"], theirs["payments"]), (False, []))
        self.assertEqual(theirs["desks"][0]["taken_by"], self.cashier_a.name)

    def test_report_of_the_day(self):
        """BR-12c: the report of the day holds the payments, what was moved, and the difference with its reason."""
        session = self._open_desk()
        self._pay(session, self._create_invoice(33.0))
        session.action_move_cash("in", "bank", 5.0, "coins of bag 9")
        self._close(session, 37.0, "one zloty short")
        report = self.env.ref("crm_branch.crm_cash_session_report")
        for user in (self.branch_manager_a, self.cashier_a):
            html = self.env["ir.actions.report"].with_user(user)._render_qweb_html(report.report_name, session.ids)[0]
            for word in ("KA/000001", "33.00", "coins of bag 9", "38.00", "37.00", "one zloty short", "Test Telekom"):
                with self.subTest(user=user.login, word=word):
                    self.assertIn(word, html.decode())

    def test_colleague_and_other_branch(self):
        """BR-17: a cashier handles their own session only; not a colleague's, not another branch's."""
        session = self._open_desk()
        invoice = self._create_invoice(10.0)
        search = session.action_find_number(invoice.name)["search"]
        colleague = self._create_user("test_cashier_c", "crm_branch.group_cashier", self.branch_a)
        others = (colleague, self.cashier_b, self.service_officer_a, self.branch_manager_a, self.finance, self.portal)
        for user in others:
            theirs = session.with_user(user)
            for attack in (
                lambda theirs=theirs: theirs.action_find_number(invoice.name),
                lambda theirs=theirs: theirs.action_find_person("Jan", "Kowalski", "Floriańska 15/4", "31-021"),
                lambda theirs=theirs: theirs.action_pay(search, invoice.id, 1.0, 1.0, "test-steal-1"),
                lambda theirs=theirs: theirs.action_move_cash("out", "bank", 1.0, "mine"),
                lambda theirs=theirs: theirs.action_duplicate(search, invoice.id),
                lambda theirs=theirs: theirs.action_resume(),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    attack()
        for user in (colleague, self.cashier_b):
            with self.subTest(user=user.login):
                self.assertFalse(session.with_user(user).search([("id", "=", session.id)]))
                with self.assertRaises(AccessError):
                    session.with_user(user).action_count()
        with self.assertRaises(AccessError):
            self._open_desk(self.desk_b, self.cashier_a)
        with self.assertRaises(AccessError):
            self.env["crm.cash.session"].with_user(self.service_officer_a).action_screen()
