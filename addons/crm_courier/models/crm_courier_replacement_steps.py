from odoo import models

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
        """Take these goods off the shipment, for which they were picked already, and have others picked and shipped."""
        for line in self.filtered("sale_line_id"):
            sold, rest = line.sale_line_id, line.quantity
            for move in sold._picked_shipments():
                waiting = move.product_id.uom_id._compute_quantity(
                    move.product_uom_qty - move.quantity, move.product_uom, round=False
                )
                taken = min(rest, max(waiting, 0.0))
                if not taken:
                    continue
                rest -= taken
                if taken >= move.product_uom_qty:
                    move._action_cancel()
                else:
                    move.product_uom_qty -= taken
            if rest < line.quantity:
                line._launch(line.quantity - rest)

    def _launch(self, quantity):
        """Have so many picked and shipped, as the order's route says."""
        sold = self.sale_line_id
        quantity = self.product_id.uom_id._compute_quantity(quantity, sold.product_uom_id)
        values = sold._prepare_procurement_values()
        self.env["stock.rule"].run(sold._create_procurements(quantity, sold.product_uom_id, values))
        self.is_procured = True
