from odoo import api, models


class CrmCallPreparation(models.AbstractModel):
    _inherit = "crm.call.preparation"

    @api.model
    def _prepare_call_values(self, document):
        """Override: whoever calls knows what the customer complains about (SOP-T2)."""
        values = super()._prepare_call_values(document)
        tickets = self.env["helpdesk.ticket"]
        readable = tickets.has_access("read")
        return {**values, "complaints": tickets._find_open_complaints(values["partner"]) if readable else tickets}
