from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_agent import STATUSES


class CrmAgentPeriod(models.Model):
    """How long an agent was in one status. Written by the agent's own steps, by nobody else."""

    _name = "crm.agent.period"
    _description = "Agent's Time"
    _order = "began_at desc, id desc"
    _rec_name = "agent_id"

    agent_id = fields.Many2one("crm.agent", required=True, readonly=True, index=True, ondelete="restrict")
    user_id = fields.Many2one(related="agent_id.user_id", store=True, index=True)
    branch_id = fields.Many2one("crm.branch", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="branch_id.company_id", store=True, index=True)
    status = fields.Selection(STATUSES, required=True, readonly=True)
    pause_id = fields.Many2one("crm.agent.pause", "Reason", readonly=True, index="btree_not_null", ondelete="restrict")
    began_at = fields.Datetime("Began", required=True, readonly=True, index=True)
    ended_at = fields.Datetime("Ended", readonly=True)
    seconds = fields.Integer("Duration (s)", readonly=True, help="0 while it lasts.")

    _one_open = models.UniqueIndex("(agent_id) WHERE ended_at IS NULL", "An agent is in one status at a time.")
    _in_order = models.Constraint("CHECK(ended_at >= began_at)", "A period can't end before it began.")
    _by_agent_idx = models.Index("(agent_id, began_at)")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("What an agent's time was spent on is kept."))
