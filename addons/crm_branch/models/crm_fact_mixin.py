from odoo import models


class CrmFactMixin(models.AbstractModel):
    """Let a model's own steps note facts that nothing else may write."""

    _name = "crm.fact.mixin"
    _description = "Facts Noted by Steps"

    def _note(self, vals):
        """Write stored columns below every guard of :meth:`write`. For our own code, which has checked who acts."""
        if not self:
            return
        self.flush_recordset()
        self._write(vals)
        self.invalidate_recordset(list(vals), flush=False)
        self.modified(list(vals))
