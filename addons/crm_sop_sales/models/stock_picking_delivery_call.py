from odoo import models


class StockPicking(models.Model):
    """What was handed over is asked about: the delivery plans the call (SOP-14)."""

    _inherit = "stock.picking"

    def _action_done(self):
        """Override, through which every path of delivering comes."""
        result = super()._action_done()
        delivered = self.filtered(lambda picking: picking.state == "done" and picking._hands_over_to_customer())
        delivered.sale_id.sudo().filtered(lambda order: order._is_price_locked())._plan_delivery_calls()
        return result

    def _hands_over_to_customer(self):
        """Whether the goods go to a customer who isn't there to take them: a pick-up needs no call."""
        self.ensure_one()
        is_delivery = self.picking_type_id.code == "outgoing" and self.location_dest_id.usage == "customer"
        return bool(is_delivery and self.sale_id and not self.return_id and self.carrier_id.choice != "pickup")
