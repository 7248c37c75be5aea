from odoo import models
from odoo.exceptions import UserError


class AccountPayment(models.Model):
    """What the books have done with a customer's money: it doesn't go back twice (SOP-6, SOP-11d)."""

    _inherit = "account.payment"

    # === BUSINESS METHODS === #

    def _check_nothing_unmatched(self):
        """Check that nothing that went out to the customer is open: it may have given the same money back already.

        :raise UserError: names the entry; says what to do
        """
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "child_of", self.partner_id.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual", ">", 0),
                "|",
                ("payment_id", "!=", False),
                ("statement_line_id", "!=", False),
            ]
        )
        plain = items.filtered(lambda item: not (item.payment_id.order_id or item.payment_id.cancellation_id))[:1]
        if plain:
            raise UserError(
                self.env._(
                    "%(entry)s, %(amount)s to %(customer)s, isn't matched with anything. Match it first with what it "
                    "was paid for (Accounting, Reconcile): if it gave this money back, nothing is left to refund.",
                    entry=plain.move_id.display_name,
                    customer=plain.partner_id.display_name,
                    amount=plain.company_currency_id.format(plain.amount_residual),
                )
            )

    def _used_elsewhere(self):
        """Return how much of the payment was set against what isn't this order's, nor its refund, in its currency."""
        self.ensure_one()
        order = self.order_id
        own = order.invoice_ids | order.cancellation_ids.invoice_id | self.surplus_refund_ids.move_id
        own |= order.cancellation_ids.refund_payment_ids.move_id
        items = self.move_id.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        used = items.matched_debit_ids.filtered(lambda match: match.debit_move_id.move_id not in own)
        amount = sum(used.mapped("credit_amount_currency"))
        return self.currency_id._convert(amount, self.order_currency_id, self.company_id, self.date) if amount else 0.0
