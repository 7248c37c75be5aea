from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestSupervisor(ContactCenterCase):
    """CC-2e, CC-3: what an agent who vanished has left, their supervisor brings to an end."""

    def _step(self, contact, user=None, **values):
        steps = self.env["crm.queue.contact.step"].with_user(user or self.supervisor)
        return steps.create({"contact_id": contact.id, **values})

    def test_hand_over(self):
        """CC-2e: to another agent, with a note."""
        contact = self._talk()
        self._come(self.agent_2)
        self._step(contact, agent_id=self.agent_2.id, note="Has waited").action_transfer()
        self._route()
        self.assertEqual((contact.agent_id, contact.note), (self.agent_2, "Has waited"))
        with self.assertRaises(UserError):
            self._step(self._talk(self.agent_1)).action_transfer()

    def test_end_and_wrap_up(self):
        """CC-3: ended and wrapped up for the agent; the history says by whom."""
        contact = self._talk()
        contact.with_user(self.supervisor).action_end()
        with self.assertRaises(UserError):
            self._step(contact).action_wrap_up()
        self._step(contact, purpose_id=self.purpose.id, outcome_id=self.outcome.id).action_wrap_up()
        self.assertEqual(contact.state, "done")
        self.assertEqual(contact.workflow_log_ids.sorted("id")[-1].user_id, self.supervisor)
        self.assertEqual(contact.interaction_id.user_id, self.agent_1.user_id)

    def test_who(self):
        """CC-2e: agents have their desk; another branch's supervisor has other agents."""
        contact = self._talk()
        other = self._create_user("test_supervisor_b", "crm_contact_center.group_supervisor", self.branch_b)
        with self.assertRaises(AccessError):
            self._step(contact, self.agent_1.user_id, queue_id=self.queue.id)
        with self.assertRaises(AccessError):
            self._step(contact, other, queue_id=self.queue.id).action_transfer()
        with self.assertRaises(AccessError):
            contact.with_user(other).action_end()
        for user in (self.agent_2.user_id, other):
            with self.assertRaises(AccessError):
                self.agent_1.with_user(user).action_send_off_duty()

    def test_send_off_duty(self):
        """CC-2e: who went home without a word is offline, once nothing is at hand."""
        contact = self._talk()
        mine = self.agent_1.with_user(self.supervisor)
        with self.assertRaisesRegex(UserError, "finish the contacts"):
            mine.action_send_off_duty()
        self._finish(contact)
        mine.action_send_off_duty()
        self.assertEqual((self.agent_1.mode, self.agent_1.status), ("offline", "offline"))

    def test_left_wrap_up_isnt_work(self):
        """CC-8b: from the moment that nobody is there the time is a pause; who comes back has the wrap-up to do."""
        contact = self._talk()
        contact._end()
        self.agent_1.seen_at -= timedelta(hours=1)
        self.env["crm.agent"]._cron_unseen()
        self.assertEqual((self.agent_1.status, self.agent_1.paused_by), ("paused", "unseen"))
        period = self.agent_1.period_ids.filtered(lambda period: not period.ended_at)
        self.assertEqual(period.status, "paused")
        self.agent_1._set_mode("available")
        self.assertEqual(self.agent_1.status, "wrapup")
