from odoo import api, models

from .product_template import IMPLIED


class ProductProduct(models.Model):
    _inherit = "product.product"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: what an IMEI implies needn't be said here either, before Odoo fills in defaults."""
        return super().create([{**IMPLIED, **vals} if vals.get("is_imei") else vals for vals in vals_list])
