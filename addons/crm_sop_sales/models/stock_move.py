from odoo import models
from odoo.tools import SQL

from .stock_quant import RESERVED


class StockMove(models.Model):
    """Reserve and deliver the very units that the order holds (SOP-4b)."""

    _inherit = "stock.move"

    def _compute_description_picking(self):
        """Override: who may see a delivery sees what is in it, be its order another branch's."""
        return super(StockMove, self.sudo())._compute_description_picking()

    def _held_line(self):
        """Return the order line whose held units this move has to carry, if it is such a move."""
        self.ensure_one()
        line = self.sudo().sale_line_id
        is_outgoing = self.location_id.usage == "internal" and not self._taken_back_move()
        return line if is_outgoing and line._holds_units() and line.product_id == self.product_id else line.browse()

    def _taken_back_move(self):
        """Return the move of the same order line that this one takes back, if it is a return."""
        move = self.sudo()
        origin = move.origin_returned_move_id
        return origin if origin.state == "done" and origin.sale_line_id == move.sale_line_id else origin.browse()

    def _update_reserved_quantity(self, need, location_id, lot_id=None, package_id=None, owner_id=None, strict=True):
        """Override: take the held units and no others, with a number of queries that doesn't grow with them."""
        line = self._held_line()
        if not line:
            return super()._update_reserved_quantity(need, location_id, lot_id, package_id, owner_id, strict)
        quants = self._reserve_held(line, location_id, int(need))
        vals_list = [self._prepare_move_line_vals(quantity=1, reserved_quant=quant) for quant in quants]
        reserved = self.env["stock.quant"].with_context(crm_sop_sales_reserved=RESERVED)
        self.env["stock.move.line"].with_context(reserved_quant=reserved).create(vals_list)
        return len(quants)

    def _update_reserved_quantity_vals(
        self, need, location_id, lot_id=None, package_id=None, owner_id=None, strict=True
    ):
        """Override: a move in a chain (pick, pack, ship) passes on only units that the order holds."""
        line = self._held_line()
        if line and lot_id and lot_id not in line._live_holds().lot_id:
            return [], 0
        return super()._update_reserved_quantity_vals(need, location_id, lot_id, package_id, owner_id, strict)

    def _reserve_held(self, line, location, need):
        """Reserve up to ``need`` held units that no move line of the order has yet, in one statement.

        :return: their quants, in the order in which they were taken
        """
        quant = self.env["stock.quant"].sudo()
        quant.flush_model(["quantity", "reserved_quantity", "lot_id", "location_id"])
        self.env["crm.imei.hold"].flush_model(["state", "lot_id", "line_id"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH unit AS (
                    SELECT DISTINCT ON (hold.id) hold.id AS hold, quant.id
                      FROM crm_imei_hold hold
                      JOIN stock_quant quant ON quant.lot_id = hold.lot_id
                      JOIN stock_location location ON location.id = quant.location_id
                     WHERE hold.line_id = %s AND hold.state = 'held'
                       AND quant.quantity > 0 AND quant.reserved_quantity = 0
                       AND location.parent_path LIKE %s
                     ORDER BY hold.id, quant.id
                     LIMIT %s
                ), reserved AS (
                    UPDATE stock_quant SET reserved_quantity = quantity FROM unit WHERE stock_quant.id = unit.id
                    RETURNING stock_quant.id, unit.hold
                )
                SELECT id FROM reserved ORDER BY hold
                """,
                line.id,
                location.parent_path + "%",
                need,
            )
        )
        quants = quant.browse(id_ for (id_,) in rows)
        quants.invalidate_recordset(["reserved_quantity"], flush=False)
        quants.modified(["reserved_quantity"])
        return quants

    def _action_done(self, cancel_backorder=False):
        """Override: what leaves is what the order holds, and with that the hold has done its work.

        Checked afterwards too: Odoo finds the order line of what was added to a delivery only when that is done.
        """
        self._check_held_units()
        moves = super()._action_done(cancel_backorder)
        moves._end_delivered_holds()
        moves._check_held_units()
        moves.sudo().sale_line_id._release_undeliverable()
        return moves

    def _action_cancel(self):
        """Override: units that no transfer will carry any more aren't held for nothing."""
        result = super()._action_cancel()
        self.sudo().sale_line_id._release_undeliverable()
        return result

    def _check_held_units(self):
        """Check all units of all moves at once: held by the move's own order, or by nobody.

        :raise UserError: names the first unit that isn't
        """
        self.move_line_ids._check_held_lots()

    def _end_delivered_holds(self):
        delivered = self.filtered(lambda move: move.state == "done" and move.location_dest_id._is_outgoing())
        holds = delivered.sudo().sale_line_id._live_holds()
        lots = delivered.move_line_ids.lot_id
        holds.filtered(lambda hold: hold.lot_id in lots)._end("delivered", "delivered")
