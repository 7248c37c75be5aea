from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html


class CrmQueueContact(models.Model):
    """What happens to a contact, step by step, and what follows for its agent and its interaction (CC-2, FL-12).

    These are private: the telephone calls them with what it reports, the desk after it has checked whose contact it is.
    Moments are naive UTC; a system's clock that runs ahead or behind doesn't put a step before the one it follows.
    """

    _inherit = "crm.queue.contact"

    def _answer(self, agent=None, moment=None):
        """Note that an agent, by default the one it was offered to, has it now."""
        self.ensure_one()
        before = self.agent_id
        vals = {}
        if not self.answered_at:
            vals["answered_at"] = max(moment or fields.Datetime.now(), self.entered_at)
        if agent:
            vals["agent_id"] = agent.id
        if not self.only_agent_id:
            vals["queue_id"] = self._helping_queue(agent or before).id
        self.write(vals)
        self._workflow_do("answer")
        before._refresh()

    def _end(self, moment=None):
        """Note the end of the talk: the wrap-up begins."""
        self.ensure_one()
        self.ended_at = max(moment or fields.Datetime.now(), self.answered_at or self.entered_at)
        self._workflow_do("end")

    def _abandon(self, moment=None):
        """Note that the customer gave up before anybody answered: the queue's responsible has somebody to call back."""
        self.ensure_one()
        self.ended_at = max(moment or fields.Datetime.now(), self.entered_at)
        self._workflow_do("abandon")

    def _transfer(self, queue=None, agent=None):
        """Hand it to a queue or to one agent; it keeps the time it entered and that of its first answer."""
        self.ensure_one()
        if agent and agent == self.agent_id:
            raise UserError(self.env._("It is with this agent already."))
        if queue and not queue._takes(self.channel):
            raise UserError(self.env._("%s doesn't take such contacts.", queue.name))
        former, queue = self.agent_id, queue or self.queue_id
        cost = queue._cost(self.channel)
        self.write({"only_agent_id": agent.id if agent else False, "queue_id": queue.id, "cost": cost})
        self._note_needs()
        self._workflow_do("transfer")
        former._refresh()

    def _wrap_up(self, purpose, outcome, note=None):
        """Say what it was for and what came of it: without that no new contact comes."""
        self.ensure_one()
        noted = {} if note is None else {"note": note}
        self.write({"purpose_id": purpose.id, "outcome_id": outcome.id, **noted})
        self._workflow_do("wrap_up")

    # === WORKFLOW === #

    def _before_transition(self, transition):
        """Override: note the times and the interaction that belong to the step."""
        now = fields.Datetime.now()
        if transition.name in ("transfer", "resume"):
            self.waiting_since = now
        if transition.name == "answer":
            self._make_interactions()
        elif transition.name == "wrap_up":
            for contact in self:
                # the telephone system's clock, by which the talk ended, may be ahead
                contact.wrapped_at = max(now, contact.ended_at or now)
            self._close_interactions()
        elif transition.name == "abandon":
            for contact in self.filtered(lambda contact: not contact.ended_at):
                contact.ended_at = max(now, contact.entered_at)
            self._leave_unfinished()
            self._make_interactions()
        return super()._before_transition(transition)

    def _after_transition(self, transition):
        """Override: agents have more or less to do now, and others may come next."""
        result = super()._after_transition(transition)
        agents = self.agent_id
        if transition.target in ("waiting", "abandoned", "callback"):
            self._forget_agent(transition)
        if agents:
            agents._refresh()
        if transition.target in ("waiting", "done", "abandoned", "wrapup"):
            self._dispatch_soon()
        self._tell_desks(agents)
        return result

    def _forget_agent(self, transition):
        """Take it from its agent; from one who didn't take what was handed to them, for good. What is abandoned is
        locked: whose telephone rang then, the decision says.
        """
        if transition.target != "abandoned":
            handed = {"only_agent_id": False} if transition.name == "miss" else {}
            self.write({"agent_id": False, "offered_at": False, **handed})

    def _tell_desks(self, agents):
        """Tell the agents' desks that something changed: what, they read themselves, with their own rights."""
        for user in agents.user_id:
            user._bus_send("crm_contact_center/desk", {"contacts": self.ids})

    # === INTERACTIONS === #

    def _make_interactions(self):
        """Put each contact on its customer's page (FL-12): the agent's, or the responsible's if nobody answered."""
        new = self.filtered(lambda contact: not contact.interaction_id)
        interactions = (
            self.env["crm.interaction"].sudo().create([contact._prepare_interaction_vals() for contact in new])
        )
        for contact, interaction in zip(new, interactions, strict=True):
            contact.interaction_id = interaction

    def _leave_unfinished(self):
        """Give the interaction of who was handed over, and gave up then, to the queue's responsible: to call back."""
        for contact in self:
            if contact.interaction_id.state == "open":
                contact.interaction_id.write({"ended_at": contact.ended_at, "user_id": contact.queue_id.user_id.id})

    def _prepare_interaction_vals(self):
        self.ensure_one()
        return {
            "branch_id": self.branch_id.id,
            "channel": self.channel,
            "direction": self.direction,
            "partner_id": self.partner_id.id,
            "phone": self.phone,
            "caller_name": self.caller_name or (not (self.partner_id or self.phone) and self._who()) or False,
            "user_id": ((self.answered_at and self.agent_id.user_id) or self.queue_id.user_id).id,
            "purpose_id": self.purpose_id.id,
            "began_at": self.entered_at,
            "answered_at": self.answered_at,
            "ended_at": self.ended_at,
        }

    def _close_interactions(self):
        for contact in self:
            interaction = contact.interaction_id
            if interaction.state != "open":
                continue
            interaction.write(
                {
                    "partner_id": contact.partner_id.id,
                    "user_id": contact.agent_id.user_id.id,
                    "purpose_id": contact.purpose_id.id,
                    "outcome_id": contact.outcome_id.id,
                    "ended_at": contact.ended_at,
                    **({"note": plaintext2html(contact.note)} if contact.note else {}),
                }
            )
            interaction._workflow_do("close")
