from odoo import api, fields, models


class CrmInteraction(models.Model):
    """What the officer can tell the caller of: the promotions that run now (SOP-E1, SOP-T6)."""

    _inherit = "crm.interaction"

    running_program_ids = fields.Many2many(
        "loyalty.program", string="Running Promotions", compute="_compute_running_program_ids"
    )

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "company_id")
    def _compute_running_program_ids(self):
        """Show what a quotation made now for this customer would find."""
        for contact in self:
            programs = self.env["sale.order"]._find_programs_for(contact.partner_id, contact.company_id)
            contact.running_program_ids = programs
