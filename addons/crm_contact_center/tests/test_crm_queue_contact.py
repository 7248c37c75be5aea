from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestQueueContact(ContactCenterCase):
    """CC-2: from the entry to the wrap-up."""

    def test_story(self):
        """CC-2a, FL-12: a call comes, rings, is answered, ends, is wrapped up; the customer's page has it."""
        self._come(self.agent_1)
        contact = self._enter()
        self.assertEqual(contact.state, "waiting")
        self._route()
        self.assertEqual((contact.state, contact.agent_id, self.agent_1.status), ("offered", self.agent_1, "busy"))
        contact._answer()
        self.assertEqual((contact.state, self.agent_1.load), ("active", 100))
        contact._end()
        self.assertEqual((contact.state, self.agent_1.status, self.agent_1.load), ("wrapup", "wrapup", 0))
        contact._wrap_up(self.purpose, self.outcome, "asked for opening hours")
        self.assertEqual((contact.state, self.agent_1.status), ("done", "available"))
        interaction = contact.interaction_id
        self.assertEqual((interaction.state, interaction.partner_id), ("done", self.customer))
        self.assertEqual((interaction.user_id, interaction.outcome_id), (self.agent_1.user_id, self.outcome))
        steps = [step for step, *_rest in self._history(contact)]
        self.assertEqual(steps, ["offer", "answer", "end", "wrap_up"])

    def test_wrap_up_isnt_skipped(self):
        """CC-2a: until the wrap-up is done, the agent gets nothing new, whatever waits."""
        contact = self._talk()
        contact._end()
        waiting = self._enter()
        self.assertFalse(self._route())
        with self.assertRaisesRegex(UserError, "fill in"):
            contact._wrap_up(self.purpose, self.outcome.browse())
        contact._wrap_up(self.purpose, self.outcome)
        self.assertEqual(self._route(), waiting)

    def test_abandoned(self):
        """CC-10: who gives up is counted, and the responsible has somebody to call back."""
        contact = self._enter()
        self._wait(contact, 42)
        contact._abandon()
        self.assertEqual((contact.state, contact.wait_seconds, contact.in_target), ("abandoned", 42, False))
        interaction = contact.interaction_id
        self.assertEqual((interaction.state, interaction.user_id), ("open", self.supervisor))

    def test_given_up_while_it_rings(self):
        """CC-2a: the agent whose telephone rang is free again."""
        self._come(self.agent_1)
        contact = self._enter()
        self._route()
        contact._abandon()
        self.assertEqual((self.agent_1.status, self.agent_1.load), ("available", 0))

    def test_times(self):
        """CC-10: wait, talk, wrap-up in seconds; within target or not by the queue's target."""
        start = fields.Datetime.to_datetime("2026-03-02 03:00:00")
        with freeze_time(start) as clock:
            self._come(self.agent_1)
            contact = self._enter()
            clock.tick(timedelta(seconds=15))
            self._route()
            contact._answer()
            clock.tick(timedelta(seconds=100))
            contact._end()
            clock.tick(timedelta(seconds=30))
            contact._wrap_up(self.purpose, self.outcome)
        self.assertEqual((contact.wait_seconds, contact.talk_seconds, contact.wrap_seconds), (15, 100, 30))
        self.assertTrue(contact.in_target)
        contact.sudo()._write({"answered_at": start + timedelta(seconds=21)})

    def test_transfer(self):
        """CC-2a: to a queue or to one agent; who had it is free without a wrap-up, who gets it does that."""
        contact = self._talk()
        with self.assertRaisesRegex(UserError, "already"):
            contact._transfer(agent=self.agent_1)
        contact._transfer(agent=self.agent_2)
        self.assertEqual((contact.state, self.agent_1.status), ("waiting", "available"))
        self.assertFalse(self._route(), "agent 2 isn't there yet")
        self._come(self.agent_2)
        self._route()
        self.assertEqual(contact.agent_id, self.agent_2)

    def test_transfer_to_a_queue_that_takes_no_calls(self):
        """CC-2a: refused, and the call stays where it is."""
        chats = self._create_queue(code="TQC", takes_calls=False)
        contact = self._talk()
        with self.assertRaisesRegex(UserError, "doesn't take"):
            contact._transfer(queue=chats)
        self.assertEqual(contact.state, "active")
        with self.assertRaisesRegex(UserError, "doesn't take"):
            self._enter(queue_id=chats.id)

    def test_same_call_twice(self):
        """CC-1: the key that the telephone gives a call is unique."""
        self._enter(key="call-1")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._enter(key="call-1")

    def test_caller_is_found(self):
        """CC-3a: whose number it is, in any writing; nobody where it is several people's."""
        contact = self._enter(partner_id=False, phone="0812-3456-7890")
        self.assertEqual((contact.partner_id, contact.phone), (self.customer, "+6281234567890"))
        self.customer.copy({"phone": self.customer.phone})
        self.assertFalse(self._enter(partner_id=False, phone="081234567890").partner_id)

    def test_nobody_writes_one(self):
        """CC-2: neither agents nor supervisors create, write or delete contacts by hand."""
        contact = self._talk()
        for user in (self.agent_1.user_id, self.supervisor):
            for attack in (
                lambda c: c.write({"note": "x"}),
                lambda c: c.write({"state": "done"}),
                lambda c: c.unlink(),
                lambda c: c.create({"queue_id": self.queue.id, "first_queue_id": self.queue.id}),
            ):
                with self.assertRaises(AccessError):
                    attack(contact.with_user(user))

    def test_done_is_done(self):
        """CC-10: what was wrapped up no longer changes, with all rights either."""
        contact = self._finish(self._talk())
        for vals in ({"answered_at": fields.Datetime.now() - timedelta(days=1)}, {"agent_id": self.agent_2.id}):
            with self.assertRaises(UserError):
                contact.sudo().write(vals)

    def test_isolation(self):
        """CC-2: another branch's agents neither see contacts nor get them."""
        self._come(self.agent_b)
        contact = self._enter()
        self.assertFalse(self._route())
        self.assertFalse(self.contacts.with_user(self.agent_b.user_id).search([("id", "=", contact.id)]))
