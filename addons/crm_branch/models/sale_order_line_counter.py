from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_compare


class SaleOrderLine(models.Model):
    """What is sold at the counter is in stock (BR-10)."""

    _inherit = "sale.order.line"

    # === CONSTRAINS METHODS === #

    @api.constrains("product_id", "product_uom_qty", "product_uom_id", "route_ids", "order_id")
    def _check_counter_stock(self):
        """Check what is added to an order that is sold already."""
        self.order_id.filtered(lambda order: order.state == "sale")._check_counter_stock()

    # === CHECKS === #

    def _check_in_stock(self, warehouse):
        """Check that the warehouse has free what these lines ask for and isn't planned or handed out yet."""
        needs = {}
        for line in self.filtered(lambda line: line.product_id.is_storable and not line.display_type):
            quantity = line.product_uom_qty - line._get_qty_procurement()
            quantity = line.product_uom_id._compute_quantity(quantity, line.product_id.uom_id)
            needs[line.product_id] = needs.get(line.product_id, 0) + quantity
        products = self.env["product.product"].union(*needs).with_context(warehouse_id=warehouse.id)
        missing = [
            self.env._(
                "%(product)s: %(wanted)s wanted, %(free)s in stock",
                product=product.display_name,
                wanted=f"{needs[product]:g}",
                free=f"{product.free_qty:g}",
            )
            for product in products
            if float_compare(needs[product], max(product.free_qty, 0), precision_rounding=product.uom_id.rounding) > 0
        ]
        if missing:
            raise UserError(
                self.env._(
                    "Only what is in the stock of the branch (%(warehouse)s) is sold at the counter:\n%(missing)s",
                    warehouse=warehouse.name,
                    missing="\n".join(missing),
                )
            )
