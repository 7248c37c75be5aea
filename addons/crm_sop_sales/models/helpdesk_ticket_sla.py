from odoo import models


class HelpdeskTicketSla(models.Model):
    _inherit = "helpdesk.ticket.sla"

    def _stage_recompute(self):
        """Override: the measure follows the complaint whoever moves it, and is nobody's to write."""
        return super(HelpdeskTicketSla, self.sudo())._stage_recompute()
