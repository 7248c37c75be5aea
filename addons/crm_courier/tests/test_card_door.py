from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .card_common import YES, CardCase, photo

SVG = "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="


class TestCardDoor(CardCase):
    """SOP-12d … SOP-12h: what is asked, looked at and swiped at the customer's door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stop = cls._create_card_stop()
        cls.own = cls.stop.with_user(cls.courier)

    def _refused(self, words, kind="card_swipe", **values):
        """Check that an entry is refused with these words, which repeat no card's number."""
        with self.assertRaisesRegex(UserError, words) as refused, self.cr.savepoint():
            getattr(self, "_swipe" if kind == "card_swipe" else "_verify")(self.stop, **values)
        return str(refused.exception)

    # === VERIFYING === #

    def test_data_for_the_phone(self):
        """SOP-12d: the phone shows what to say, bank, amount, and whether the bank is to be called."""
        data = self.own.sudo()._door_data()["card"]
        self.assertTrue(data["required"] and data["needs_authorisation"])
        self.assertEqual((data["bank"], data["bank_phone"]), ("Bank Mandiri", "021-527 70 70"))
        self.assertEqual((data["amount"], data["state"]), (3_000_000, "to_check"))
        self.assertIn("verify that the card is yours", data["consent_text"])
        self.assertEqual(data["terminal"]["id"], self.terminal.id)
        self.company.courier_consent_text = "Boleh kami foto KTP?"
        self.assertEqual(self.own.sudo()._door_data()["card"]["consent_text"], "Boleh kami foto KTP?")

    def test_verified(self):
        """SOP-12d, SOP-12e: consent with its words and time, holder, signature and kind of ID are noted."""
        card = self._verify(self.stop)
        self.assertEqual((card.state, card.id_kind, card.checked_by_id), ("checked", "ktp", self.courier))
        self.assertTrue(card.consent_at and card.holder_present and card.signature_matches)
        self.assertIn("identity card", card.consent_text)
        self.assertEqual(len(card.sudo().identity_ids), 1)

    def test_no_stops_the_payment(self):
        """SOP-12d, SOP-12e: any “no” stops the payment, with the reason; no copy of the ID is kept."""
        texts = {
            "consent": "doesn't allow a copy",
            "holder_present": "holder isn't the customer",
            "signature_matches": "signature on the card",
        }
        for name, words in texts.items():
            card = self._verify(self.stop, **{name: False})
            self.assertEqual(card.state, "stopped")
            self.assertIn(words, card.problem)
            self.assertFalse(card.sudo().identity_ids.filtered("image"))
            self._refused(words)
            self.assertIn("take the goods back", self.own.sudo()._door_data()["card"]["message"])
        logs = card.workflow_log_ids.filtered(lambda log: log.transition == "stop")
        self.assertEqual(len(logs), 3)
        self.assertEqual(self._verify(self.stop).state, "checked", "the holder came home")

    def test_answers_are_required(self):
        """SOP-12d, SOP-12e: none of the answers may be left out, or be anything but yes or no."""
        for name in ("consent", "holder_present", "signature_matches"):
            for value in (None, "yes", 1, [], {}):
                self._refused("yes or no", "check", **{name: value})
        for value in (None, "npwp", 3):
            self._refused("isn't one of the answers", "check", id_kind=value)
        self.assertFalse(self.stop.card_ids)

    def test_picture_of_the_id(self):
        """SOP-12d: a picture is required, and is a JPEG; an SVG isn't one."""
        self._refused("Take a picture", "check", id_photo=None)
        for value in (SVG, "not base64!", "AAAA", 5, photo()[:40]):
            self._refused("picture", "check", id_photo=value)

    def test_swipe_needs_verification(self):
        """SOP-12e: nothing is swiped before the card is verified."""
        self._refused("Verify the card first")

    # === SWIPING === #

    def test_approved(self):
        """SOP-12g: what the slip says is noted: amount, terminal, code, last four; never a number."""
        card = self._pay(self.stop)
        self.assertEqual((card.state, card.amount, card.last_four), ("approved", 3_000_000, "1111"))
        swipe = card.try_ids
        self.assertEqual(
            (swipe.terminal_id, swipe.approval_code, swipe.user_id), (self.terminal, "A1B2C3", self.courier)
        )
        self.assertEqual(swipe.terminal_day, self.branch._today())
        self._say(self.stop, "delivered")
        self.assertEqual(self.stop.outcome, "delivered")

    def test_amount_is_the_orders(self):
        """SOP-12g: another amount than the order's is refused; both are said."""
        self._verify(self.stop)
        message = self._refused("was swiped, but", amount=2_999_999)
        self.assertIn("2,999,999", message)
        self.assertIn("3,000,000", message)
        self._refused("was swiped, but", amount=30_000_000)
        for value in (None, "3000000", True, float("nan"), -3_000_000, [3]):
            self._refused("in digits", amount=value)

    def test_terminal_is_the_runs(self):
        """SOP-12g: another terminal than the run's is refused."""
        self._verify(self.stop)
        for value in (self.other_terminal.id, None, "x", 0):
            self._refused("terminal of this run is EDC 1", terminal_id=value)

    def test_last_four(self):
        """SOP-12g: exactly four digits."""
        self._verify(self.stop)
        for value in ("111", "11111", "11a1", "١١١١", "", None):
            self._refused("exactly four digits", last_four=value)
        self._refused("isn't a text", last_four=1111)

    def test_approval_code(self):
        """SOP-12g: a code of six letters or digits; the card's security code isn't one."""
        self._verify(self.stop)
        for value in ("", None, "123", "12345", "1234567", "12 456", "äbcdef"):
            self._refused("approval code that is on the slip", approval_code=value)
        self._refused("isn't a text", approval_code=123456)

    def test_security_code_has_no_place(self):
        """SOP-12g: a CVV or PIN is refused by its name, as is whatever else isn't asked for."""
        for name in ("cvv", "CVC", "pin"):
            self._refused("never entered", **{name: "123"})
        self._refused("isn't an entry", state="approved")

    def test_whole_card_number(self):
        """SOP-12g: a whole card number in any place is refused; the message doesn't repeat it."""
        self._verify(self.stop)
        for name in ("approval_code", "last_four", "authorisation_code", "amount"):
            for value in (
                "4111111111111111",
                "4111 1111 1111 1111",
                "４１１１１１１１１１１１１１１１",
                4111111111111111,
            ):
                self.assertNotIn("1111", self._refused("never kept", **{name: value}))

    def test_code_once(self):
        """SOP-12g: an approval code is used once on a terminal and day, also for the database."""
        self._pay(self.stop)
        second = self._create_card_stop(courier=self.other_courier, terminal_id=self.other_terminal.id)
        self._verify(second)
        self._swipe(second)
        self.assertEqual(second.card_ids.state, "approved", "another terminal has codes of its own")
        swipe = self.stop.card_ids.try_ids
        vals = {name: swipe[name] for name in ("result", "amount", "terminal_day", "approval_code", "made_at")}
        vals |= {"card_id": second.card_ids.id, "terminal_id": self.terminal.id, "user_id": self.courier.id}
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.cr.savepoint():
            swipe._as_step().create({**vals, "last_four": "1111"})
        swipe._as_step().create(
            {**vals, "last_four": "1111", "terminal_day": fields.Date.add(swipe.terminal_day, days=1)}
        )

    def test_code_used_before(self):
        """SOP-12g: a code that was used on this terminal today is refused, in words."""
        first = self._create_card_order()
        second = self._create_card_order()
        run = self._create_on_road(
            *(first | second).sudo().picking_ids.with_env(self.env),
            courier=self.other_courier,
            terminal_id=self.other_terminal.id,
        )
        self._pay(run.stop_ids[0])
        self._verify(run.stop_ids[1])
        with self.assertRaisesRegex(UserError, "used on this terminal today"):
            self._swipe(run.stop_ids[1], approval_code="a1b2c3")
        self._swipe(run.stop_ids[1], approval_code="A1B2C4")

    # === THE BANK === #

    def test_authorisation(self):
        """SOP-12f: above 2,000,000 the bank's code is required; its telephone number is said."""
        self._verify(self.stop)
        for value in (None, "", "12", "x" * 13):
            self.assertIn("021-527 70 70", self._refused("the bank authorises first", authorisation_code=value))

    def test_no_authorisation_needed(self):
        """SOP-12f: up to the limit, which is a setting, no code is needed."""
        self.company.courier_card_authorise_above = 3_000_000
        self._verify(self.stop)
        self.assertEqual(self._swipe(self.stop, authorisation_code=None).state, "approved")

    def test_declined(self):
        """SOP-12h: declined sends the holder to the bank; it may be tried again; each try stays."""
        self._verify(self.stop)
        card = self._swipe(self.stop, result="declined", last_four=None)
        self.assertEqual(card.state, "ask_bank")
        self.assertIn("021-527 70 70", card._door_message())
        self._swipe(self.stop, result="do_not_honor")
        self._swipe(self.stop)
        self.assertEqual(card.state, "approved")
        self.assertEqual(card.try_ids.mapped("result"), ["declined", "do_not_honor", "approved"])
        self.assertEqual(len(self.own.sudo()._door_data()["card"]["tries"]), 3)

    def test_declined_is_not_paid(self):
        """SOP-12h: a decline with an approval code, or no result at all, is refused."""
        self._verify(self.stop)
        self._refused("has no approval code", result="declined", approval_code="A1B2C3")
        for value in (None, "ok", "Approved", 1):
            self._refused("Say what the terminal said", result=value)

    def test_nothing_handed_over_unpaid(self):
        """SOP-12h: without an approved payment nothing is handed over, not even a part; it goes back."""
        for prepare in (None, self._verify, lambda stop: self._swipe(stop, result="declined")):
            if prepare:
                prepare(self.stop)
            for outcome in ("delivered", "partly"):
                with self.assertRaisesRegex(UserError, "no payment is approved"), self.cr.savepoint():
                    self._say(self.stop, outcome, "x", back=self.stop.unit_ids[:1])
        self._say(self.stop, "brought_back", "The bank declined")
        run = self.stop.run_id
        run.with_user(self.courier).action_come_back()
        self.assertEqual(self.stop.picking_id.state, "assigned")

    def test_office_changes_payment(self):
        """SOP-12h: where the customer pays cash instead, a manager changes it; the goods may then be left."""
        self._verify(self.stop)
        self._swipe(self.stop, result="declined")
        order = self.stop.order_id.with_user(self.manager)
        order._change_payment("handover", self.env["res.partner.bank"], "Pays cash")
        self._say(self.stop, "delivered", cash_collected=3_000_000)
        self.assertEqual(self.stop.outcome, "delivered")

    def test_completed_twice(self):
        """SOP-12g: what is approved isn't swiped again, and nothing after the outcome was said."""
        self._pay(self.stop)
        self._refused("approved already", approval_code="B1B2C3")
        self._refused("approved already", "check")
        self._say(self.stop, "delivered")
        self._refused("said already")

    # === WHO === #

    def test_another_courier(self):
        """SOP-12g: another courier verifies and swipes nothing; nor an officer, finance or a stranger."""
        for user in (self.other_courier, self.officer, self.stranger, self.accountant):
            for call in (self._verify, self._swipe):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    call(self.stop, user)
        self.assertFalse(self.stop.card_ids)

    def test_steps_are_not_for_clients(self):
        """SOP-12g: no client takes a card payment's steps; a reason alone doesn't either."""
        card = self._verify(self.stop)
        for user in (self.courier, self.logistics, self.pic):
            for name in ("approve", "decline", "check"):
                with self.assertRaises(AccessError):
                    card.with_user(user)._workflow_do(name)
            wizard = self.env["crm.workflow.reason"].with_user(user)
            wizard = wizard.create(
                {"res_model": card._name, "res_ids": card.ids, "transition": "stop", "reason": "because"}
            )
            with self.assertRaises(AccessError):
                wizard.with_context(crm_courier_door=True).action_confirm()

    def test_not_a_card_order(self):
        """SOP-12a: at the door of an order that isn't paid by card, no card is taken."""
        stop = self._create_on_road(self._create_delivery(), courier=self.other_courier).stop_ids
        with self.assertRaisesRegex(UserError, "isn't paid by card"):
            self._verify(stop)
        self.assertEqual(stop.sudo()._door_data()["card"], {"required": False})

    def test_by_the_phone(self):
        """SOP-12g: the phone's entries do it, each once."""
        check = self._entry(self.stop, "card_check", **YES, id_photo=photo())
        slip = {"amount": 3_000_000, "result": "approved", "terminal_id": self.terminal.id, "last_four": "1111"}
        swipe = self._entry(self.stop, "card_swipe", **slip, approval_code="A1B2C3", authorisation_code="7788")
        for _ in range(2):
            results = self._send(self.courier, check, swipe)
            self.assertEqual([result["status"] for result in results], ["done", "done"], results)
        self.assertEqual(len(self.stop.card_ids.try_ids), 1)
        self.assertEqual(results[-1]["stop"]["card"]["state"], "approved")

    def test_timeline(self):
        """SOP-15: what the bank said is a part of the order's path."""
        self._verify(self.stop)
        self._swipe(self.stop, result="declined")
        self.assertIn("Card: Declined", str(self.stop.order_id.timeline))
