"""Queues, agents and customers that the tests of this addon begin with."""

from odoo import fields

from odoo.addons.crm_base.tests.common import CrmBaseCase
from odoo.addons.crm_base.tests.fixtures import have

from . import fixtures


class ContactCenterCase(CrmBaseCase):
    """A queue at shop A with two agents and a supervisor; another queue and agent at shop B."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contacts = cls.env["crm.queue.contact"]
        cls.env["crm.agent"].search([])._write({"mode": "offline", "status": "offline"})
        cls.break_ = cls.env.ref("crm_contact_center.crm_agent_pause_break")
        have(cls, "contact_center", fixtures.make)

    @classmethod
    def _create_queue(cls, **values):
        return fixtures.create_queue(cls.env, **{"branch_id": cls.branch_a.id, "user_id": cls.supervisor.id, **values})

    @classmethod
    def _create_agent(cls, login, queues=None, mode="offline", skills=None, **values):
        """Create a user who is an agent of the queues (shop A's by default); ``skills``: skill → level."""
        queues = cls.queue if queues is None else queues
        branch = queues[:1].branch_id or cls.branch_a
        agent = fixtures.create_agent(cls.env, login, queues, branch, skills, **values)
        if mode != "offline":
            agent._set_mode(mode)
        return agent

    @classmethod
    def _enter(cls, **values):
        """Let a call of the customer come in."""
        values = {"queue_id": cls.queue.id, "channel": "call", "partner_id": cls.customer.id, **values}
        return cls.contacts._enter([values])

    @classmethod
    def _come(cls, *agents):
        """Let agents be there, the first of them idle for longest."""
        now = fields.Datetime.now()
        for number, agent in enumerate(agents):
            agent._set_mode("available")
            agent.idle_since = fields.Datetime.subtract(now, seconds=100 - number)

    def _route(self):
        """Do what happens after a commit."""
        return self.contacts._dispatch()

    def _talk(self, agent=None, **values):
        """Let a call come in and be answered by the agent (the first by default)."""
        agent = agent or self.agent_1
        if agent.mode != "available":
            agent._set_mode("available")
        contact = self._enter(only_agent_id=agent.id, **values)
        self._route()
        contact._answer()
        return contact

    def _finish(self, contact):
        """Let the talk end and be wrapped up."""
        contact._end()
        contact._wrap_up(self.purpose, self.outcome)
        return contact

    def _wait(self, contact, seconds):
        """Let the contact have come so many seconds earlier."""
        for moment in ("entered_at", "waiting_since"):
            contact[moment] = fields.Datetime.subtract(contact[moment], seconds=seconds)
        self.env.flush_all()
