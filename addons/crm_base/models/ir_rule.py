from odoo import models
from odoo.exceptions import AccessError


class IrRule(models.Model):
    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        """Override: in developer mode Odoo's refusal lists the records by name, read with all rights. Those of another
        branch stay unnamed.
        """
        if isinstance(records, self.env.registry["crm.branch.mixin"]):
            model = self.env["ir.model"]._get(records._name).name
            return AccessError(
                self.env._(
                    "You have no access to this %(model)s: it belongs to another branch or company.", model=model
                )
            )
        return super()._make_access_error(operation, records)
