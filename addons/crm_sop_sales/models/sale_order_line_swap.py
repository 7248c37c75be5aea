from odoo import models
from odoo.exceptions import UserError


class SaleOrderLine(models.Model):
    """A unit that is on its way to the customer isn't swapped from the desk (SOP-4b)."""

    _inherit = "sale.order.line"

    def _swap_reservation(self, old, new):
        """Override: not where the old unit has been picked, packed or loaded: somebody has it in their hands."""
        self._check_still_in_stock(old)
        return super()._swap_reservation(old, new)

    def _check_still_in_stock(self, lot):
        """Check that the unit is where the order's warehouse stores its goods.

        :raise UserError: it has left from there; says where it is
        """
        stock = self.order_id.warehouse_id.sudo().lot_stock_id
        quants = self.env["stock.quant"].sudo().search([("lot_id", "=", lot.id), ("quantity", ">", 0)])
        elsewhere = quants.location_id.filtered(lambda place: not place._child_of(stock))
        if elsewhere or not quants:
            raise UserError(
                self.env._(
                    "%(imei)s has left the shelves of %(warehouse)s already, it is at %(place)s: bring it back first, "
                    "then swap it.",
                    imei=lot.name,
                    warehouse=self.order_id.warehouse_id.display_name,
                    place=", ".join(elsewhere.mapped("display_name")) or "–",
                )
            )
