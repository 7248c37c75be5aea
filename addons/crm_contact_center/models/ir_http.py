from odoo import models


class IrHttp(models.AbstractModel):
    """What the web client knows of its user from the first, and the language of the chat on the portal."""

    _inherit = "ir.http"

    def session_info(self):
        """Override: say whether the user is an agent, who gets the desk's place in the menu bar (CC-3), and whether
        phone fields shall offer to dial (CC-1).
        """
        info = super().session_info()
        user = self.env.user
        info["can_dial"] = self.env["crm.agent"].can_dial()
        if info.get("uid") and user._is_internal() and user.has_group("crm_contact_center.group_agent"):
            info["crm_contact_center_agent"] = bool(
                self.env["crm.agent"].sudo().search_count([("user_id", "=", user.id)], limit=1)
            )
        return info

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        return [*super()._get_translation_frontend_modules_name(), "mail", "im_livechat", "crm_contact_center"]
