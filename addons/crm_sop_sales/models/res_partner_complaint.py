from odoo import api, fields, models

COMPLAINTS = [("is_complaint", "=", True)]


class ResPartner(models.Model):
    """A customer's complaints are one click away (SOP-T2)."""

    _inherit = "res.partner"

    complaint_count = fields.Integer("Complaints", compute="_compute_complaint_count", groups="crm_base.group_officer")

    # === COMPUTE METHODS === #

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_complaint_count(self):
        self._count_with_people("complaint_count", "helpdesk.ticket", COMPLAINTS)

    # === ACTION METHODS === #

    def action_view_complaints(self):
        """Open the complaints of the customer and its people; a new one is this customer's."""
        self.ensure_one()
        domain = [("partner_id", "child_of", self.id), *COMPLAINTS]
        return self.env["helpdesk.ticket"]._complaint_action(domain, partner_id=self.id)
