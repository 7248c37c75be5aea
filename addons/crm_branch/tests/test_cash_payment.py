from datetime import timedelta
from functools import partial

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .cash_common import CashCase


@tagged("post_install", "-at_install")
class TestCashPayment(CashCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._create_invoice(100.0)
        cls.session = cls._open_desk()

    def test_payment_is_booked_at_once(self):
        """BR-12a: the invoice is paid, the cash is in the drawer by the books, and there is no fee line."""
        receipt = self._pay(self.session, self.invoice, tendered=150.0)
        self.assertEqual((receipt["amount"], receipt["change"], receipt["residual"]), (100.0, 50.0, 0.0))
        payment = self._payment(receipt)
        self.assertEqual(self.invoice.payment_state, "paid")
        self.assertEqual(payment.payment_id.state, "paid")
        lines = payment.payment_id.move_id.line_ids
        self.assertEqual(lines.mapped("balance"), [100.0, -100.0])
        self.assertEqual(self._in_drawer(), 100.0)
        self.assertEqual(payment.name, "KA/000001")
        self.assertEqual(self.session.expected, 100.0)
        self.assertEqual(payment.payment_id.date, self.branch_a._today())

    def test_searches_without_payment(self):
        """BR-12b: what the manager reads as searches without payment are those after which nobody paid."""
        self._pay(self.session, self.invoice, 40.0)
        self.assertEqual(self.session.searches_unpaid, 0)
        found = self.session.with_user(self.cashier_a).action_find_number(self.invoice.name)
        self.assertEqual(self.session.searches_unpaid, 1)
        for key, amount in (("a-first-key", 30.0), ("a-second-key", 30.0)):
            search = (found["search"], self.invoice.id)
            self.session.with_user(self.cashier_a).action_pay(*search, amount, amount, key)
        self.assertEqual(self.session.searches_unpaid, 0)

    def test_receipt(self):
        """BR-18: the customer is told what was paid, by a receipt on either paper; a reversed one says so."""
        payment = self._payment(self._pay(self.session, self.invoice, 60.0, 100.0))
        reports = self.env["ir.actions.report"].with_user(self.cashier_a)

        def text(paper):
            report = self.env.ref(f"crm_branch.crm_cash_receipt_report_{paper}")
            return reports._render_qweb_html(report.report_name, payment.ids)[0].decode()

        for paper in ("thermal", "a4"):
            for word in ("Test Telekom", payment.name, self.invoice.name, self.jan.name, "60.00", "100.00", "40.00"):
                with self.subTest(paper=paper, word=word):
                    self.assertIn(word, text(paper))
            self.assertNotIn("REVERSED", text(paper))
        self.books.cash_receipt_paper = "a4"
        action = payment.with_user(self.cashier_a).action_print()
        self.assertEqual(action["report_name"], "crm_branch.report_cash_receipt_a4")
        payment.with_user(self.branch_manager_a)._workflow_do("reverse", "counted twice")
        self.assertIn("REVERSED", text("a4"))
        self.assertIn("counted twice", text("a4"))

    def test_part(self):
        """BR-12a: a part is paid, the rest stays open, and no more than that is taken next time."""
        self._pay(self.session, self.invoice, 40.0)
        self.assertEqual(self.invoice.payment_state, "partial")
        with self.assertRaisesRegex(UserError, "hand back"):
            self._pay(self.session, self.invoice, 60.01)
        self.assertEqual(self._pay(self.session, self.invoice, 60.0)["name"], "KA/000002")
        self.assertEqual(self.invoice.payment_state, "paid")

    def test_paid_already(self):
        """BR-12a: who pays twice is told that it is paid."""
        self._pay(self.session, self.invoice)
        with self.assertRaisesRegex(UserError, "paid already"):
            self._pay(self.session, self.invoice, 100.0)

    def test_bad_amounts(self):
        """BR-12a: nothing, less, no number, parts of a grosz, or more than there is: refused, and said why."""
        bad = (0, 0.0, -0.0, -1, 0.001, 33.333, float("nan"), float("inf"), 1e308, "50", "NaN", True, None, [50], {})
        for value in bad:
            for amounts in ((value, 200.0), (50.0, value)):
                with self.subTest(amounts=amounts), self.assertRaises(UserError):
                    self._take(*amounts)
        self.assertEqual(self.invoice.amount_residual, 100.0)
        self.assertFalse(self.session.payment_ids)

    def _take(self, amount, tendered):
        search = self.session.action_find_number(self.invoice.name)["search"]
        return self.session.action_pay(search, self.invoice.id, amount, tendered, "test-take-0")

    def test_too_little_given(self):
        """BR-12a: what the customer hands over covers what is paid."""
        with self.assertRaisesRegex(UserError, "isn't enough"):
            self._pay(self.session, self.invoice, 100.0, 50.0)

    def test_wrong_currency(self):
        """BR-12a: a desk takes its own currency only."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        invoice = self._create_invoice(currency_id=euro.id)
        with self.assertRaisesRegex(UserError, "this desk takes PLN"):
            self._pay(self.session, invoice)

    def test_only_services_of_headquarters(self):
        """BR-12a: an invoice that no contract made isn't found at the desk, nor one that mixes both."""
        lone = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.jan.id,
                "invoice_line_ids": [(0, 0, {"name": "Case", "price_unit": 5})],
            }
        )
        lone.action_post()
        found = self.session.action_find_number(lone.name)
        self.assertEqual((found["result"], found["invoices"]), ("none", []))
        self.assertIn("isn't for a service", found["message"])
        with self.assertRaisesRegex(UserError, "Find the invoice first"):
            self.session.action_pay(found["search"], lone.id, 5.0, 5.0, "test-lone-1")

    def test_credit_note_and_draft(self):
        """BR-12a: only a posted customer invoice is found."""
        draft = self.invoice.copy()
        refund = self.invoice._reverse_moves()
        refund.action_post()
        for move in (draft, refund):
            self.assertEqual(self.session.action_find_number(move.name or "INV/DRAFT")["result"], "none")

    def test_same_request_twice(self):
        """BR-12a: a double click pays once; another payment under the same key is refused."""
        search = self.session.action_find_number(self.invoice.name)["search"]
        receipts = [self.session.action_pay(search, self.invoice.id, 30.0, 50.0, "test-twice") for __ in range(3)]
        self.assertEqual([receipts[0]] * 3, receipts)
        self.assertEqual(self.invoice.amount_residual, 70.0)
        with self.assertRaisesRegex(UserError, "begin anew"):
            self.session.action_pay(search, self.invoice.id, 40.0, 50.0, "test-twice")
        for key in ("", "short", None, 12345678, "x" * 65, "semi;colon1"):
            with self.subTest(key=key), self.assertRaisesRegex(UserError, "key"):
                self.session.action_pay(search, self.invoice.id, 1.0, 1.0, key)

    def test_guessed_invoice(self):
        """BR-12b: an invoice's id alone is worth nothing, nor another's search."""
        other = self._create_invoice(55.0)
        found = self.session.action_find_number(self.invoice.name)["search"]
        theirs = self._open_desk(self.desk_b, self.cashier_b)
        stolen = theirs.action_find_number(other.name)["search"]
        for search, invoice in (
            (found, other.id),
            (stolen, other.id),
            (0, other.id),
            ("1", "1"),
            (found, True),
            (None, None),
        ):
            with self.subTest(search=search), self.assertRaisesRegex(UserError, "Find the invoice first"):
                self.session.action_pay(search, invoice, 55.0, 55.0, "test-guess-1")

    def test_closed_desk(self):
        """BR-12c: no payment is taken at a desk that is counted, closed, or of yesterday."""
        search = self.session.action_find_number(self.invoice.name)["search"]
        with (
            freeze_time(fields.Datetime.now() + timedelta(days=1)),
            self.assertRaisesRegex(UserError, "close it first"),
        ):
            self.session.action_pay(search, self.invoice.id, 1.0, 1.0, "test-late-1")
        self.session.action_count()
        with self.assertRaisesRegex(UserError, "Being Counted"):
            self.session.action_pay(search, self.invoice.id, 1.0, 1.0, "test-late-2")
        self.session.action_close({"total": 0.0})
        with self.assertRaisesRegex(UserError, "“Closed”"):
            self.session.action_pay(search, self.invoice.id, 1.0, 1.0, "test-late-3")

    def test_booked_payment_is_final(self):
        """BR-12a: neither an accountant nor an accounting manager changes, cancels or deletes what a desk booked."""
        payment = self._payment(self._pay(self.session, self.invoice))
        for user in (self.finance, self.accountant):
            booked = payment.payment_id.with_user(user)
            for attack in self._attacks(booked, self.invoice.with_user(user)):
                with self.subTest(attack=attack, user=user.login), self.assertRaises(UserError):
                    attack()
        self.assertEqual(self.invoice.payment_state, "paid")

    def _attacks(self, booked, invoice):
        told = booked.with_context(cash_step=True, force_delete=True, _force_unlink=True)
        return (
            *(partial(booked.write, vals) for vals in ({"amount": 1}, {"date": "2020-01-01"}, {"state": "draft"})),
            partial(booked.write, {"name": "PAY/1"}),
            *(booked.action_draft, booked.action_cancel, booked.action_reject, booked.unlink, told.unlink),
            *(booked.move_id.button_draft, booked.move_id.button_cancel, told.move_id.button_draft),
            *(told.move_id.unlink, told.move_id.line_ids.remove_move_reconcile, invoice.button_draft),
            partial(told.move_id.write, {"cash_session_id": False}),
            partial(told.move_id.write, {"date": "2020-01-01"}),
        )

    def test_accountants_match_anew_afterwards(self):
        """BR-12a: after the desk has closed, an accounting manager may match the money with another invoice."""
        payment = self._payment(self._pay(self.session, self.invoice)).payment_id
        self._close(self.session, 100.0)
        lines = payment._seek_for_lines()[1]
        with self.assertRaises(UserError):
            lines.with_user(self.finance).remove_move_reconcile()
        lines.with_user(self.accountant).remove_move_reconcile()
        self.assertEqual(self.invoice.amount_residual, 100.0)

    def test_queries(self):
        """BR-12a: a payment costs the same whatever was paid before."""
        invoices = [self._create_invoice(10.0) for __ in range(4)]
        searches = [self.session.action_find_number(invoice.name)["search"] for invoice in invoices]
        counts = []
        for place, (search, invoice) in enumerate(zip(searches, invoices, strict=True)):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.session.action_pay(search, invoice.id, 10.0, 10.0, f"test-queries-{place}")
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(max(counts[2:]), counts[1], counts)
        self.assertLess(counts[-1], 250, counts)


