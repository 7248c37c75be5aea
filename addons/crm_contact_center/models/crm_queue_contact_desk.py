from odoo import fields, models
from odoo.exceptions import AccessError, UserError


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
        """End the talk. A call that the telephone system reports ends there."""
        contact = self._check_mine()
        if contact.channel == "call" and contact.key and contact.agent_id.extension:
            self.env["crm.telephony.command"]._ask(contact.agent_id, "hangup", contact=contact)
        else:
            contact._end()

    def action_wrap_up(self, purpose_id, outcome_id, note=None, partner_id=None):
        """Say what it was for and what came of it.

        :param partner_id: the customer, where the contact's wasn't known
        """
        contact = self._check_mine()
        purpose = self.env["crm.interaction.purpose"].browse(purpose_id or ()).exists()
        outcome = self.env["crm.interaction.outcome"].browse(outcome_id or ()).exists()
        if partner_id and partner_id != contact.partner_id.id:
            partner = self.env["res.partner"].browse(partner_id)
            partner.check_access("read")
            contact.partner_id = partner
        contact._wrap_up(purpose, outcome, note)

    def action_transfer(self, queue_id=False, agent_id=False):
        """Hand the contact to a queue or to one agent whom the user sees."""
        contact = self._check_mine()
        queue = self.env["crm.queue"].browse(queue_id or ()).exists()
        agent = self.env["crm.agent"].browse(agent_id or ()).exists()
        if not (queue or agent):
            raise UserError(self.env._("Say to which queue, or to whom."))
        queue.check_access("read")
        agent.check_access("read")
        contact._transfer(queue=queue.sudo(), agent=agent.sudo())

    def action_call_back(self):
        """Have the agent's telephone dial the customer of a contact that is to be called back."""
        contact = self._check_mine()
        if not contact.phone:
            raise UserError(self.env._("No number is known: ask the customer for it."))
        self.env["crm.telephony.command"]._ask(contact.agent_id, "dial", contact.phone, contact)

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
            "queue": self.queue_id.name,
            "partner_id": self.partner_id.id,
            "phone": self.phone,
            "offer_seconds": self.queue_id.offer_seconds,
            "wrapup_seconds": self.queue_id.wrapup_seconds,
            **{name: fields.Datetime.to_string(self[name]) for name in moments if self[name]},
        }
