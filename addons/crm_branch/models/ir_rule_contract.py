from odoo import models
from odoo.exceptions import AccessError

#: What belongs to a branch by the document that it is a part of.
PARTS = (
    *("contract.line", "contract.modification", "crm.cash.count", "crm.contract.check", "ir.attachment"),
    "sale.order.line",
)


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        """Override: in developer mode Odoo's refusal lists the records by name, read with all rights. What belongs to
        another branch stays unnamed.
        """
        field = records._fields.get("branch_id")
        if records._name in PARTS or (field and field.comodel_name == "crm.branch"):
            model = self.env["ir.model"]._get(records._name).name
            return AccessError(
                self.env._(
                    "You have no access to this %(model)s: it belongs to another branch or company.", model=model
                )
            )
        return super()._make_access_error(operation, records)
