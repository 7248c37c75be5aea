from odoo import models


class ProductProduct(models.Model):
    """The same, variant by variant."""

    _inherit = "product.product"

    def _check_nothing_held(self):
        """Check that no order holds units of these products.

        :raise UserError: names the orders
        """
        if self:
            self.env["crm.imei.hold"].sudo().search(
                [("product_id", "in", self.ids), ("state", "=", "held")]
            )._refuse_change()
