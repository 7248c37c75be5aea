from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .staffing_common import StaffingCase


@tagged("post_install", "-at_install")
class TestStaffingReport(StaffingCase):
    """CC-8b: planned against actual, and adherence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.week = cls.monday - timedelta(days=14)

    def _worked(self, agent, day, *spans):
        """Let the agent's time on that day of the past week be these (status, from, to) by the branch's clock."""
        moment = self.branch_a._moment
        on = self.week + timedelta(days=day)
        self.env["crm.agent.period"].create(
            [
                {
                    "agent_id": agent.id,
                    "branch_id": self.branch_a.id,
                    "status": status,
                    "pause_id": pause and pause.id,
                    "began_at": moment(on, begin),
                    "ended_at": moment(on, end),
                    "seconds": (end - begin) * 3600,
                }
                for status, begin, end, pause in (span if len(span) == 4 else (*span, None) for span in spans)
            ]
        )

    def _published(self):
        plan = self._plan(week_start=self.week)
        shift = self._shift(plan, self.agent_1, 0, 8, 17)
        begin = self.branch_a._moment(self.week, 12)
        shift.break_ids = [Command.create({"starts_at": begin, "ends_at": begin + timedelta(hours=1)})]
        plan.action_publish()
        return plan, shift

    def _adherence(self, shift, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            self.env["crm.staffing.adherence"].with_user(user or self.supervisor).search([("shift_id", "=", shift.id)])
        )

    def test_adherence(self):
        """CC-8b: at work while planned; breaks don't count, a pause for training does, one for lunch doesn't."""
        training = self.env.ref("crm_contact_center.crm_agent_pause_training")
        lunch = self.env.ref("crm_contact_center.crm_agent_pause_lunch")
        _plan, shift = self._published()
        self.assertEqual(self._adherence(shift).adherence, 0)
        self._worked(
            self.agent_1,
            0,
            ("offline", 0, 7),
            ("available", 7, 9),  # an hour of it before the shift
            ("busy", 9, 11),
            ("wrapup", 11, 11.5),
            ("paused", 11.5, 12, training),
            ("available", 12, 12.5),  # in the break: isn't counted
            ("paused", 12.5, 14, lunch),  # an hour too long
            ("available", 14, 15),
            ("offline", 15, 24),
        )
        line = self._adherence(shift)
        self.assertAlmostEqual(line.planned_hours, 8)
        self.assertAlmostEqual(line.kept_hours, 5)
        self.assertAlmostEqual(line.missed_hours, 3)
        self.assertAlmostEqual(line.adherence, 62.5)
        self.assertEqual(line.day, self.week)

    def test_adherence_rights(self):
        """CC-8b: agents read their own adherence only; a draft, or what is to come, has none."""
        plan, shift = self._published()
        self.assertTrue(self._adherence(shift, self.agent_1.user_id))
        self.assertFalse(self._adherence(shift, self.agent_2.user_id))
        supervisor_b = self._create_user("test_supervisor_b", "crm_contact_center.group_supervisor", self.branch_b)
        self.assertFalse(self._adherence(shift, supervisor_b))
        plan.action_reopen()
        self.assertFalse(self._adherence(shift))
        coming = self._plan()
        later = self._shift(coming, self.agent_1, 0, 8, 17)
        coming.action_publish()
        self.assertFalse(self._adherence(later))

    def test_running(self):
        """CC-8b: of a shift that runs, what has passed counts, and so does the time that lasts."""
        plan = self._plan(week_start=self.week)
        shift = self._shift(plan, self.agent_1, 0, 8, 17)
        plan.action_publish()
        now = self.env.cr.now().replace(microsecond=0)
        self.env.cr.execute(
            "UPDATE crm_staffing_shift SET starts_at = %s, ends_at = %s WHERE id = %s",
            (now - timedelta(hours=2), now + timedelta(hours=6), shift.id),
        )
        period = self.env["crm.agent.period"].search([("agent_id", "=", self.agent_1.id), ("ended_at", "=", False)])
        period._write({"began_at": now - timedelta(hours=1), "status": "available"})
        self.env.invalidate_all()
        line = self._adherence(shift)
        self.assertAlmostEqual(line.planned_hours, 2, 1)
        self.assertAlmostEqual(line.adherence, 50, 0)

    def _report(self, user=None, groupby=(), **domain):
        self.env.flush_all()
        return (
            self.env["crm.staffing.report"]
            .with_user(user or self.supervisor)
            ._read_group(
                [("queue_id", "=", self.queue.id), *((key, "=", value) for key, value in domain.items())],
                list(groupby),
                [
                    "expected:sum",
                    "offered:sum",
                    "answered:sum",
                    "in_target:sum",
                    "needed_hours:sum",
                    "planned_hours:sum",
                    "actual_hours:sum",
                ],
            )
        )

    def test_report(self):
        """CC-8b: forecast, needed, planned and actual beside what came, by interval and by day."""
        document = self._past_calls()
        forecast = self._forecast(self.week, channel="call")
        self._published()
        self._worked(self.agent_1, 0, ("available", 8, 12), ("paused", 12, 13), ("busy", 13, 17))
        self._worked(self.agent_2, 0, ("available", 9, 10))  # has no shift
        self.env["crm.staffing.presence"]._count(self.branch_a._moment(self.week))
        ((expected, offered, answered, in_target, needed, planned, actual),) = self._report(day=self.week)
        lines = forecast.line_ids.filtered(lambda line: self.branch_a._local(line.interval_at).date() == self.week)
        self.assertAlmostEqual(expected, sum(lines.mapped("contacts")), 3)
        self.assertAlmostEqual(needed, sum(lines.mapped("agents")) / 2, 3)
        self.assertAlmostEqual(planned, 8, 3)
        self.assertAlmostEqual(actual, 9, 3)
        history = self.env["crm.staffing.history"].search([("import_id", "=", document.id)])
        day = history.filtered(lambda line: self.branch_a._local(line.interval_at).date() == self.week)
        self.assertEqual(
            (offered, answered, in_target),
            tuple(sum(day.mapped(name)) for name in ("offered", "answered", "in_target")),
        )
        at_nine = self._report(interval_at=self.branch_a._moment(self.week, 9))
        self.assertAlmostEqual(at_nine[0][5], 0.5)
        self.assertAlmostEqual(at_nine[0][6], 1.0)
        by_channel = {channel: figures for channel, *figures in self._report(groupby=["channel"], day=self.week)}
        self.assertEqual(set(by_channel), {"call", False})
        self.assertEqual(by_channel["call"][1], offered)
        ids = self.env["crm.staffing.report"].search([("queue_id", "=", self.queue.id)]).ids
        self.assertEqual(len(ids), len(set(ids)))

    def test_latest_forecast(self):
        """CC-8b: of two forecasts of the same days the later counts; other days keep theirs."""
        self._past_calls()
        first = self._forecast(self.week, channel="call")
        later = self._forecast(self.week, days=2, channel="call", method="naive")
        later.sudo().computed_at = first.computed_at + timedelta(seconds=5)
        ((expected, *_rest),) = self._report()
        third = self.branch_a._moment(self.week + timedelta(days=2))
        rest = first.line_ids.filtered(lambda line: line.interval_at >= third)
        self.assertAlmostEqual(expected, later.contacts + sum(rest.mapped("contacts")), 2)

    def test_rights(self):
        """CC-8b: the report is the supervisors', of their branches."""
        self._past_calls()
        with self.assertRaises(AccessError):
            self._report(user=self.agent_1.user_id)
        supervisor_b = self._create_user("test_supervisor_b", "crm_contact_center.group_supervisor", self.branch_b)
        self.assertFalse(self._report(user=supervisor_b)[0][1])

    def test_presence_repeats(self):
        """CC-8b: counting agents' time again doubles nothing; who has two queues and no shift counts half in each."""
        other = self._create_queue(code="TQ2")
        self.agent_2.queue_ids |= other
        self._worked(self.agent_2, 0, ("available", 9, 11))
        presence = self.env["crm.staffing.presence"]
        for _time in range(2):
            presence._count(self.branch_a._moment(self.week))
            hours = {line.queue_id: 0.0 for line in presence.search([])}
            for line in presence.search([("queue_id", "in", (self.queue | other).ids)]):
                hours[line.queue_id] += line.hours
            self.assertAlmostEqual(hours[self.queue], 1, 3)
            self.assertAlmostEqual(hours[other], 1, 3)
