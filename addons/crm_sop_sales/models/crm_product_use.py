from odoo import fields, models


class CrmProductUse(models.Model):
    """What a customer wants a product for, and what a product is good for (SOP-T3)."""

    _name = "crm.product.use"
    _description = "Use of a Product"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True, help="As customers say it, e.g. camera or long battery.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()

    _name_uniq = models.UniqueIndex("(name)", "This use is there already.")
