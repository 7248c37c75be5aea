from odoo import fields, models


class ResCompany(models.Model):
    """Which chat a company's help page and portal show (CC-7)."""

    _inherit = "res.company"

    help_livechat_channel_id = fields.Many2one(
        "im_livechat.channel",
        "Chat on the Portal",
        ondelete="set null",
        help="Its button is on the help page and on all pages of the portal. Empty: none.",
    )

    def _help_livechat_info(self):
        """Return what the chat's button needs to know, False if there is no chat."""
        self.ensure_one()
        # with all rights: visitors have none to live chat; what is handed back is public, as its own loader's
        channel = self.sudo().help_livechat_channel_id
        if not channel:
            return False
        info = channel.get_livechat_info(username=self.env._("Visitor"))
        return info if info["available"] else False
