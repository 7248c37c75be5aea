from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestAgent(ContactCenterCase):
    """CC-2e, CC-8b: what agents do, and how long."""

    def test_periods(self):
        """CC-8b: every change of status ends a period and begins one; the same status goes on."""
        self.agent_1._set_mode("available")
        self.agent_1._set_mode("available")
        self.agent_1._set_mode("paused", self.break_)
        periods = self.agent_1.period_ids.sorted("id")
        self.assertEqual(periods.mapped("status"), ["offline", "available", "paused"])
        self.assertEqual(periods.mapped(lambda period: bool(period.ended_at)), [True, True, False])
        self.assertEqual(periods[-1].pause_id, self.break_)

    def test_another_pause_is_another_period(self):
        """CC-8b: from the break to the meeting."""
        meeting = self.env.ref("crm_contact_center.crm_agent_pause_meeting")
        self.agent_1._set_mode("paused", self.break_)
        self.agent_1._set_mode("paused", meeting)
        self.assertEqual(self.agent_1.period_ids.sorted("id").pause_id, self.break_ | meeting)

    def test_nobody_goes_with_a_contact_at_hand(self):
        """CC-2a: first the wrap-up, then home."""
        contact = self._talk()
        with self.assertRaisesRegex(UserError, "at hand"):
            self.agent_1._set_mode("offline")
        self._finish(contact)
        self.agent_1._set_mode("offline")
        self.assertEqual(self.agent_1.status, "offline")

    def test_pausing_during_a_contact(self):
        """CC-2a: who pauses finishes what is at hand and gets nothing new."""
        contact = self._talk()
        self.agent_1._set_mode("paused", self.break_)
        self.assertEqual(self.agent_1.status, "busy")
        self._finish(contact)
        self.assertEqual(self.agent_1.status, "paused")

    def test_facts_arent_typed(self):
        """CC-8b: nobody types what agents do, not their supervisor either."""
        for vals in ({"mode": "available"}, {"status": "available"}, {"load": 0}, {"seen_at": "2026-01-01 00:00:00"}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self.agent_1.with_user(self.supervisor).write(vals)
        with self.assertRaises(AccessError):
            self.agent_1.with_user(self.agent_1.user_id).write({"capacity": 1})

    def test_working_agents_arent_archived(self):
        """CC-2a: an agent who is there isn't archived or moved."""
        self.agent_1._set_mode("available")
        with self.assertRaises(UserError):
            self.agent_1.with_user(self.supervisor).active = False

    def test_one_agent_a_user(self):
        """CC-2a: in the database, too; and one telephone is one agent's."""
        with mute_logger("odoo.sql_db"):
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.agent_1.copy({"user_id": self.agent_2.user_id.id})
            self.agent_1.extension = "201"
            with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.agent_2.extension = "201"
                self.env.flush_all()
