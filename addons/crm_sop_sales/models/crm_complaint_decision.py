from odoo import fields, models


class CrmComplaintDecision(models.Model):
    """What can be decided on a complaint: repair, exchange, money back … (SOP-G4)."""

    _name = "crm.complaint.decision"
    _description = "Decision on a Complaint"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex("((name->>'en_US'))", "There is a decision of this name already.")
