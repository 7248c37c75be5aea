from odoo import fields, models


class CrmFaqCategory(models.Model):
    """Under which heading a question stands on the help page (CC-4)."""

    _name = "crm.faq.category"
    _description = "FAQ Category"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex("((name->>'en_US'))", "There is a category of this name already.")
