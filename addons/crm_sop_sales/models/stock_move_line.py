from odoo import api, models
from odoo.exceptions import UserError


class StockMoveLine(models.Model):
    """Refuse units that another order holds, on every path: picked, scanned, imported."""

    _inherit = "stock.move.line"

    def _check_held_lots(self):
        """Refuse a unit that another order holds, and on an order's own delivery one that it doesn't hold."""
        lines = self.filtered(lambda line: line.lot_id and line.product_id.tracking == "serial")
        holds = (
            self.env["crm.imei.hold"]
            .sudo()
            .search_fetch(
                [("lot_id", "in", lines.lot_id.ids), ("state", "=", "held")], ["lot_id", "line_id", "order_id", "state"]
            )
        )
        holder = {hold.lot_id: hold for hold in holds}
        for move, units in lines.grouped("move_id").items():
            own = move.sudo().sale_line_id
            for line in units:
                if (hold := holder.get(line.lot_id)) and hold.line_id != own:
                    raise UserError(
                        self.env._(
                            "%(imei)s is held for order %(order)s: it can't be moved for anything else.",
                            imei=line.lot_id.name,
                            order=hold.order_id.name,
                        )
                    )
            unheld = units.filtered(lambda line: line.lot_id not in holder)
            for line in unheld - unheld._that_may_go_unheld():
                raise UserError(
                    self.env._(
                        "%(imei)s isn't one of the units that %(order)s holds: %(held)s. Swap it on the order first.",
                        imei=line.lot_id.name,
                        order=own.order_id.name,
                        held=", ".join(own._get_imei_lots().mapped("name")),
                    )
                )

    def _that_may_go_unheld(self):
        """Return those of the lines of one move that may carry their unit, which no order holds.

        On an order's delivery only where it is done with, or taken to the customer again after it came back.
        """
        move = self.move_id
        if (origin := move._taken_back_move()) and move.location_id.usage == "internal":
            back = origin.move_line_ids.lot_id
            return self.filtered(lambda line: not origin.sale_line_id or line.lot_id in back)
        own = move and move._held_line()
        return self.filtered(lambda line: not own or (line.state == "done" and line._is_unit_of(own)))

    def _is_unit_of(self, line):
        return any(hold.line_id == line and hold.state != "released" for hold in self.lot_id.sudo().hold_ids)

    def _touches_units(self, vals):
        return vals.keys() & {"lot_id", "quant_id", "move_id", "lot_name"}

    @api.model_create_multi
    def create(self, vals_list):
        """Override: check the units of what is new, all at once."""
        lines = super().create(vals_list)
        lines._check_held_lots()
        return lines

    def write(self, vals):
        """Override: check the units where they change."""
        result = super().write(vals)
        if self._touches_units(vals):
            self._check_held_lots()
        return result
