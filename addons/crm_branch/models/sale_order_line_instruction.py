from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    instruction_count = fields.Integer(related="product_id.instruction_count")

    # === ACTION METHODS === #

    def action_view_instructions(self):
        """Open the instructions of what is sold."""
        return self.product_template_id.action_view_instructions()
