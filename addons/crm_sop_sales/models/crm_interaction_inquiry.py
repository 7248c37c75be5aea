from odoo import api, fields, models


class CrmInteraction(models.Model):
    """The products that a call is about, with what the officer says of them (SOP-3a, SOP-T4, SOP-T5)."""

    _name = "crm.interaction"
    _inherit = ["crm.interaction", "crm.offer.screen.mixin"]

    lead_product_ids = fields.Many2many(
        "crm.lead.product", string="Products of Interest", compute="_compute_lead_product_ids"
    )

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_lead_product_ids(self):
        about = self.filtered(lambda contact: contact.res_id and contact.res_model == "crm.lead")
        lines = self.env["crm.lead.product"]
        found = lines.search([("lead_id", "in", about.mapped("res_id"))]).grouped(lambda line: line.lead_id.id)
        for contact in self:
            contact.lead_product_ids = found.get(contact.res_id, lines) if contact in about else lines
