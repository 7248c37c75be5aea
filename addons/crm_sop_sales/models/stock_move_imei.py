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

    def _delivered_and_returned_lots(self):
        """Return the units that these moves have brought to the customer, and those that have come back since."""
        delivered = returned = self.env["stock.lot"]
        done = self.move_line_ids.filtered(lambda line: line.state == "done" and line.lot_id)
        for line in done.sorted(lambda line: (line.date, line.id)):
            if line.location_dest_id.usage == "customer":
                delivered, returned = delivered | line.lot_id, returned - line.lot_id
            elif line.location_id.usage == "customer":
                delivered, returned = delivered - line.lot_id, returned | line.lot_id
        return delivered, returned
