import base64
import io
import re

from PIL import Image

from odoo import fields, models
from odoo.exceptions import UserError

from .crm_courier_card import DOOR
from .crm_courier_card_try import RESULTS

APPROVAL_CODE = re.compile(r"[A-Z0-9]{6}", re.ASCII)
AUTHORISATION_CODE = re.compile(r"[A-Z0-9]{4,12}", re.ASCII)
LAST_FOUR = re.compile(r"[0-9]{4}", re.ASCII)
#: The longer side of a copy of an ID, in pixels: readable, and no more.
COPY_SIDE = 1600


class CrmCourierCard(models.Model):
    """What the courier enters at the door: the customer's consent, what the card and the ID look like, the slip."""

    _inherit = "crm.courier.card"

    # === VERIFYING === #

    def _verify(self, answers, id_kind, picture, moment):
        """Note the answers; any “no” stops the payment, and no copy of the ID is kept (SOP-12d, SOP-12e).

        :param dict answers: ``{"consent": bool, "holder_present": bool, "signature_matches": bool}``
        :param bytes picture: JPEG of the ID
        """
        self.ensure_one()
        step = self._as_step().with_context(crm_courier_door=DOOR)
        problem = self._no_text(answers)
        step._write_facts(
            {
                "consent_at": answers["consent"] and moment,
                "consent_text": answers["consent"] and self.company_id._courier_consent(),
                "holder_present": answers["holder_present"],
                "signature_matches": answers["signature_matches"],
                "id_kind": id_kind,
                "checked_by_id": self.env.uid,
                "problem": problem,
            }
        )
        if problem:
            step.identity_ids._erase(problem)
            step._workflow_do("stop", problem)
        else:
            step._keep_copy(id_kind, picture, moment)
            step._workflow_do("check")

    def _no_text(self, answers):
        """Return what was answered with “no”, in the office's words, or False."""
        texts = {
            "consent": self.env._("The customer doesn't allow a copy of the ID."),
            "holder_present": self.env._("The card's holder isn't the customer."),
            "signature_matches": self.env._("The signature on the card isn't the one on the ID."),
        }
        return " ".join(text for name, text in texts.items() if not answers[name]) or False

    def _keep_copy(self, kind, picture, moment):
        """Keep the picture, made anew: what a phone writes into a file beside the picture isn't kept."""
        if not picture:
            return
        self.identity_ids._erase(self.env._("A newer copy was taken."))
        with Image.open(io.BytesIO(picture), formats=["JPEG"]) as image:
            copy = image.convert("RGB")
        copy.info.clear()
        copy.thumbnail((COPY_SIDE, COPY_SIDE))
        data = io.BytesIO()
        copy.save(data, "JPEG", quality=80)
        today = self.branch_id._local(moment).date()
        self.env["crm.courier.identity"]._as_step().create(
            {
                "card_id": self.id,
                "kind": kind,
                "image": base64.b64encode(data.getvalue()),
                "taken_at": moment,
                "erase_on": fields.Date.add(today, days=self.company_id.courier_id_days),
            }
        )

    def _has_copy(self):
        return bool(self.sudo().identity_ids.filtered(lambda copy: not copy.erased_at))

    # === SWIPING === #

    def _swipe(self, slip, terminal, moment):
        """Note what the terminal said (SOP-12g); approved money is booked, declined sends the customer to the bank.

        :param dict slip: see :meth:`_check_slip`
        """
        self.ensure_one()
        step = self._as_step().with_context(crm_courier_door=DOOR)
        approved = slip["result"] == "approved"
        self.env["crm.courier.card.try"]._as_step().create(
            {
                **slip,
                "card_id": self.id,
                "terminal_id": terminal.id,
                "terminal_day": self.branch_id._local(moment).date(),
                "made_at": moment,
                "user_id": self.env.uid,
            }
        )
        if approved:
            step._write_facts(
                {
                    "amount": slip["amount"],
                    "approval_code": slip["approval_code"],
                    "last_four": slip["last_four"],
                    "approved_at": moment,
                    "problem": False,
                }
            )
        step._workflow_do("approve" if approved else "decline")

    def _check_slip(self, values, due, terminal, moment):
        """Return what the slip says as the values of a try.

        :param due: what the customer owes, in the company's currency
        :raise UserError: something on it can't be
        """
        slip = {
            "result": values.get("result"),
            "amount": values.get("amount"),
            "approval_code": self._code(values, "approval_code"),
            "last_four": self._code(values, "last_four"),
            "authorisation_code": self._code(values, "authorisation_code"),
        }
        if slip["result"] not in dict(RESULTS):
            raise UserError(self.env._("Say what the terminal said: approved, declined or do not honor."))
        self._check_last_four(slip)
        self._check_amount(slip["amount"], due)
        if slip["result"] != "approved":
            if slip["approval_code"]:
                raise UserError(self.env._("What is declined has no approval code: look at the slip again."))
            return slip
        self._check_approval(slip, terminal, moment)
        return slip

    def _code(self, values, name):
        value = values.get(name)
        if value is None or value is False or value == "":
            return False
        if not isinstance(value, str):
            raise UserError(self.env._("“%s” isn't a text.", name))
        return value.strip().upper() or False

    def _check_last_four(self, slip):
        given = slip["last_four"] or slip["result"] == "approved"
        if given and not LAST_FOUR.fullmatch(slip["last_four"] or ""):
            raise UserError(
                self.env._("Enter the last four digits of the card, as they are on the slip: exactly four digits.")
            )

    def _check_amount(self, amount, due):
        if not self.stop_id._is_amount(amount):
            raise UserError(self.env._("Enter the amount that was swiped, in digits."))
        if not self.stop_id._is_same_money(amount, due):
            raise UserError(
                self.env._(
                    "%(amount)s was swiped, but %(due)s is to be paid: the amount on the terminal is that of the "
                    "invoice. If it was charged, have the terminal void it, then swipe the right amount.",
                    amount=self.currency_id.format(amount),
                    due=self.currency_id.format(due),
                )
            )

    def _check_approval(self, slip, terminal, moment):
        if not slip["approval_code"] or not APPROVAL_CODE.fullmatch(slip["approval_code"]):
            raise UserError(
                self.env._(
                    "Enter the approval code that is on the slip: six letters or digits. Never the code on the back of "
                    "the card."
                )
            )
        if self._needs_authorisation(slip["amount"]):
            if not slip["authorisation_code"] or not AUTHORISATION_CODE.fullmatch(slip["authorisation_code"]):
                raise UserError(
                    self.env._(
                        "Above %(limit)s the bank authorises first: call %(bank)s (%(phone)s), and enter the code that "
                        "they say, 4 to 12 letters or digits.",
                        limit=self.currency_id.format(self.company_id.courier_card_authorise_above),
                        bank=self.bank_id.name or self.env._("the card's bank"),
                        phone=self.bank_id.phone or "–",
                    )
                )
        elif slip["authorisation_code"] and not AUTHORISATION_CODE.fullmatch(slip["authorisation_code"]):
            raise UserError(self.env._("A bank's code has 4 to 12 letters or digits."))
        used = (
            self.env["crm.courier.card.try"]
            .sudo()
            .search_count(
                [
                    ("terminal_id", "=", terminal.id),
                    ("terminal_day", "=", self.branch_id._local(moment).date()),
                    ("approval_code", "=", slip["approval_code"]),
                ],
                limit=1,
            )
        )
        if used:
            raise UserError(
                self.env._("This approval code was used on this terminal today already: look at the slip again.")
            )

    def _needs_authorisation(self, amount):
        return self.currency_id.compare_amounts(amount, self.company_id.courier_card_authorise_above) > 0

    # === FOR THE PHONE === #

    def _door_message(self):
        """Return what the courier does next."""
        bank, phone = self.bank_id.name or "", self.bank_id.phone or ""
        texts = {
            "stopped": self.env._("%s No card payment. Call the office, or take the goods back.", self.problem or ""),
            "ask_bank": self.env._(
                "The bank declined. Ask the card's holder to call %(bank)s %(phone)s, then swipe again. If it fails "
                "again, take the goods back: nothing is handed over.",
                bank=bank,
                phone=phone,
            ),
            "voided": self.env._("The office has taken the payment back. Verify the card and swipe again."),
        }
        return texts.get(self.state, "")
