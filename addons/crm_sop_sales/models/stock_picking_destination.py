from odoo import models


class StockPicking(models.Model):
    """A transfer's destination and kind are those of what it carries (SOP-4b)."""

    _inherit = "stock.picking"

    def write(self, vals):
        """Override: a transfer's destination and kind are those of its moves."""
        if not vals.keys() & {"location_dest_id", "picking_type_id"}:
            return super().write(vals)
        places = self.move_ids._order_destinations()
        result = super().write(vals)
        self.move_ids._check_destinations(places)
        return result
