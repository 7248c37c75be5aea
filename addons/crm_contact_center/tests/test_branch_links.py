from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestBranchLinks(ContactCenterCase):
    """CC-2: a supervisor's queues, agents and numbers stay among those of their branch."""

    def _mine(self, record):
        return record.with_user(self.supervisor)

    def test_no_agent_in_anothers_queue(self):
        """CC-2a: from there they would be given the other branch's callers."""
        for record, vals in (
            (self.agent_1, {"queue_ids": [Command.link(self.queue_b.id)]}),
            (self.queue, {"agent_ids": [Command.link(self.agent_b.id)]}),
            (self.queue, {"overflow_queue_id": self.queue_b.id}),
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self._mine(record).write(vals)
        self._mine(self.agent_1).queue_ids = [Command.set([])]
        self._mine(self.agent_1).queue_ids = [Command.link(self.queue.id)]

    def test_what_headquarters_linked_stays(self):
        """CC-2c: who may have one branch help another; the supervisor changes the rest around it."""
        self.agent_1.queue_ids = self.queue + self.queue_b
        self._mine(self.agent_1).write({"queue_ids": [Command.link(self.queue.id)], "capacity": 50})
        self.assertIn(self.queue_b, self.agent_1.queue_ids)

    def test_lines_stay(self):
        """CC-2b: a skill isn't moved to another branch's agent, nor given to them."""
        line = self.env["crm.agent.skill"].create({"agent_id": self.agent_1.id, "skill_id": self.skill.id})
        with self.assertRaises(AccessError):
            self._mine(line).agent_id = self.agent_b
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self._mine(line).create({"agent_id": self.agent_b.id, "skill_id": self.skill.id})

    def test_helper_from_another_branch(self):
        """CC-2c: an agent of another branch who helps out sees and does what they have at hand, until it is done."""
        self.queue.overflow_queue_id = self.queue_b
        self.queue.overflow_seconds = 0
        self._come(self.agent_b)
        contact = self._enter(channel="chat")
        self._route()
        theirs = contact.with_user(self.agent_b.user_id)
        self.assertEqual(contact.agent_id, self.agent_b)
        theirs.action_take()
        theirs.action_end()
        theirs.action_wrap_up(self.purpose.id, self.outcome.id)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            theirs.read(["caller_name"])

    def test_agent_of_here(self):
        """CC-2: another branch's person isn't made an agent here: they could be none where they work."""
        for user in (self.officer_b, self.portal):
            with self.assertRaises(ValidationError):
                self._mine(self.agent_1).create({"user_id": user.id, "branch_id": self.branch_a.id})

    def test_defaults_of_the_context(self):
        """CC-2e, CC-11: a client's defaults neither make an agent available nor say who confirmed."""
        agents = self._mine(self.agent_1).with_context(default_mode="available")
        with self.assertRaises(AccessError):
            agents.create({"user_id": self.officer_a.id, "branch_id": self.branch_a.id})
        item = self.env["crm.readiness.item"].search([], limit=1)
        forged = {"default_user_id": self.admin.id, "default_date": "2001-02-03"}
        confirmations = self.env["crm.readiness.confirmation"].with_user(self.supervisor).with_context(**forged)
        confirmation = confirmations.create({"item_id": item.id, "note": "Seen"})
        self.assertEqual((confirmation.user_id, confirmation.date.year > 2001), (self.supervisor, True))

    def test_clock_ahead(self):
        """CC-1: a telephone system's clock that runs ahead doesn't hold up the wrap-up."""
        contact = self._talk(channel="chat")
        contact._end(fields.Datetime.add(fields.Datetime.now(), minutes=1))
        contact._wrap_up(self.purpose, self.outcome)
        self.assertEqual((contact.state, contact.wrap_seconds), ("done", 0))

    def test_first_answer_counts(self):
        """CC-10: a transfer doesn't make the first answer slower."""
        contact = self._talk(channel="chat")
        first = fields.Datetime.subtract(contact.answered_at, minutes=5)
        contact.write({"entered_at": first, "answered_at": first})
        contact._transfer(agent=self.agent_2)
        self.agent_2._set_mode("available")
        self._route()
        contact._answer()
        self.assertEqual((contact.answered_at, contact.wait_seconds), (first, 0))

    def test_handed_but_not_taken(self):
        """CC-2c: what was handed to somebody who doesn't take it isn't kept for them."""
        contact = self._talk(channel="chat")
        self.agent_2._set_mode("available")
        contact._transfer(agent=self.agent_2)
        self._route()
        contact.offered_at = fields.Datetime.subtract(contact.offered_at, minutes=5)
        contacts = self.contacts
        contacts._take_back()
        self._route()
        self.assertEqual((contact.state, contact.agent_id), ("offered", self.agent_1))

    def test_transfer_without_right(self):
        """CC-3: a contact isn't handed over before it is taken."""
        self._come(self.agent_1)
        contact = self._enter(channel="chat")
        self._route()
        with self.assertRaises(UserError):
            contact.with_user(self.agent_1.user_id).action_transfer(queue_id=self.queue.id)
