from odoo import fields, models


class CrmCustomerSegment(models.Model):
    """A kind of customer that is served in its own way, e.g. families, resellers, companies. A customer is in one."""

    _name = "crm.customer.segment"
    _description = "Customer Segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    advice = fields.Text(translate=True, help="How to serve these customers; shown to whoever calls one of them.")

    _name_uniq = models.UniqueIndex("((name->>'en_US'))", "There is a segment of this name already.")
