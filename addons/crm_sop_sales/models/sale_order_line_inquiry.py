from odoo import api, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: see ``_answer_inquiries``."""
        lines = super().create(vals_list)
        lines.order_id._answer_inquiries()
        return lines
