from odoo import Command, fields
from odoo.exceptions import UserError

from .transfer_common import TransferCase


class TestCancellationCredit(TransferCase):
    """What the books have done with the customer's money, a cancellation knows: nothing goes back twice."""

    def _paid(self, amount=3_000_000, **values):
        order = self._create_transfer_order()
        return order, self._confirm(self._create_proof(order, amount=amount), **values)

    def _refund(self, form):
        context = form.with_user(self.accountant).action_register_refund()["context"]
        values = {key.removeprefix("default_"): value for key, value in context.items()}
        payments = self.env["account.payment"].with_user(self.accountant)
        refund = payments.create({**values, "journal_id": self.mandiri.id})
        refund.action_post()
        return refund

    def _plain(self, amount):
        """Pay the customer as Odoo does, without saying what for."""
        payment = (
            self.env["account.payment"]
            .with_user(self.accountant)
            .create(
                {
                    "payment_type": "outbound",
                    "partner_type": "customer",
                    "partner_id": self.partner.id,
                    "amount": amount,
                    "journal_id": self.mandiri.id,
                }
            )
        )
        payment.action_post()
        return payment

    def _invoice(self, amount):
        """Invoice the customer for something else."""
        journals = self.env["account.journal"]
        line = {"name": "Repair", "quantity": 1, "price_unit": amount, "tax_ids": [Command.clear()]}
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "journal_id": journals.search(
                    [("type", "=", "sale"), ("company_id", "=", self.company.id)], limit=1
                ).id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [Command.create(line)],
            }
        )
        invoice.action_post()
        return invoice

    def _match(self, *moves):
        account = self.partner.property_account_receivable_id
        lines = self.env["account.move"].union(*moves).sudo().line_ids
        lines.filtered(lambda line: line.account_id == account and not line.reconciled).reconcile()

    def test_an_order_that_comes_back_isnt_paid(self):
        """SOP-11b, SOP-6: money that its cancellation gave back opens no gate; it is paid anew."""
        order, __ = self._paid()
        self._refund(self._cancel(order))
        self.assertEqual(order.transfer_received, 3_000_000)
        order.action_draft()
        order.action_submit()
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        self.assertEqual((order.transfer_state, order.transfer_missing), ("no_proof", 3_000_000))
        self.assertFalse(order.transfer_promised_at)
        with self.assertRaisesRegex(UserError, "no proof of transfer"):
            self._deliver(order)
        self._confirm(self._create_proof(order))
        self.assertEqual((order.transfer_state, order.transfer_surplus), ("received", 0))

    def test_cancelled_twice(self):
        """SOP-6: each form refunds what came in for it, and no other form's money."""
        order, __ = self._paid()
        first = self._cancel(order)
        order.action_draft()
        order.action_submit()
        second = self._cancel(order)
        self.assertEqual((first.refund_amount, second.received_amount, second.refund_amount), (2_700_000, 0, 0))
        self._refund(first)
        self.assertEqual((first.refund_state, second.refund_state), ("refunded", "none"))

    def test_credit_that_paid_another_invoice(self):
        """SOP-6: what finance has set against another invoice since isn't refunded too."""
        order, payment = self._paid()
        form = self._cancel(order)
        self._match(self._invoice(2_000_000), payment.move_id)
        self.assertEqual(form.refund_state, "to_refund")
        self.assertEqual(form.action_register_refund()["context"]["default_amount"], 700_000)
        self._match(self._invoice(700_000), payment.move_id)
        self.assertEqual(form.refund_state, "refunded")
        with self.assertRaisesRegex(UserError, "nothing to refund"):
            form.action_register_refund()

    def test_kept_surplus_that_was_used(self):
        """SOP-6, SOP-11d: a surplus kept as credit, and used for another invoice since, is counted once."""
        order, payment = self._paid(3_500_000, surplus_choice="credit")
        self._match(self._invoice(400_000), payment.move_id)
        form = self._cancel(order)
        self.assertEqual((form.received_amount, form.refund_amount), (3_000_000, 2_700_000))
        refund = self._refund(form)
        self.assertEqual((refund.amount, form.refund_state), (2_700_000, "refunded"))

    def test_a_plain_payment_is_matched_first(self):
        """SOP-11d: before a surplus or a refund goes out, an open payment to the customer says what it was for."""
        order, payment = self._paid(3_100_000, surplus_choice="refund")
        plain = self._plain(100_000)
        refunder = payment.with_user(self.other_accountant)
        with self.assertRaisesRegex(UserError, "isn't matched with anything"):
            refunder._refund_surplus(self.mandiri, fields.Date.today())
        self._match(plain.move_id, payment.move_id)
        self.assertFalse(payment.surplus_left)
        with self.assertRaisesRegex(UserError, "is left to refund"):
            refunder._refund_surplus(self.mandiri, fields.Date.today())
        form = self._cancel(order)
        self.assertEqual((form.received_amount, form.refund_amount), (3_000_000, 2_700_000))
        plain = self._plain(2_700_000)
        with self.assertRaisesRegex(UserError, "isn't matched with anything"):
            self._refund(form)
        self._match(plain.move_id, payment.move_id)
        self.assertEqual(form.refund_state, "refunded")

    def test_a_fee_in_whole_rupiahs(self):
        """SOP-6: nobody can pay the tenth of a rupiah, also where Odoo keeps the currency to the hundredth."""
        self.env.ref("base.IDR").rounding = 0.01
        self.phone.list_price = 2_999_999
        form = self._cancel(self._create_transfer_order())
        self.assertEqual((form.fee_base, form.fee_amount), (2_999_999, 300_000))
        self.assertEqual(form.sudo().invoice_id.amount_total, 300_000)

    def test_a_quotation_with_money(self):
        """SOP-6: an order that was given back after money had come takes a form too, without a fee: nothing is lost."""
        order = self._create_transfer_order(confirm=False)
        self._confirm(self._create_proof(order))
        order.with_user(self.manager)._workflow_do("unlock", "Another colour")
        with self.assertRaisesRegex(UserError, "money has come for"):
            order._action_cancel()
        self.assertEqual(order.action_cancel()["res_model"], "crm.cancellation")
        form = self._cancel(order)
        self.assertEqual((order.state, form.fee_amount, form.invoice_id.id), ("cancel", 0, False))
        self.assertEqual((form.refund_amount, form.refund_state), (3_000_000, "to_refund"))
        self.assertEqual(form.outcome, f"{order.name} is cancelled without a fee.")

    def test_a_lost_opportunity_takes_no_money_with_it(self):
        """SOP-3b2, SOP-6: a quotation that money has come for is cancelled by its form before that."""
        lead = self.env["crm.lead"].with_user(self.officer).create({"name": "A phone", "type": "opportunity"})
        self.company.opportunity_won_on = "confirmation"
        order = self._create_transfer_order(confirm=False, opportunity_id=lead.id)
        self._confirm(self._create_proof(order))
        order.with_user(self.manager)._workflow_do("unlock", "Another colour")
        reason = self.env.ref("crm.lost_reason_1")
        wizard = self.env["crm.lead.lost"].with_user(self.manager)
        wizard = wizard.create({"lead_ids": lead.ids, "lost_reason_id": reason.id})
        self.assertEqual((wizard.orders_under_way, wizard.quotations), (order.name, ""))
        with self.assertRaisesRegex(UserError, order.name):
            wizard.action_lost_reason_apply()
        self.assertEqual((order.state, lead.active), ("draft", True))

    def test_money_for_what_was_cancelled_as_it_was(self):
        """SOP-11d: money that comes after a quotation was cancelled without a form is somebody's to give back."""
        order = self._create_order(payment_choice="transfer", transfer_account_id=self.mandiri.bank_account_id.id)
        proof = self._create_proof(order)
        order.action_cancel()
        payment = self._confirm(proof, surplus_choice="refund")
        self.assertEqual((payment.surplus_left, payment.activity_ids.user_id), (3_000_000, self.other_accountant))
