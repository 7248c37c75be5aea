from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_whatsapp.tests.common import WhatsappCase
from odoo.addons.crm_whatsapp.tests.stub_server import message_event, status_event

from .followup_common import ScheduleCase


@tagged("post_install", "-at_install")
class TestBlast(WhatsappCase, ScheduleCase):
    """FU-1 against the stub server of crm_whatsapp's tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vehicle.active = False
        cls.company.followup_template_id = cls._create_template(
            name="kpb_reminder",
            model_id=cls.env["ir.model"]._get("crm.followup").id,
            body="Hello {{1}}, {{2}} of your {{3}} is due.",
            variable_ids=[
                Command.create({"number": 1, "field_path": "owner_name", "value": "Sir or Madam"}),
                Command.create({"number": 2, "field_path": "kpb"}),
                Command.create({"number": 3, "field_path": "model_name", "value": "motorcycle"}),
            ],
        )

    def _blast(self, count=3, **values):
        """Let so many motorcycles come due, and send the blast; return their follow-ups."""
        vehicles = self.vehicles.create(
            [self._vehicle_vals(number, purchase_date=self._days_ago(30), **values) for number in range(1, count + 1)]
        )
        run = self._generate()
        run.with_user(self.manager_a).action_send_blast()
        self.env.invalidate_all()
        return vehicles.case_ids.followup_ids

    def _number(self, followup):
        return followup.owner_phone.lstrip("+")

    def test_the_days_blast(self):
        """H23-4.2.3: what is due goes out as one blast, each number once, filled in; contacts are made."""
        followups = self._blast(3)
        blast = followups.message_id.blast_id
        self.assertEqual((len(blast), blast.state, blast.branch_id), (1, "running", self.branch_a))
        self.assertEqual(set(followups.mapped("state")), {"waiting"})
        self.assertEqual(set(followups.mapped("delivery_state")), {"queued"})
        self.assertEqual(followups.partner_id.mapped("name"), ["Owner 1", "Owner 2", "Owner 3"])
        self._run()
        self.assertEqual(set(followups.mapped("delivery_state")), {"sent"})
        self.assertTrue(all(followups.case_id.mapped("contacted_at")))
        self.assertEqual(followups[0].message_id.body, "Hello Owner 1, KPB 1 of your BeAT Sporty CBS is due.")
        self.assertEqual(len(self.stub.accepted), 3)

    def test_only_once(self):
        """H23-4.2.3: the blast again, and the next days, sends nobody anything again."""
        followups = self._blast(2)
        self._run()
        run = self.runs.search([("branch_id", "=", self.branch_a.id)], limit=1)
        with self.assertRaisesRegex(UserError, "No follow-up is to be sent"):
            run.action_send_blast()
        self._generate(1)
        self._run()
        self.assertEqual(len(self.stub.accepted), 2)
        self.assertEqual(set(followups.mapped("state")), {"waiting"})

    def test_delivery_of_each(self):
        """H23-4.2.4: each follow-up says whether its message was delivered and read."""
        followups = self._blast(2)
        self._run()
        self._apply(status_event(followups[0].message_id.wamid, "delivered"))
        self._apply(status_event(followups[1].message_id.wamid, "read"))
        self.assertEqual(followups.mapped("delivery_state"), ["delivered", "read"])

    def test_not_delivered_is_called_at_fu2(self):
        """H23-4.2.4: failed, landline, no number, opted out of WhatsApp: closed as undelivered, FU-2 is a call."""
        vals = {"purchase_date": self._days_ago(30)}
        fails = self._create_vehicle(1, **vals)
        landline = self._create_vehicle(2, owner_phone="+622152707001", **vals)
        without = self._create_vehicle(3, owner_phone=False, **vals)
        out = self._create_vehicle(4, **vals)
        nobody = self._create_vehicle(5, owner_phone=False, owner_name=False, **vals)
        wrong = self._create_vehicle(6, wrong_phone="+6281270000006", **vals)
        self.env["crm.whatsapp.consent"]._note(out.owner_phone, "out", "customer")
        self.stub.rules[fails.owner_phone.lstrip("+")] = [131026]
        self._generate().with_user(self.manager_a).action_send_blast()
        self._run()
        self.env.invalidate_all()
        self.assertEqual(self.stub.accepted, [])
        for vehicle in (fails, landline, without, out, nobody, wrong):
            followup = vehicle.case_ids.followup_ids
            with self.subTest(vehicle=vehicle.frame_number):
                self.assertEqual((followup.state, followup.result), ("done", "not_delivered"))
                self.assertTrue(followup.feedback)
                self.assertEqual(followup.interaction_ids.outcome_id.name, "Not delivered")
        self._generate(14)
        self.assertEqual(len(fails.case_ids.followup_ids), 1)
        self._generate(15)
        for vehicle in (fails, landline, without, out, nobody):
            second = vehicle.case_ids.followup_ids.filtered(lambda f: f.step == "2")
            self.assertEqual((second.state, second.channel), ("todo", "call"))

    def test_failure_that_nobody_told_of(self):
        """H23-4.2.4: a message that was cancelled or left out later is found by the nightly run."""
        followups = self._blast(2)
        followups.message_id.blast_id.with_user(self.manager_a)._workflow_do("stop", "Wrong text")
        self._generate(1)
        self.assertEqual(set(followups.mapped("result")), {"not_delivered"})

    def test_unanswered_after_n_days(self):
        """H23-4.2.4: who doesn't answer within the company's days didn't respond, and is called at FU-2."""
        self.company.followup_answer_days = 5
        followups = self._blast(2)
        self._run()
        self._generate(4)
        self.assertEqual(set(followups.mapped("state")), {"waiting"})
        self._generate(5)
        self.assertEqual(set(followups.mapped("result")), {"no_response"})
        self.assertEqual(len(followups.interaction_ids), 2)
        self._generate(15)
        self.assertEqual(
            followups.case_id.followup_ids.filtered(lambda f: f.state == "todo").mapped("step"), ["2", "2"]
        )

    def test_a_late_blast_is_given_its_days(self):
        """H23-4.3.1: FU-2 waits while an answer to a late blast may still come."""
        vehicle = self._bought(30)
        self._generate()
        followup = vehicle.case_ids.followup_ids
        with freeze_time(self._in(days=13)):
            run = self.runs._today_run(self.branch_a)
            run.with_user(self.manager_a).action_send_blast()
        self.assertEqual(followup.state, "waiting")
        self._generate(15)
        self.assertEqual(len(vehicle.case_ids.followup_ids), 1)
        self._generate(20)
        self.assertEqual(vehicle.case_ids.followup_ids.mapped("step"), ["1", "2"])

    def test_an_answer_lands_on_the_admins_list(self):
        """H23-4.2.5: who answers is on the admin's list again, with their words, and isn't called at FU-2."""
        followup = self._blast(1)
        followup.with_user(self.manager_a).user_id = self.admin_2
        self._run()
        self._apply(
            message_event(self._number(followup), "Sabtu bisa?", "wamid.in1", self._stamp(fields.Datetime.now()))
        )
        self._apply(message_event(self._number(followup), "Jam 9", "wamid.in2", self._stamp(fields.Datetime.now())))
        self.assertEqual((followup.state, followup.reply), ("todo", "Sabtu bisa?\nJam 9"))
        self.assertTrue(followup.replied_at and followup.case_id.responded_at)
        contact = followup.interaction_ids
        self.assertEqual((contact.user_id, contact.direction, contact.state), (self.admin_2, "incoming", "open"))
        self.assertEqual(followup.activity_ids.user_id, self.admin_2)
        screens = self.env["crm.followup.call"].with_user(self.admin_2)
        self.assertEqual(screens.action_open_next()["context"]["default_followup_id"], followup.id)
        self._generate(15)
        self.assertEqual(len(followup.case_id.followup_ids), 1, "who responded isn't asked again")
        self._willing(followup.with_user(self.admin_2), "Monday at 9")
        self.assertEqual((contact.state, followup.activity_ids), ("done", self.env["mail.activity"]))
        self.assertEqual(len(followup.interaction_ids), 1)

    def test_a_late_answer(self):
        """H23-4.2.5: an answer after the days of waiting counts still: to the open follow-up, or FU-1 is open again."""
        first, second = self._blast(2)
        self._run()
        self._generate(7)
        self.assertEqual(first.result, "no_response")
        self._apply(
            message_event(self._number(first), "Maaf baru balas", "wamid.in1", self._stamp(fields.Datetime.now()))
        )
        self.assertEqual((first.state, first.result, first.reply), ("todo", False, "Maaf baru balas"))
        self._generate(15)
        self.assertEqual(len(first.case_id.followup_ids), 1)
        self._apply(message_event(self._number(second), "Besok", "wamid.in2", self._stamp(fields.Datetime.now())))
        called = second.case_id.followup_ids.filtered(lambda f: f.step == "2")
        self.assertEqual((second.state, called.state, called.reply), ("done", "todo", "Besok"))

    def test_an_answer_after_fu3(self):
        """H23-4.2.5: an answer to who had been given up opens the free service again, while it lasts."""
        followup = self._blast(1)
        self._run()
        case = followup.case_id
        for day in (7, 15, 23):
            self._generate(day)
            case.followup_ids.filtered(lambda f: f.state == "todo")._answer_all("no_response", "Rang out")
        self.assertEqual((case.state, len(case.followup_ids)), ("unreachable", 3))
        self._apply(
            message_event(self._number(followup), "Masih bisa?", "wamid.in1", self._stamp(fields.Datetime.now()))
        )
        self.assertEqual((case.state, followup.state, followup.reply), ("open", "todo", "Masih bisa?"))
        followup.with_user(self.admin_1)._answer("no_response", "Didn't pick up")
        self.assertEqual(case.state, "unreachable")

    def test_an_answer_after_the_end_changes_nothing(self):
        """H23-4.2.5: once the case is settled a message is only a message."""
        followup = self._blast(1)
        self._run()
        self._willing(followup.with_user(self.admin_1), "By phone")
        self._apply(message_event(self._number(followup), "Ok", "wamid.in1", self._stamp(fields.Datetime.now())))
        self.assertEqual((followup.state, followup.result, followup.case_id.state), ("done", "willing", "booked"))

    def test_stop_is_no_wish_for_a_service(self):
        """H23-4.2.4: “BERHENTI” opts out of WhatsApp, not of the follow-up: FU-2 is a call."""
        followup = self._blast(1)
        self._run()
        self._apply(message_event(self._number(followup), "BERHENTI", "wamid.in1", self._stamp(fields.Datetime.now())))
        self.assertEqual((followup.state, followup.result, followup.case_id.state), ("done", "not_delivered", "open"))
        self._generate(15)
        self.assertEqual(followup.case_id.followup_ids[-1].channel, "call")

    def test_two_motorcycles_of_one_owner(self):
        """H23-4.2.3: one number gets one message; both follow-ups wait for its answer."""
        followups = self._blast(2, owner_phone="+6281234500000", owner_name="Ibu Sri")
        self._run()
        self.assertEqual(len(self.stub.accepted), 1)
        self.assertEqual(set(followups.mapped("state")), {"waiting"})
        self._generate(7)
        self.assertEqual(set(followups.mapped("result")), {"no_response"})

    def test_by_itself_at_its_hour(self):
        """H23-4.2.3: the blast goes out by itself from the branch's hour on; without a template its leader is told."""
        vehicle = self._bought(30)
        day = self.branch_a._local().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        self.company.followup_blast_hour = 9
        with freeze_time(fields.Datetime.subtract(day, hours=7)):
            self._generate()
            self.assertFalse(self.runs._runs_to_send())
        at_nine = fields.Datetime.add(day, hours=9 - 7)
        template, self.company.followup_template_id = self.company.followup_template_id, False
        with freeze_time(at_nine), self.enter_registry_test_mode():
            self.env.ref("crm_h23_followup.ir_cron_blast").method_direct_trigger()
            self.env.ref("crm_h23_followup.ir_cron_blast").method_direct_trigger()
            self.env.invalidate_all()
            run = self.runs.search([("branch_id", "=", self.branch_a.id)], limit=1)
            self.assertIn("No approved WhatsApp template", run.problem)
            told = run.activity_ids.filtered(lambda a: a.user_id == self.manager_a)
            self.assertEqual(len(told), 1)
            self.company.followup_template_id = template
            self.env.ref("crm_h23_followup.ir_cron_blast").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(vehicle.case_ids.followup_ids.state, "waiting")
        self.assertFalse(run.problem)

    def test_by_hand_only_where_the_company_says_so(self):
        """H23-4.2.3: where it isn't sent by itself, the person in charge sends it."""
        self.company.followup_blast_auto = False
        self._bought(30)
        self._generate()
        self.assertFalse(self.runs._runs_to_send())

    def test_stopped_account(self):
        """H23-4.2.3: nothing is sent from an account that is stopped, and nothing is marked as sent."""
        vehicle = self._bought(30)
        run = self._generate()
        self.account.problem = "token"
        with self.assertRaisesRegex(UserError, "stopped"):
            run.with_user(self.manager_a).action_send_blast()
        self.assertEqual(vehicle.case_ids.followup_ids.state, "todo")

    def test_who_may_send(self):
        """H23-4.2.3: the blast is the person in charge's, officer or manager; not another admin's or branch's."""
        self._bought(30)
        run = self._generate()
        for user in (self.admin_1, self.officer_b, self.manager_b):
            with self.assertRaises(AccessError):
                run.with_user(user).action_send_blast()
        self.branch_a.pic_id = self.admin_1
        run.with_user(self.admin_1).action_send_blast()
        with self.assertRaises(AccessError):
            self.env["crm.whatsapp.blast"].with_user(self.admin_1).search([], limit=1)._workflow_do("begin")

    def test_statements_dont_grow(self):
        """H23-4.2.3: a blast of 30 takes hardly more statements than one of 3."""
        counts = []
        for first, many in ((100, 3), (200, 30)):
            self.vehicles.create([self._vehicle_vals(first + n, purchase_date=self._days_ago(30)) for n in range(many)])
            run = self._generate()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run._send_blast()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 10, counts)
