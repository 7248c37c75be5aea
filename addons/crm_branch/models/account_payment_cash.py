from odoo import models
from odoo.exceptions import UserError

from .account_move_cash import STEP

#: What makes a payment: who, how much, when, where, and that it is there.
FACTS = frozenset(
    (
        *("amount", "currency_id", "date", "journal_id", "company_id", "move_id", "name", "state", "memo"),
        *("invoice_ids",),
        *("partner_id", "partner_type", "payment_type", "payment_method_line_id"),
        *("destination_account_id", "outstanding_account_id"),
    )
)
#: What makes a line of a statement.
LINE_FACTS = frozenset(
    ("amount", "amount_currency", "currency_id", "date", "foreign_currency_id", "journal_id", "move_id", "partner_id")
)


class AccountPayment(models.Model):
    """A cash desk's payment stays as it was booked (BR-12a)."""

    _inherit = "account.payment"

    def write(self, vals):
        """Override: see :meth:`_check_not_of_desk`."""
        if vals.keys() & FACTS:
            self._check_not_of_desk()
        return super().write(vals)

    def action_draft(self):
        """Override: see :meth:`_check_not_of_desk`."""
        self._check_not_of_desk()
        return super().action_draft()

    def unlink(self):
        """Override: see :meth:`_check_not_of_desk`."""
        self._check_not_of_desk()
        return super().unlink()

    def _check_not_of_desk(self):
        """Check that no desk booked the payments: once linked to a session they are final, for everybody."""
        if moves := self.sudo().move_id.filtered("cash_session_id"):
            raise UserError(moves._cash_is_final())


class AccountBankStatementLine(models.Model):
    """What was put in, taken out or missing at a desk stays as it was booked."""

    _inherit = "account.bank.statement.line"

    def write(self, vals):
        """Override: see :meth:`_check_not_of_desk`. The grouping into statements is finance's."""
        if vals.keys() & LINE_FACTS:
            self._check_not_of_desk()
        return super().write(vals)

    def action_undo_reconciliation(self):
        """Override: the account that it was booked against stays."""
        self._check_not_of_desk()
        return super().action_undo_reconciliation()

    def unlink(self):
        """Override: see :meth:`_check_not_of_desk`."""
        self._check_not_of_desk()
        return super().unlink()

    def _check_not_of_desk(self):
        if moves := self.sudo().move_id.filtered("cash_session_id"):
            raise UserError(moves._cash_is_final())


class AccountPartialReconcile(models.Model):
    """An invoice paid at a cash desk stays paid, until accountants match anew what the desk took."""

    _inherit = "account.partial.reconcile"

    def unlink(self):
        """Override: while a session is open its manager reverses; after that, only accounting managers match anew."""
        if self.env.context.get("cash_step") is not STEP:
            entries = (self.sudo().debit_move_id | self.sudo().credit_move_id).move_id
            entries.cash_session_id._check_rematched()
        return super().unlink()
