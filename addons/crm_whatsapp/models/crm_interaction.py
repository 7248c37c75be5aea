from odoo import models


class CrmInteraction(models.Model):
    """Write to whom a contact was with; their answer lands here."""

    _name = "crm.interaction"
    _inherit = ["crm.interaction", "crm.whatsapp.mixin"]
