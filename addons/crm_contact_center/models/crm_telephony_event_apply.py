from odoo import models
from odoo.exceptions import UserError


class CrmTelephonyEvent(models.Model):
    """What each kind of event does to the contact of its call (CC-1).

    Each method returns why it did nothing, or False. The contact may be none: the call isn't known.
    """

    _inherit = "crm.telephony.event"

    def _contact_key(self):
        return f"{self.system_id.id}:{self.call}"

    def _contact(self):
        contacts = self.env["crm.queue.contact"].sudo()
        domain = [("company_id", "=", self.company_id.id), ("channel", "=", "call"), ("key", "=", self._contact_key())]
        return contacts.search(domain, limit=1)

    def _agent(self):
        domain = [("company_id", "=", self.company_id.id), ("extension", "=", self.extension)]
        return self.env["crm.agent"].sudo().search(domain, limit=1) if self.extension else self.env["crm.agent"].sudo()

    def _command(self):
        """Return the command to dial that this call comes from: it has the command's name."""
        domain = [("system_id", "=", self.system_id.id), ("uid", "=", self.call), ("kind", "=", "dial")]
        return self.env["crm.telephony.command"].sudo().search(domain, limit=1)

    def _apply_ringing(self, contact):
        if contact:
            return self.env._("The call is known already.")
        if self._command():
            return self.env._("An agent is calling: nobody waits.")
        queue, lang = self.system_id._queue_of(self.called, self.queue)
        self.env["crm.queue.contact"]._enter([self._prepare_contact_vals(queue, lang)])
        return False

    def _prepare_contact_vals(self, queue, lang):
        phone, name = self.number, self.name
        try:
            phone = queue.branch_id._e164(self.number) if self.number else False
        except UserError:  # an internal number: the agent sees what was reported
            phone, name = False, " ".join(filter(None, (self.name, self.number)))
        return {
            "queue_id": queue.id,
            "channel": "call",
            "key": self._contact_key(),
            "phone": phone,
            "caller_name": name,
            "lang_id": lang.id,
            "words": self.words,
            "entered_at": self._happened(),
        }

    def _apply_words(self, contact):
        if contact.state not in ("waiting", "offered", "active"):
            return self.env._("There is no such call, or it is over.")
        contact._hear(self.words)
        return False

    def _apply_answered(self, contact):
        agent = self._agent()
        if not contact and (command := self._command()):
            contact = command._called(self._contact_key(), self._happened())
        if contact.state not in ("waiting", "offered"):
            return self.env._("There is no such call that waits.")
        if not agent:
            return self.env._("No agent has the extension %s.", self.extension)
        contact._answer(agent, self._happened())
        return False

    def _apply_missed(self, contact):
        if contact.state != "offered" or contact.agent_id != self._agent():
            return self.env._("It isn't ringing there any more.")
        contact._not_taken()
        return False

    def _apply_transferred(self, contact):
        """Hand it to the agent with that extension, or to that queue; where nobody is meant, back to its own queue.

        The caller waits already: the telephone has let go of the first agent.
        """
        if contact.state != "active":
            return self.env._("There is no such call that an agent has.")
        agent = self._agent()
        if agent and agent != contact.agent_id:
            contact._transfer(agent=agent)
        else:
            queue = self.system_id._queue_of("", self.queue)[0] if self.queue else contact.queue_id
            contact._transfer(queue=queue)
        return False

    def _apply_ended(self, contact):
        if contact.state == "active":
            contact._end(self._happened())
        elif contact.state in ("waiting", "offered"):
            contact._abandon(self._happened())
        else:
            return self.env._("There is no such call, or it is over.")
        return False
