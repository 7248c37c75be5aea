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
            raise UserError(self._wrong_cash_text(amount, due))
        self._write_facts({"cash_collected": amount})

    # === BUSINESS METHODS === #

    def _cash_due(self):
        """Return what the customer pays in cash, in the company's currency."""
        return 0.0 if self._is_paid_by_card() else self._door_due()

    def _door_papers(self):
        """Override: with the proof of payment: the card's sales draft, or the copy of the receipt."""
        paid = self.sudo().card_ids.state == "approved" or not self.currency_id.is_zero(self.sudo().cash_collected)
        return {**super()._door_papers(), "has_payment_proof": paid}

    def _paid_at_door(self):
        """Override: with the cash."""
        return super()._paid_at_door() + self._cash_had()

    def _record_outcome(self, outcome, note=None, back=None, entries=None):
        """Override: cash is what the customer owes for what they get, and none where a card pays. What was owed is
        noted: what is less is a discrepancy.
        """
        self.ensure_one()
        self.check_access("read")
        cash = (entries or {}).get("cash_collected", self.sudo().cash_collected)
        if cash and self._is_paid_by_card():
            raise UserError(
                self.env._("%s is paid by card. Have the office change how it is paid first.", self.display_name)
            )
        due = self._door_due()
        kept = self._due_for_kept(due, back)
        if cash and not any(self._is_same_money(cash, amount) for amount in (due, kept)):
            raise UserError(self._wrong_cash_text(cash, kept))
        paid = cash + super()._paid_at_door()
        result = super()._record_outcome(outcome, note, back, entries)
        if self._is_handed_over():
            self._write_facts({"to_collect": due if self._is_same_money(paid, due) else kept})
        return result

    def _due_for_kept(self, due, back):
        """Return what is due where the customer doesn't take some of what is in order."""
        back = (back or self.env["crm.courier.unit"]).sudo() & self.sudo().unit_ids
        refused = back.filtered(lambda unit: unit.condition != "damaged")
        return self.currency_id.round(max(due - sum(unit._price() for unit in refused), 0.0)) if refused else due

    def _wrong_cash_text(self, amount, due):
        return self.env._(
            "%(amount)s was taken, but %(due)s is to be paid: take what is on the invoice.",
            amount=self.currency_id.format(amount),
            due=self.currency_id.format(due),
        )

    def _door_problems(self, outcome, note, units):
        """Override: cash isn't kept where nothing is handed over."""
        problems = super()._door_problems(outcome, note, units)
        taken = self.sudo().cash_collected
        if outcome not in HANDED_OVER and not self.currency_id.is_zero(taken):
            problems.append(
                self.env._("Give %s back to the customer, and enter 0 as cash.", self.currency_id.format(taken))
            )
        return problems

    def _count_differences(self):
        """Override: with what the customer should have paid at the door and didn't, by what the courier said."""
        differences = super()._count_differences()
        if self._is_underpaid() and not self._is_same_money(self._said_paid(), self.to_collect):
            paid = self._paid_at_door()
            differences.append({"stop_id": self.id, "kind": "due", "declared": self.to_collect, "counted": paid})
        return differences

    def _said_paid(self):
        """Return what was paid at the door, as the courier said."""
        return super()._paid_at_door() + self.sudo().cash_collected

    def _is_underpaid(self):
        """Return whether what was handed over isn't paid as it was to be."""
        return self._is_handed_over() and not self._is_same_money(self._paid_at_door(), self.to_collect)

    def _missing_proofs(self):
        """Override: what was to be paid was, or a discrepancy says why not; and what was counted is in the books."""
        problems = super()._missing_proofs()
        money = self.sudo().run_id.discrepancy_ids.filtered(
            lambda difference: difference.stop_id == self and difference.kind in ("cash", "due")
        )
        if self._is_underpaid() and not money:
            problems.append(
                self.env._(
                    "%(stop)s: %(due)s was to be paid at the door, and %(paid)s was. Have a manager take the count "
                    "back, then count it anew and say why.",
                    stop=self.display_name,
                    due=self.currency_id.format(self.to_collect),
                    paid=self.currency_id.format(self._paid_at_door()),
                )
            )
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
