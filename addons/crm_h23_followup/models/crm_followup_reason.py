from odoo import fields, models

from ..followup_const import KINDS, OFFERS


class CrmFollowupReason(models.Model):
    """Why a customer refuses, what must be offered then, and to what it leads (H23-4.2.6, H23-4.2.7)."""

    _name = "crm.followup.reason"
    _description = "Refusal and Its Offer"
    _inherit = ["crm.followup.schedule.part"]
    _order = "schedule_id, sequence, id"

    sequence = fields.Integer(default=10)
    code = fields.Char(required=True)
    name = fields.Char("Reason", required=True, translate=True)
    offer = fields.Selection(OFFERS, "Must Be Offered", required=True)
    offer_script = fields.Text(
        "What to Say", translate=True, help="The same words are filled in as in the follow-up’s."
    )
    asks_weekdays = fields.Boolean(
        "Make Sure of Weekdays", help="The offer stands only if the customer really can’t come from Monday to Friday."
    )
    opens_complaint = fields.Boolean(help="The disappointment is a complaint: a ticket is opened for it.")
    lead_to = fields.Selection(KINDS, "Leads To", required=True, default="workshop", help="The booking, if accepted.")

    _code_uniq = models.UniqueIndex("(schedule_id, code)", "Each reason has one line.")
