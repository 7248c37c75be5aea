from odoo import models


class StockLot(models.Model):
    """A unit that an order holds stays what it is (SOP-4b)."""

    _inherit = "stock.lot"

    def write(self, vals):
        """Override: a held unit doesn't become one of another product."""
        if "product_id" in vals:
            self.check_access("write")
            changed = self.filtered(lambda lot: lot.product_id.id != vals["product_id"])
            changed.sudo().hold_ids.filtered(lambda hold: hold.state == "held")._refuse_change()
        return super().write(vals)
