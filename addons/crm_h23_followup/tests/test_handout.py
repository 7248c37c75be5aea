from collections import Counter

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .followup_common import ScheduleCase


@tagged("post_install", "-at_install")
class TestHandOut(ScheduleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vehicle.active = False
        cls.company.followup_keep_admin = True
        cls.rules = cls.env["crm.followup.rule"]

    def _shares(self):
        """Return admin → how many follow-ups they have to do."""
        return Counter(self.followups.search([("state", "=", "todo")]).mapped(lambda f: f.user_id.login))

    def _buy_many(self, count, first=1, **values):
        return self.vehicles.create(
            [self._vehicle_vals(first + n, purchase_date=self._days_ago(30), **values) for n in range(count)]
        )

    def test_evenly(self):
        """H23-4.1.2: what comes due is shared evenly among the branch's admins, not its manager."""
        self._buy_many(7)
        self._generate()
        self.assertEqual(sorted(self._shares().values()), [3, 4])
        self.assertEqual(set(self._shares()), {self.admin_1.login, self.admin_2.login})
        for followup in self.followups.search([]):
            self.assertEqual(followup.case_id.user_id, followup.user_id)

    def test_who_has_more_gets_less(self):
        """H23-4.1.2: evenly means the work that there is, not only what is new."""
        old = self._buy_many(4)
        self._generate()
        old.case_ids.followup_ids.with_user(self.manager_a).user_id = self.admin_1
        self._buy_many(6, first=50)
        self._generate()
        self.assertEqual(self._shares(), {self.admin_1.login: 5, self.admin_2.login: 5})

    def test_other_branches_get_their_own(self):
        """H23-2: a branch's follow-ups go to its own admins."""
        self._buy_many(3, branch_id=self.branch_b.id)
        self._generate(branches=self.branch_a | self.branch_b)
        self.assertEqual(self._shares(), {self.officer_b.login: 3})

    def test_by_rule(self):
        """H23-4.1.2: the first rule that fits counts: by KPB, by model; what fits none goes to all."""
        self.rules.create(
            [
                {"branch_id": self.branch_a.id, "model_name": "vario", "user_ids": [Command.set(self.admin_2.ids)]},
                {"branch_id": self.branch_a.id, "kpb": "1", "user_ids": [Command.set(self.admin_1.ids)]},
            ]
        )
        vario = self._buy_many(2, model_name="New VARIO 160")
        beat = self._buy_many(3, first=10)
        late = self._bought(90, 20)
        self._generate()
        self.assertEqual(vario.case_ids.user_id, self.admin_2)
        self.assertEqual(beat.case_ids.user_id, self.admin_1)
        self.assertEqual(late.case_ids.user_id, self.admin_2, "no rule fits: to whoever has less")

    def test_the_absent_get_nothing(self):
        """H23-4.1.2: who is away, archived or no member any more gets nothing; a rule for them only falls through."""
        self.rules.create({"branch_id": self.branch_a.id, "user_ids": [Command.set(self.admin_1.ids)]})
        absences = self.env["crm.followup.absence"].with_user(self.manager_a)
        away = absences.create({"user_id": self.admin_1.id, "branch_id": self.branch_a.id, "date_to": self.today})
        self._buy_many(3)
        self._generate()
        self.assertEqual(self._shares(), {self.admin_2.login: 3})
        away.unlink()
        self.admin_2.active = False
        self._buy_many(3, first=10)
        self._generate()
        self.assertEqual(self._shares(), {self.admin_1.login: 6}, "what was to be done is taken on by who is there")

    def test_nobody_there(self):
        """H23-4.1.2: without officers the leader gets them; with nobody at all they wait, and are seen."""
        self.branch_a.user_ids = self.manager_a
        vehicles = self._buy_many(2)
        run = self._generate()
        self.assertEqual(vehicles.case_ids.user_id, self.manager_a)
        self.branch_a.write({"user_ids": [Command.clear()], "pic_id": False})
        lonely = self._bought(30, 30)
        run = self._generate()
        self.assertFalse(lonely.case_ids.followup_ids.user_id)
        self.assertEqual(run.unassigned_count, 3, "those of who has left, too")
        self.branch_a.user_ids = self.admin_2
        self._generate()
        self.assertEqual(lonely.case_ids.followup_ids.user_id, self.admin_2)

    def test_the_customer_keeps_the_admin(self):
        """H23-4.1.2: FU-2, the next KPB and another motorcycle of the same owner go to whoever had the customer."""
        vehicle = self._bought(30)
        self._generate()
        followup = vehicle.case_ids.followup_ids
        followup.with_user(self.manager_a).user_id = self.admin_2
        followup._answer("no_response", "-")
        self._buy_many(1, first=60, owner_phone=vehicle.owner_phone, branch_id=self.branch_a.id)
        self._generate()
        self.assertEqual(set(self.cases.search([]).user_id), {self.admin_2})
        self._generate(15)
        self._generate(60)
        self.assertEqual(set(vehicle.case_ids.followup_ids.user_id), {self.admin_2})

    def test_an_absent_admins_step_goes_to_another(self):
        """H23-4.1.2: FU-2 doesn't wait for an admin who is away."""
        vehicle = self._bought(45 - 15)
        self._generate()
        followup = vehicle.case_ids.followup_ids
        followup.with_user(self.manager_a).user_id = self.admin_1
        followup._answer("no_response", "-")
        self.env["crm.followup.absence"].create(
            {
                "user_id": self.admin_1.id,
                "branch_id": self.branch_a.id,
                "date_from": self._days_ago(-15),
                "date_to": self._days_ago(-15),
            }
        )
        self._generate(15)
        self.assertEqual(vehicle.case_ids.followup_ids.filtered(lambda f: f.step == "2").user_id, self.admin_2)

    def test_reassigning(self):
        """H23-4.1.2: the leader reassigns from the list; who had it, and who gave it away, is kept."""
        followup = self._due("1")
        followup.sudo().flush_recordset()
        followup.with_user(self.manager_a).user_id = self.admin_2
        self.env.flush_all()
        self.cr.precommit.run()
        values = followup.sudo().message_ids.tracking_value_ids
        tracked = values.filtered(lambda value: value.field_id.name == "user_id")
        self.assertEqual(
            (tracked[:1].old_value_char, tracked[:1].new_value_char), (self.admin_1.name, self.admin_2.name)
        )
        self.assertEqual(followup.case_id.user_id, self.admin_2)

    def test_reassigning_evenly_by_the_wizard(self):
        """H23-4.1.2: the hand-out spreads what is chosen; what is done stays."""
        self._buy_many(5)
        self._generate()
        followups = self.followups.search([])
        followups.with_user(self.manager_a).user_id = self.admin_1
        self._willing(followups[0])
        wizards = self.env["crm.followup.hand.out"].with_user(self.manager_a)
        wizard = wizards.create({"followup_ids": [Command.set(followups.ids)]})
        self.assertEqual(wizard.count, 4)
        wizard.action_hand_out()
        self.assertEqual(self._shares(), {self.admin_1.login: 2, self.admin_2.login: 2})
        self.assertEqual(followups[0].user_id, self.admin_1)

    def test_who_may_hand_out(self):
        """H23-4.1.2: an admin doesn't give work away; nobody gives it to who isn't there."""
        followup = self._due("1")
        with self.assertRaises(AccessError):
            followup.user_id = self.admin_2
        with self.assertRaises(AccessError):
            followup.with_user(self.officer_b).user_id = self.officer_b
        with self.assertRaisesRegex(UserError, "doesn't work for"):
            followup.with_user(self.manager_a).user_id = self.officer_b
        wizards = self.env["crm.followup.hand.out"]
        values = {"followup_ids": [Command.set(followup.ids)], "mode": "user", "user_id": self.admin_2.id}
        with self.assertRaises(AccessError):
            wizards.with_user(self.admin_1).create(values).action_hand_out()
        with self.assertRaises(UserError):
            wizards.with_user(self.officer_b).create(values).action_hand_out()
        self.branch_a.pic_id = self.admin_1
        followup.user_id = self.admin_2
        self.assertEqual(followup.user_id, self.admin_2, "the person in charge may, officer or not")

    def test_rules_are_the_leaders(self):
        """H23-4.1.2: rules and absences are arranged by who leads the branch."""
        for model, values in (
            ("crm.followup.rule", {"user_ids": [Command.set(self.admin_1.ids)]}),
            ("crm.followup.absence", {"user_id": self.admin_1.id}),
        ):
            with self.subTest(model=model):
                values |= {"branch_id": self.branch_a.id}
                with self.assertRaises(AccessError):
                    self.env[model].with_user(self.admin_1).create(values)
                with self.assertRaises(AccessError):
                    self.env[model].with_user(self.manager_b).create(values)
                record = self.env[model].with_user(self.manager_a).create(values)
                for user in (self.admin_1, self.officer_b):
                    with self.assertRaises(AccessError):
                        record.with_user(user).unlink()

    def test_absent_at_another_branch(self):
        """H23-4.1.2: a branch says of its own people only that they are away."""
        values = {"branch_id": self.branch_b.id, "user_id": self.admin_1.id}
        with self.assertRaises(UserError):
            self.env["crm.followup.absence"].with_user(self.manager_b).create(values)

    def test_one_activity_for_each_admin_and_day(self):
        """H23-4.2.1: an admin is told once a day how much there is to do, not once for each customer."""
        self._buy_many(6)
        run = self._generate()
        self._generate()
        activities = run.activity_ids.filtered(lambda a: a.user_id == self.admin_1)
        self.assertEqual([a.summary for a in activities], ["3 follow-ups to do"])
        tomorrow = self._generate(1)
        self.assertFalse(run.activity_ids, "yesterday's is gone")
        self.assertEqual(len(tomorrow.activity_ids), 2)
