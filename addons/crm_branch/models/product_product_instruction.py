from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    # === ACTION METHODS === #

    def action_view_instructions(self):
        """Open the instructions of the products."""
        return self.product_tmpl_id.action_view_instructions()
