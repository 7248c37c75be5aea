from odoo import models


class IrHttp(models.AbstractModel):
<<<<<<< HEAD
<<<<<<< HEAD
    """What the web client knows of its user from the first."""
=======
    """Who is an agent gets the desk's place in the menu bar (CC-3)."""
>>>>>>> desk

    _inherit = "ir.http"

    def session_info(self):
<<<<<<< HEAD
        """Override: say whether phone fields shall offer to dial (CC-1)."""
        return {**super().session_info(), "can_dial": self.env["crm.agent"].can_dial()}
=======
        """Override: say whether the user is an agent: one query."""
        info = super().session_info()
        user = self.env.user
        if info.get("uid") and user._is_internal() and user.has_group("crm_contact_center.group_agent"):
            info["crm_contact_center_agent"] = bool(
                self.env["crm.agent"].sudo().search_count([("user_id", "=", user.id)], limit=1)
            )
        return info
>>>>>>> desk
=======
    """The chat on the portal speaks the visitor's language."""

    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        return [*super()._get_translation_frontend_modules_name(), "mail", "im_livechat", "crm_contact_center"]
>>>>>>> bot
