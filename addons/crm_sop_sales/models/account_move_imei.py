from odoo import models


class AccountMove(models.Model):
    """Posting an invoice records which units it is for (SOP-4b)."""

    _inherit = "account.move"

    def _post(self, soft=True):
        """Override: record the units, invoice by invoice, so that two of one order never name the same unit."""
        posted = super()._post(soft)
        for move in posted:
            move.invoice_line_ids._record_imei()
        return posted
