from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.crm_sop_sales.models.sale_order_payment_choice import TRANSFER

from .test_cancellation import CancellationCase


@tagged("post_install", "-at_install")
class TestMoney(CancellationCase):
    """SOP-6: the fee to the rupiah with any tax, and what becomes of the money that was received."""

    def _pay(self, order, amount, post=True, **values):
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1
        )
        payment = (
            self.env["account.payment"]
            .with_context(crm_sop_sales_transfer=TRANSFER)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": order.partner_id.id,
                    "amount": amount,
                    "journal_id": journal.id,
                    "order_id": order.id,
                    **values,
                }
            )
        )
        payment.outstanding_account_id = payment._get_outstanding_account(payment.payment_type)
        if post:
            payment.action_post()
        return payment

    def _refund(self, form):
        context = form.with_user(self.accountant).action_register_refund()["context"]
        values = {key.removeprefix("default_"): value for key, value in context.items()}
        return self._pay(form.order_id.sudo(), values.pop("amount"), order_id=False, **values)

    def test_any_tax(self):
        """SOP-6: the invoice comes to the fee exactly, whether its tax is in the price or on top, or both."""
        taxes = self.env["account.tax"]
        for amount, mode in ((11, "tax_included"), (11, "tax_excluded"), (12, "tax_excluded"), (7.77, "tax_excluded")):
            taxes |= taxes.create({"name": f"{amount} {mode}", "amount": amount, "price_include_override": mode})
        for price in (2_999_990, 1_234_570, 3_141_593):
            self.phone.list_price = price
            for chosen in (*taxes, taxes[:2], taxes[1:]):
                self.fee_product.taxes_id = [Command.set(chosen.ids)]
                order = self._create_order(1)
                order.action_submit()
                form = self._cancel(order)
                invoice = form.sudo().invoice_id
                self.assertEqual(form.fee_amount, round(price / 10))
                self.assertEqual(invoice.amount_total, form.fee_amount, f"{price} {chosen.mapped('name')}")
                self.assertGreater(invoice.amount_tax, 0)

    def test_the_advance_is_set_against_the_fee(self):
        """SOP-6: of what the customer paid, the fee is kept, the rest is on finance's list until it is paid back."""
        order = self._confirmed(1)
        self._pay(order, 3_000_000)
        form = self._cancel(order).sudo()
        self.assertEqual((form.received_amount, form.refund_amount, form.refund_state), (3e6, 2.7e6, "to_refund"))
        self.assertIn(form.invoice_id.payment_state, ("paid", "in_payment"))
        self.assertFalse(form.invoice_id.amount_residual)
        refund = self._refund(form)
        self.assertEqual((refund.amount, refund.payment_type, form.refund_state), (2.7e6, "outbound", "refunded"))
        lines = (form.received_payment_ids + refund).move_id.line_ids
        open_lines = lines.filtered(lambda line: line.account_type == "asset_receivable" and not line.reconciled)
        self.assertFalse(open_lines)
        with self.assertRaisesRegex(UserError, "nothing to refund"):
            form.action_register_refund()

    def test_less_than_the_fee(self):
        """SOP-6: an advance below the fee leaves the rest of the fee to pay, and nothing to refund."""
        order = self._confirmed(1)
        self._pay(order, 100_000)
        form = self._cancel(order).sudo()
        self.assertEqual((form.refund_amount, form.refund_state), (0, "none"))
        self.assertEqual(form.invoice_id.amount_residual, 200_000)

    def test_waived(self):
        """SOP-10: without a fee everything goes back."""
        order = self._confirmed(1)
        self._pay(order, 3_000_000)
        form = self._create_form(order)
        form.with_user(self.manager)._workflow_do("waive", "our mistake")
        self.assertEqual((form.refund_amount, form.refund_state), (3_000_000, "to_refund"))

    def test_invoiced_paid_and_credited(self):
        """SOP-6: what was paid on an invoice that finance has credited counts like an advance."""
        order = self._confirmed(1)
        invoice = order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        payment = wizard.create({})._create_payments()
        self.assertTrue(payment.move_id)
        invoice._reverse_moves(cancel=False).action_post()
        form = self._cancel(order).sudo()
        self.assertEqual((form.received_amount, form.refund_amount), (3e6, 2.7e6))
        self.assertFalse(form.invoice_id.amount_residual)

    def test_the_total_isnt_typed(self):
        """SOP-6: nor does finance write another total, or another kind of document, on the posted fee."""
        order = self._confirmed(1)
        self._pay(order, 3_000_000)
        fee = self._cancel(order).sudo().invoice_id.with_user(self.accountant)
        self.assertEqual(fee.state, "posted")
        for vals in ({"amount_total": 5}, {"move_type": "in_receipt"}):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "the fee is"), self.cr.savepoint():
                fee.write(vals)
                fee.flush_recordset()

    def test_a_payment_that_comes_late(self):
        """SOP-6: money that arrives after the cancellation pays the fee, and the rest is to be refunded."""
        order = self._confirmed(1)
        form = self._cancel(order).sudo()
        self.assertEqual(form.refund_state, "none")
        payment = self._pay(order, 3_000_000)
        self.assertEqual((form.refund_amount, form.invoice_id.amount_residual), (2_700_000, 0))
        payment.action_draft()
        self.assertEqual(form.refund_state, "none")
        payment.action_post()
        self.assertEqual((form.refund_amount, form.refund_state), (2_700_000, "to_refund"))

    def test_a_draft_fee_takes_the_money_when_posted(self):
        """SOP-6: where finance posts the fee itself, the advance waits for it."""
        self.env.company.cancellation_fee_posted = False
        order = self._confirmed(1)
        self._pay(order, 1_000_000)
        form = self._cancel(order).sudo()
        self.assertEqual((form.refund_amount, form.invoice_id.state), (700_000, "draft"))
        form.invoice_id.with_user(self.accountant).action_post()
        self.assertFalse(form.invoice_id.amount_residual)

    def test_a_refund_isnt_paid_twice(self):
        """SOP-6: two refunds of one form come to no more than is left, whoever posts them."""
        order = self._confirmed(1)
        self._pay(order, 3_000_000)
        form = self._cancel(order)
        vals = {"cancellation_id": form.id, "payment_type": "outbound"}
        first, second = (self._pay(order, 2_700_000, post=False, **vals) for __ in range(2))
        first.action_post()
        self.assertEqual(form.refund_state, "refunded")
        with self.assertRaisesRegex(UserError, "left to refund"):
            second.action_post()
        first.action_draft()
        self.assertEqual(form.refund_state, "to_refund")
        second.action_post()
        self.assertEqual(form.refund_state, "refunded")
        lines = (form.sudo().received_payment_ids + second).move_id.line_ids
        self.assertFalse(lines.filtered(lambda line: line.account_type == "asset_receivable" and not line.reconciled))

    def test_a_payment_that_isnt_posted(self):
        """SOP-6: what nobody has confirmed isn't received."""
        order = self._confirmed(1)
        self._pay(order, 1_000_000, post=False)
        self.assertFalse(self._cancel(order).received_amount)

    def test_a_refund_is_to_the_customer(self):
        """SOP-6: a payment in, or to somebody else, refunds nothing."""
        order = self._confirmed(1)
        self._pay(order, 1_000_000)
        form = self._cancel(order)
        other = self._create_customer("Somebody else")
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._pay(order, 1, cancellation_id=form.id)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._pay(order, 1, cancellation_id=form.id, payment_type="outbound", partner_id=other.id)
