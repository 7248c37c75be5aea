from odoo import api, models
from odoo.exceptions import UserError

#: Said in the context by our own code while goods move; JSON can't make this object.
MOVING = object()


class StockMove(models.Model):
    """What an order sells goes where the order sends it, step by step, and to no other place (SOP-4b)."""

    _inherit = "stock.move"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: nothing that an order sold has gone already."""
        moves = super().create(vals_list)
        moves.filtered(lambda move: move.state == "done" and move.sudo().sale_line_id)._refuse_done()
        return moves

    def write(self, vals):
        """Override: refuse another destination, or no order any more, for goods on their way to a customer."""
        self._check_keeps_order(vals)
        if vals.get("state", "draft") in (False, "done") and self.env.context.get("crm_sop_sales_moving") is not MOVING:
            self.filtered(lambda move: move._carries_order() or move.state == "draft")._refuse_done()
        if "picking_id" in vals and not vals["picking_id"] and not self.env.su:
            self._check_keeps_transfer()
        if not vals.keys() & {"location_dest_id", "picking_id", "picking_type_id"}:
            return super().write(vals)
        places = self._order_destinations()
        result = super().write(vals)
        self._check_destinations(places)
        return result

    def _action_done(self, cancel_backorder=False):
        """Override: likewise where the destination came about by another path."""
        self._check_destinations(self._order_destinations())
        moves = super(StockMove, self.with_context(crm_sop_sales_moving=MOVING))._action_done(cancel_backorder)
        return moves.with_env(self.env)

    def _refuse_done(self):
        for order in self.sudo().sale_line_id.order_id:
            raise UserError(self.env._("What %s sold is delivered by its transfer: validate that.", order.name))

    def _check_keeps_order(self, vals):
        """Check that the values don't take goods from the order that sold them: nothing would guard them then."""
        if "sale_line_id" not in vals:
            return
        for move in self:
            line = move.sudo().sale_line_id
            if move._carries_order() and line.id != vals["sale_line_id"]:
                raise UserError(
                    self.env._(
                        "This transfer carries what %s sold: cancel it instead of taking it from the order.",
                        line.order_id.name,
                    )
                )

    def _check_keeps_transfer(self):
        """Check that nobody takes what an order sold out of its delivery: it would never go."""
        for move in self.filtered(lambda move: move._carries_order() and move.product_uom_qty > 0):
            raise UserError(
                self.env._(
                    "%s is to be delivered: its goods stay in a transfer.", move.sudo().sale_line_id.order_id.name
                )
            )

    def _order_destinations(self):
        """Return stock.move → where it goes, for those that carry what an order sold."""
        return {move: move.location_dest_id for move in self if move._carries_order()}

    def _carries_order(self):
        return (
            self.state not in ("draft", "done", "cancel") and self.sudo().sale_line_id and not self._taken_back_move()
        )

    def _check_destinations(self, places):
        """Check that moves and their units go to the given places, or to a shelf in them, and deliveries outside.

        :param dict places: stock.move → stock.location
        :raise UserError: one doesn't; says where it would end
        """
        for move, place in places.items():
            for reached in move.location_dest_id | move.move_line_ids.location_dest_id:
                if not move._may_reach(reached, place):
                    raise UserError(
                        self.env._(
                            "What %(order)s sold goes to %(place)s on its way to the customer, not to %(other)s. If it "
                            "isn't to be delivered, cancel the transfer.",
                            order=move.sudo().sale_line_id.order_id.name,
                            place=place.display_name,
                            other=reached.display_name,
                        )
                    )

    def _may_reach(self, reached, place):
        """Return whether a move that goes to ``place`` may end at ``reached``."""
        return reached._child_of(place) and (self.picking_type_id.code != "outgoing" or reached._is_outgoing())
