from odoo import models

from .stock_picking_batch import COURIER, LOGISTICS, OFFICER


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Override: who only delivers begins with today's deliveries, unless they have chosen another home."""
        info = super().session_info()
        user = self.env.user
        info["is_courier"] = user.has_group(COURIER)
        delivers = info["is_courier"] and not any(user.has_group(group) for group in (LOGISTICS, OFFICER))
        if delivers and not info.get("home_action_id"):
            info["home_action_id"] = self.env.ref("crm_courier.crm_courier_door_action").id
        return info
