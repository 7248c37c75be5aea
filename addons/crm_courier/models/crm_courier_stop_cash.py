from odoo import fields, models
from odoo.exceptions import UserError

from .crm_courier_stop import HANDED_OVER

CASH_KEYS = frozenset({"amount"})


class CrmCourierStop(models.Model):
    """Cash at the door: taken by the courier, counted by CRM, and then in the books (SOP-13b)."""

    _inherit = "crm.courier.stop"

    cash_payment_id = fields.Many2one(
        "account.payment",
        "Cash Booked As",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="account.group_account_invoice,account.group_account_readonly,crm_base.group_manager",
    )

    # === FROM THE PHONE === #

    def _door_cash_data(self):
        return {"due": self._cash_due(), "taken": self.cash_collected}

    def _door_cash(self, values):
        """Note cash that the courier took, or gave back (0).

        :param dict values: ``{"amount": number}``
        :raise UserError: it isn't what is to be paid; both amounts are said
        """
        self._check_values(values, CASH_KEYS)
        self._check_paying()
        amount, due = values.get("amount"), self._cash_due()
        if not self._is_amount(amount):
            raise UserError(self.env._("Enter the amount that you took, in digits."))
        if amount and self._is_paid_by_card():
            raise UserError(
                self.env._("%s is paid by card. Have the office change how it is paid first.", self.display_name)
            )
        if amount and self.currency_id.is_zero(due):
            raise UserError(self.env._("%s: nothing is to be paid.", self.display_name))
        if amount and not self._is_same_money(amount, due):
            raise UserError(
                self.env._(
                    "%(amount)s was taken, but %(due)s is to be paid: take what is on the invoice.",
                    amount=self.currency_id.format(amount),
                    due=self.currency_id.format(due),
                )
            )
        self._write_facts({"cash_collected": amount})

    # === BUSINESS METHODS === #

    def _cash_due(self):
        """Return what the customer pays in cash, in the company's currency."""
        return 0.0 if self._is_paid_by_card() else self._door_due()

    def _door_papers(self):
        """Override: with the proof of payment: the card's sales draft, or the copy of the receipt."""
        paid = self.sudo().card_ids.state == "approved" or not self.currency_id.is_zero(self.sudo().cash_collected)
        return {**super()._door_papers(), "has_payment_proof": paid}

    def _record_outcome(self, outcome, note=None, back=None, entries=None):
        """Override: no cash where a card pays."""
        if (entries or {}).get("cash_collected") and self._is_paid_by_card():
            raise UserError(
                self.env._("%s is paid by card. Have the office change how it is paid first.", self.display_name)
            )
        return super()._record_outcome(outcome, note, back, entries)

    def _door_problems(self, outcome, note, units):
        """Override: cash isn't kept where nothing is handed over."""
        problems = super()._door_problems(outcome, note, units)
        taken = self.sudo().cash_collected
        if outcome not in HANDED_OVER and not self.currency_id.is_zero(taken):
            problems.append(
                self.env._("Give %s back to the customer, and enter 0 as cash.", self.currency_id.format(taken))
            )
        return problems

    def _missing_proofs(self):
        """Override: what was counted is in the books."""
        problems = super()._missing_proofs()
        if self._has_unbooked_cash():
            problems.append(
                self.env._(
                    "%(stop)s: %(amount)s in cash isn't in the books. Check the cash journal in the settings of "
                    "deliveries; it is booked when the run is closed.",
                    stop=self.display_name,
                    amount=self.currency_id.format(self.cash_counted),
                )
            )
        return problems

    def _has_unbooked_cash(self):
        stop = self.sudo()
        counted = stop._is_handed_over() and stop.order_id and not stop.currency_id.is_zero(stop.cash_counted)
        return bool(counted and stop.cash_payment_id.state not in ("in_process", "paid"))

    def _book_cash(self):
        """Post what CRM counted as payments for the orders, and match them with their invoices.

        What the books don't take stays open, and is said by :meth:`_missing_proofs`.
        """
        for stop in self.sudo().filtered(lambda stop: stop._has_unbooked_cash()):
            journal = stop.company_id._courier_cash_journal()
            if not journal:
                continue
            try:
                with self.env.cr.savepoint():
                    day = stop.branch_id._local(stop.run_id.counted_at).date()
                    values = stop.order_id._prepare_transfer_payment(stop.cash_counted, day, journal, stop.run_id.name)
                    payment = stop.order_id._book_payment(values, journal.default_account_id)
                    stop._write_facts({"cash_payment_id": payment.id})
            except UserError as error:
                stop.run_id.message_post(
                    body=self.env._("%(stop)s: cash isn't in the books: %(error)s", stop=stop.display_name, error=error)
                )

    def _unbook_cash(self):
        """Take payments back: the money is counted anew.

        :raise UserError: the books don't let them go
        """
        payments = self.sudo().cash_payment_id.filtered(lambda payment: payment.state in ("in_process", "paid"))
        if payments:
            payments.action_draft()
            payments.action_cancel()
        self.filtered(lambda stop: stop.sudo().cash_payment_id)._write_facts({"cash_payment_id": False})
