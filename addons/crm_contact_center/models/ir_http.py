from odoo import models


class IrHttp(models.AbstractModel):
    """What the web client knows of its user from the first."""

    _inherit = "ir.http"

    def session_info(self):
        """Override: say whether phone fields shall offer to dial (CC-1)."""
        return {**super().session_info(), "can_dial": self.env["crm.agent"]._can_dial()}