@tagged("post_install", "-at_install")
class TestCashReversal(CashCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice = cls._create_invoice(100.0)
        cls.session = cls._open_desk()
        cls.receipt = cls._pay(cls.session, cls.invoice)
        cls.payment = cls.env["crm.cash.payment"].browse(cls.receipt["id"])

    def _reverse(self, user, reason="wrong customer"):
        return self.payment.with_user(user)._workflow_do("reverse", reason)

    def test_manager_reverses(self):
        """BR-12a: a mistake is paid back by the manager, with a reason; the invoice is open again, the books agree."""
        self._reverse(self.branch_manager_a)
        self.assertEqual(self.invoice.payment_state, "not_paid")
        self.assertEqual(self.invoice.amount_residual, 100.0)
        self.assertEqual((self.session.expected, self._in_drawer()), (0.0, 0.0))
        self.assertEqual(self.payment.reversal_id.payment_type, "outbound")
        self.assertEqual(self.payment.reversed_by_id, self.branch_manager_a)
        with self.assertRaisesRegex(UserError, "Reversed"):
            self._reverse(self.branch_manager_a)
        self._pay(self.session, self.invoice)
        self.assertEqual(self._in_drawer(), 100.0)

    def test_cashier_asks(self):
        """BR-12a: the cashier asks with a reason, the manager is told, refuses or reverses."""
        mine = self.payment.with_user(self.cashier_a)
        with self.assertRaisesRegex(UserError, "Say why"):
            mine.action_ask_reversal(" ")
        mine.action_ask_reversal("typed the wrong amount")
        self.assertEqual(self.session.activity_ids.user_id, self.branch_manager_a)
        self.payment.with_user(self.branch_manager_a)._workflow_do("refuse", "it is right")
        self.assertFalse(self.session.activity_ids)
        mine.action_ask_reversal("really wrong")
        mine.action_withdraw_reversal()
        mine.action_ask_reversal("really wrong")
        with self.assertRaisesRegex(UserError, "hasn't decided"):
            self._close(self.session, 100.0)
        self.env.invalidate_all()
        self.session.action_resume()
        self._reverse(self.branch_manager_a)
        self.assertEqual(self.payment.state, "reversed")

    def test_who_may_not(self):
        """BR-17: no cashier reverses, no manager of another branch, and nobody what they took themselves."""
        for user in (
            self.cashier_a,
            self.cashier_b,
            self.branch_manager_b,
            self.service_officer_a,
            self.finance,
            self.portal,
        ):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._reverse(user)
        self.cashier_a.group_ids += self.env.ref("crm_branch.group_branch_manager")
        with self.assertRaisesRegex(AccessError, "they took"):
            self._reverse(self.cashier_a)
        with self.assertRaises(AccessError):
            self.payment.with_user(self.cashier_b).action_ask_reversal("mine?")

    def test_only_while_open(self):
        """BR-12c: what was counted isn't reversed any more."""
        self._close(self.session, 100.0)
        with self.assertRaisesRegex(UserError, "isn't open any more"):
            self._reverse(self.branch_manager_a)


@tagged("post_install", "-at_install")
class TestCashRupiah(CashCase):
    currency = "IDR"

    def test_whole_rupiah(self):
        """BR-12a: in rupiah there are no parts of one, though Odoo keeps hundredths."""
        self.money.rounding = 0.01
        invoice = self._create_invoice(111000.0)
        session = self._open_desk()
        with self.assertRaisesRegex(UserError, "no amount of cash"):
            self._pay(session, invoice, 1000.5)
        receipt = self._pay(session, invoice, tendered=150000.0)
        self.assertEqual(receipt["change"], 39000.0)
        session.action_count()
        pieces = self.env["crm.cash.denomination"].search([("currency_id", "=", self.money.id), ("kind", "=", "note")])
        hundred, one = pieces.filtered(lambda piece: piece.value == 100000), pieces.filtered(lambda p: p.value == 1000)
        self.assertEqual(session.action_close({"lines": {str(hundred.id): 1, str(one.id): 11}}), 0.0)

    def test_less_than_a_rupiah(self):
        """BR-12a: of an invoice with parts of a rupiah the whole ones are paid; the rest isn't overdue."""
        self.money.rounding = 0.01
        invoice = self._create_invoice(111000.6)
        session = self._open_desk()
        self.assertEqual(session.action_find_number(invoice.name)["invoices"][0]["open"], 111000.0)
        with self.assertRaisesRegex(UserError, r"Only .*111,000\.00.* is open"):
            self._pay(session, invoice, 111001.0)
        receipt = self._pay(session, invoice, 111000.0)
        self.assertEqual(receipt["residual"], 0.6)
        with self.assertRaisesRegex(UserError, "is paid already"):
            self._pay(session, invoice, 1.0)
