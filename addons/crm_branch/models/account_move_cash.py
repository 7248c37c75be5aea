from odoo import fields, models
from odoo.exceptions import UserError

#: Said in the context by our own code alone: JSON can't make this object.
STEP = object()
#: What makes an entry: how much, when and where.
FACTS = frozenset(("date", "journal_id", "company_id", "state", "name", "line_ids", "currency_id", "partner_id"))


class AccountMove(models.Model):
    """What a cash desk booked stays as it is: the drawer was counted by it."""

    _inherit = "account.move"

    cash_session_id = fields.Many2one(
        "crm.cash.session", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )

    # Cashiers find an invoice by its number, however they write it.
    _cash_number_idx = models.Index(
        "(regexp_replace(upper(name), '[^A-Z0-9]', '', 'g')) WHERE move_type = 'out_invoice' AND state = 'posted'"
    )

    def write(self, vals):
        """Override: which session booked an entry isn't for anybody to say, nor what was booked and when."""
        if "cash_session_id" in vals and self.env.context.get("cash_step") is not STEP:
            raise UserError(self.env._("Which cash session booked an entry can't be changed."))
        if vals.keys() & FACTS and self.cash_session_id:
            raise UserError(self._cash_is_final())
        return super().write(vals)

    def unlink(self):
        """Override: see :meth:`_check_draftable`."""
        self._check_not_of_desk()
        return super().unlink()

    def _check_not_of_desk(self):
        if self.cash_session_id:
            raise UserError(self._cash_is_final())

    def _check_draftable(self):
        """Override: entries of a desk, which its count agrees with, aren't taken back, nor invoices paid there."""
        if self.cash_session_id:
            raise UserError(self._cash_is_final())
        payments = self.env["crm.cash.payment"].sudo()
        payments.search([("invoice_id", "in", self.ids), ("state", "!=", "reversed")]).session_id._check_rematched()
        return super()._check_draftable()

    def _cash_is_final(self):
        return self.env._(
            "This was booked by a cash desk and its cash is counted by it: it can't be changed. While the session is "
            "open, its manager reverses a payment; afterwards make a credit note."
        )

    def _keep_for_desk(self, session):
        """Note the session that booked these entries."""
        self.with_context(cash_step=STEP).write({"cash_session_id": session.id})
