from odoo import models

from ..contract_const import RETENTION


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Override: a retention officer is told of ending contracts on opening the client (BR-8): one query."""
        info = super().session_info()
        user = self.env.user
        if info.get("uid") and user._is_internal() and user.has_group(RETENTION):
            info["crm_branch_ending"] = self.env["contract.contract"]._notice()
        return info
