from odoo import api, fields, models


class StockMove(models.Model):
    """The part of a receipt that takes units of one product in."""

    _inherit = "stock.move"

    can_receive_imei = fields.Boolean(compute="_compute_can_receive_imei")

    # === COMPUTE METHODS === #

    @api.depends("product_id.is_imei", "picking_id.can_receive_imei")
    def _compute_can_receive_imei(self):
        for move in self:
            move.can_receive_imei = move.product_id.is_imei and move.picking_id.can_receive_imei

    # === ACTION METHODS === #

    def action_receive_imei(self):
        """Open the list of IMEIs for this product."""
        self.ensure_one()
        action = self.picking_id.action_receive_imei()
        action["context"]["default_product_id"] = self.product_id.id
        return action

    # === BUSINESS METHODS === #

    def _imei_outstanding(self):
        """Return how many units are still to be named."""
        self.ensure_one()
        named = self.move_line_ids.filtered(lambda line: line.lot_id or line.lot_name)
        return max(int(self.product_qty - sum(named.mapped("quantity_product_uom"))), 0)

    def _drop_blank_lines(self, count):
        """Remove as many of the lines that Odoo prepared without a number as there are now lines with one."""
        blank = self.move_line_ids.filtered(lambda line: not line.lot_id and not line.lot_name)
        blank[:count].unlink()

    def _prepare_imei_line_vals(self):
        return {**self._prepare_move_line_vals(quantity=1), "picked": True}

    def _done_lots(self, usage, outgoing):
        """Return the units that have gone to places of this usage, or have come from there, by these moves."""
        name = "location_dest_id" if outgoing else "location_id"
        return self.filtered(lambda move: move.state == "done" and move[name].usage == usage).move_line_ids.lot_id
