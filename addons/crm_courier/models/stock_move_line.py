from odoo import api, models

from .crm_courier_facts import STEP

#: What says which goods a transfer carries.
GOODS = frozenset({"lot_id", "quantity", "product_id", "picking_id", "move_id", "quant_id", "product_uom_id"})


class StockMoveLine(models.Model):
    """What a courier carries doesn't change in the books; until it is loaded, the run's list follows (SOP-7)."""

    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: goods that are added are on the list, if nothing is loaded yet."""
        lines = super().create(vals_list)
        lines._follow_on_runs()
        return lines

    def write(self, vals):
        """Override: the same for goods that change."""
        if not vals.keys() & GOODS or self._in_courier_step():
            return super().write(vals)
        before = self.picking_id
        before._check_not_carried()
        result = super().write(vals)
        self._follow_on_runs(before)
        return result

    def unlink(self):
        """Override: the same for goods that are taken off."""
        pickings = self.picking_id
        if not self._in_courier_step():
            pickings._check_not_carried()
        result = super().unlink()
        self.browse()._follow_on_runs(pickings)
        return result

    def _is_auto_waveable(self):
        """Override: what our own courier takes waits for a run; a wave of its own would only be in the way."""
        return not self.picking_id.carrier_id.is_own_courier and super()._is_auto_waveable()

    def _in_courier_step(self):
        return self.env.context.get("crm_courier_step") is STEP

    def _follow_on_runs(self, others=None):
        """Bring the lists of the runs that take these goods up to date."""
        pickings = self.picking_id | (others or self.env["stock.picking"])
        if self._in_courier_step() or not pickings:
            return
        if stops := pickings._live_stops():
            pickings._check_not_carried()
            stops._sync_units()
