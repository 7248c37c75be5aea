from odoo import fields, models


class CrmSalutation(models.Model):
    """How a customer is addressed before the name: Pak, Bu; Panie, Pani (SOP-2a)."""

    _name = "crm.salutation"
    _description = "Salutation"
    _order = "sequence, id"

    name = fields.Char("Said Before the Name", required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex("((name->>'en_US'))", "There is a salutation of this name already.")
