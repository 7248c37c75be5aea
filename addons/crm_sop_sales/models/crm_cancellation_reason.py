from odoo import fields, models


class CrmCancellationReason(models.Model):
    """Why orders are cancelled, for the statistics; managers keep the list."""

    _name = "crm.cancellation.reason"
    _description = "Cancellation Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _unique_name = models.UniqueIndex("(name)", "There is such a reason already.")
