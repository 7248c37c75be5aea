from odoo import models
from odoo.exceptions import UserError

#: What follows from what is reconciled with an invoice. It opens the gate, so no client says it.
PAID = frozenset({"amount_residual", "amount_residual_signed", "payment_state", "status_in_payment"})


class AccountMove(models.Model):
    """An invoice and the money received for its order find each other (SOP-11c)."""

    _inherit = "account.move"

    def write(self, vals):
        """Override: an invoice is paid by money, not by saying so."""
        for name in vals.keys() & PAID:
            field = self._fields[name]
            if any(
                field.convert_to_cache(vals[name], move) != field.convert_to_cache(move[name], move) for move in self
            ):
                labels = self.fields_get([name], ["string"])
                raise UserError(self.env._("%s is computed and can't be written.", labels[name]["string"]))
        return super().write(vals)

    def _invoice_paid_hook(self):
        """Override: who matches the bank with the invoice itself has confirmed the money too (SOP-11c)."""
        result = super()._invoice_paid_hook()
        orders = self.sudo().line_ids.sale_line_ids.order_id.filtered(lambda order: order.transfer_state == "received")
        for order in orders:
            order._promise_delivery()
        return result

    def _post(self, soft=True):
        """Override: match what was received before the invoice was there."""
        posted = super()._post(soft)
        invoices = posted.sudo().filtered(lambda move: move.move_type == "out_invoice")
        invoices.line_ids.sale_line_ids.order_id.filtered("payment_ids")._reconcile_payments()
        return posted
