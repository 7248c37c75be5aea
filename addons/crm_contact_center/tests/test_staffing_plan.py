from datetime import date, timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..roster import run
from .staffing_common import StaffingCase


@tagged("post_install", "-at_install")
class TestStaffingPlan(StaffingCase):
    """CC-8a: shifts that cover what is needed, leave everybody their rest, and are seen by whom they are of."""

    def _need(self, agents=2, hours=range(8, 18), days=range(7)):
        """Let a forecast say that so many agents are needed in these hours of the branch's clock."""
        forecast = self.env["crm.staffing.forecast"].create(
            {
                "queue_id": self.queue.id,
                "date_from": self.monday,
                "date_to": self.monday + timedelta(days=6),
            }
        )
        vals_list = []
        for day in range(7):
            for half in range(48):
                wanted = agents if day in days and half // 2 in hours else 0
                moment = self.branch_a._moment(self.monday + timedelta(days=day), half / 2)
                vals = {"forecast_id": forecast.id, "interval_at": moment, "contacts": 5.0 * wanted}
                vals_list.append({**vals, "agents_there": wanted, "agents": wanted})
        forecast.line_ids.create(vals_list)
        forecast.write({"minutes": "30"})
        forecast.sudo().write({"computed_at": self.env.cr.now().replace(microsecond=0)})
        return forecast

    def _solve(self, plan, seconds=3):
        plan.company_id.sudo().staffing_seconds = seconds
        plan.sudo()._solve()
        self.env.flush_all()
        plan.invalidate_recordset()

    def _crew(self, count):
        return self.env["crm.agent"].union(*(self._create_agent(f"test_crew_{number}") for number in range(count)))

    # === SOLVING === #

    def test_clock_change(self):
        """CC-8a: on the days of a clock change shifts begin by the branch's clock, and are as long as the pattern."""
        self.branch_a.tz = "Europe/Warsaw"
        for monday in (date(2026, 3, 23), date(2026, 10, 19)):
            self.monday = monday
            plan = self._plan(patterns=self._pattern(hours=5, earliest=7, latest=12, break_minutes=0))
            options = plan._options(30, {self.queue.id: [1] * plan._size(30)})
            for option in options:
                begin = plan._moment_of(option.start)
                day = monday + timedelta(days=option.day)
                with self.subTest(day=day):
                    self.assertEqual(begin, self.branch_a._moment(day, 7))
                    self.assertEqual(option.end - option.start, 300)
            self.assertEqual({option.day for option in options}, set(range(7)))

    def test_from_calls(self):
        """CC-8a: from past calls to shifts: every rule kept, and what isn't covered is said."""
        self._past_calls()
        self._forecast(channel="call")
        self._crew(8)
        plan = self._plan(patterns=self._pattern() | self._pattern(name="Short", hours=5, break_minutes=0))
        self._solve(plan, 5)
        self.assertEqual(plan._check_rules(), [])
        self.assertTrue(plan.shift_ids)
        self.assertIn(plan.how, ("best", "proven") if run.has_solver() else ("greedy",))
        coverage = self.env["crm.staffing.coverage"].with_user(self.supervisor).search([("plan_id", "=", plan.id)])
        self.assertEqual(len(coverage), 7 * 48)
        self.assertAlmostEqual(sum(coverage.mapped("short_hours")), plan.short_hours, 3)
        self.assertAlmostEqual(plan.covered_percent, 100 * (1 - plan.short_hours / plan.needed_hours), 3)
        breaks = plan.shift_ids.break_ids
        self.assertTrue(breaks)
        hours = sum(plan.shift_ids.mapped("work_hours"))
        self.assertAlmostEqual(hours, sum(coverage.mapped("planned_hours")), 3)

    def test_better_than_simple(self):
        """CC-8a: the solver leaves less uncovered than the simple plan, of which the plan warns."""
        if not run.has_solver():
            self.skipTest("ortools isn't installed")
        self.queue.agent_ids = self.agent_1
        forecast = self._need(1, hours=(*range(6, 15),), days=(0, 1))
        for line in forecast.line_ids:
            local = self.branch_a._local(line.interval_at)
            if local.weekday() == 0 and local.hour >= 14:
                line.agents += 1
        # the late shift of Monday covers most, but forbids Tuesday's early one
        patterns = self._pattern(name="Late", hours=10, earliest=14, latest=24, break_minutes=0)
        patterns |= self._pattern(name="Early", hours=9, earliest=6, latest=15, break_minutes=0)
        simple, best = self._plan(patterns=patterns), self._plan(patterns=patterns)
        with patch.object(run, "has_solver", return_value=False):
            self._solve(simple)
        short = simple.short_hours
        self.assertEqual(simple.how, "greedy")
        self.assertIn("ortools", simple.warnings)
        self.assertEqual(simple._check_rules(), [])
        simple.shift_ids.unlink()
        self._solve(best, 6)
        self.assertEqual(best._check_rules(), [])
        self.assertFalse(best.warnings)
        self.assertEqual(best.how, "proven")
        self.assertEqual(best.short_hours, 10)
        self.assertLess(best.short_hours, short)

    def test_impossible(self):
        """CC-8a: what two agents can't cover is uncovered, in hours; nobody works more for it."""
        self._need(5)
        plan = self._plan()
        self._solve(plan)
        self.assertEqual(plan._check_rules(), [])
        self.assertEqual(len(plan.shift_ids), 10)
        self.assertAlmostEqual(plan.needed_hours, 5 * 10 * 7)
        self.assertAlmostEqual(plan.needed_hours - plan.short_hours, 2 * 40, delta=2)

    def test_absence_and_skills(self):
        """CC-8a: who is away isn't planned, nor who lacks a skill that the queue requires."""
        self._need(2)
        self.queue.skill_ids = [Command.create({"skill_id": self.skill.id, "level": 3})]
        self.agent_1.skill_ids = [Command.create({"skill_id": self.skill.id, "level": 3})]
        self.agent_2.skill_ids = [Command.create({"skill_id": self.skill.id, "level": 2})]
        away = self.branch_a._moment(self.monday + timedelta(days=1))
        self.env["crm.agent.absence"].with_user(self.supervisor).create(
            {"agent_id": self.agent_1.id, "date_from": away, "date_to": away + timedelta(days=2)}
        )
        plan = self._plan()
        self._solve(plan)
        self.assertEqual(plan.shift_ids.agent_id, self.agent_1)
        days = {(day - self.monday).days for day in plan.shift_ids.mapped("day")}
        self.assertFalse(days & {1, 2})
        self.assertEqual(plan._check_rules(), [])
        self._shift(plan, self.agent_2, 0, 8, 17)
        self._shift(plan, self.agent_1, 1, 12, 16)
        self.assertLessEqual({"queue", "absence"}, {breach["rule"] for breach in plan._check_rules()})
        self.assertIn(self.agent_1.name, plan.warnings)

    def test_kept_and_neighbours(self):
        """CC-8a: a shift that is kept stays; the week before counts for rest and days in a row."""
        self._need(2)
        before = self._plan(week_start=self.monday - timedelta(days=7), max_in_a_row=7, days_off=0)
        for day in range(1, 7):
            self._shift(before, self.agent_1, day, 18, 22)
        plan = self._plan()
        kept = self._shift(plan, self.agent_2, 2, 10, 14, fixed=True)
        other = self._shift(plan, self.agent_2, 3, 10, 14)
        self._solve(plan)
        self.assertTrue(kept.exists())
        self.assertFalse(other.exists())
        self.assertEqual(plan._check_rules(), [])
        monday = [shift for shift in plan.shift_ids if shift.agent_id == self.agent_1 and shift.day == self.monday]
        self.assertFalse(monday, "six days in a row already")

    def test_cron(self):
        """CC-8a: the page isn't held up: the scheduler plans, and what fails is said and doesn't stop the next."""
        self._need(2)
        plan = self._plan()
        with self.enter_registry_test_mode():
            plan.action_solve()
            self.assertEqual(plan.solve_state, "queued")
            with self.assertRaisesRegex(UserError, "being planned"):
                self._shift(plan, self.agent_1, 0, 8, 16)
                plan.action_publish()
            plan.company_id.sudo().staffing_seconds = 1
            self.env.ref("crm_contact_center.ir_cron_staffing_solve").method_direct_trigger()
        plan.invalidate_recordset()
        self.assertEqual(plan.solve_state, "idle")
        self.assertTrue(plan.shift_ids and plan.how)

    def test_cron_fails(self):
        """CC-8a: what can't be planned is said on the plan, and isn't tried for ever."""
        self._need(1)
        plan = self._plan()
        self.queue.agent_ids = False
        with (
            self.enter_registry_test_mode(),
            mute_logger("odoo.addons.crm_contact_center.models.crm_staffing_plan_solve"),
        ):
            plan.action_solve()
            self.env.ref("crm_contact_center.ir_cron_staffing_solve").method_direct_trigger()
        plan.invalidate_recordset()
        self.assertEqual(plan.solve_state, "failed")
        self.assertIn("No agent", plan.solve_words)
        self.assertEqual(plan.state, "draft")

    def test_nothing_to_do(self):
        """CC-8a: without forecast, patterns or agents it is said what is missing."""
        plan = self._plan()
        with self.assertRaisesRegex(UserError, "forecast"):
            plan.action_solve()
        self._need(1)
        plan.pattern_ids = False
        with self.assertRaisesRegex(UserError, "patterns"):
            plan.action_solve()
        self.queue.agent_ids = False
        plan.pattern_ids = self._pattern()
        with self.assertRaisesRegex(UserError, "No agent"):
            plan.sudo()._solve()

    # === BY HAND === #

    def test_hard_rules(self):
        """CC-8a: no overlap, in the database too, and the rest between shifts, also across plans."""
        plan = self._plan()
        shift = self._shift(plan, self.agent_1, 6, 14, 22)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self._shift(plan, self.agent_1, 6, 20, 23)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env.cr.execute(
                """INSERT INTO crm_staffing_shift (plan_id, agent_id, queue_id, starts_at, ends_at)
                   SELECT plan_id, agent_id, queue_id, starts_at + INTERVAL '1 hour', ends_at + INTERVAL '1 hour'
                     FROM crm_staffing_shift WHERE id = %s""",
                (shift.id,),
            )
        after = self._plan(week_start=self.monday + timedelta(days=7))
        with self.assertRaisesRegex(ValidationError, "rest"), self.cr.savepoint():
            self._shift(after, self.agent_1, 0, 8, 16)
        self._shift(after, self.agent_1, 0, 9, 16)
        self._shift(after, self.agent_2, 0, 8, 16)
        with self.assertRaisesRegex(ValidationError, "rest"), self.cr.savepoint():
            shift.ends_at = shift.ends_at + timedelta(hours=1)

    def test_soft_rules(self):
        """CC-8a: too many hours or days are a warning: the supervisor decides."""
        plan = self._plan()
        for day in range(7):
            self._shift(plan, self.agent_1, day, 9, 17)
        rules = {breach["rule"]: breach["hard"] for breach in plan._check_rules()}
        self.assertEqual(rules, {"hours": False, "days_off": False, "in_a_row": False})
        self.assertEqual(len(plan.warnings.splitlines()), 3)
        plan.action_publish()
        self.assertEqual(plan.state, "published")

    def test_of_its_plan(self):
        """CC-8a: a shift is of its plan's week and queues, its breaks lie within; weeks begin on Monday."""
        plan = self._plan()
        other = self._create_queue(code="TQ2")
        for values in ({"day": 7}, {"day": -1}, {"queue_id": other.id}):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._shift(plan, self.agent_1, values.pop("day", 0), 8, 16, **values)
        shift = self._shift(plan, self.agent_1, 0, 8, 16)
        begin = shift.starts_at
        with self.assertRaises(ValidationError), self.cr.savepoint():
            shift.break_ids = [Command.create({"starts_at": begin - timedelta(hours=1), "ends_at": begin})]
        shift.break_ids = [Command.create({"starts_at": begin, "ends_at": begin + timedelta(hours=1)})]
        self.assertEqual(shift.work_hours, 7)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            shift.starts_at = begin + timedelta(minutes=30)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            plan.week_start = self.monday + timedelta(days=7)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._plan(week_start=self.monday + timedelta(days=1))
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._plan(queue_ids=[Command.set((self.queue | self.queue_b).ids)])
        with self.assertRaises(ValidationError), self.cr.savepoint():
            plan.sudo().queue_ids |= self.queue_b

    def test_seen_by(self):
        """CC-8a: agents see their own published shifts, supervisors those of their branches."""
        plan = self._plan()
        mine, other = self._shift(plan, self.agent_1, 0, 8, 16), self._shift(plan, self.agent_2, 0, 8, 16)
        begin = mine.starts_at + timedelta(hours=3)
        mine.break_ids = [Command.create({"starts_at": begin, "ends_at": begin + timedelta(hours=1)})]
        shifts = self.env["crm.staffing.shift"].with_user(self.agent_1.user_id)
        self.assertFalse(shifts.search([]))
        with self.assertRaises(AccessError):
            plan.with_user(self.agent_1.user_id).action_publish()
        plan.action_publish()
        self.assertEqual(shifts.search([]), mine)
        self.assertEqual(mine.break_ids.with_user(self.agent_1.user_id).read(["starts_at"])[0]["starts_at"], begin)
        with self.assertRaises(AccessError):
            other.with_user(self.agent_1.user_id).read(["starts_at"])
        with self.assertRaises(AccessError):
            mine.with_user(self.agent_1.user_id).write({"note": "x"})
        with self.assertRaises(UserError):
            plan.max_hours = 80
        supervisor_b = self._create_user("test_supervisor_b", "crm_contact_center.group_supervisor", self.branch_b)
        self.assertFalse(self.env["crm.staffing.shift"].with_user(supervisor_b).search([("plan_id", "=", plan.id)]))
        with self.assertRaises(AccessError):
            mine.with_user(supervisor_b).write({"note": "x"})
        plan.action_reopen()
        self.assertFalse(shifts.search([]))

    def test_typed(self):
        """CC-8a: states and how a plan was made aren't typed."""
        plan = self._plan()
        for vals in ({"state": "published"}, {"how": "proven"}, {"solve_state": "queued"}):
            with self.assertRaises(UserError):
                plan.write(vals)
        with self.assertRaisesRegex(UserError, "no shifts"):
            plan.action_publish()
