from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.crm_base.tests.reading import read

from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestDeskCall(ContactCenterCase):
    """CC-1, CC-3: what the desk has the telephone do, and what it shows its agent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = cls.env["crm.telephony.system"].create(
            {"name": "Test telephone", "branch_id": cls.branch_a.id, "queue_id": cls.queue.id}
        )
        cls.agent_1.extension, cls.agent_2.extension = "201", "202"

    def _call(self, **values):
        return self._talk(key=f"{self.system.id}:c1", phone="0812 3456 7890", **values)

    def _mine(self, contact):
        return contact.with_user(self.agent_1.user_id)

    def _commands(self, contact):
        """Return what the desk asked for; that the telephone rings, routing decides."""
        asked = [("contact_id", "=", contact.id), ("kind", "!=", "ring")]
        found = self.env["crm.telephony.command"].search(asked, order="id")
        return [(command.kind, command.number) for command in found]

    def _age(self, contact, seconds):
        """Let what the telephone was asked last be asked so many seconds ago."""
        command = self.env["crm.telephony.command"].search([("contact_id", "=", contact.id)], limit=1)
        command._write({"create_date": fields.Datetime.subtract(fields.Datetime.now(), seconds=seconds)})
        command.invalidate_recordset()

    def test_hang_up(self):
        """CC-1: the telephone hangs up; asked again at once it isn't told twice; if it stays silent, it ends here."""
        contact = self._call()
        mine = self._mine(contact)
        self.assertFalse(mine.action_end())
        self._age(contact, 1)
        self.assertFalse(mine.action_end())
        self.assertEqual(self._commands(contact), [("hangup", False)])
        self._age(contact, 15)
        self.assertTrue(mine.action_end())
        self.assertEqual(contact.state, "wrapup")

    def test_hand_over(self):
        """CC-1: a call is handed over by the telephone; the contact moves when that reports it."""
        contact = self._call()
        mine = self._mine(contact)
        self.assertFalse(mine.action_transfer(agent_id=self.agent_2.id))
        self.assertFalse(mine.action_transfer(queue_id=self.queue.id))
        self.assertEqual(self._commands(contact), [("transfer", "202"), ("transfer", self.queue.code)])
        self.assertEqual(contact.state, "active")

    def test_hand_over_refused(self):
        """CC-1: not to oneself, nor to who has no telephone, nor to a queue without calls."""
        mine = self._mine(self._call())
        self.agent_2.extension = False
        chats = self._create_queue(code="CHATS", takes_calls=False)
        for target in ({"agent_id": self.agent_1.id}, {"agent_id": self.agent_2.id}, {"queue_id": chats.id}, {}):
            with self.assertRaises(UserError):
                mine.action_transfer(**target)

    def test_call_back_once(self):
        """CC-2c: two clicks dial once; what isn't at hand isn't dialled."""
        self._come(self.agent_1)
        contact = self._enter(phone="0812 3456 7890", direction="outgoing", only_agent_id=self.agent_1.id)
        with self.assertRaises(AccessError):
            self._mine(contact).action_call_back()
        self._route()
        self._mine(contact).action_call_back()
        self._age(contact, 1)
        self._mine(contact).action_call_back()
        self.assertEqual(self._commands(contact), [("dial", "+6281234567890")])
        contact._answer()
        self._finish(contact)
        with self.assertRaises(UserError):
            self._mine(contact).action_call_back()

    def test_targets(self):
        """CC-3: handed to queues that take it and to agents who are there, free ones first; of one's own branch."""
        contact = self._call()
        paused = self._create_agent("test_targets_paused", mode="paused")
        self.agent_2._set_mode("available")
        self.agent_b._set_mode("available")
        self._create_queue(code="NOCALLS", takes_calls=False)
        targets = self._mine(contact).desk_targets()
        self.assertEqual([queue["id"] for queue in targets["queues"]], [self.queue.id])
        self.assertEqual([agent["id"] for agent in targets["agents"]], [self.agent_2.id, paused.id])
        self.assertEqual(targets["queues"][0]["free"], 1)
        with self.assertRaises(AccessError):
            contact.with_user(self.agent_b.user_id).desk_targets()

    def test_state_costs(self):
        """CC-3: the desk asks every 20 seconds: few queries, however many wait and are at hand."""
        desk = self.env["crm.agent"].with_user(self.agent_1.user_id)
        self._come(self.agent_1)
        for _number in range(3):
            self._enter(channel="email")
        self._route()
        for _number in range(20):
            self._enter(queue_id=self.queue.id)
        desk.desk_state()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(14):
            state = desk.desk_state()
        self.assertEqual(len(state["contacts"]), 3)
        self.assertEqual(state["waiting"], 20)

    def test_choices(self):
        """CC-3: what a wrap-up chooses from; for agents."""
        choices = read(self, self.env["crm.agent"].with_user(self.agent_1.user_id).desk_choices)
        self.assertIn([self.purpose.id, "Test purpose"], choices["purposes"])
        self.assertIn([self.outcome.id, "Test outcome"], choices["outcomes"])
        with self.assertRaises(AccessError):
            self.env["crm.agent"].with_user(self.officer_a).desk_choices()
