from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestDispatch(ContactCenterCase):
    """CC-2: what is read for a decision, what is kept of it, and what each minute brings."""

    def test_longest_idle(self):
        """CC-2d: the agent who is idle longest gets the first."""
        self._come(self.agent_2, self.agent_1)
        first, second = self._enter(), self._enter(partner_id=False, phone="+62811000001")
        self._route()
        self.assertEqual((first.agent_id, second.agent_id), (self.agent_2, self.agent_1))

    def test_skill_of_the_queue(self):
        """CC-2b: a required level is needed, then relaxed by waiting."""
        self.queue.write({"skill_ids": [Command.create({"skill_id": self.skill.id, "level": 2})], "relax_seconds": 60})
        self._come(self.agent_1)
        contact = self._enter()
        self.assertFalse(self._route())
        self._wait(contact, 61)
        self.assertFalse(self._route(), "level 1 is still needed")
        self._wait(contact, 60)
        self.assertEqual(self._route(), contact)

    def test_language(self):
        """CC-2f: a customer's language is a skill that their contact needs."""
        polish = self.env["res.lang"]._activate_lang("pl_PL")
        skill = self.env["crm.skill"].create({"name": "Polish", "kind": "language", "lang_id": polish.id})
        self.customer.lang = "pl_PL"
        self._come(self.agent_1)
        contact = self._enter()
        self.assertEqual((contact.need_ids.skill_id, contact.need_ids.source), (skill, "language"))
        self.assertFalse(self._route())
        speaker = self._create_agent("test_polish", skills={skill: 4}, mode="available")
        self._route()
        self.assertEqual(contact.agent_id, speaker)

    def test_words(self):
        """CC-2g: what the caller said says what they need; a part of a word doesn't."""
        self.skill.words = "broken screen\nwarranty"
        self.assertEqual(self._enter(words="Hello, my Broken  screen!").need_ids.skill_id, self.skill)
        self.assertFalse(self._enter(words="unwarrantyable").need_ids)
        self.assertEqual(len(self._enter(words="x" * 10_001).words), 10_000)

    def test_overflow(self):
        """CC-2c: another queue's agents help after the time, not before; the report knows both queues."""
        helpers = self._create_queue(code="TQH")
        helper = self._create_agent("test_helper", helpers, mode="available")
        self.queue.write({"overflow_queue_id": helpers.id, "overflow_seconds": 60})
        contact = self._enter()
        self.assertFalse(self._route())
        self._wait(contact, 61)
        self._route()
        self.assertEqual((contact.agent_id, contact.queue_id), (helper, self.queue))
        contact._answer()
        self.assertEqual((contact.queue_id, contact.first_queue_id), (helpers, self.queue))

    def test_help_not_taken(self):
        """CC-2c: what the helpers don't take goes to the queue's own agents again."""
        helpers = self._create_queue(code="TQH")
        helper = self._create_agent("test_helper", helpers, mode="available")
        self.queue.write({"overflow_queue_id": helpers.id, "overflow_seconds": 0})
        contact = self._enter()
        self._route()
        self.assertEqual(contact.agent_id, helper)
        contact.offered_at -= timedelta(seconds=21)
        self.contacts._take_back()
        self._come(self.agent_1)
        self._route()
        self.assertEqual((contact.agent_id, contact.queue_id), (self.agent_1, self.queue))

    def test_no_circle(self):
        """CC-2c: queues don't help each other in a circle."""
        other = self._create_queue(code="TQO", overflow_queue_id=self.queue.id)
        with self.assertRaisesRegex(UserError, "circle"):
            self.queue.overflow_queue_id = other

    def _close(self):
        """Let the queue be open in an hour at the earliest, for one hour a week."""
        opens = fields.Datetime.now() + timedelta(days=1)
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Later",
                "tz": "UTC",
                "attendance_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "name": "x",
                            "dayofweek": str(opens.weekday()),
                            "hour_from": 10,
                            "hour_to": 11,
                            "day_period": "morning",
                        }
                    ),
                ],
            }
        )
        self.queue.calendar_id = calendar
        return opens.replace(hour=10, minute=0, second=0, microsecond=0)

    def test_closed(self):
        """CC-2c: a call to a closed queue is called back when it opens, by an agent."""
        opens = self._close()
        self.assertFalse(self.queue._is_open())
        contact = self._enter(phone="+6281234567890")
        self.assertEqual((contact.state, contact.callback_at), ("callback", opens))
        contact.callback_at = fields.Datetime.now()
        self.contacts._resume_due()
        self.assertEqual((contact.state, contact.direction), ("waiting", "outgoing"))

    def test_closed_to_the_overflow(self):
        """CC-2c: or goes to the queue that is open."""
        self._close()
        helpers = self._create_queue(code="TQH")
        self.queue.write({"overflow_queue_id": helpers.id, "closed_action": "overflow"})
        contact = self._enter()
        self.assertEqual((contact.state, contact.queue_id, contact.first_queue_id), ("waiting", helpers, self.queue))

    def test_not_taken(self):
        """CC-2a: an offer that nobody takes goes to the next agent, and the first is paused, seen as such."""
        self._come(self.agent_1)
        contact = self._enter()
        self._route()
        self.contacts._take_back()
        self.assertEqual(contact.agent_id, self.agent_1, "it may still ring")
        contact.offered_at = fields.Datetime.now() - timedelta(seconds=21)
        self.contacts._take_back()
        self.assertEqual((contact.state, self.agent_1.mode, self.agent_1.paused_by), ("waiting", "paused", "missed"))
        self.assertEqual(contact.missed_agent_ids, self.agent_1)
        self._come(self.agent_2)
        self._route()
        self.assertEqual(contact.agent_id, self.agent_2)

    def test_unseen(self):
        """CC-2a: an agent whose desk is silent gets nothing more."""
        self._come(self.agent_1)
        self.agent_1.seen_at = fields.Datetime.now() - timedelta(seconds=121)
        self.env["crm.agent"]._cron_unseen()
        self.assertEqual((self.agent_1.mode, self.agent_1.paused_by), ("paused", "unseen"))

    def test_decision_is_kept(self):
        """CC-2a: who was considered, and why who was chosen; nobody changes it."""
        self._come(self.agent_1, self.agent_2)
        contact = self._enter()
        self._route()
        decision = contact.decision_ids
        self.assertEqual((decision.agent_id, decision.queue_id), (self.agent_1, self.queue))
        self.assertEqual(set(decision.reasons.values()), {"able"})
        self.assertIn(self.agent_2.name, decision.why)
        for attack in (
            lambda: decision.sudo().write({"rank": 1}),
            lambda: decision.sudo().unlink(),
            lambda: decision.sudo().create({"contact_id": contact.id}),
        ):
            with self.assertRaises(UserError):
                attack()
        with self.assertRaises(AccessError):
            decision.with_user(self.agent_1.user_id).read(["reasons"])

    def test_queries_dont_grow(self):
        """CC-2a: reading what waits takes as many queries for twenty contacts as for two."""
        for number in range(2):
            self._enter(partner_id=False, phone=f"+6281100000{number:02}")
        self._come(self.agent_1)
        with self.assertQueryCount(5):
            few = self.contacts._waiting_for(self.contacts._free_agents())
        for number in range(2, 20):
            self._enter(partner_id=False, phone=f"+6281100000{number:02}")
        self.env.flush_all()
        with self.assertQueryCount(5):
            many = self.contacts._waiting_for(self.contacts._free_agents())
        self.assertEqual((len(few), len(many)), (2, 20))
