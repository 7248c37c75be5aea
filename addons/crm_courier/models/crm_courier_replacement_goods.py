from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.crm_sop_sales.models.sale_order import APPROVERS

from .crm_courier_facts import STEP


class CrmCourierReplacementLine(models.Model):
    """One damaged unit: its hold passes to the unit that replaces it, and it goes out of the stock (SOP-8b, SOP-8c)."""

    _inherit = "crm.courier.replacement.line"

    # === NONE === #

    def _say_none(self, note):
        """Note that there is nothing instead of these, and what the system finds at this moment (SOP-10).

        They are out of the stock already, so that none of them is found.

        :raise UserError: the system finds something, and nobody says why it isn't for this customer
        """
        manager = any(self.env.user.has_group(group) for group in APPROVERS)
        for line in self:
            found = line._find_replacement()
            if found != "none" and not note:
                raise UserError(
                    self.env._(
                        "%(product)s is in stock or expected: choose a unit, or say why there is none for this "
                        "customer.",
                        product=line.product_id.display_name,
                    )
                )
            line.write({"answer": "none", "found": found, "is_by_manager": manager})

    def _find_replacement(self):
        """Return what the cancellation form would find instead of this unit: ``stock``, ``incoming`` or ``none``."""
        order = self.replacement_id.order_id
        if not self._is_unit() or not order:
            return "stock" if self._free_quantity() > 0 else "none"
        form = self.env["crm.cancellation"].new(
            {"order_id": order.id, "defective_lot_ids": [Command.set(self.lot_id.ids)]}
        )
        return form._find_replacement()[0]

    # === REPLACED === #

    def _is_unit(self):
        return self.product_id.tracking == "serial"

    def _warehouse(self):
        return self.replacement_id.order_id.warehouse_id or self.replacement_id.run_id.picking_type_id.warehouse_id

    def _free_quantity(self):
        return self.product_id.with_context(warehouse_id=self._warehouse().id).free_qty

    def _live_hold(self):
        lots = self.lot_id.ids
        return self.env["crm.imei.hold"].sudo().search([("lot_id", "in", lots), ("state", "=", "held")])

    def _replace_by(self, lot):
        """Hold the unit for the order in place of the damaged one, and take it over into the delivery.

        :raise UserError: it isn't free, or is another product; of counted goods there isn't enough
        """
        self.ensure_one()
        if self._is_unit():
            self._hold_instead(lot)
        elif self.product_id.uom_id.compare(self._free_quantity(), self.quantity) < 0:
            raise UserError(self.env._("There isn't enough of %s.", self.product_id.display_name))
        self.write({"answer": "replaced", "new_lot_id": lot.id if self._is_unit() else False})

    def _hold_instead(self, lot):
        note = self.env._("Damaged at the customer's door: %s", self.condition_note or "–")
        if not lot:
            raise UserError(self.env._("Choose the unit that replaces %s.", self.imei_text))
        if hold := self._live_hold():
            hold.with_context(crm_courier_step=STEP)._swap(lot, note)
        elif self.sale_line_id:
            hold._take_picked(self.sale_line_id, lot)
            hold._hold({self.sale_line_id: lot.ids})
            self.sale_line_id._live_holds().filtered(lambda hold: hold.lot_id == lot).expires_at = False
        else:
            raise UserError(
                self.env._("%s isn't from an order: its transfer is changed by the warehouse.", self.imei_text)
            )

    # === STOCK === #

    def _leave_delivery(self):
        """Take the damaged goods off the delivery that the courier carries, where they still are on it.

        :return: the stock.location where the books have them
        """
        reserved = self.unit_id.stop_id.picking_id.move_line_ids.filtered(
            lambda line: (
                line.product_id == self.product_id
                and line.lot_id == self.lot_id
                and line.state not in ("done", "cancel")
                and line.quantity_product_uom
            )
        )
        place, rest = reserved[:1].location_id, self.quantity
        self._live_hold()._end("released", "changed", self.env._("Damaged at the customer's door"))
        for line in reserved:
            taken = min(rest, line.quantity_product_uom)
            rest -= taken
            if taken == line.quantity_product_uom:
                line.unlink()
            else:
                left = line.quantity_product_uom - taken
                line.quantity = line.product_id.uom_id._compute_quantity(left, line.product_uom_id)
        return place or self._place_in_stock()

    def _place_in_stock(self):
        """Return where a unit is that a swap has taken off the delivery already."""
        quant = self.env["stock.quant"].sudo()
        there = [("lot_id", "=", self.lot_id.id), ("quantity", ">", 0), ("location_id.usage", "=", "internal")]
        return quant.search(there, limit=1).location_id

    def _move_goods(self, source, destination, picking=None):
        """Return a move of exactly these goods: reserved, or picked where it is to be done at once."""
        move = (
            self.env["stock.move"]
            .sudo()
            .create(
                {
                    "product_id": self.product_id.id,
                    "product_uom": self.product_id.uom_id.id,
                    "product_uom_qty": self.quantity,
                    "location_id": source.id,
                    "location_dest_id": destination.id,
                    "picking_id": picking and picking.id,
                    "picking_type_id": picking and picking.picking_type_id.id,
                    "company_id": self.replacement_id.company_id.id,
                    "origin": self.replacement_id.display_name,
                }
            )
        )
        move._action_confirm(merge=False)
        move.move_line_ids.unlink()  # reserved at confirmation, perhaps another unit
        self.env["stock.move.line"].sudo().create(
            {
                **move._prepare_move_line_vals(quantity=self.quantity),
                "lot_id": self.lot_id.id,
                "picked": not picking,
            }
        )
        return move

    # === DELIVERY === #

    def _delivery_moves(self):
        """Return the moves that bring what replaces these goods to the customer."""
        if self.answer != "replaced":
            return self.env["stock.move"]
        moves = self.sale_line_id.move_ids.filtered(
            lambda move: move.state != "cancel" and move.location_dest_id._is_outgoing()
        )
        if self._is_unit():
            return moves.move_line_ids.filtered(lambda line: line.lot_id == self.new_lot_id).move_id
        return moves.filtered(lambda move: move.state != "done") or moves[-1:]

    def _is_settled(self):
        """Whether nothing is owed to the customer for this unit any more."""
        if self.is_given_up or self.replacement_id.order_id.state == "cancel":
            return True
        moves = self._delivery_moves()
        return self.answer == "replaced" and bool(moves) and all(move.state == "done" for move in moves)


class CrmCourierUnit(models.Model):
    _inherit = "crm.courier.unit"

    def _prepare_replacement_line(self):
        """Return values of the line of a question about this unit: it remembers who the unit was sold to."""
        self.ensure_one()
        carried = self.sudo().stop_id.picking_id.move_line_ids
        mine = carried.filtered(lambda line: (line.product_id, line.lot_id) == (self.product_id, self.lot_id))
        return {"unit_id": self.id, "sale_line_id": mine[:1].move_id.sale_line_id.id}


class CrmImeiHold(models.Model):
    _inherit = "crm.imei.hold"

    def _swap(self, lot, note):
        """Override: whoever was promised this unit as a replacement gets the other one."""
        promised = self.env["crm.courier.replacement.line"].sudo().search([("new_lot_id", "=", self.lot_id.id)])
        successor = super()._swap(lot, note)
        promised.filtered(lambda line: line.sale_line_id == self.line_id).new_lot_id = lot
        return successor
