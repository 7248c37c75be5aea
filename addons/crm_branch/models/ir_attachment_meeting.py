from odoo import models
from odoo.exceptions import UserError


class IrAttachment(models.Model):
    """The report of a meeting is made by the meeting, not typed (BR-1)."""

    _inherit = "ir.attachment"

    def write(self, vals):
        """Override: refuse to change a meeting's report."""
        self._check_no_report()
        return super().write(vals)

    def unlink(self):
        """Override: likewise."""
        self._check_no_report()
        return super().unlink()

    def _check_no_report(self):
        files = [] if self.env.su else self.sudo().filtered(lambda file: file.res_model == "crm.sales.meeting").ids
        if files and self.env["crm.sales.meeting"].sudo().search_count([("attachment_id", "in", files)], limit=1):
            raise UserError(self.env._("This is the report of a sales meeting: make it anew there."))
