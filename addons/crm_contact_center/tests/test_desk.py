from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestDesk(ContactCenterCase):
    """CC-3: what agents do at their desks, and that they do it with their own contacts only."""

    def _as(self, contact, agent):
        return contact.with_user(agent.user_id)

    def _offered_chat(self):
        self._come(self.agent_1)
        contact = self._enter(channel="chat")
        self._route()
        return contact

    def test_day(self):
        """CC-3: come, take, end, wrap up, go."""
        desk = self.env["crm.agent"].with_user(self.agent_1.user_id)
        self.assertEqual(desk.desk_set_mode("available")["status"], "available")
        contact = self._enter(channel="chat")
        self.assertEqual(desk.desk_state()["waiting"], 1)
        self._route()
        (line,) = desk.desk_state()["contacts"]
        self.assertEqual((line["id"], line["state"], line["name"]), (contact.id, "offered", self.customer.name))
        self._as(contact, self.agent_1).action_take()
        self._as(contact, self.agent_1).action_end()
        with self.assertRaises(UserError):
            desk.desk_set_mode("offline")
        self._as(contact, self.agent_1).action_wrap_up(self.purpose.id, self.outcome.id, "note")
        self.assertEqual(contact.state, "done")
        self.assertEqual(desk.desk_set_mode("offline")["status"], "offline")

    def test_somebody_elses(self):
        """CC-3: a colleague neither takes, ends, wraps up nor hands over what is mine; a supervisor may."""
        contact = self._offered_chat()
        other = self._as(contact, self.agent_2)
        for act in (
            other.action_take,
            other.action_end,
            other.action_call_back,
            lambda: other.action_wrap_up(self.purpose.id, self.outcome.id),
            lambda: other.action_transfer(queue_id=self.queue.id),
        ):
            with self.assertRaises(AccessError):
                act()
        contact.with_user(self.supervisor).action_take()
        self.assertEqual(contact.state, "active")

    def test_other_branch(self):
        """CC-3: nothing is handed to a queue or agent that the user doesn't see, nor touched from there."""
        contact = self._offered_chat()
        mine = self._as(contact, self.agent_1)
        mine.action_take()
        with self.assertRaises(AccessError):
            mine.action_transfer(queue_id=self.queue_b.id)
        with self.assertRaises(AccessError):
            mine.action_transfer(agent_id=self.agent_b.id)
        with self.assertRaises(AccessError):
            self._as(contact, self.agent_b).action_end()

    def test_no_agent(self):
        """CC-3: who isn't an agent has no desk."""
        self.assertFalse(self.env["crm.agent"].with_user(self.officer_a).desk_state())
        with self.assertRaises(AccessError):
            self.env["crm.agent"].with_user(self.officer_a).desk_set_mode("available")

    def test_wrap_up_by_rpc(self):
        """CC-3: a wrap-up without reason or outcome, or with ids of nothing, is refused."""
        contact = self._offered_chat()
        mine = self._as(contact, self.agent_1)
        mine.action_take()
        mine.action_end()
        for ids in ((False, False), (self.purpose.id, False), (0, self.outcome.id), (10**9, 10**9)):
            with self.assertRaises(UserError):
                mine.action_wrap_up(*ids)
        self.assertEqual(contact.state, "wrapup")
