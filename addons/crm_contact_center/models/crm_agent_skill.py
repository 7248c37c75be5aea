from odoo import fields, models


class CrmAgentSkill(models.Model):
    """How good an agent is at something."""

    _name = "crm.agent.skill"
    _description = "Agent's Skill"
    _inherit = ["crm.branch.link.mixin"]
    _order = "agent_id, skill_id"
    _rec_name = "skill_id"

    agent_id = fields.Many2one("crm.agent", required=True, index=True, ondelete="cascade")
    skill_id = fields.Many2one("crm.skill", required=True, index=True, ondelete="restrict")
    level = fields.Integer(required=True, default=3, aggregator="avg", help="From 1, basic, to 5, expert.")

    _level_range = models.Constraint("CHECK(level BETWEEN 1 AND 5)", "A level is a number from 1 to 5.")
    _once = models.Constraint("UNIQUE(agent_id, skill_id)", "The agent has this skill already: change its level.")
