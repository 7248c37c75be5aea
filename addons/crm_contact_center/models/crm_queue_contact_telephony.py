from odoo import models

#: What the telephone is told when its call's contact takes a step.
ORDERS = {"offer": "ring", "miss": "unring", "transfer": "hold", "postpone": "farewell"}


class CrmQueueContact(models.Model):
    """What the telephone does when routing or a desk decides: it rings at the agent who was chosen (CC-1).

    The order is written in the transaction of the decision, and fetched by the telephone system after its commit: when
    the telephone rings, the desk shows who it is (CC-3a).
    """

    _inherit = "crm.queue.contact"

    def _after_transition(self, transition):
        """Override: tell the telephone, before the agent is forgotten."""
        if kind := ORDERS.get(transition.name):
            commands = self.env["crm.telephony.command"]
            commands._tell([contact._prepare_order_vals(kind) for contact in self if contact._has_live_call()])
        return super()._after_transition(transition)

    def _has_live_call(self):
        """Return whether somebody is on the line: not where a customer is still to be called back."""
        return self.channel == "call" and bool(self.key) and (self.direction == "incoming" or bool(self.answered_at))

    def _prepare_order_vals(self, kind):
        agent = self.agent_id if kind in ("ring", "unring") else self.agent_id.browse()
        return {"kind": kind, "contact_id": self.id, "agent_id": agent.id, "extension": agent.extension}

    def _say_farewell(self):
        """Have the telephone end a call that nobody will take."""
        if self._has_live_call():
            self.env["crm.telephony.command"]._tell([self._prepare_order_vals("farewell")])

    def _telephone(self):
        """Return the telephone system that has this call, or none, and the call's name there."""
        prefix, _colon, call = (self.key or "").partition(":")
        systems = self.env["crm.telephony.system"].sudo()
        return (systems.browse(int(prefix)).exists() if prefix.isdecimal() and call else systems), call

    def _not_taken(self):
        """Note that the agents whose telephones rang didn't answer: others are asked, and those pause."""
        agents = self.agent_id
        for contact in self:
            contact.missed_agent_ids += contact.agent_id
        self._workflow_do("miss")
        agents.filtered(lambda agent: agent.mode == "available")._set_mode("paused", by="missed")
