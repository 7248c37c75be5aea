from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .followup_common import BASES, OFFSETS, ScheduleCase


@tagged("post_install", "-at_install")
class TestGeneration(ScheduleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vehicle.active = False

    def test_fu1_of_each_kpb_on_its_day(self):
        """H23-4.2.3: KPB 1 … 4 come due 30, 90, 210 and 330 days after the purchase: on the day, not before, once."""
        for kpb, base in BASES.items():
            with self.subTest(kpb=kpb):
                vehicle = self._bought(base - 1, int(kpb))
                self._generate()
                self.assertEqual(self._steps(vehicle), [])
                self._generate(1)
                self.assertEqual(self._steps(vehicle), [(kpb, "1", "todo")])
                followup = vehicle.case_ids.followup_ids
                self.assertEqual(followup.channel, "whatsapp")
                self.assertEqual(followup.due_date, vehicle.purchase_date + timedelta(days=base))
                self.assertEqual(followup.case_id.expires_on, vehicle.purchase_date + timedelta(days=base + 30))
                before = followup.read()
                self._generate(1)
                self.assertEqual(self._steps(vehicle), [(kpb, "1", "todo")], "a second run of the day adds nothing")
                self.assertEqual(followup.read(), before)

    def test_fu2_and_fu3_only_without_response(self):
        """H23-4.3.1, H23-4.4.1: who didn't respond is called 15 and 23 days after FU-1; who did isn't."""
        silent, gone = self._bought(30, 1), self._bought(30, 2)
        self._generate()
        silent.case_ids.followup_ids._answer("no_response", "No answer")
        self._willing(gone.case_ids.followup_ids, "Comes on Monday")
        self._generate(14)
        self.assertEqual(self._steps(silent), [("1", "1", "done")])
        self._generate(15)
        self.assertEqual(self._steps(silent), [("1", "1", "done"), ("1", "2", "todo")])
        second = silent.case_ids.followup_ids.filtered(lambda f: f.step == "2")
        self.assertEqual((second.channel, second.due_date), ("call", silent.purchase_date + timedelta(days=45)))
        second._answer("no_response", "No answer")
        self._generate(22)
        self.assertEqual(len(self._steps(silent)), 2)
        self._generate(23)
        third = silent.case_ids.followup_ids.filtered(lambda f: f.step == "3")
        self.assertEqual((third.state, third.due_date), ("todo", silent.purchase_date + timedelta(days=53)))
        self.assertEqual(self._steps(gone), [("1", "1", "done")])

    def test_unreachable_then_the_next_kpb_starts_anew(self):
        """H23-4.4.1: after FU-3 without response the KPB is closed as unreachable; the next KPB starts anew."""
        vehicle = self._bought(30)
        self._generate()
        for step, offset in OFFSETS.items():
            self._generate(offset)
            followup = vehicle.case_ids.followup_ids.filtered(lambda f, step=step: f.step == step)
            followup._answer("no_response", "Nobody answers")
        self.assertEqual(vehicle.case_ids.state, "unreachable")
        self._generate(59)
        self.assertEqual(len(vehicle.case_ids), 1)
        self._generate(60)
        self.assertEqual(self._steps(vehicle)[-1], ("2", "1", "todo"))
        self.assertEqual(vehicle.case_ids.mapped("state").count("open"), 1)

    def test_ends(self):
        """H23-4.2.3: booking, service, opt-out, and a vehicle that is sold or archived end the follow-up."""
        vehicles = [self._bought(30, number) for number in range(1, 6)]
        booked, serviced, out, sold, archived = vehicles
        self._generate()
        booked.case_ids._booked()
        self.env["crm.vehicle.service"].create({"vehicle_id": serviced.id, "kpb": 1, "day": self.today})
        out._stop_follow_up("opt_out")
        sold._stop_follow_up("sold")
        archived.active = False
        self.env.invalidate_all()
        states = [vehicle.case_ids.state for vehicle in vehicles]
        self.assertEqual(states, ["booked", "serviced", "opted_out", "stopped", "stopped"])
        self._generate(15)
        self._generate(60)
        for vehicle in vehicles:
            self.assertEqual(self._steps(vehicle)[0], ("1", "1", "skipped"))
        for vehicle in (out, sold, archived):
            self.assertEqual(len(self._steps(vehicle)), 1, "no next KPB either")
        self.assertEqual(self._steps(serviced)[1:], [("2", "1", "todo")], "the next KPB starts anew")

    def test_ends_that_came_past_the_orm(self):
        """H23-4.2.3: what an import wrote by SQL ends the follow-up at its next step."""
        stopped, serviced = self._bought(30, 1), self._bought(30, 2)
        self._generate()
        self.env.cr.execute(
            "UPDATE crm_vehicle SET follow_up_stopped = TRUE, follow_up_stop_reason = 'opt_out' WHERE id = %s",
            stopped.ids,
        )
        self.env.cr.execute(
            "INSERT INTO crm_vehicle_service (vehicle_id, branch_id, company_id, kpb, day) VALUES (%s, %s, %s, 1, %s)",
            [serviced.id, self.branch_a.id, self.company.id, self.today],
        )
        self._generate(15)
        self.assertEqual((stopped.case_ids.state, serviced.case_ids.state), ("opted_out", "serviced"))
        self.assertEqual(self._steps(stopped), [("1", "1", "skipped")])

    def test_serviced_before_it_is_due(self):
        """H23-4.2.3: who came before H+30 isn't asked to come."""
        vehicle = self._bought(29)
        self.env["crm.vehicle.service"].create({"vehicle_id": vehicle.id, "kpb": 1, "day": self.today})
        self._generate(1)
        self.assertEqual(self._steps(vehicle), [])

    def test_catching_up(self):
        """H23-4.2.2: after days without a run nothing is forgotten: the latest step is due, missed ones are noted."""
        first, both = self._bought(25, 1), self._bought(10, 2)
        self._generate()
        self._generate(20)
        self.assertEqual(self._steps(first), [("1", "1", "skipped"), ("1", "2", "todo")])
        self.assertEqual(self._steps(both), [("1", "1", "todo")])
        self._generate(44)
        self.assertEqual(
            self._steps(both), [("1", "1", "skipped"), ("1", "2", "skipped"), ("1", "3", "todo")], "one at a time"
        )
        self.assertEqual(set(both.case_ids.followup_ids.mapped("skipped_because")), {"late", False})

    def test_late_vehicles(self):
        """H23-4.2.2: an imported vehicle enters at a step of the last week; what is long past isn't asked for."""
        cases = {30: "1", 37: None, 45: "2", 51: "2", 52: None, 53: "3", 59: "3", 60: None, 61: None}
        self._generate(-1)
        for number, (days, step) in enumerate(cases.items(), start=1):
            with self.subTest(days=days):
                vehicle = self._bought(days, number)
                self._generate()
                followups = vehicle.case_ids.followup_ids
                self.assertEqual(followups.filtered(lambda f: f.state == "todo").step or None, step)
                skipped = followups.filtered(lambda f: f.state == "skipped")
                self.assertEqual(len(skipped), int(step or 1) - 1)

    def test_a_late_vehicle_waits_for_the_next_step(self):
        """H23-4.3.1: between two steps a late vehicle waits for the next one."""
        vehicle = self._bought(40)
        self._generate()
        self.assertEqual(self._steps(vehicle), [])
        self._generate(5)
        self.assertEqual(self._steps(vehicle), [("1", "1", "skipped"), ("1", "2", "todo")])

    def test_expiry(self):
        """H23-1.3: when the KPB's window has passed, the case is closed and nothing is left to do."""
        vehicle = self._bought(30)
        self._generate()
        vehicle.case_ids.followup_ids._answer("no_response", "-")
        self._generate(15)
        self._generate(23)
        self._generate(30)
        self.assertEqual(vehicle.case_ids.state, "open", "on the last day it can still be used")
        self._generate(31)
        self.assertEqual(vehicle.case_ids.state, "expired")
        self.assertEqual([state for *__, state in self._steps(vehicle)], ["done", "skipped", "skipped"])

    def test_a_corrected_day_of_purchase(self):
        """H23-4.2.3: H+n counts from the purchase: a corrected day moves what isn't done, and repeats nothing."""
        vehicle = self._bought(30)
        self._generate()
        vehicle.purchase_date = self._days_ago(28)
        case = vehicle.case_ids
        self.assertEqual(case.due_date, vehicle.purchase_date + timedelta(days=30))
        self.assertEqual(case.followup_ids.due_date, case.due_date)
        self._generate(15)
        self.assertEqual(len(case.followup_ids), 1)
        self._generate(17)
        self.assertEqual(self._steps(vehicle), [("1", "1", "skipped"), ("1", "2", "todo")])

    def test_history_of_what_the_run_did(self):
        """H23-4.2.2: what the schedule closes by itself has its line in the history, as a person's step has."""
        vehicle = self._bought(30)
        self._generate()
        run = self._generate(15)
        self.assertEqual((run.skipped_count, run.expired_count), (1, 0))
        first = vehicle.case_ids.followup_ids[0]
        self.assertEqual([line[:3] for line in self._history(first)], [("skip", "todo", "skipped")])

    def test_statements_dont_grow_with_vehicles(self):
        """H23-4.2.2: a day of 40 vehicles takes as many statements as a day of 4."""
        counts = []
        for number, many in ((100, 4), (200, 40)):
            self._create_many(number, many)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.runs._generate(self.branch_a, today=self.today)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(self.followups.search_count([("due_date", "=", self.today)]), 44)
        self.assertLessEqual(counts[1], counts[0])

    def test_branches_run_after_their_own_midnight(self):
        """H23-4.2.3: the hourly run does each branch when its own day has begun, and once."""
        warsaw = self._create_branch(code="WAW", tz="Europe/Warsaw")
        with freeze_time("2026-03-29 17:30:00"):
            self.assertEqual((self.branch_a._today(), warsaw._today()), (date(2026, 3, 30), date(2026, 3, 29)))
            self.runs._generate(self.branch_a | warsaw)
            due = self.runs._branches_due()
            self.assertNotIn(self.branch_a, due)
            self.assertNotIn(warsaw, due)
        with freeze_time("2026-03-29 21:59:00"):
            self.assertNotIn(warsaw, self.runs._branches_due(), "23:59 in Warsaw, whose summer time has begun")
        with freeze_time("2026-03-29 22:00:00"):
            self.assertIn(warsaw, self.runs._branches_due())
            self.assertNotIn(self.branch_a, self.runs._branches_due())

    def test_cron(self):
        """H23-4.2.2: the cron does all branches whose day has begun, and leaves a record of each."""
        vehicle = self._bought(30)
        with self.enter_registry_test_mode():
            self.env.ref("crm_h23_followup.ir_cron_generate").method_direct_trigger()
        self.env.invalidate_all()
        run = self.runs.search([("branch_id", "=", self.branch_a.id)], limit=1)
        self.assertEqual((run.day, run.opened_count, run.due_count), (self.branch_a._today(), 1, 1))
        self.assertEqual(self._steps(vehicle), [("1", "1", "todo")])
        self.assertFalse(self.runs._branches_due())

    def test_days_around_daylight_saving(self):
        """H23-4.2.3: at the hours around midnight and the change of the clocks, H+n is the branch's calendar day.

        ``benchmarks/followup_days.py`` does it for every hour of ten years.
        """
        hours = [
            datetime(2026, month, day, hour)
            for month, day in ((3, 28), (3, 29), (10, 24), (10, 25), (12, 31))
            for hour in (0, 1, 2, 16, 17, 18, 21, 22, 23)
        ]
        for tz, ahead in (("Asia/Jakarta", 7), ("UTC", 0), ("Europe/Warsaw", None)):
            branch = self._create_branch(code=tz[:6], tz=tz)
            for hour in hours:
                summer = datetime(2026, 3, 29, 1) <= hour < datetime(2026, 10, 25, 1)
                local = hour + timedelta(hours=ahead if ahead is not None else 1 + summer)
                with freeze_time(hour):
                    self.assertEqual(branch._today(), local.date(), (tz, hour))

    def test_roles(self):
        """H23-2: a day is made by who leads the branch; an admin of it, or of another branch, may not."""
        run = self._generate()
        for user in (self.officer_a, self.manager_b, self.officer_b):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                run.with_user(user).action_generate()
        self._bought(30)
        run.with_user(self.manager_a).action_generate()
        self.assertEqual(run.due_count, 1)

    def _create_many(self, first, count):
        self.vehicles.create([self._vehicle_vals(first + n, purchase_date=self._days_ago(30)) for n in range(count)])
