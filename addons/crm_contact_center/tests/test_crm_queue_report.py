from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestQueueReport(ContactCenterCase):
    """CC-10: service level, speed of answer, abandon rate, handling time, first-contact resolution."""

    def _figures(self, user=None, **domain):
        report = self.env["crm.queue.report"].with_user(user or self.supervisor)
        self.env.flush_all()
        ((level, speed, abandoned, handling, first),) = report._read_group(
            [("queue_id", "=", self.queue.id), *((key, "=", value) for key, value in domain.items())],
            [],
            ["level:avg", "answer_seconds:avg", "abandon_rate:avg", "handle_seconds:avg", "first_contact:avg"],
        )
        return level, speed, abandoned, handling, first

    def _past(self, contact, wait, talk, wrap):
        """Let a done contact, which is locked, have taken these seconds."""
        begun = contact.entered_at - timedelta(hours=1)
        answered = begun + timedelta(seconds=wait)
        ended = answered + timedelta(seconds=talk)
        moments = {"entered_at": begun, "answered_at": answered, "ended_at": ended}
        lasted = {"wait_seconds": wait, "talk_seconds": talk, "wrap_seconds": wrap, "in_target": wait <= 20}
        contact._write({**moments, **lasted, "wrapped_at": ended + timedelta(seconds=wrap)})
        contact.invalidate_recordset()

    def test_figures(self):
        """CC-10: two answered, one of them too late, one given up; one still waits and isn't judged."""
        self._past(self._finish(self._talk()), wait=10, talk=60, wrap=20)
        self._past(self._finish(self._talk(partner_id=self.branch_a.partner_id.id)), wait=40, talk=100, wrap=40)
        given_up = self._enter(phone="+6281234567890")
        self._wait(given_up, 30)
        given_up._abandon()
        self._enter(phone="+6281234567891")
        level, speed, abandoned, handling, first = self._figures()
        self.assertAlmostEqual(level, 100 / 3)
        self.assertAlmostEqual(speed, 25)
        self.assertAlmostEqual(abandoned, 100 / 3)
        self.assertAlmostEqual(handling, 110)
        self.assertAlmostEqual(first, 100)

    def test_came_again(self):
        """CC-10: who comes again for the same reason within a week wasn't helped; later, or for another, was."""
        first, second = self._finish(self._talk()), self._finish(self._talk())
        self.assertEqual((first.came_again, second.came_again), (True, False))
        self.assertAlmostEqual(self._figures()[-1], 50)
        self._finish(self._talk(partner_id=self.branch_a.partner_id.id))
        self.assertFalse(second.came_again, "somebody else came")

    def test_came_again_wrapped_up_late(self):
        """CC-10: the second contact may be wrapped up before the first is."""
        first, second = self._talk(self.agent_1), self._talk(self.agent_2)
        self._finish(second)
        self.assertFalse(first.came_again)
        self._finish(first)
        self.assertEqual((first.came_again, second.came_again), (True, False))

    def test_came_much_later(self):
        """CC-10: after the company's days it is another matter."""
        first = self._finish(self._talk())
        first._write({"entered_at": first.entered_at - timedelta(days=7, minutes=1)})
        first.invalidate_recordset()
        self._finish(self._talk())
        self.assertFalse(first.came_again)

    def test_by_agent_and_hour(self):
        """CC-10: by agent, in the branch's hours."""
        self.branch_a.tz = "Asia/Jakarta"
        contact = self._finish(self._talk(self.agent_2))
        self.env.flush_all()
        row = self.env["crm.queue.report"].with_user(self.supervisor).search([("contact_id", "=", contact.id)])
        self.assertEqual((row.agent_id, row.hour), (self.agent_2, (contact.entered_at + timedelta(hours=7)).hour))
        self.assertEqual(row.day, (contact.entered_at + timedelta(hours=7)).date())

    def test_rights(self):
        """CC-10: supervisors read their branches' figures; agents none, other branches' supervisors none of these."""
        self._finish(self._talk())
        with self.assertRaises(AccessError):
            self._figures(self.agent_1.user_id)
        other = self._create_user("test_supervisor_b", "crm_contact_center.group_supervisor", self.branch_b)
        self.assertFalse(self.env["crm.queue.report"].with_user(other).search([("queue_id", "=", self.queue.id)]))
