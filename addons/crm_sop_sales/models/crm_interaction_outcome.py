from odoo import fields, models


class CrmInteractionOutcome(models.Model):
    _inherit = "crm.interaction.outcome"

    satisfaction = fields.Selection(
        [("satisfied", "Closes it"), ("dissatisfied", "Takes it up again")],
        "Solved Complaint",
        help="What a contact with this outcome does to the solved complaint that it is about.",
    )
