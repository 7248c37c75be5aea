from odoo import api, models


class StockMoveLine(models.Model):
    """The same for each unit."""

    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: a unit that is added goes where its move goes."""
        lines = super().create(vals_list)
        if any("location_dest_id" in vals for vals in vals_list):
            lines._check_order_destination()
        return lines

    def write(self, vals):
        """Override: refuse another destination for one unit."""
        result = super().write(vals)
        if vals.keys() & {"location_dest_id", "move_id"}:
            self._check_order_destination()
        return result

    def _check_order_destination(self):
        self.move_id._check_destinations(self.move_id._order_destinations())
