from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestHandOver(ContactCenterCase):
    """CC-2, CC-3: what is handed over, called back or closed meanwhile reaches somebody, with what is known."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = cls.env["crm.telephony.system"].create(
            {"name": "Test telephone", "branch_id": cls.branch_a.id, "queue_id": cls.queue.id}
        )
        cls.agent_1.extension, cls.agent_2.extension = "201", "202"
        cls.commands = cls.env["crm.telephony.command"]

    def _mine(self, contact):
        return contact.with_user(contact.agent_id.user_id)

    def _told(self, kind):
        """Return the orders of that kind, the first first."""
        return self.commands.search([("kind", "=", kind)], order="id")

    def _close_queue(self):
        self.queue.calendar_id = self.env["resource.calendar"].create(
            {"name": "Never", "attendance_ids": [Command.clear()]}
        )

    # === WHAT GOES WITH IT === #

    def test_notes_go_with_it(self):
        """CC-3: the next agent has what the first noted; at the end the customer's page has it."""
        contact = self._talk()
        self._mine(contact).action_transfer(
            agent_id=self.agent_2.id, note="Wants < 5 % off", purpose_id=self.purpose.id
        )
        self._come(self.agent_2)
        self._route()
        contact._answer()
        page = self._mine(contact).desk_pop()
        self.assertEqual((page["note"], page["purpose_id"]), ("Wants < 5 % off", self.purpose.id))
        contact._end()
        self._mine(contact).action_wrap_up(self.purpose.id, self.outcome.id)
        self.assertEqual(contact.note, "Wants < 5 % off", "not said anew, it stays")
        self.assertIn("Wants &lt; 5 % off", contact.interaction_id.note)

    def test_targets_say_what_is_closed(self):
        """CC-2c: nobody hands a customer to a queue without knowing that it is closed."""
        contact = self._talk()
        self.assertTrue(self._mine(contact).desk_targets()["queues"][0]["open"])
        self._close_queue()
        self.assertFalse(self._mine(contact).desk_targets()["queues"][0]["open"])

    def test_given_up_after_a_hand_over(self):
        """CC-3b, FL-12: the queue's responsible has it to call back; the next agent sees that it wasn't finished."""
        contact = self._talk()
        interaction = contact.interaction_id
        contact._transfer(queue=self.queue)
        contact._abandon()
        self.assertEqual((interaction.state, interaction.user_id), ("open", self.queue.user_id))
        self.assertTrue(interaction.ended_at)
        section = self._mine(self._talk(self.agent_2)).desk_pop()["sections"]
        self.assertIn("Not finished", str(section))

    def test_failed_hand_over_is_told(self):
        """CC-1: the telephone couldn't: the agent, who was told that it does, has the call still."""
        contact = self._talk(key=f"{self.system.id}:c1", phone="0812 3456 7890")
        self._mine(contact).action_transfer(agent_id=self.agent_2.id)
        with patch.object(self.env.registry["res.users"], "_bus_send", autospec=True) as send:
            self._told("transfer")._close("failed", "Busy")
        user, kind, message = send.call_args.args
        self.assertEqual((user, kind, message["type"]), (self.agent_1.user_id, "simple_notification", "warning"))
        self.assertEqual(contact.state, "active")

    # === CALL-BACKS === #

    def _call_back(self):
        self._come(self.agent_1)
        contact = self._enter(phone="0812 3456 7890", direction="outgoing")
        self._route()
        self._mine(contact).action_call_back()
        return contact

    def test_not_taken_back_while_it_dials(self):
        """CC-2c: while the telephones ring the contact stays with its agent; after that it doesn't."""
        contact = self._call_back()
        contact.offered_at -= timedelta(seconds=60)
        self.contacts._take_back()
        self.assertEqual((contact.state, self.agent_1.mode), ("offered", "available"))
        self.commands._exchange(self.system, {})
        command = self._told("dial")
        command._write(dict.fromkeys(("create_date", "handed_at"), fields.Datetime.now() - timedelta(seconds=95)))
        command.invalidate_recordset()
        self.contacts._take_back()
        self.assertEqual(contact.state, "offered", "the agent's telephone rings 30 s, the customer's 60 s")
        command._close("failed", "No answer")
        self.contacts._take_back()
        self.assertEqual((contact.state, self.agent_1.paused_by), ("waiting", "missed"))

    def test_dialled_by_one(self):
        """CC-2c: the customer is called once at a time, whoever asks."""
        contact = self._call_back()
        self._mine(contact).action_call_back()
        contact._answer(self.agent_2)
        self._mine(contact).action_call_back()
        self.assertEqual(self._told("dial").agent_id, self.agent_1)

    def test_reached_by_who_lost_it(self):
        """CC-1: an agent who reaches a customer whom somebody else has by now has a contact of their own."""
        contact = self._call_back()
        contact._answer(self.agent_2)
        other = self._told("dial")._called(f"{self.system.id}:x", fields.Datetime.now())
        self.assertNotEqual(other, contact)
        self.assertFalse(contact.key)
        self.assertEqual(other.only_agent_id, self.agent_1)

    # === CLOSED === #

    def test_closes_while_somebody_waits(self):
        """CC-2c: where nobody is left to answer, who waits is told that we call back; an agent who stays answers."""
        contact = self._enter(key=f"{self.system.id}:c1", phone="0812 3456 7890")
        self.agent_1._set_mode("paused", self.break_)
        self.contacts._postpone_forgotten()
        self.assertEqual(contact.state, "waiting", "it is open: somebody may come")
        self._close_queue()
        self._come(self.agent_2)
        self.contacts._postpone_forgotten()
        self.assertEqual(contact.state, "waiting", "an agent works longer")
        self.agent_2._set_mode("offline")
        self.contacts._postpone_forgotten()
        self.assertEqual((contact.state, len(self._told("farewell"))), ("callback", 1))

    def test_hidden_number_at_night(self):
        """CC-2c: who can't be called back doesn't wait all night: the telephone says goodbye, and the call is noted."""
        self._close_queue()
        contact = self._enter(key=f"{self.system.id}:c1", partner_id=False)
        self.assertEqual((contact.state, len(self._told("farewell"))), ("abandoned", 1))
        self.assertEqual(contact.interaction_id.user_id, self.queue.user_id)

    def test_handed_to_a_closed_queue(self):
        """CC-2c: a call handed to a queue that is closed is called back."""
        closed = self._create_queue(code="SHUT")
        contact = self._talk(phone="0812 3456 7890")
        contact._transfer(queue=closed)
        closed.calendar_id = self.env["resource.calendar"].create(
            {"name": "Never", "attendance_ids": [Command.clear()]}
        )
        self.contacts._postpone_forgotten()
        self.assertEqual(contact.state, "callback")
