from odoo import fields, models
from odoo.exceptions import AccessError

from .crm_cash_desk import UNCLOSED
from .crm_cash_session import MANAGERS


class CrmCashDuplicate(models.Model):
    """A duplicate of an invoice, issued to a customer who came without the original (BR-12b)."""

    _name = "crm.cash.duplicate"
    _description = "Duplicate of an Invoice"
    _inherit = ["crm.branch.mixin"]
    _order = "id desc"
    _rec_name = "invoice_number"

    session_id = fields.Many2one("crm.cash.session", required=True, readonly=True, index=True, ondelete="restrict")
    search_id = fields.Many2one("crm.cash.search", required=True, readonly=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", "Issued By", required=True, readonly=True, index=True, ondelete="restrict")
    issued_at = fields.Datetime("Issued On", required=True, readonly=True, default=fields.Datetime.now)
    day = fields.Date(required=True, readonly=True, help="By the branch's calendar.")
    invoice_id = fields.Many2one("account.move", required=True, readonly=True, index=True, ondelete="restrict")
    invoice_number = fields.Char(required=True, readonly=True)

    def action_print(self):
        """Print the duplicate: Odoo's invoice, marked as a duplicate."""
        self._check_printable()
        return self.env.ref("crm_branch.crm_cash_duplicate_report").report_action(self, config=False)

    def _check_printable(self):
        """Check that the user reads the duplicates; a cashier prints what was issued in the session that is open."""
        self.check_access("read")
        if any(self.env.user.has_group(group) for group in (*MANAGERS, "account.group_account_readonly")):
            return
        if any(duplicate.session_id.state not in UNCLOSED for duplicate in self.sudo()):
            raise AccessError(self.env._("This duplicate is of another day: find the invoice and issue a new one."))
