from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmQueueDecision(models.Model):
    """Why a contact went to an agent. Written by the routing alone; nobody edits or deletes one (CC-2a)."""

    _name = "crm.queue.decision"
    _description = "Routing Decision"
    _order = "id desc"
    _rec_name = "contact_id"

    contact_id = fields.Many2one("crm.queue.contact", required=True, readonly=True, index=True, ondelete="restrict")
    branch_id = fields.Many2one(related="contact_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="contact_id.company_id", store=True, index=True)
    queue_id = fields.Many2one("crm.queue", required=True, readonly=True, index=True, ondelete="restrict")
    agent_id = fields.Many2one("crm.agent", required=True, readonly=True, index=True, ondelete="restrict")
    decided_at = fields.Datetime("Decided", required=True, readonly=True, default=fields.Datetime.now)
    waited_seconds = fields.Integer("Waited (s)", readonly=True, aggregator="avg")
    rank = fields.Float(readonly=True, aggregator=None, help="Priority, and what waiting had added to it.")
    fit = fields.Integer(readonly=True, aggregator=None, help="The agent's levels over what was needed, added up.")
    reasons = fields.Json(readonly=True)
    why = fields.Text(compute="_compute_why")

    # === COMPUTE METHODS === #

    @api.depends("reasons")
    @api.depends_context("lang")
    def _compute_why(self):
        """Name the agents who were on duty, a line for each reason why they were or weren't chosen."""
        considered = {int(agent) for decision in self for agent in decision.reasons or ()}
        names = {agent.id: agent.name for agent in self.env["crm.agent"].sudo().browse(considered).exists()}
        labels = self._reason_labels()
        for decision in self:
            people = {}
            for agent, reason in (decision.reasons or {}).items():
                if name := names.get(int(agent)):
                    people.setdefault(reason, []).append(name)
            decision.why = "\n".join(
                f"{labels.get(key, key)}: {', '.join(people[key])}" for key in labels if key in people
            )

    @api.model
    def _reason_labels(self):
        """Return what the reasons of :mod:`..routing` mean, in the user's language."""
        return {
            "able": self.env._("Could take it"),
            "skill": self.env._("Lack a skill"),
            "capacity": self.env._("Have too much at hand"),
            "queue": self.env._("Serve other queues"),
            "telephone": self.env._("Have no telephone"),
            "other": self.env._("It was handed to somebody else"),
        }

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Routing decisions are written by the routing alone."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Routing decisions can't be changed."))

    def unlink(self):  # pylint: disable=method-required-super
        # not @api.ondelete: Odoo skips that for a key of the context
        raise UserError(self.env._("Routing decisions can't be deleted."))  # pylint: disable=no-raise-unlink

    def _record(self, vals_list):
        """Write decisions, below the guard of :meth:`create`. For the routing."""
        return super(CrmQueueDecision, self.sudo()).create(vals_list)
