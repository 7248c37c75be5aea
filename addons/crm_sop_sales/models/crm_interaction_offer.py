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
        orders = self.env["sale.order"]
        for contact in self:
            company = contact.company_id or self.env.company
            order = orders.new({"partner_id": contact.partner_id.id, "company_id": company.id})
            contact.running_program_ids = order._find_running_programs()
