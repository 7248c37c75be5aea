from odoo import fields, models


class AccountMove(models.Model):
    """Whom a posted invoice was made out to, once the customer was erased (BR-3)."""

    _inherit = "account.move"

    legal_identity_ids = fields.One2many(
        "crm.legal.identity", "move_id", "Buyer Kept by Law", groups="account.group_account_invoice"
    )

    def _legal_identity(self):
        """Return the kept buyer of this one invoice, or none; for whoever may print the invoice."""
        return self.sudo().legal_identity_ids[:1]
