import re

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..cash_money import as_amount, payable
from .crm_cash_move import MOVED

#: What a client calls one payment by, however often it sends it.
KEY = re.compile(r"[A-Za-z0-9-]{8,64}")
COUNTERPARTS = ("bank", "headquarters")


class CrmCashSession(models.Model):
    """Money in and out: payments of invoices, duplicates of them, and cash to and from the bank (BR-12)."""

    _inherit = "crm.cash.session"

    # === ACTION METHODS === #

    def action_pay(self, search_id, invoice_id, amount, tendered, key):
        """Take cash for an invoice, book it and match it at once, without any fee (BR-12a).

        :param int search_id: the user's search of this session that found the invoice
        :param float amount: what of the open amount is paid; in the desk's currency, like ``tendered``
        :param float tendered: what the customer handed over; the change is what is too much
        :param str key: the client's name for this payment: sent again, nothing is paid again
        :return: dict ``id, name, amount, tendered, change, residual, invoice, customer``
        :raise UserError: the desk isn't open today; the invoice or an amount won't do
        :raise AccessError: it isn't the user's desk, or they haven't found the invoice
        """
        self._check_taking()
        session = self.sudo()
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise UserError(self.env._("A payment needs a key of its own."))
        session.desk_id._lock()
        if known := session.payment_ids.filtered(lambda payment: payment.key == key):
            return session._same_payment(known, invoice_id, amount)
        search, invoice = session._granted(search_id, invoice_id)
        session._lock_invoice(invoice)
        amount, tendered = session._check_payment(invoice, amount, tendered)
        payment = session._take(invoice, amount, tendered, key)
        session.searches_unpaid -= not search.is_paid
        search.is_paid = True
        return session._receipt(payment)

    def action_duplicate(self, search_id, invoice_id):
        """Issue a duplicate of an invoice that the user has found in this session (BR-12b).

        :return: the action that prints it
        """
        self._check_taking()
        search, invoice = self.sudo()._granted(search_id, invoice_id)
        duplicate = search.env["crm.cash.duplicate"].create(
            {
                "session_id": self.id,
                "branch_id": search.branch_id.id,
                "search_id": search.id,
                "user_id": self.env.uid,
                "day": search.branch_id._today(),
                "invoice_id": invoice.id,
                "invoice_number": invoice.name,
            }
        )
        return duplicate.with_env(self.env).action_print()

    def action_move_cash(self, direction, counterpart, amount, reason):
        """Put cash into the drawer or take it out, from or to the bank or headquarters; the manager confirms it.

        :return: id of what is recorded
        """
        self._check_taking()
        session = self.sudo()
        session.desk_id._lock()
        session.invalidate_recordset(["expected"])
        amount = session._check_amount(amount)
        if direction not in ("in", "out") or counterpart not in COUNTERPARTS:
            raise UserError(self.env._("Say whether cash is put in or taken out, and from or to where."))
        reason = reason.strip() if isinstance(reason, str) else ""
        if not reason:
            raise UserError(self.env._("Say why the cash is put in or taken out, e.g. the number of the bank's bag."))
        if direction == "out" and session.currency_id.compare_amounts(amount, session.expected) > 0:
            money = session.currency_id.format(session.expected)
            raise UserError(self.env._("There is only %s in the drawer.", money))
        return session._move_cash(direction, counterpart, amount, reason).id

    # === BUSINESS METHODS === #

    def _granted(self, search_id, invoice_id):
        """Return the search and the invoice, if the user has found it by that search in this session."""
        search = self.env["crm.cash.search"]
        if type(search_id) is int and type(invoice_id) is int:
            search = search.browse(search_id).exists()
        if not search or search.session_id != self or search.user_id.id != self.env.uid:
            raise UserError(self.env._("Find the invoice first."))
        invoice = search.invoice_ids.filtered(lambda invoice: invoice.id == invoice_id)
        if not invoice:
            raise UserError(self.env._("Find the invoice first."))
        return search, invoice

    def _lock_invoice(self, invoice):
        """Wait until nobody else books on the invoice; who began before the other ended begins again, by the server."""
        self.env.flush_all()
        self.env.execute_query(SQL("SELECT id FROM account_move WHERE id = %s FOR UPDATE", invoice.id))
        invoice.invalidate_recordset(["state", "amount_residual", "payment_state"], flush=False)

    def _refused_invoice(self, invoice):
        """Return why the desk takes no money for such an invoice, whatever is open of it; else nothing."""
        sold = invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        if not sold or any(not line.contract_line_id for line in sold):
            return self.env._("%s isn't for a service of headquarters: no cash is taken for it here.", invoice.name)
        return None

    def _problem(self, invoice):
        """Return why the invoice can't be paid at this desk now; else nothing."""
        if invoice.move_type != "out_invoice" or invoice.state != "posted" or invoice.company_id != self.company_id:
            return self.env._("This is no invoice that can be paid.")
        if refused := self._refused_invoice(invoice):
            return refused
        if invoice.currency_id != self.currency_id:
            return self.env._(
                "%(invoice)s is in %(currency)s; this desk takes %(own)s.",
                invoice=invoice.name,
                currency=invoice.currency_id.name,
                own=self.currency_id.name,
            )
        if self._is_paid(invoice):
            return self.env._("%s is paid already.", invoice.name)
        return None

    def _check_amount(self, value):
        """Return the amount that a client sent.

        :raise UserError: it is no amount of this currency, or nothing, or less
        """
        amount = as_amount(value, self.currency_id)
        if amount is None:
            raise UserError(
                self.env._(
                    "“%(value)s” is no amount of cash in %(currency)s.", value=value, currency=self.currency_id.name
                )
            )
        if self.currency_id.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("The amount must be more than zero."))
        return amount

    def _check_payment(self, invoice, amount, tendered):
        """Return amount and tendered, if the invoice can be paid with them."""
        if problem := self._problem(invoice):
            raise UserError(problem)
        amount, tendered = self._check_amount(amount), self._check_amount(tendered)
        money, compare = self.currency_id.format, self.currency_id.compare_amounts
        if compare(tendered, amount) < 0:
            raise UserError(
                self.env._("%(given)s isn't enough for %(amount)s.", given=money(tendered), amount=money(amount))
            )
        left = payable(invoice.amount_residual, self.currency_id)
        if compare(amount, left) > 0:
            raise UserError(
                self.env._(
                    "Only %(open)s of %(invoice)s is open: take that much, and hand back %(change)s.",
                    open=money(left),
                    invoice=invoice.name,
                    change=money(tendered - left),
                )
            )
        return amount, tendered

    def _prepare_payment_vals(self, invoice, amount, account):
        """Return the values of a payment at the desk."""
        journal = self.desk_id.journal_id
        method = journal.inbound_payment_method_line_ids.filtered(lambda line: line.code == "manual")[:1]
        return {
            "partner_type": "customer",
            "partner_id": invoice.commercial_partner_id.id,
            "amount": amount,
            "currency_id": self.currency_id.id,
            "date": self.branch_id._today(),
            "journal_id": journal.id,
            "company_id": self.company_id.id,
            "payment_method_line_id": method.id,
            "destination_account_id": account.id,
        }

    def _take(self, invoice, amount, tendered, key):
        """Book the payment, match it with the invoice, and make its receipt."""
        owed = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term" and not line.reconciled)
        number = self.desk_id._next_number()
        name = f"{self.desk_id.code}/{number:06d}"
        payments = self.env["account.payment"].with_company(self.company_id)
        booked = payments.create(
            {
                **self._prepare_payment_vals(invoice, amount, owed.account_id[:1]),
                "payment_type": "inbound",
                "memo": f"{name} · {invoice.name}",
            }
        )
        before = invoice.amount_residual
        self._post(booked)
        (booked._seek_for_lines()[1] | owed).reconcile()
        booked.move_id._keep_for_desk(self)
        left = invoice.amount_residual
        if self.currency_id.compare_amounts(before - left, amount):
            raise UserError(self.env._("%s couldn't be matched with its payment: tell finance.", invoice.name))
        return self.env["crm.cash.payment"].create(
            {
                "name": name,
                "number": number,
                "session_id": self.id,
                "desk_id": self.desk_id.id,
                "branch_id": self.branch_id.id,
                "currency_id": self.currency_id.id,
                "user_id": self.env.uid,
                "day": self.branch_id._today(),
                "invoice_id": invoice.id,
                "partner_id": invoice.partner_id.id,
                "invoice_number": invoice.name,
                "customer_name": invoice.commercial_partner_id.name,
                "amount": amount,
                "tendered": tendered,
                "change": self.currency_id.round(tendered - amount),
                "residual": left,
                "key": key,
                "payment_id": booked.id,
            }
        )

    def _post(self, payment):
        """Book a payment straight on the account of the drawer: cash waits for no bank statement."""
        payment.outstanding_account_id = self.desk_id.journal_id.default_account_id
        payment.action_post()

    def _same_payment(self, payment, invoice_id, amount):
        """Return the receipt of a payment that was sent before; what is sent again must be the same."""
        if payment.invoice_id.id != invoice_id or as_amount(amount, self.currency_id) != payment.amount:
            raise UserError(self.env._("Another payment was taken under this key: begin anew."))
        return self._receipt(payment)

    def _receipt(self, payment):
        return {
            "id": payment.id,
            "name": payment.name,
            "amount": payment.amount,
            "tendered": payment.tendered,
            "change": payment.change,
            "residual": payment.residual,
            "invoice": payment.invoice_number,
            "customer": payment.customer_name,
        }

    def _move_cash(self, direction, counterpart, amount, reason):
        signed = amount if direction == "in" else -amount
        entry = self._book(signed, reason, self.company_id.transfer_account_id)
        move = self.env["crm.cash.move"].create(
            {
                "session_id": self.id,
                "desk_id": self.desk_id.id,
                "branch_id": self.branch_id.id,
                "currency_id": self.currency_id.id,
                "user_id": self.env.uid,
                "day": self.branch_id._today(),
                "direction": direction,
                "counterpart": counterpart,
                "amount": amount,
                "reason": reason,
                "entry_id": entry.id,
            }
        )
        self._tell_manager(
            MOVED,
            self.env._(
                "Confirm at %(desk)s: %(amount)s", desk=self.desk_id.name, amount=self.currency_id.format(signed)
            ),
            reason,
        )
        return move
