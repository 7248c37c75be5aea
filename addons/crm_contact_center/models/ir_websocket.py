from odoo import models


class IrWebsocket(models.AbstractModel):
    """Supervisors' walls listen to the branches that they see (CC-2e)."""

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Override: add the branches of a supervisor. What comes over them says only that something changed.

        A websocket knows nothing of the companies chosen in the window: those of all the user's are heard.
        """
        user = self.env.user
        if not user.share and user.has_group("crm_contact_center.group_supervisor"):
            channels = [*channels, *user.visible_branch_ids]
        return super()._build_bus_channel_list(channels)
