import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .followup_common import ScheduleCase


@tagged("post_install", "-at_install")
class TestAnswer(ScheduleCase):
    def test_one_implementation_for_every_step(self):
        """H23-4.2.5, H23-4.3.2, H23-4.4.2: result and feedback are the same for FU-1, FU-2 and FU-3, and are kept."""
        for number, step in enumerate("123", start=1):
            with self.subTest(step=step):
                followup = self._due(step, number)
                self._willing(followup, "  Comes on Tuesday at 10 ")
                self.assertEqual((followup.state, followup.result), ("done", "willing"))
                self.assertEqual((followup.feedback, followup.done_by_id), ("Comes on Tuesday at 10", self.admin_1))
                self.assertEqual(followup.case_id.state, "booked")
                self.assertFalse(followup.case_id.next_date, "no further follow-up comes")
                self.assertTrue(followup.case_id.contacted_at and followup.case_id.responded_at)

    def test_feedback_and_result_are_a_must(self):
        """H23-4.5.1: no follow-up is done without result and feedback: not by the screen, nor in the database."""
        followup = self._due()
        for result, feedback in (
            (None, "x"),
            ("nonsense", "x"),
            ("willing", ""),
            ("willing", "  \n "),
            ("no_response", None),
        ):
            with self.subTest(result=result, feedback=feedback), self.assertRaises(UserError):
                followup._answer(result, feedback)
        self.assertEqual(followup.state, "todo")
        for sql in (
            "UPDATE crm_followup SET state = 'done' WHERE id = %s",
            "UPDATE crm_followup SET state = 'done', result = 'willing', done_at = now(), feedback = ' ' WHERE id = %s",
            "UPDATE crm_followup SET result = 'refused' WHERE id = %s",
        ):
            refused = self.assertRaises(psycopg2.errors.CheckViolation)
            with self.subTest(sql), mute_logger("odoo.sql_db"), refused, self.cr.savepoint():
                self.cr.execute(sql, followup.ids)

    def test_answered_once(self):
        """H23-4.5.1: what is done is done; a second answer is refused."""
        followup = self._due()
        followup._answer("no_response", "Rang out")
        with self.assertRaises(UserError):
            self._willing(followup)

    def test_every_attempt_is_a_contact(self):
        """H23-1.2: each attempt is an interaction of the customer: who, how, when, what came of it."""
        followup = self._due()
        followup._answer("no_response", "Rang out")
        contact = followup.sudo().interaction_ids
        self.assertEqual(
            (contact.state, contact.channel, contact.direction, contact.user_id, contact.phone, contact.about),
            ("done", "call", "outgoing", self.admin_1, followup.owner_phone, followup.sudo()),
        )
        self.assertEqual(contact.outcome_id, self.env.ref("crm_base.crm_interaction_outcome_no_answer"))
        self.assertIn("Rang out", contact.note)

    def test_call_back(self):
        """H23-4.3.2: a call back moves the follow-up to the day agreed, before the next step; both calls are kept."""
        followup = self._due()
        for moment in (None, self._in(hours=-1), self._in(days=9), self._in(days=40)):
            with self.subTest(moment=moment), self.assertRaises(UserError):
                followup._answer("call_back", "Later", call_back_at=moment)
        moment = self._in(days=2)
        followup._answer("call_back", "In a meeting", call_back_at=moment)
        self.assertEqual((followup.state, followup.result), ("todo", "call_back"))
        self.assertEqual(followup.due_date, self.branch_a._local(moment).date())
        self.assertEqual(followup.scheduled_date, self.today)
        self._willing(followup, "Comes on Friday")
        self.assertEqual(len(followup.sudo().interaction_ids), 2)

    def test_call_back_of_who_has_answered(self):
        """H23-4.2.5: who answered the blast late can still be called back: no next follow-up comes to them."""
        followup = self._due("1")
        self._generate(0)
        case = followup.sudo().case_id
        followup._note({"replied_at": self._in(hours=-1), "reply": "Call me"})
        case._note({"next_date": self.today})
        followup._answer("call_back", "At work", call_back_at=self._in(days=3))
        with self.assertRaisesRegex(UserError, "expires on"):
            followup._answer("call_back", "At work", call_back_at=self._in(days=60))
        self._generate(1)
        self.assertEqual((followup.state, len(case.followup_ids)), ("todo", 1))

    def test_call_back_while_the_blast_waits(self):
        """H23-4.2.5: who calls before answering the blast, and wants to be called back, is on the list on that day."""
        followup = self._due("1")
        self.followups._move_all(
            "send", SQL("crm_followup.id = %s", followup.id), values={"sent_at": SQL("%s", self._in())}
        )
        moment = self._in(days=3)
        followup._answer("call_back", "She rang us from the road", call_back_at=moment)
        self.assertEqual((followup.state, followup.due_date), ("todo", self.branch_a._local(moment).date()))
        self._generate(8)
        self.assertEqual((followup.state, followup.result), ("todo", "call_back"), "nobody closes it as unanswered")

    def test_a_colleague_helps_out(self):
        """H23-1.2: the contact is of who had it; the follow-up stays with its admin."""
        followup = self._due()
        self._willing(followup.with_user(self.admin_2))
        self.assertEqual((followup.user_id, followup.done_by_id), (self.admin_1, self.admin_2))
        self.assertEqual(followup.sudo().interaction_ids.user_id, self.admin_2)

    def test_wrong_number(self):
        """H23-4.2.4: under a wrong number nobody is called again, and no blast goes to the stranger."""
        followup = self._due()
        followup._answer("wrong_number", "A stranger answered")
        self.assertEqual(followup.case_id.state, "unreachable")
        self.assertTrue(followup.vehicle_id.phone_is_wrong)
        followup.sudo().vehicle_id.owner_phone = "+6281298765432"
        self.assertFalse(followup.vehicle_id.phone_is_wrong)

    def test_opted_out(self):
        """H23-4.2.3: who wants no follow-up gets none for any KPB."""
        followup = self._due()
        followup._answer("opted_out", "Don't call me")
        vehicle = followup.sudo().vehicle_id
        self.assertEqual((followup.case_id.state, vehicle.follow_up_stop_reason), ("opted_out", "opt_out"))
        self._generate(60)
        self.assertEqual(len(vehicle.case_ids), 1)

    def test_already_serviced(self):
        """H23-1.3: a customer's word ends the follow-up, but counts as success only when the report confirms it."""
        followup = self._due()
        for day in (None, self._days_ago(-1), self._days_ago(400)):
            with self.subTest(day=day), self.assertRaises(UserError):
                followup._answer("already_serviced", "Did it", serviced_on=day)
        followup._answer("already_serviced", "Did it last week", serviced_on=self._days_ago(7))
        case = followup.sudo().case_id
        self.assertEqual((case.state, case.service_source, case.is_success), ("serviced", "customer", False))
        self.env["crm.vehicle.service"].create({"vehicle_id": case.vehicle_id.id, "kpb": 1, "day": self._days_ago(6)})
        self.env.invalidate_all()
        self.assertEqual((case.service_source, case.is_success, case.serviced_on), ("hand", True, self._days_ago(6)))

    def test_correcting(self):
        """H23-4.5.1: a manager corrects a mistaken result with a reason; the contact stays, the case goes on."""
        followup = self._due()
        self._refuse(followup)
        self.assertEqual(followup.case_id.state, "refused")
        with self.assertRaises(AccessError):
            followup._workflow_do("correct", "typo")
        manager = followup.with_user(self.manager_a)
        with self.assertRaises(UserError):
            manager._workflow_do("correct")
        manager._workflow_do("correct", "Wrong customer")
        self.assertEqual((followup.state, followup.result, followup.case_id.state), ("todo", False, "open"))
        self.assertEqual(len(followup.sudo().interaction_ids), 1)
        self.assertEqual(followup.case_id.next_step, "3")

    def test_booked_and_unbooked(self):
        """H23-4.2.5: a booking ends the follow-up; if it comes to nothing the case is in follow-up again."""
        followup = self._due()
        case = followup.sudo().case_id
        case._booked()
        self.assertEqual((case.state, followup.state, followup.skipped_because), ("booked", "skipped", "closed"))
        case._unbooked("No-show")
        self.assertEqual(case.state, "open")
        self._generate(8)
        self.assertEqual(case.followup_ids[-1].step, "3")

    def test_willing_needs_a_booking(self):
        """H23-4.2.5: who is willing is booked at once; without a booking nothing is saved."""
        followup = self._due()
        with self.assertRaisesRegex(UserError, "Book the date"):
            followup._answer("willing", "Comes")
        self.assertEqual(followup.state, "todo")
        self.assertFalse(followup.sudo().offer_id)

    def test_facts_by_rpc(self):
        """H23-4.5.1: results, states and days aren't written by RPC, import or the context, by nobody."""
        followup = self._due()
        case = followup.case_id
        hostile = [
            {"result": "willing"},
            {"state": "done"},
            {"feedback": "x"},
            {"due_date": "2030-01-01"},
            {"reason_id": self.reasons["time"].id, "result": "refused"},
            {"case_id": case.id, "step": "1"},
            {"delivery_state": "read"},
            {"company_id": self.env["res.company"].create({"name": "Out of sight"}).id},
        ]
        contexts = ({}, {"followup_step": True}, {"followup_step": "STEP", "workflow_permit": True})
        for user in (self.admin_1, self.manager_a, self.manager_hq, self.admin):
            for vals in hostile:
                for context in contexts:
                    with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                        followup.with_user(user).with_context(**context).write(vals)
            with self.assertRaises(UserError):
                followup.with_user(user).copy({"step": "1"})
            with self.assertRaises(UserError):
                self.followups.with_user(user).create({"case_id": case.id, "step": "1", "result": "willing"})
            with self.assertRaises(UserError):
                followup.with_user(user).unlink()
            result = self.followups.with_user(user).load(
                ["id", "result", "feedback"], [[str(followup.id), "Willing", "x"]]
            )
            self.assertFalse(result["ids"] and followup.result)
            for vals in (
                {"state": "booked"},
                {"is_success": True},
                {"serviced_on": "2026-01-01"},
                {"next_date": False},
                {"user_id": self.admin_2.id},
            ):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    case.with_user(user).write(vals)
        self.assertEqual((followup.state, followup.result), ("todo", False))

    def test_other_branches(self):
        """H23-2: another branch neither sees nor answers a follow-up; headquarters does."""
        followup = self._due()
        with self.assertRaises(AccessError):
            self._willing(followup.with_user(self.officer_b))
        for model in (self.followups, self.cases, self.env["crm.followup.analysis"]):
            self.assertFalse(model.with_user(self.officer_b).search([]))
            self.assertTrue(model.with_user(self.manager_hq).search([]))
        self._willing(followup.with_user(self.manager_hq), "Told the dealer")
        self.assertEqual(followup.done_by_id, self.manager_hq)
        for user in (self.internal, self.portal):
            with self.assertRaises(AccessError):
                followup.with_user(user).read(["owner_name"])


