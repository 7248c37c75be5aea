from odoo import models
from odoo.tools import float_compare


class SaleOrderLine(models.Model):
    """What of an order line is left to be invoiced, by what is posted (FL-11)."""

    _inherit = "sale.order.line"

    def _exceeds_order(self, quantity):
        """Return whether posting ``quantity`` more, or taking it back where it is negative, is more than there is.

        By what is posted: drafts, credit notes among them, may still be deleted.
        """
        if self.state != "sale" or (self.is_downpayment and quantity > 0):
            return False
        posted = self.qty_invoiced_posted
        left = posted if quantity < 0 else self.qty_to_invoice + self.qty_invoiced - posted
        return float_compare(abs(quantity), left, precision_rounding=self.product_uom_id.rounding or 0.01) > 0
