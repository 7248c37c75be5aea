from odoo import fields, models


class StockPickingBatch(models.Model):
    """What the courier's phone is to know of a run."""

    _inherit = "stock.picking.batch"

    def _door_run_data(self):
        """Return a run as JSON."""
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "state": self.run_state,
            "state_text": self._workflow_label(self.run_state),
            "note": self.description or "",
            "starts_at": fields.Datetime.to_string(self.starts_at) or False,
        }

    def _recall_problems(self):
        """Override: what a customer signed happened."""
        problems = super()._recall_problems()
        if not problems and self.stop_ids.signature_ids:
            problems.append(self.env._("A customer has signed already: have the courier come back instead."))
        return problems
