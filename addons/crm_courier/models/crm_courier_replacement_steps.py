from odoo import models

from odoo.addons.crm_sop_sales.models.sale_order_cancellation import CANCELLATION

from .crm_courier_facts import STEP


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _swap_reservation(self, old, new):
        """Override: what a courier carries left the shelves where the warehouse picks first: nothing to swap there."""
        if self.env.context.get("crm_courier_step") is STEP and self._picked_shipments():
            return None
        return super()._swap_reservation(old, new)

    def _picked_shipments(self):
        """Return the open moves to the customer of a warehouse that picks before it ships, soonest first."""
        shelves = self.order_id.warehouse_id.sudo().lot_stock_id
        return self.sudo().move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and move.location_dest_id._is_outgoing()
                and not move.location_id._child_of(shelves)
            )
        )


class CrmCourierReplacement(models.Model):
    """Where the warehouse picks before it ships, what replaces damaged goods is picked too (SOP-9)."""

    _inherit = "crm.courier.replacement"

    def _promise(self):
        """Override: have it picked first."""
        lines = self.sudo().line_ids.filtered(lambda line: line.answer == "replaced" and not line.is_procured)
        lines.with_context(crm_courier_step=STEP)._procure_again()
        return super()._promise()


class CrmCourierReplacementLine(models.Model):
    _inherit = "crm.courier.replacement.line"

    def _procure_again(self):
        """Have others picked and shipped, and take these off the shipment for which they were picked already."""
        for line in self.filtered("sale_line_id"):
            waiting = line._waiting_shipments()
            if quantity := sum(waiting.values()):
                line._launch(quantity)  # first: where nothing is on its way, the unit wouldn't be held any more
            for move, taken in waiting.items():
                if taken < move.product_uom_qty:
                    move.product_uom_qty -= taken
                else:
                    move.with_context(crm_sop_sales_cancellation=CANCELLATION)._action_cancel()

    def _waiting_shipments(self):
        """Return move → how much of these goods it would still bring, in the move's unit, though they came back."""
        waiting, rest = {}, self.quantity
        for move in self.sale_line_id._picked_shipments():
            taken = min(rest, max(move.product_uom_qty - move.quantity, 0.0))
            if taken:
                waiting[move] = taken
                rest -= taken
        return waiting

    def _launch(self, quantity):
        """Have so many picked and shipped, as the order's route says."""
        sold = self.sale_line_id
        values = sold._prepare_procurement_values()
        self.env["stock.rule"].run(sold._create_procurements(quantity, self.product_id.uom_id, values))
        self.is_procured = True
