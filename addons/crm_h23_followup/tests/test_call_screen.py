from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..script import filled
from .followup_common import ScheduleCase


@tagged("post_install", "-at_install")
class TestCallScreen(ScheduleCase):
    def _screen(self, followup, **values):
        screens = self.env["crm.followup.call"].with_user(followup.env.user)
        return screens.create({"followup_id": followup.id, **values})

    def test_it_says_what_to_say(self):
        """H23-1.1: the screen names the customer, the admin, the model, the KPB, the days and the end of the window."""
        followup = self._due("2")
        screen = self._screen(followup)
        for words in ("Owner 1", self.admin_1.name, self.branch_a.name, "BeAT Sporty CBS", "KPB 1", "45 days"):
            self.assertIn(words, screen.script)
        self.assertNotIn("{", screen.script)
        self.assertEqual(screen.former, "FU-1: Skipped")

    def test_text_reaches_nothing_but_names(self):
        """H23-1.1: a script's braces are names and nothing else."""
        self.assertEqual(
            filled("{customer} {customer.__class__} {0} {x}", {"customer": "B"}), "B {customer.__class__} {0} {x}"
        )

    def test_it_leads_to_the_result(self):
        """H23-4.3.2, H23-4.5.1: it asks for result, then feedback; for a refusal also reason, offer and answer."""
        followup = self._due("2")
        screen = Form(
            self.env["crm.followup.call"].with_user(self.admin_1).with_context(default_followup_id=followup.id)
        )
        screen.result = "refused"
        screen.reason_id = self.reasons["time"]
        self.assertEqual(screen.offer, "weekend")
        self.assertIn("Monday to Friday", screen.offer_script)
        screen.weekdays_impossible = True
        screen.offer_answer = "accepted"
        self.assertTrue(screen.comes)
        self.assertEqual(screen.booking_day.weekday(), 5)
        screen.time_id = self.env["crm.service.time"].search(
            [("day", "=", screen.booking_day), ("kind", "=", "workshop"), ("branch_id", "=", self.branch_a.id)], limit=1
        )
        screen.feedback = "Saturday at 9"
        screen.save().action_save()
        self.assertEqual((followup.state, followup.result, followup.offer_id.answer), ("done", "willing", "accepted"))

    def test_nothing_is_saved_half(self):
        """H23-4.5.1: without result, feedback or the offer's answer nothing is saved, whatever a client leaves out."""
        followup = self._due()
        time = self.reasons["time"].id
        for values in (
            {},
            {"result": "willing"},
            {"result": "willing", "feedback": "x"},
            {"feedback": "x"},
            {"result": "refused", "feedback": "x"},
            {"result": "refused", "feedback": "x", "reason_id": time},
            {"result": "refused", "feedback": "x", "reason_id": time, "offer_answer": "refused"},
            {"result": "call_back", "feedback": "x"},
            {"result": "already_serviced", "feedback": "x"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._screen(followup, **values).action_save()
        self.assertEqual((followup.state, followup.sudo().interaction_count), ("todo", 0))

    def test_next(self):
        """H23-4.2.1: saving opens the most urgent of the admin's own; what waits for its blast or hour isn't called."""
        later = self._due("2", 1)
        sooner = self._due("3", 2)
        overdue = self._bought(46, 3)
        self._generate()
        overdue = overdue.case_ids.followup_ids.filtered(lambda f: f.step == "2")
        overdue._note({"user_id": self.admin_1.id})
        self._due("1", 4)
        screens = self.env["crm.followup.call"].with_user(self.admin_1)
        self.assertEqual(screens.action_open_next()["context"]["default_followup_id"], overdue.id)
        action = self._screen(overdue.with_user(self.admin_1), result="no_response", feedback="-").action_save_next()
        self.assertEqual(action["context"]["default_followup_id"], later.id)
        later._answer("call_back", "-", call_back_at=self._in(hours=5, days=1))
        sooner._answer("no_response", "-")
        with self.assertRaisesRegex(UserError, "Nothing to do"):
            screens.action_open_next()

    def test_other_branches(self):
        """H23-2: the screen shows and saves nothing of another branch's customer, saved or not."""
        followup = self._due()
        other = self.env["crm.followup.call"].with_user(self.officer_b)
        with self.assertRaises(AccessError):
            followup.with_user(self.officer_b).action_call()
        with self.assertRaises(AccessError):
            screen = other.create({"followup_id": followup.id, "result": "willing", "feedback": "x"})
            screen.action_save()
        with self.assertRaises(AccessError):
            other.onchange(
                {"followup_id": followup.id}, ["followup_id"], {"script": {}, "owner_name": {}, "followup_id": {}}
            )
        self.assertEqual(followup.state, "todo")

    def test_done_is_not_called(self):
        """H23-4.5.1: what is done has no call screen."""
        followup = self._due()
        followup._answer("no_response", "-")
        with self.assertRaisesRegex(UserError, "done already"):
            followup.action_call()

    def test_a_number_just_learnt(self):
        """H23-4.3.1: who has learnt the customer's number calls it at once; it is the vehicle's from then on."""
        followup = self._due()
        vehicle = followup.sudo().vehicle_id
        with self.assertRaises(AccessError):
            vehicle.with_user(self.admin_1).owner_phone = "+6281199990001"
        screen = self._screen(followup, new_phone="0811 9999 0001", result="no_response", feedback="typed so far")
        action = screen.action_use_phone()
        self.assertEqual((vehicle.owner_phone, followup.owner_phone), ("+6281199990001", "+6281199990001"))
        self.assertEqual((action["res_id"], screen.feedback, screen.new_phone), (screen.id, "typed so far", False))
        self.cr.precommit.run()  # what changed is told when the transaction ends
        self.assertIn(self.admin_1.partner_id, vehicle.message_ids.author_id)
        screen.new_phone = "+62 811-9999-0002"
        screen.action_save()
        self.assertEqual(vehicle.owner_phone, "+6281199990002")

    def test_a_number_instead_of_the_wrong_one(self):
        """H23-4.2.4: the wrong number is the one that was called, not the one just learnt; the work goes on."""
        followup = self._due()
        called, vehicle = followup.owner_phone, followup.sudo().vehicle_id
        values = {"result": "wrong_number", "feedback": "His brother told me", "new_phone": "0811 9999 0006"}
        self._screen(followup, **values).action_save()
        self.assertEqual((vehicle.wrong_phone, vehicle.owner_phone), (called, "+6281199990006"))
        self.assertFalse(vehicle.phone_is_wrong)
        self.assertEqual(followup.sudo().interaction_ids.phone, called)
        self.assertEqual(followup.case_id.state, "open")

    def test_the_wrong_number_typed_again(self):
        """H23-4.2.4: what is wrong isn't entered anew, and then nothing of the call is saved."""
        followup = self._due()
        screen = self._screen(followup, result="wrong_number", feedback="-", new_phone=followup.owner_phone)
        with self.assertRaisesRegex(UserError, "somebody else"), self.cr.savepoint():
            screen.action_save()
        self.assertEqual(followup.state, "todo")

    def test_a_number_that_is_none(self):
        """H23-4.3.1: no phone number, the wrong one again, and another branch's customer are refused."""
        followup = self._due()
        vehicle = followup.sudo().vehicle_id
        known = vehicle.owner_phone
        vehicle.wrong_phone = "+6281199990003"
        for number in ("x", "12", "0811 9999 0003"):
            with self.subTest(number=number), self.assertRaises(UserError):
                self._screen(followup, new_phone=number).action_use_phone()
        with self.assertRaises(AccessError):
            self.env["crm.followup.call"].with_user(self.officer_b).create(
                {"followup_id": followup.id, "new_phone": "0811 9999 0004"}
            ).action_use_phone()
        screen = self._screen(followup, new_phone="0811 9999 0005", result="no_response", feedback="-")
        followup._answer("no_response", "-")
        with self.assertRaisesRegex(UserError, "done already"):
            screen.action_use_phone()
        self.assertEqual(vehicle.owner_phone, known)
