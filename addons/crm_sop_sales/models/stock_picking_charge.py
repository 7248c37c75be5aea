from odoo import models


class StockPicking(models.Model):
    """What shipping has cost doesn't change what the customer was told (SOP-4a, SOP-5b)."""

    _inherit = "stock.picking"

    def _add_delivery_cost_to_so(self):
        """Override: an order whose prices are locked keeps its charge; the cost stays on the transfer."""
        if not self.sale_id.sudo()._is_price_locked():
            return super()._add_delivery_cost_to_so()
        return None