@tagged("post_install", "-at_install")
class TestAnalysis(ScheduleCase):
    def test_funnel_and_success_rate(self):
        """H23-4.5.4, H23-1.3: due → contacted → responded → booked → serviced; success = serviced in time / due."""
        self.vehicle.active = False
        vehicles = [self._bought(30, number) for number in range(1, 5)]
        self._generate()
        first, second, third, __ = (vehicle.case_ids.followup_ids for vehicle in vehicles)
        self._willing(first)
        first.case_id._serviced(self.today, "booking")
        second._answer("no_response", "-")
        third._answer("already_serviced", "Elsewhere", serviced_on=self.today)
        analysis = self.env["crm.followup.analysis"].with_context(tz=self.branch_a.tz)
        rows = analysis._read_group(
            [("vehicle_id", "in", [vehicle.id for vehicle in vehicles])],
            ["kpb"],
            ["due:sum", "contacted:sum", "responded:sum", "booked:sum", "serviced:sum", "success_rate:avg"],
        )
        self.assertEqual(rows, [("1", 4, 3, 2, 1, 1, 25.0)])

    def test_service_after_the_window_is_no_success(self):
        """H23-1.3: a service after the KPB's window isn't counted."""
        vehicle = self._bought(30)
        self._generate()
        vehicle.case_ids._serviced(vehicle.case_ids.expires_on, "a2")
        self.assertTrue(vehicle.case_ids.is_success)
        late = self._bought(30, 2)
        self._generate()
        late.case_ids._serviced(self._days_ago(-31), "a2")
        self.assertEqual((late.case_ids.state, late.case_ids.is_success), ("serviced", False))
