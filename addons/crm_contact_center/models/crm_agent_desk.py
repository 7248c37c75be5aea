from odoo import api, fields, models


class CrmAgent(models.Model):
    """What an agent's desk asks and does: always for the user's own agent (CC-3)."""

    _inherit = "crm.agent"

    @api.model
    def desk_state(self):
        """Return what the desk shows of its agent, or False where the user is none.

        It is also the desk's sign of life.

        :return: now, mode, status, status_since, pause_id, paused_by, waiting (in their queues), contacts (at hand),
            pauses ([id, name]), extension
        """
        agent = self._mine()
        if not agent:
            return False
        agent._seen()
        contacts = agent.contact_ids.sorted("offered_at")
        return {
            "now": fields.Datetime.to_string(fields.Datetime.now()),
            "id": agent.id,
            "name": agent.name,
            "mode": agent.mode,
            "status": agent.status,
            "status_since": fields.Datetime.to_string(agent.status_since),
            "pause_id": agent.pause_id.id,
            "paused_by": agent.paused_by,
            "extension": agent.extension,
            "waiting": contacts.search_count([("queue_id", "in", agent.queue_ids.ids), ("state", "=", "waiting")]),
            "contacts": [contact._desk_line() for contact in contacts],
            "pauses": [[pause.id, pause.name] for pause in self.env["crm.agent.pause"].search([])],
        }

    @api.model
    def desk_set_mode(self, mode, pause_id=False):
        """Let the user's own agent come, pause (with a reason) or go.

        :raise UserError: contacts are at hand and the agent wants to go
        :raise AccessError: the user is no agent
        """
        agent = self._me()
        if mode not in dict(self._fields["mode"].selection):
            raise ValueError(f"unknown mode: {mode!r}")
        pause = self.env["crm.agent.pause"].browse(pause_id).exists() if isinstance(pause_id, int) else None
        agent._set_mode(mode, pause)
        return self.desk_state()

    @api.readonly
    @api.model
    def desk_choices(self):
        """Return what a wrap-up chooses from: purposes and outcomes ([id, name])."""
        self._me()
        choices = {"purposes": "crm.interaction.purpose", "outcomes": "crm.interaction.outcome"}
        return {key: [[one.id, one.name] for one in self.env[model].search([])] for key, model in choices.items()}

    def _desk_target(self):
        """Return what is shown of an agent to whom a contact may be handed."""
        labels = dict(self._fields["status"]._description_selection(self.env))
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "status_name": labels[self.status],
            "free": self.mode == "available" and self.status != "wrapup" and self.load < self.capacity,
        }
