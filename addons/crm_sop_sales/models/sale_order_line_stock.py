from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import float_compare


class SaleOrderLine(models.Model):
    """Goods without serial numbers aren't held, but have to be there when the order is submitted (SOP-3c1)."""

    _inherit = "sale.order.line"

    def _check_free_stock(self):
        """Check that the orders' warehouses have as much as is free of what the lines sell together.

        :raise UserError: stock is short; says of what, and by how many
        """
        wanted = defaultdict(float)
        for line in self._counted_in_stock():
            wanted[line.order_id.warehouse_id, line.product_id] += line._outstanding_quantity()
        free = self._free_quantities(wanted)
        short = {
            key: (quantity - free[key], quantity)
            for key, quantity in wanted.items()
            if float_compare(quantity, free[key], precision_rounding=key[1].uom_id.rounding) > 0
        }
        if short:
            raise UserError(self._short_quantity_message(short))

    def _counted_in_stock(self):
        """Return the lines of storable goods without serial numbers; a kit has no stock, its parts have."""
        return self.filtered(
            lambda line: (
                not line.display_type
                and line.product_id.is_storable
                and line.product_id.tracking != "serial"
                and not ("is_kits" in line.product_id._fields and line.product_id.is_kits)
            )
        )

    def _outstanding_quantity(self):
        """Return what the customer hasn't got yet, in the product's unit."""
        quantity = max(self.product_uom_qty - self.qty_delivered, 0.0)
        return self.product_uom_id._compute_quantity(quantity, self.product_id.uom_id)

    def _free_quantities(self, keys):
        """Return (warehouse, product) → free quantity, with one reading a warehouse."""
        products = defaultdict(self.env["product.product"].browse)
        for warehouse, product in keys:
            products[warehouse] |= product
        free = {}
        for warehouse, records in products.items():
            for product in records.sudo().with_context(warehouse_id=warehouse.id):
                free[warehouse, product] = product.free_qty
        return free

    def _short_quantity_message(self, short):
        lines = [
            self._missing_text(product, warehouse, f"{missing:g}", f"{wanted:g}")
            for (warehouse, product), (missing, wanted) in short.items()
        ]
        return "\n".join([*lines, self._short_stock_advice()])
