from odoo import models
from odoo.exceptions import UserError


class IrAttachment(models.Model):
    """The file that went out with a summary stays what the head was sent (H23-4.5.3)."""

    _inherit = "ir.attachment"

    def write(self, vals):
        """Override: refuse to change a file that was sent."""
        self._check_not_sent()
        return super().write(vals)

    def unlink(self):
        """Override: likewise."""
        self._check_not_sent()
        return super().unlink()

    def _check_not_sent(self):
        files = [] if self.env.su else self.sudo().filtered(lambda file: file.res_model == "crm.followup.summary").ids
        if files and self.env["crm.followup.summary"].sudo().search_count([("attachment_id", "in", files)], limit=1):
            raise UserError(self.env._("This file was sent with the summary of the day: it stays as it is."))
