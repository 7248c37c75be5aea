import math

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_round

from .. import door
from .crm_courier_card import IDENTITY_KINDS
from .crm_courier_stop import HANDED_OVER

CHECK_KEYS = frozenset({"consent", "holder_present", "signature_matches", "id_kind", "id_photo"})
ANSWERS = ("consent", "holder_present", "signature_matches")
SWIPE_KEYS = frozenset({"amount", "result", "terminal_id", "approval_code", "last_four", "authorisation_code"})
#: What a client may call the code on a card's back.
SECURITY_CODES = frozenset({"cvv", "cvc", "cvv2", "cvc2", "cid", "csc", "pin"})


class CrmCourierStop(models.Model):
    """Paying by card at the door (SOP-12)."""

    _inherit = "crm.courier.stop"

    payment_choice = fields.Selection(related="order_id.payment_choice", string="Payment By")
    card_ids = fields.One2many("crm.courier.card", "stop_id", "Card Payment", readonly=True)
    card_state = fields.Selection(
        lambda self: self.env["crm.courier.card"]._fields["state"]._description_selection(self.env),
        "Card",
        compute="_compute_card_state",
        search="_search_card_state",
    )

    # === COMPUTE METHODS === #

    @api.depends("card_ids.state")
    def _compute_card_state(self):
        for stop in self:
            stop.card_state = stop.card_ids.state

    @api.model
    def _search_card_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = [("card_ids", "any", [("state", "in", [state for state in value if state])])]
        return found if all(value) else ["|", ("card_ids", "=", False), *found]

    # === FROM THE PHONE === #

    def _door_kinds(self):
        """Override: with verifying and swiping a card, and cash."""
        return {
            **super()._door_kinds(),
            "card_check": "_door_card_check",
            "card_swipe": "_door_card_swipe",
            "cash": "_door_cash",
        }

    def _door_data(self):
        """Override: with what the courier needs to know of the payment."""
        return {**super()._door_data(), "card": self._door_card_data(), "cash": self._door_cash_data()}

    def _door_card_data(self):
        if not self._is_paid_by_card():
            return {"required": False}
        order, company, card = self.order_id, self.company_id, self.card_ids
        amount, above = self._door_due(), company.courier_card_authorise_above
        kinds = dict(order._fields["card_kind"]._description_selection(self.env))
        networks = dict(order._fields["card_network"]._description_selection(self.env))
        states = dict(self._fields["card_state"]._description_selection(self.env))
        results = dict(card.try_ids._fields["result"]._description_selection(self.env))
        state = card.state or "to_check"
        terminal = self.run_id.terminal_id
        return {
            "required": True,
            "bank": order.card_bank_id.name or "",
            "bank_phone": order.card_bank_id.phone or "",
            "kind": " ".join(filter(None, (kinds.get(order.card_kind), networks.get(order.card_network)))),
            "amount": amount,
            "amount_text": self.currency_id.format(amount),
            "minimum": company.courier_card_minimum,
            "authorise_above": above,
            "needs_authorisation": self.currency_id.compare_amounts(amount, above) > 0,
            "consent_text": company._courier_consent(),
            "id_kinds": dict(IDENTITY_KINDS),
            "has_id_copy": bool(card) and card._has_copy(),
            "terminal": {"id": terminal.id, "name": terminal.display_name} if terminal else False,
            "state": state,
            "state_text": states[state],
            "message": card._door_message() if card else "",
            "approval_code": card.approval_code or "",
            "tries": [
                {
                    "result": swipe.result,
                    "result_text": results[swipe.result],
                    "amount_text": self.currency_id.format(swipe.amount),
                    "made_at": fields.Datetime.to_string(swipe.made_at),
                }
                for swipe in card.try_ids
            ],
        }

    def _door_card_check(self, values):
        """Take the answers of the card's verification and the picture of the ID (SOP-12d, SOP-12e).

        :param dict values: ``{"consent", "holder_present", "signature_matches": bool, "id_kind": "ktp", "sim" or
            "passport", "id_photo": JPEG as base64}``; no ID is asked for, or kept, where an answer is “no”
        :raise UserError: something is missing or can't be, or the delivery isn't paid by card
        """
        self._check_values(values, CHECK_KEYS)
        card = self._open_card()
        answers = {name: values.get(name) for name in ANSWERS}
        if any(type(answer) is not bool for answer in answers.values()):
            raise UserError(
                self.env._(
                    "Answer all three with yes or no: may the ID be copied, is the holder the customer, is the "
                    "signature the one on the ID."
                )
            )
        kind, picture = False, b""
        if all(answers.values()):
            kind = door.choice(self.env, values, "id_kind", dict(IDENTITY_KINDS))
            picture = door.picture(self.env, values, "id_photo", "JPEG")
            if not picture and not card._has_copy():
                raise UserError(self.env._("Take a picture of the customer's ID: KTP, SIM or passport."))
        card._verify(answers, kind, picture, self._door_moment())

    def _door_card_swipe(self, values):
        """Take what the terminal's slip says (SOP-12f, SOP-12g, SOP-12h).

        :param dict values: ``{"amount": number, "result": "approved", "declined" or "do_not_honor", "terminal_id": id,
            "approval_code", "last_four", "authorisation_code": text}``
        :raise UserError: something on it can't be, or the card isn't verified
        """
        self._check_values(values, SWIPE_KEYS)
        card = self._open_card()
        if card.state not in ("checked", "ask_bank"):
            raise UserError(
                card.problem
                or self.env._("Verify the card first: consent, holder, signature, and a picture of the ID.")
            )
        terminal = self.sudo().run_id.terminal_id
        if not terminal:
            raise UserError(self.env._("No card terminal is on this run. Call the office."))
        if values.get("terminal_id") != terminal.id:
            raise UserError(self.env._("The terminal of this run is %s: swipe there.", terminal.display_name))
        moment = self._door_moment()
        slip = card._check_slip(values, self._door_due(), terminal, moment)
        card._swipe(slip, terminal, moment)

    # === BUSINESS METHODS === #

    def _is_paid_by_card(self):
        return self.sudo().order_id.payment_choice == "card" and not self.currency_id.is_zero(self._door_due())

    def _door_due(self):
        """Hook: return what the customer pays at this door, in the company's currency.

        It was noted when the run left. What has come in since, or is to be transferred now, isn't asked for again.
        """
        stop = self.sudo()
        if stop._is_handed_over() or stop._paid_at_door() or not stop.order_id:
            return stop.to_collect
        return min(stop.to_collect, stop.order_id._courier_amounts_to_collect()[stop.order_id])

    def _paid_at_door(self):
        """Hook: return what the customer has paid at this door: by CRM's count, until then as the courier says."""
        card = self.sudo().card_ids
        return card.amount if card.state == "approved" else 0.0

    def _open_card(self):
        """Return the card payment of this stop, to be changed by the user at this moment.

        :raise AccessError: it is another courier's
        :raise UserError: nothing is to be paid by card, it is paid, or it was said what came of the delivery
        """
        self._check_paying()
        if not self._is_paid_by_card():
            raise UserError(self.env._("%s isn't paid by card.", self.display_name))
        card = self.sudo().card_ids or self.env["crm.courier.card"]._as_step().create({"stop_id": self.id})
        card.invalidate_recordset(["state"])
        if card.state == "approved":
            raise UserError(self.env._("%s: the card payment is approved already.", self.display_name))
        return card.with_env(self.sudo().env)

    def _check_paying(self):
        """Check that the user is at the door of this stop, and nothing was said of the delivery yet; lock it."""
        self.ensure_one()
        self.check_access("read")
        self.run_id._check_at_door()
        self._lock_for_outcome()

    def _check_values(self, values, known):
        """Check that a client sends what is asked for and nothing else, and no card number in it.

        :raise UserError: there is something else
        """
        if not isinstance(values, dict):
            raise UserError(self.env._("That isn't an entry that can be understood."))
        if any(str(key).lower() in SECURITY_CODES for key in values):
            raise UserError(self.env._("The code on the back of a card and its PIN are never entered."))
        self._refuse_card_numbers({key: value for key, value in values.items() if key != "id_photo"})
        if values.keys() - known:
            raise UserError(self.env._("That isn't an entry that can be understood."))

    def _is_amount(self, value):
        return type(value) in (int, float) and math.isfinite(value) and 0 <= value < 10**12

    def _is_same_money(self, one, other):
        """Return whether two amounts are the same; rupiahs are counted in whole ones."""
        order = self.sudo().order_id
        if order.currency_id == self.currency_id:
            return not order._compare_money(one, other)
        return not self.currency_id.compare_amounts(float_round(one, precision_digits=6), other)

    def _door_problems(self, outcome, note, units):
        """Override: nothing is handed over where the card wasn't approved (SOP-12h)."""
        problems = super()._door_problems(outcome, note, units)
        if outcome in HANDED_OVER and self._is_paid_by_card() and self.sudo().card_ids.state != "approved":
            problems.append(
                self.env._(
                    "%(amount)s is to be paid by card, and no payment is approved: nothing is handed over. Take the "
                    "goods back, or have the office change how the order is paid.",
                    amount=self.currency_id.format(self._door_due()),
                )
            )
        return problems

    def _missing_proofs(self):
        """Override: an approved card payment is in the books, and the goods are with the customer (SOP-13b)."""
        problems = super()._missing_proofs()
        card = self.sudo().card_ids
        if card.state == "approved" and not self._is_handed_over():
            problems.append(
                self.env._(
                    "%(stop)s: the card was charged %(amount)s, but nothing was handed over. Void it on the terminal, "
                    "and have a manager void it here.",
                    stop=self.display_name,
                    amount=card.currency_id.format(card.amount),
                )
            )
        elif card.state == "approved" and not card.is_booked:
            problems.append(
                self.env._(
                    "%s: the card payment isn't in the books. Finance books it (Card Payments).", self.display_name
                )
            )
        return problems
