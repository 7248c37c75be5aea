from odoo import fields, models


class CrmContractLostReason(models.Model):
    """Why a customer doesn't continue (BR-G3)."""

    _name = "crm.contract.lost.reason"
    _description = "Reason Not to Extend a Contract"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_uniq = models.UniqueIndex("((name->>'en_US'))", "There is a reason of this name already.")
