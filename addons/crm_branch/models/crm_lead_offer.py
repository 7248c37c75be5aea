from odoo import api, fields, models


class CrmLead(models.Model):
    """What was presented to the customer (BR-2)."""

    _inherit = "crm.lead"

    offer_presented_ids = fields.One2many(
        "crm.offer.presented", "lead_id", "Presented Offers", groups="crm_base.group_officer"
    )
    offer_presented_count = fields.Integer(
        "Presented", compute="_compute_offer_presented_count", groups="crm_base.group_officer"
    )

    @api.depends("offer_presented_ids")
    @api.depends_context("uid")
    def _compute_offer_presented_count(self):
        counts = dict(
            self.env["crm.offer.presented"]._read_group([("lead_id", "in", self.ids)], ["lead_id"], ["__count"])
        )
        for lead in self:
            lead.offer_presented_count = counts.get(lead, 0)

    def action_view_offers_presented(self):
        """Open what was presented to the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_offer_presented_action")
        return {**action, "domain": [("lead_id", "=", self.id)], "context": {}}

    def _merge_dependences(self, opportunities):
        """Override: the merged lead takes over what was presented."""
        presented = self.env["crm.offer.presented"].sudo().search([("lead_id", "in", opportunities.ids)])
        presented._note({"lead_id": self.id})
        return super()._merge_dependences(opportunities)
