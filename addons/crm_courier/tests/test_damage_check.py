import base64
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError

from .. import door
from .damage_common import PHOTO, DamageCase, picture


class TestDamageCheck(DamageCase):
    """SOP-8a: the courier checks every unit in front of the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stop = cls._create_on_road(cls._create_delivery(2)).stop_ids
        cls.unit, cls.other = cls.stop.unit_ids

    def _finish(self, outcome="delivered", note=None, back=None):
        """Say it without the check that the dialog's helper makes."""
        if outcome != "not_home":
            self._sign(self.stop)
        return self.stop.with_user(self.courier)._record_outcome(outcome, note, back)

    def test_check(self):
        """SOP-8a: per IMEI ok or damaged, with note and photo; who and when is noted."""
        self._check(self.unit)
        self._damage(self.other)
        self.assertEqual((self.unit.condition, self.other.condition), ("ok", "damaged"))
        self.assertEqual(self.other.condition_note, "A line across the screen")
        self.assertEqual(self.other.checked_by_id, self.courier)
        self.assertTrue(self.other.checked_at)
        self.assertTrue(base64.b64decode(self.other.photo).startswith(b"\xff\xd8\xff"))
        attachment = self.env["ir.attachment"].search(
            [("res_model", "=", "crm.courier.unit"), ("res_field", "=", "photo"), ("res_id", "=", self.other.id)]
        )
        self.assertFalse(attachment.public)
        self.assertEqual((self.stop.damaged_count, self.stop.is_checked), (1, True))
        data = self.stop.sudo()._door_data()
        self.assertEqual(data["checks"][self.other.id]["condition"], "damaged")
        self.assertIn("check", self.stop._door_kinds())

    def test_unchecked_isnt_handed_over(self):
        """SOP-8a: nothing is handed over before every unit is checked; nobody at home needs no check."""
        with self.assertRaisesRegex(UserError, f"Check it in front of the customer first: {self.unit.lot_id.name}"):
            self._finish()
        self._check(self.unit)
        with self.assertRaisesRegex(UserError, f"first: {self.other.lot_id.name}"):
            self._finish("partly", "Wants one", self.other)
        self._finish("not_home", "Rang twice")
        self._check(self.other)
        self._finish()
        self.assertEqual(self.stop.picking_id.state, "done")

    def test_damaged_isnt_handed_over(self):
        """SOP-8b: a damaged unit comes back; it can't be said to be delivered."""
        self._check(self.unit)
        self._damage(self.other)
        self._create_units(self.phone, 1)
        self._answer_dialog(self._ask(self.stop)).action_answer()
        for outcome, back in (("delivered", None), ("partly", self.unit)):
            with self.assertRaisesRegex(UserError, f"damaged and comes back: {self.other.lot_id.name}"):
                self._finish(outcome, "Hm", back)
        self._finish("partly", "Damaged", self.other)
        self.assertEqual(self.stop.picking_id.move_line_ids.lot_id, self.unit.lot_id)

    def test_damaged_needs_a_note(self):
        """SOP-8a: what is damaged needs words; spaces are none."""
        for note in (None, "", "   ", False):
            with self.assertRaisesRegex(UserError, "needs a note"):
                self._check(self.unit, "damaged", note, PHOTO)
        self.assertFalse(self.unit.condition)

    def test_bad_values(self):
        """SOP-8a: what a phone sends isn't believed: unit, answer, note and photo are looked at."""
        stop = self.stop.with_user(self.courier)
        elsewhere = self._create_on_road(self._create_delivery()).unit_ids
        good = {"unit_id": self.unit.id, "condition": "damaged", "note": "Broken"}
        svg = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()
        for bad, message in (
            ({"unit_id": elsewhere.id}, "isn't one of this delivery"),
            ({"unit_id": str(self.unit.id)}, "isn't one of this delivery"),
            ({"unit_id": None}, "isn't one of this delivery"),
            ({"unit_id": [self.unit.id]}, "isn't one of this delivery"),
            ({"condition": "fine"}, "isn't one of the answers"),
            ({"condition": None}, "isn't one of the answers"),
            ({"condition": ["damaged"]}, "isn't one of the answers"),
            ({"note": 5}, "isn't a text"),
            ({"note": "a\0b"}, "isn't a text"),
            ({"note": "x" * 1001}, "at most 1000"),
            ({"note": "paid by 4111 1111 1111 1111"}, "card's number"),
            ({"photo": svg}, "isn't a JPEG picture"),
            ({"photo": picture("PNG")}, "isn't a JPEG picture"),
            ({"photo": "no base64!"}, "isn't a JPEG picture"),
            ({"photo": {"x": 1}}, "isn't a picture"),
            ({"photo": base64.b64encode(b"\xff\xd8\xff" + b"x" * 50).decode()}, "isn't a JPEG picture"),
        ):
            with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                stop._door_check({**good, **bad})
        with patch.object(door, "PICTURE_SIZE", 10), self.assertRaises(UserError):
            stop._door_check({**good, "photo": "A" * (3 * 1024 * 1024)})
        self.assertFalse(self.unit.condition)
        stop._door_check({**good, "note": f"Its box says {self.unit.lot_id.name}"})
        self.assertEqual(self.unit.condition, "damaged")

    def test_office_checks_for_the_courier(self):
        """SOP-8a: the warehouse enters it for a courier without a phone: unit by unit, or all that is left at once."""
        unit = self.unit.with_user(self.logistics)
        action = unit.action_check()
        dialog = unit.env[action["res_model"]].with_context(**action["context"])
        dialog.create({"condition": "damaged", "note": "Cracked", "photo": picture("PNG")}).action_confirm()
        self.assertEqual((self.unit.condition, self.unit.checked_by_id), ("damaged", self.logistics))
        bad = dialog.create({"condition": "damaged", "note": "x", "photo": base64.b64encode(b"<svg/>")})
        with self.assertRaisesRegex(UserError, "JPG or PNG"):
            bad.action_confirm()
        self.stop.with_user(self.logistics).action_check_rest()
        self.assertEqual((self.unit.condition, self.other.condition), ("damaged", "ok"))

    def test_who_checks(self):
        """SOP-8a: neither another courier nor an officer checks, by no path; nobody writes it."""
        for user in (self.other_courier, self.stranger, self.officer):
            with self.assertRaises(AccessError):
                self._damage(self.unit, user=user)
            with self.assertRaises(AccessError):
                self.unit.with_user(user).action_check()
            with self.assertRaises(AccessError):
                self.stop.with_user(user).action_check_rest()
        for user in (self.courier, self.logistics):
            with self.assertRaises(UserError):
                self.unit.with_user(user).write({"condition": "ok"})
        with self.assertRaises(UserError):
            self.unit.write({"condition": "ok"})
        dialog = self.env["crm.courier.check"].with_user(self.courier)
        mine = dialog.create({"unit_id": self.unit.id, "condition": "ok"})
        with self.assertRaises(AccessError):
            mine.with_user(self.other_courier).action_confirm()
        self.assertFalse(self.unit.condition)

    def test_only_on_the_road(self):
        """SOP-8a: nothing is checked before the run left or after the outcome; a run with checks had left."""
        loaded = self._load(self._create_reviewed(self._create_delivery()))
        with self.assertRaisesRegex(UserError, "while it is on the road"):
            self._check(loaded.unit_ids)
        self._check(self.unit)
        with self.assertRaisesRegex(UserError, "checked at a customer's door"):
            self.stop.run_id.with_user(self.logistics)._workflow_do("recall", "Rain")
        self._check(self.other)
        self._finish()
        with self.assertRaisesRegex(UserError, "said already"):
            self._damage(self.unit)

    def test_looked_again(self):
        """SOP-8a: what looked damaged may be in order on the second look, until CRM has answered."""
        self._damage(self.unit)
        self._check(self.unit)
        self.assertEqual((self.unit.condition, bool(self.unit.photo)), ("ok", False))

    def test_dialog_proposes_what_comes_back(self):
        """SOP-8b: the office's dialog proposes that the damaged units come back."""
        self._check(self.unit)
        self._damage(self.other)
        dialog = self.env["crm.courier.outcome"].with_user(self.logistics).with_context(default_stop_id=self.stop.id)
        values = dialog.default_get(["stop_id", "outcome", "back_unit_ids"])
        self.assertEqual(values["outcome"], "partly")
        self.assertEqual(dialog.new(values).back_unit_ids.ids, self.other.ids)

    def test_phone_sends_it(self):
        """SOP-8a: check and question arrive by the phone's queue, once each."""
        made = {"stop_id": self.stop.id, "made_at": "2026-01-01T00:00:00Z"}
        values = {"unit_id": self.unit.id, "condition": "damaged", "note": "Broken", "photo": PHOTO}
        entries = [
            {**made, "uuid": "00000000-0000-4000-8000-000000000001", "kind": "check", "values": values},
            {**made, "uuid": "00000000-0000-4000-8000-000000000002", "kind": "ask_replacement", "values": {"note": ""}},
        ]
        for __ in range(2):
            results = self.env["crm.courier.stop"].with_user(self.courier).courier_send(entries)
            self.assertEqual([result["status"] for result in results], ["done", "done"], results)
        self.assertEqual(len(self.stop.replacement_ids), 1)
        self.assertEqual(results[-1]["stop"]["replacement"]["state"], "asked")
