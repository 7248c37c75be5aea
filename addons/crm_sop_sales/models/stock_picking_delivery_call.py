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
        """Whether goods went to a customer who wasn't there to take them: a pick-up needs no call.

        Moves and order say it: what the transfer itself says it returns, or is carried by, anybody at the shelf types.
        """
        self.ensure_one()
        went = self.move_ids.filtered(
            lambda move: move.state == "done" and move.location_dest_id.usage == "customer" != move.location_id.usage
        )
        return bool(went and self.sale_id and self.sale_id.carrier_id.choice != "pickup")
