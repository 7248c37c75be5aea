from odoo import models

from .stock_picking_batch import COURIER, LOGISTICS, OFFICER


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Override: who only delivers begins with their runs, unless they have chosen another home."""
        info = super().session_info()
        user = self.env.user
        delivers = user.has_group(COURIER) and not any(user.has_group(group) for group in (LOGISTICS, OFFICER))
        if delivers and not info.get("home_action_id"):
            info["home_action_id"] = self.env.ref("crm_courier.stock_picking_batch_action_mine").id
        return info
