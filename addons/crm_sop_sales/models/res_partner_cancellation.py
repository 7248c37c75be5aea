from odoo import api, fields, models

CANCELLATIONS = [("state", "!=", "withdrawn")]


class ResPartner(models.Model):
    """What a customer has cancelled is on their page too (FL-12)."""

    _inherit = "res.partner"

    cancellation_count = fields.Integer("Cancellations", compute="_compute_cancellation_count")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_cancellation_count(self):
        self._count_with_people("cancellation_count", "crm.cancellation", CANCELLATIONS)

    def action_view_cancellations(self):
        """Open the cancellations of the customer and its people."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.crm_cancellation_action")
        domain = [("partner_id", "child_of", self.id), *CANCELLATIONS]
        return {**action, "domain": domain, "context": {"create": False}}
