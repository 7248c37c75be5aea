from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestDispatchWaiting(ContactCenterCase):
    """CC-2: what a contact that comes to a queue once more needs, and since when it waits there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._create_queue(code="TQO", cost_call=50)
        cls.other.skill_ids = [Command.create({"skill_id": cls.skill.id, "level": 2})]

    def test_handed_to_an_agent_of_other_queues(self):
        """CC-2a: they get it though nobody who is free serves its queue, and whatever it needs."""
        specialist = self._create_agent("test_specialist", self.other, mode="available")
        self.queue.skill_ids = [Command.create({"skill_id": self.skill.id, "level": 5})]
        contact = self._talk()
        contact._transfer(agent=specialist)
        self._route()
        self.assertEqual((contact.agent_id, contact.queue_id), (specialist, self.queue))
        contact._answer()
        self.assertEqual(contact.queue_id, self.queue)

    def test_handed_to_who_is_gone(self):
        """CC-2a: after the time it would have rung, the queue's agents may have it."""
        contact = self._talk()
        contact._transfer(agent=self.agent_2)
        self._route()
        self.contacts._let_others()
        self.assertEqual(contact.only_agent_id, self.agent_2, "they may come")
        self._wait(contact, 21)
        self.agent_2._set_mode("available")
        self.contacts._let_others()
        self.assertEqual(contact.only_agent_id, self.agent_2, "they are there: it rings in a moment")
        self.agent_2._set_mode("paused", self.break_)
        self.contacts._let_others()
        self.assertFalse(contact.only_agent_id)
        self._come(self.agent_1)
        self._route()
        self.assertEqual(contact.agent_id, self.agent_1)

    def test_needs_of_the_new_queue(self):
        """CC-2b: handed to another queue, it needs what that one needs, and costs what it costs there."""
        self.queue.skill_ids = [Command.create({"skill_id": self.skill.id, "level": 1})]
        skilled = self._create_agent("test_skilled", self.queue | self.other, skills={self.skill: 3})
        contact = self._talk(skilled)
        self.assertEqual(contact.need_ids.level, 1)
        contact._transfer(queue=self.other)
        self.assertEqual((contact.need_ids.level, contact.need_ids.source, contact.cost), (2, "queue", 50))

    def test_words_while_it_rings(self):
        """CC-2g: said while it rings, they count when it isn't taken."""
        self.skill.words = "warranty"
        self._come(self.agent_1)
        contact = self._enter()
        self._route()
        contact._hear("my warranty")
        contact.offered_at -= timedelta(seconds=21)
        self.contacts._take_back()
        self._come(self.agent_2)
        self.assertFalse(self._route(), "nobody has the skill")
        self.assertEqual(contact.need_ids.skill_id, self.skill)

    def test_night_isnt_waiting(self):
        """CC-2b, CC-2c: who is called back in the morning needs what they needed; others don't help at once."""
        self.queue.write({"relax_seconds": 60, "overflow_queue_id": self.other.id, "overflow_seconds": 60})
        self.queue.skill_ids = [Command.create({"skill_id": self.skill.id, "level": 1})]
        contact = self._enter(phone="+6281234567890")
        contact.callback_at = contact.entered_at
        contact._workflow_do("postpone")
        self._wait(contact, 8 * 3600)
        self.contacts._resume_due()
        self._come(self.agent_1)
        self._create_agent("test_other", self.other, mode="available")
        self.assertFalse(self._route())
        self._wait(contact, 61)
        self.assertEqual(self._route(), contact)

    def test_relaxed_prefers_the_able(self):
        """CC-2b: waiting lets others have it where nobody better is free, and only there."""
        self.queue.write({"relax_seconds": 60})
        self.queue.skill_ids = [Command.create({"skill_id": self.skill.id, "level": 2})]
        skilled = self._create_agent("test_skilled", skills={self.skill: 2})
        self._come(self.agent_1, skilled)
        contact = self._enter()
        self._wait(contact, 200)
        self._route()
        self.assertEqual(contact.agent_id, skilled)
