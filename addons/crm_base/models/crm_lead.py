from odoo import models


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "crm.interaction.mixin"]

    def _interaction_defaults(self):
        """Override: a lead knows a number and a name before it knows a customer."""
        return super()._interaction_defaults() | {
            "phone": self.phone_sanitized or False,
            "caller_name": self.contact_name or self.partner_name or False,
        }

    def _merge_dependences(self, opportunities):
        """Override: the merged lead takes over the contacts of those that go (FL-3)."""
        self.env["crm.interaction"]._reattach(opportunities, self)
        return super()._merge_dependences(opportunities)
