from odoo import fields, models


class CrmInteractionOutcome(models.Model):
    """What came of a contact. ``reached`` tells whether anybody was spoken to."""

    _name = "crm.interaction.outcome"
    _description = "Outcome of an Interaction"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    reached = fields.Boolean("Customer Reached", default=True, help="Whether somebody was spoken to.")

    _name_uniq = models.UniqueIndex("((name->>'en_US'))", "There is an outcome of this name already.")
