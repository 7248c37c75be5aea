from odoo import fields, models

from .helpdesk_ticket import HelpdeskTicket


class HelpdeskTicketStage(models.Model):
    """A stage of the complaints' pipeline stands for one state of the complaint."""

    _inherit = "helpdesk.ticket.stage"

    complaint_state = fields.Selection(
        HelpdeskTicket._workflow.selection,
        "Complaint Status",
        help="A complaint is in this stage as long as it has this status.",
    )

    _complaint_state_uniq = models.UniqueIndex(
        "(complaint_state, COALESCE(company_id, 0)) WHERE complaint_state IS NOT NULL",
        "There is a stage of this complaint status already.",
    )
