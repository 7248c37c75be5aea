from odoo import Command, fields
from odoo.exceptions import AccessError, UserError

from .transfer_common import TransferCase


class TestTransferSurplus(TransferCase):
    """What came to more than the order goes back once, by somebody else than who confirmed it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_transfer_order()
        cls.proof = cls._create_proof(cls.order, amount=3_100_000)
        cls.payment = cls._confirm(cls.proof, surplus_choice="refund")

    def _refund(self, payment=None, user=None, **values):
        """Press the button and fill the dialog in, as finance does."""
        user = user or self.other_accountant
        payment = (payment or self.payment).with_user(user)
        context = payment.action_refund_surplus()["context"]
        self.env["crm.transfer.refund"].with_user(user).with_context(**context).create(values).action_confirm()
        return payment.sudo().surplus_refund_ids

    def _sales(self):
        return self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
        )

    def _open_items(self):
        moves = self.order.sudo().payment_ids.move_id
        return moves.filtered(lambda move: move.state == "posted").line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        )

    def test_it_goes_back(self):
        """SOP-11d: a posted payment to the customer, set against what came in; the order has what it costs."""
        self.assertEqual((self.payment.surplus_left, self.order.transfer_surplus), (100_000, 100_000))
        refund = self._refund()
        self.assertEqual((refund.payment_type, refund.amount, refund.journal_id), ("outbound", 100_000, self.mandiri))
        self.assertIn(refund.state, ("in_process", "paid"))
        self.assertEqual((refund.partner_id, refund.order_id), (self.payment.partner_id, self.order))
        self.assertEqual((self.payment.surplus_left, self.order.transfer_surplus), (0, 0))
        self.assertEqual((self.order.transfer_received, self.order.transfer_state), (3_000_000, "received"))
        self.assertEqual(sum(self._open_items().mapped("amount_residual")), -3_000_000)
        self.assertFalse(self.payment.activity_ids)
        self.assertIn("Surplus refunded", self.order.message_ids[0].body)
        self.assertIn("Surplus refunded", self.order.timeline)
        invoice = self.order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertFalse(self._open_items())

    def test_not_by_who_confirmed_or_entered(self):
        """SOP-11d: nor by others than finance; who could is asked to."""
        for user in (self.officer, self.manager, self.logistics):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._refund(user=user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.payment.with_user(user)._refund_surplus(self.mandiri, fields.Date.today())
        with self.assertRaisesRegex(AccessError, "somebody else of finance"):
            self._refund(user=self.accountant)
        wizard = self.env["crm.transfer.refund"].with_user(self.accountant).create({"payment_id": self.payment.id})
        with self.assertRaisesRegex(AccessError, "somebody else of finance"):
            wizard.action_confirm()
        order = self._create_transfer_order()
        entered = self._create_proof(order, user=self.other_accountant, amount=3_100_000)
        payment = self._confirm(entered, surplus_choice="refund")
        with self.assertRaisesRegex(AccessError, "somebody else of finance"):
            self._refund(payment)
        self.assertIn(self.other_accountant, self.payment.activity_ids.user_id)
        self.assertNotIn(self.other_accountant, payment.activity_ids.user_id)

    def test_one_accountant(self):
        """SOP-11d: a company with one accountant says in its settings that they may refund what they confirmed."""
        self.company.surplus_refund_by_same = True
        refund = self._refund(user=self.accountant)
        self.assertEqual((refund.amount, self.payment.surplus_left), (100_000, 0))
        with self.assertRaises(AccessError):
            self.payment.with_user(self.manager)._refund_surplus(self.mandiri, fields.Date.today())

    def test_another_companys_surplus(self):
        """SOP-11d: finance of another company doesn't pay it back."""
        stranger = self._create_user("stranger", "account.group_account_invoice")
        home = self.env["res.company"].create({"name": "Elsewhere"})
        stranger.write({"company_ids": [Command.set(home.ids)], "company_id": home.id})
        with self.assertRaises(AccessError):
            self.payment.with_user(stranger).with_context(allowed_company_ids=home.ids).action_refund_surplus()

    def test_once(self):
        """SOP-11d: not twice, also not by a refund that comes back from draft."""
        refund = self._refund()
        with self.assertRaisesRegex(UserError, "is left to refund"):
            self._refund()
        refund.action_draft()
        self.assertEqual((self.payment.surplus_left, self.order.transfer_surplus), (100_000, 100_000))
        second = self._refund() - refund
        with self.assertRaisesRegex(UserError, "is left to refund"):
            refund.action_post()
        second.action_draft()
        refund.action_post()
        self.assertEqual(self.payment.surplus_left, 0)
        self.assertEqual(sum(self._open_items().mapped("amount_residual")), -3_000_000)

    def test_a_later_cancellation_knows_it(self):
        """SOP-6, SOP-11d: it refunds what is still there less the fee, and not the surplus again."""
        self._refund()
        form = self._cancel(self.order)
        self.assertEqual((form.fee_amount, form.received_amount, form.refund_amount), (300_000, 3_000_000, 2_700_000))
        self.assertFalse(self.payment.is_surplus_handed_over)

    def test_an_earlier_cancellation_takes_it_over(self):
        """SOP-6, SOP-11d: then the form refunds it, and the button doesn't."""
        form = self._cancel(self.order)
        self.assertEqual(form.refund_amount, 2_800_000)
        self.assertTrue(self.payment.is_surplus_handed_over)
        with self.assertRaisesRegex(UserError, "is left to refund"):
            self._refund()

    def test_kept_as_credit(self):
        """SOP-11d: what finance told the customer is theirs to use isn't paid back by the button."""
        order = self._create_transfer_order()
        payment = self._confirm(self._create_proof(order, amount=3_100_000), surplus_choice="credit")
        self.assertFalse(payment.surplus_left)
        with self.assertRaisesRegex(UserError, "is left to refund"):
            self._refund(payment)

    def test_used_otherwise_in_the_books(self):
        """SOP-11d: a surplus that finance has set against another invoice isn't paid out too."""
        account = self.partner.property_account_receivable_id
        line = {"name": "Repair", "quantity": 1, "price_unit": 3_050_000, "tax_ids": [Command.clear()]}
        values = {"move_type": "out_invoice", "partner_id": self.partner.id, "journal_id": self._sales().id}
        invoice = self.env["account.move"].create(
            {**values, "invoice_date": fields.Date.today(), "invoice_line_ids": [Command.create(line)]}
        )
        invoice.action_post()
        lines = (invoice + self.payment.move_id).line_ids.filtered(lambda item: item.account_id == account)
        lines.reconcile()
        self.assertFalse(self.payment.surplus_left)
        with self.assertRaisesRegex(UserError, "is left to refund"):
            self._refund()

    def test_nothing_by_hand(self):
        """SOP-11d: nobody links a refund, says that it is handed over, or what is left; where and when are checked."""
        payment = self.payment.with_user(self.other_accountant)
        for values in ({"surplus_payment_id": payment.id}, {"is_surplus_handed_over": True}):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "by its button"):
                payment.write(values)
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "by its button"):
                payment.create({"amount": 1, "partner_id": self.partner.id, "journal_id": self.mandiri.id, **values})
        with self.assertRaisesRegex(UserError, "computed"):
            payment.write({"surplus_left": 5_000_000})
        made = payment.with_context(default_surplus_payment_id=payment.id, default_order_id=self.order.id).create(
            {"amount": 1, "partner_id": self.partner.id, "journal_id": self.mandiri.id}
        )
        self.assertFalse(made.surplus_payment_id or made.order_id)
        with self.assertRaisesRegex(UserError, "future"):
            self._refund(date=fields.Date.add(fields.Date.today(), days=2))
        with self.assertRaisesRegex(UserError, "bank or cash"):
            self._refund(journal_id=self._sales().id)
        refund = self._refund()
        with self.assertRaisesRegex(UserError, "cancel it instead"):
            refund.with_user(self.other_accountant).write({"amount": 5_000_000})
        with self.assertRaisesRegex(UserError, "is kept"):
            refund.with_user(self.other_accountant).unlink()

    def test_a_statement_line_doesnt_meet_a_refund(self):
        """SOP-11d: money that comes in isn't taken for what went out, though the amount is the same."""
        refund = self._refund(journal_id=self.bca.id)
        line = self.env["account.bank.statement.line"].create(
            {"journal_id": self.bca.id, "payment_ref": self.order.name, "amount": refund.amount}
        )
        row = self._review(line_id=line.id)
        self.assertNotEqual(row.verdict, "met")
        self.assertFalse(line._find_open_payment(self.order))
