from odoo import api, models


class SaleOrderLine(models.Model):
    """What an order that is paid by card loses is checked against the least amount again (SOP-12a)."""

    _inherit = "sale.order.line"

    @api.constrains("price_unit", "product_uom_qty", "discount", "tax_ids", "product_id", "is_delivery")
    def _check_card_minimum(self):
        self.order_id.filtered(lambda order: order.payment_choice == "card")._check_card_minimum()

    def unlink(self):
        """Override: likewise. Not by ``ondelete``, which looks before the lines are gone."""
        orders = self.order_id.filtered(lambda order: order.payment_choice == "card")
        result = super().unlink()
        orders.exists()._check_card_minimum()
        return result
