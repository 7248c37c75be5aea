from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.crm_base.tests.reading import read

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestWall(ContactCenterCase):
    """CC-2e: what supervisors see of queues and agents."""

    def _wall(self, user=None):
        return read(self, self.env["crm.queue"].with_user(user or self.supervisor).wall)

    def _line(self, wall, queue=None):
        return next(line for line in wall["queues"] if line["id"] == (queue or self.queue).id)

    def _agent(self, wall, agent):
        return next(line for line in wall["agents"] if line["id"] == agent.id)

    def test_figures(self):
        """CC-2e: waiting, longest wait, in contact, answered within target, abandoned."""
        self._finish(self._talk())
        contact = self._talk()
        for seconds in (30, 90):
            self._wait(self._enter(), seconds)
        self._enter()._abandon()
        line = self._line(self._wall())
        self.assertEqual((line["waiting"], line["in_contact"]), (2, 1))
        self.assertGreaterEqual(line["longest"], 90)
        today = line["today"]
        self.assertEqual((today["entered"], today["answered"], today["abandoned"]), (5, 2, 1))
        self.assertEqual(today["level"], 67)
        self.assertEqual(self._agent(self._wall(), contact.agent_id)["status"], "busy")

    def test_ringing_still_waits(self):
        """CC-2e: a contact that rings isn't answered yet: it counts as waiting, and for as long."""
        self._come(self.agent_1)
        contact = self._enter()
        self._wait(contact, 45)
        self._route()
        self.assertEqual(contact.state, "offered")
        line = self._line(self._wall())
        self.assertEqual(line["waiting"], 1)
        self.assertGreaterEqual(line["longest"], 45)

    def test_day_is_of_those_who_came(self):
        """CC-2e, CC-10: our own calls aren't answered ones; whom we called back didn't wait for us; who was handed over
        and gave up then had been answered.
        """
        own = self._talk(direction="outgoing", key=False)
        self._finish(own)
        called = self._talk(phone="+6281234567890")
        called.write({"callback_at": called.entered_at, "direction": "outgoing"})
        handed = self._talk(self.agent_2)
        handed._transfer(queue=self.queue)
        handed._abandon()
        today = self._line(self._wall())["today"]
        self.assertEqual((today["entered"], today["answered"], today["abandoned"]), (2, 1, 0))

    def test_handed_to_another_branch(self):
        """CC-2e: the wall of the branch whose queue it waits in counts it: a number, not whom."""
        self._talk()._transfer(queue=self.queue_b)
        other = self._create_user("test_supervisor_b", "crm_contact_center.group_supervisor", self.branch_b)
        self.assertEqual(self._line(self._wall(other), self.queue_b)["waiting"], 1)
        self.assertFalse(self.contacts.with_user(other).search([("queue_id", "=", self.queue_b.id)]))

    def test_archived_queue(self):
        """CC-2e: nobody is forgotten in a queue that was archived."""
        shut = self._create_queue(code="SHUT")
        self._enter(queue_id=shut.id)
        empty = self._create_queue(code="EMPTY")
        (shut | empty).active = False
        shown = {line["id"] for line in self._wall()["queues"]}
        self.assertIn(shut.id, shown)
        self.assertNotIn(empty.id, shown)

    def test_nothing_yet(self):
        """CC-2e: a queue without contacts today has no level: neither good nor bad."""
        line = self._line(self._wall())
        self.assertEqual((line["today"]["level"], line["today"]["wait"]), (None, None))
        self.assertFalse(line["longest_since"])

    def test_late(self):
        """CC-2e: pauses and wrap-ups that last longer than usual are marked."""
        self.break_.minutes = 15
        self.agent_1._set_mode("paused", self.break_)
        wrapping = self._talk(self.agent_2)
        wrapping._end()
        self.assertFalse(self._agent(self._wall(), self.agent_1)["late"])
        for agent, seconds in ((self.agent_1, 16 * 60), (self.agent_2, self.queue.wrapup_seconds + 5)):
            agent.status_since -= timedelta(seconds=seconds)
        wall = self._wall()
        self.assertTrue(self._agent(wall, self.agent_1)["late"])
        self.assertEqual(self._agent(wall, self.agent_1)["pause"], self.break_.name)
        self.assertTrue(self._agent(wall, self.agent_2)["late"])

    def test_open(self):
        """CC-2c, CC-2e: whether a queue is open, by its calendar; without one, always."""
        closed = self.env["resource.calendar"].create({"name": "Never", "attendance_ids": [], "tz": "Asia/Jakarta"})
        closed.attendance_ids.unlink()
        shut = self._create_queue(code="SHUT", calendar_id=closed.id)
        wall = self._wall()
        self.assertFalse(self._line(wall, shut)["open"])
        self.assertTrue(self._line(wall)["open"])

    def test_who(self):
        """CC-2e: supervisors only, and each sees their branches."""
        for user in (self.agent_1.user_id, self.officer_a, self.internal):
            with self.assertRaises(AccessError):
                self._wall(user)
        self.agent_b._set_mode("available")
        wall = self._wall()
        self.assertNotIn(self.queue_b.id, [line["id"] for line in wall["queues"]])
        self.assertNotIn(self.agent_b.id, [line["id"] for line in wall["agents"]])

    def test_queries(self):
        """CC-2e: the wall costs as much for 20 queues and agents as for two."""
        calendar = self.env["resource.calendar"].create({"name": "Shop hours", "tz": "Asia/Jakarta"})
        self.queue.calendar_id = calendar
        self._come(self.agent_1, self.agent_2)
        self._enter()

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._wall()
            return self.cr.sql_log_count - before

        # the first times fill the caches of rules
        few = [count() for _time in range(3)][-1]
        for number in range(18):
            queue = self._create_queue(code=f"W{number}", calendar_id=calendar.id)
            self._enter(queue_id=queue.id)
            self._create_agent(f"test_wall_{number}", queue, mode="paused")
        self.assertEqual([count() for _time in range(3)][-1], few)

    def test_told(self):
        """CC-2e: walls of the branch are told of what comes in and of each step, once a transaction, without data."""
        told = []
        bus = self.env.registry["bus.bus"]
        self.patch(bus, "_sendone", lambda _self, target, kind, message: told.append((target, kind, message)))

        def steps(act):
            told.clear()
            self.env.cr.precommit.data.clear()
            act()
            return [(target, message) for target, kind, message in told if kind == "crm_contact_center/changed"]

        self.assertEqual(steps(self._enter), [(self.branch_a, {})])
        contact = self._enter()
        self.assertIn((self.branch_a, {}), steps(contact._abandon))
        self.assertIn((self.branch_a, {}), steps(lambda: self.agent_1._set_mode("available")))

    def test_channels(self):
        """CC-2e: a supervisor's wall hears their branches; an agent hears none."""

        def heard(user):
            request = SimpleNamespace(session=SimpleNamespace(uid=user.id))
            with patch("odoo.addons.bus.models.ir_websocket.request", request):
                return self.branch_a in self.env["ir.websocket"].with_user(user)._build_bus_channel_list([])

        self.assertTrue(heard(self.supervisor))
        self.assertFalse(heard(self.agent_1.user_id))

    def test_time_is_now(self):
        """CC-2e: the wall says what time it is, so that a screen with a wrong clock ticks right."""
        now = fields.Datetime.to_datetime(self._wall()["now"])
        self.assertLess(abs((fields.Datetime.now() - now).total_seconds()), 60)
