from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .crm_queue_contact_entry import WORDS_LIMIT

#: What the telephone was asked to do is under way for so long: the same isn't asked twice.
UNDER_WAY = timedelta(seconds=10)


class CrmQueueContact(models.Model):
    """What an agent does with the contacts at hand: their own, or as a supervisor those that they see (CC-3)."""

    _inherit = "crm.queue.contact"

    def _check_mine(self):
        """Check that the contact is the user's own, or one that they supervise; return it with all rights."""
        self.ensure_one()
        self.check_access("read")
        contact = self.sudo()
        own = contact.agent_id.user_id == self.env.user
        if not (own or self.env.user.has_group("crm_contact_center.group_supervisor")):
            raise AccessError(self.env._("This contact is somebody else's."))
        return contact

    def action_take(self):
        """Answer a chat or message that is offered. A call is answered on the telephone."""
        contact = self._check_mine()
        if contact.channel == "call" and contact.key and contact.direction == "incoming":
            raise UserError(self.env._("Pick up the telephone: the desk follows."))
        contact._answer()

    def action_end(self):
        """End the talk. A call that the telephone system reports ends there; if it doesn't, a second time ends it here.

        :return: whether it is over now
        """
        contact = self._check_mine()
        if contact._is_telephoned() and contact.state == "active":
            asked = contact._asked("hangup")
            if not asked:
                self.env["crm.telephony.command"]._ask(contact.agent_id, "hangup", contact=contact)
                return False
            if self._is_under_way(asked):
                return False
        contact._end()
        return True

    def _is_telephoned(self):
        """Return whether the telephone system knows this call, and its agent's telephone."""
        return self.channel == "call" and bool(self.key and self.agent_id.extension)

    def _asked(self, kind):
        """Return the last such command that this agent gave for the contact."""
        domain = [("contact_id", "=", self.id), ("agent_id", "=", self.agent_id.id), ("kind", "=", kind)]
        return self.env["crm.telephony.command"].sudo().search(domain, limit=1)

    @staticmethod
    def _is_under_way(command):
        return command.state in ("new", "handed") and command.create_date > fields.Datetime.now() - UNDER_WAY

    def action_wrap_up(self, purpose_id, outcome_id, note=None, partner_id=None):
        """Say what it was for and what came of it.

        :param partner_id: the customer, where the contact's wasn't known
        """
        contact = self._check_mine()
        purpose = self.env["crm.interaction.purpose"].browse(purpose_id or ()).exists()
        outcome = self.env["crm.interaction.outcome"].browse(outcome_id or ()).exists()
        if partner_id and partner_id != contact.partner_id.id:
            contact._identify(self._readable_partner(partner_id))
        contact._wrap_up(purpose, outcome, note)

    def action_transfer(self, queue_id=False, agent_id=False, note="", purpose_id=False):
        """Hand the contact to a queue or to one agent whom the user sees. A call is handed over by the telephone
        system, whose report then moves the contact.

        :param str note: what the next agent has to know
        :param purpose_id: what it is for, as far as that is known
        :return: whether it is handed over now
        """
        contact = self._check_mine()
        queue = self.env["crm.queue"].browse(queue_id or ()).exists()
        agent = self.env["crm.agent"].browse(agent_id or ()).exists()
        if not (queue or agent):
            raise UserError(self.env._("Say to which queue, or to whom."))
        queue.check_access("read")
        agent.check_access("read")
        purpose = self.env["crm.interaction.purpose"].browse(purpose_id or ()).exists()
        contact.write({"note": str(note or "")[:WORDS_LIMIT] or False, "purpose_id": purpose.id})
        if contact._is_telephoned() and contact.state == "active":
            contact._transfer_call(queue.sudo(), agent.sudo())
            return False
        contact._transfer(queue=queue.sudo(), agent=agent.sudo())
        return True

    def _transfer_call(self, queue, agent):
        """Ask the telephone system to connect the caller to the agent's telephone, or to the queue by its code."""
        if agent and agent == self.agent_id:
            raise UserError(self.env._("It is with this agent already."))
        if agent and not agent.extension:
            raise UserError(self.env._("%s has no telephone: choose somebody else, or a queue.", agent.name))
        if queue and not queue._takes(self.channel):
            raise UserError(self.env._("%s doesn't take such contacts.", queue.name))
        target = agent.extension or queue.code
        self.env["crm.telephony.command"]._ask(self.agent_id, "transfer", target, self)

    def action_call_back(self):
        """Have the agent's telephone dial the customer of a contact that is to be called back."""
        contact = self._check_mine()
        if contact.state not in ("offered", "active"):
            raise UserError(self.env._("This contact isn't at hand: there is nobody to call."))
        if not contact.phone:
            raise UserError(self.env._("No number is known: ask the customer for it."))
        if contact._being_dialled():
            return
        self.env["crm.telephony.command"]._ask(contact.agent_id, "dial", contact.phone, contact)

    def _being_dialled(self):
        """Return those whose customer a telephone is calling: whether they are reached shows when that is over."""
        commands = self.env["crm.telephony.command"]
        dials = [("kind", "=", "dial"), ("contact_id", "in", self.ids)]
        commands._expire(dials)
        return commands._open(dials).contact_id

    # === WHO IT IS === #

    def action_choose_customer(self, partner_id):
        """Say who the customer is: the agent has asked."""
        self._check_open()._identify(self._readable_partner(partner_id))

    def action_create_customer(self, name, phone=None):
        """Create the customer with the user's rights, and say that it is them.

        :return: id of the new customer
        """
        contact = self._check_open()
        if not str(name or "").strip():
            raise UserError(self.env._("Ask the customer for their name."))
        phone = str(phone or "").strip()
        vals = {"name": str(name).strip(), "phone": contact.branch_id._e164(phone) if phone else False}
        partner = self.env["res.partner"].create([vals])
        contact._identify(partner)
        return partner.id

    def _check_open(self):
        contact = self._check_mine()
        if contact.state not in ("offered", "active", "wrapup"):
            raise UserError(self.env._("This contact isn't at hand any more."))
        return contact

    def _readable_partner(self, partner_id):
        partner = self.env["res.partner"].browse(partner_id or ()).exists()
        if not partner:
            raise UserError(self.env._("This customer doesn't exist any more: search again."))
        partner.check_access("read")
        return partner

    def _identify(self, partner):
        self.write({"partner_id": partner.id, "is_certain": True})
        interaction = self.interaction_id
        if interaction.state == "open":
            interaction.partner_id = partner

    # === WHAT THE DESK SHOWS === #

    def desk_targets(self):
        """Return to whom a contact may be handed: queues that take it, and agents who are there, those free first.

        :return: queues (id, name, open, free: agents who could take something now), agents (id, name, status, free)
        """
        contact = self._check_mine()
        queues = self.env["crm.queue"].search([]).filtered(lambda queue: queue._takes(contact.channel))
        agents = self.env["crm.agent"].search([("status", "!=", "offline"), ("id", "!=", contact.agent_id.id)])
        lines = [agent._desk_target() for agent in agents]
        free = {line["id"] for line in lines if line["free"]}
        open_ = queues._wall_open()
        return {
            "queues": [
                {
                    "id": queue.id,
                    "name": queue.name,
                    "open": queue in open_,
                    "free": len(free.intersection(queue.sudo().agent_ids._ids)),
                }
                for queue in queues
            ],
            "agents": sorted(lines, key=lambda line: (not line["free"], line["status"] != "available")),
        }

    def _desk_line(self):
        """Return what the desk lists of a contact."""
        self.ensure_one()
        moments = ("entered_at", "offered_at", "answered_at", "ended_at")
        return {
            "id": self.id,
            "name": self._who(),
            "channel": self.channel,
            "direction": self.direction,
            "state": self.state,
            "company_id": self.company_id.id,
            "queue": self.queue_id.name,
            "partner_id": self.partner_id.id,
            "phone": self.phone or "",
            "telephoned": self._is_telephoned(),
            "res_model": self.res_model,
            "res_id": self.res_id,
            "offer_seconds": self.queue_id.offer_seconds,
            "wrapup_seconds": self.queue_id.wrapup_seconds,
            **{name: fields.Datetime.to_string(self[name]) for name in moments if self[name]},
        }
