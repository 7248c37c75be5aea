from odoo import models

from .stock_picking import CARRIED


class StockMove(models.Model):
    """What a courier carries is neither done from the office nor added to."""

    _inherit = "stock.move"

    def _action_assign(self, force_qty=False):
        """Override: what is ordered in addition waits until the courier is done with this delivery."""
        carried = self.picking_id._live_stops().filtered(lambda stop: stop.run_id.run_state in CARRIED).picking_id
        free = self.filtered(lambda move: move.picking_id not in carried)
        return super(StockMove, free)._action_assign(force_qty=force_qty)

    def _action_done(self, cancel_backorder=False):
        """Override: whatever validates it, a delivery on a run is done at the door."""
        self.picking_id._check_done_at_door()
        return super()._action_done(cancel_backorder=cancel_backorder)
