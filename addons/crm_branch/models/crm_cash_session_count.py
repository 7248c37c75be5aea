from odoo import api, fields, models
from odoo.exceptions import UserError

from ..cash_money import as_amount, as_quantity
from .crm_cash_session import DIFFERENCE


class CrmCashSession(models.Model):
    """Counting the cash: at opening, and at the end of the day (BR-12c)."""

    _inherit = "crm.cash.session"

    # === ACTION METHODS === #

    def action_close(self, count, reason=False):
        """Close the session with the cash that is in the drawer, counted.

        :param dict count: as in :meth:`CrmCashDesk.action_open`
        :param str reason: why it isn't what is expected
        :return: the difference: counted less expected
        :raise UserError: the count is no count, or the difference has no reason
        :raise AccessError: the user is neither the cashier nor a manager of the branch
        """
        self._check_closer()
        session = self.sudo()
        session.desk_id._lock()
        session.invalidate_recordset()
        session._check_source(session._workflow.find("close"))
        session._check_nothing_asked()
        counted, lines = session._read_count(session.currency_id, count)
        reason = session._check_reason(session.currency_id, session.expected, counted, reason)
        session._keep_count("closing", lines)
        return session._close(counted, reason)

    # === BUSINESS METHODS === #

    @api.model
    def _open(self, desk, count, reason):
        """Open a session of the user at the desk, which is locked and free."""
        currency, left = desk.currency_id, desk._cash_left()
        counted, lines = self._read_count(currency, count)
        difference = currency.round(counted - left)
        reason = self._check_reason(currency, left, counted, reason)
        session = self.create(
            {
                "desk_id": desk.id,
                "branch_id": desk.branch_id.id,
                "currency_id": currency.id,
                "user_id": self.env.uid,
                "day": desk.branch_id._today(),
                "opening_expected": left,
                "opening_counted": counted,
                "opening_difference": difference,
                "opening_reason": reason,
            }
        )
        session._keep_count("opening", lines)
        session._settle(difference, reason, session.env._("Cash difference at opening"))
        return session

    def _close(self, counted, reason):
        difference = self.currency_id.round(counted - self.expected)
        facts = {"counted": counted, "difference": difference, "difference_reason": reason}
        self.write({**facts, "closed_at": fields.Datetime.now()})
        self._workflow_do("close")
        self._settle(difference, reason, self.env._("Cash difference at closing"))
        return difference

    @api.model
    def _read_count(self, currency, count):
        """Return the sum of what was counted, and note or coin → how many.

        :raise UserError: it is neither a total nor quantities of the currency's notes and coins
        """
        count = count if isinstance(count, dict) else {}
        match sorted(count):
            case ["total"]:
                total = as_amount(count["total"], currency)
                if total is None or total < 0:
                    raise UserError(self.env._("Write the total of the cash, nothing less than zero."))
                return total, {}
            case ["lines"]:
                lines = self._read_lines(currency, count["lines"])
                return currency.round(sum(piece.value * quantity for piece, quantity in lines.items())), lines
        raise UserError(self.env._("Count the cash first: by notes and coins, or its total."))

    def _keep_count(self, phase, lines):
        self.env["crm.cash.count"].create(
            [
                {
                    "session_id": self.id,
                    "phase": phase,
                    "denomination_id": piece.id,
                    "value": piece.value,
                    "quantity": quantity,
                }
                for piece, quantity in lines.items()
                if quantity
            ]
        )

    @api.model
    def _read_lines(self, currency, quantities):
        """Return note or coin → how many, of what a client sent."""
        if not isinstance(quantities, dict) or not quantities:
            raise UserError(self.env._("Count the cash first: by notes and coins, or its total."))
        known = {
            str(piece.id): piece
            for piece in self.env["crm.cash.denomination"].search([("currency_id", "=", currency.id)])
        }
        lines = {}
        for key, value in quantities.items():
            piece, quantity = known.get(str(key)), as_quantity(value)
            if piece is None:
                raise UserError(self.env._("There is no such note or coin in %s.", currency.name))
            if quantity is None:
                raise UserError(self.env._("%s: write how many there are, in whole numbers.", piece.display_name))
            lines[piece] = quantity
        return lines

    @api.model
    def _check_reason(self, currency, expected, counted, reason):
        """Return the reason, which a difference must have, and nothing else has."""
        difference = counted - expected
        if currency.is_zero(difference):
            return False
        reason = reason.strip() if isinstance(reason, str) else ""
        if not reason:
            money = currency.format
            raise UserError(
                self.env._(
                    "Counted %(counted)s, expected %(expected)s: a difference of %(difference)s. Count again, or say "
                    "why.",
                    counted=money(counted),
                    expected=money(expected),
                    difference=money(difference),
                )
            )
        return reason

    def _check_nothing_asked(self):
        if asked := self.payment_ids.filtered(lambda payment: payment.state == "asked"):
            raise UserError(
                self.env._(
                    "The manager hasn't decided yet on the reversal of %s: have it decided, or withdraw it.",
                    ", ".join(asked.mapped("name")),
                )
            )

    def _settle(self, difference, reason, label):
        """Book a difference, and show it to the manager at once."""
        if self.currency_id.is_zero(difference):
            return
        journal = self.desk_id.journal_id
        account = journal.profit_account_id if difference > 0 else journal.loss_account_id
        self._book(difference, f"{label}: {reason}", account)
        summary = self.env._(
            "%(amount)s at %(desk)s", amount=self.currency_id.format(difference), desk=self.desk_id.name
        )
        self._tell_manager(DIFFERENCE, f"{label}: {summary}", reason)

    def _book(self, amount, label, account):
        """Book cash that came in (positive) or went out, as Odoo's own cash register does: a line of the cash
        journal's statement, straight against the account.
        """
        lines = self.env["account.bank.statement.line"].sudo().with_company(self.company_id)
        line = lines.with_context(no_retrieve_partner=True).create(
            {
                "journal_id": self.desk_id.journal_id.id,
                "date": self.branch_id._today(),
                "amount": amount,
                "payment_ref": label,
                "counterpart_account_id": account.id,
            }
        )
        line.move_id._keep_for_desk(self)
        return line.move_id
