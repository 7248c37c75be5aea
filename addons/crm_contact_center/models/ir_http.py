from odoo import models


class IrHttp(models.AbstractModel):
    """Who is an agent gets the desk's place in the menu bar (CC-3)."""

    _inherit = "ir.http"

    def session_info(self):
        """Override: say whether the user is an agent: one query."""
        info = super().session_info()
        user = self.env.user
        if info.get("uid") and user._is_internal() and user.has_group("crm_contact_center.group_agent"):
            info["crm_contact_center_agent"] = bool(
                self.env["crm.agent"].sudo().search_count([("user_id", "=", user.id)], limit=1)
            )
        return info
