from odoo import models


class AccountMove(models.Model):
    """An invoice and the money received for its order find each other (SOP-11c)."""

    _inherit = "account.move"

    def _post(self, soft=True):
        """Override: match what was received before the invoice was there."""
        posted = super()._post(soft)
        invoices = posted.sudo().filtered(lambda move: move.move_type == "out_invoice")
        invoices.line_ids.sale_line_ids.order_id.filtered("payment_ids")._reconcile_payments()
        return posted
