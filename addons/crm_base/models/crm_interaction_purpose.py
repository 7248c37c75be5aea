from odoo import fields, models


class CrmInteractionPurpose(models.Model):
    """What a contact is for: buying, a complaint, a follow-up, something personal …"""

    _name = "crm.interaction.purpose"
    _description = "Purpose of an Interaction"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex("((name->>'en_US'))", "There is a purpose of this name already.")
