from odoo import fields, models


class CrmQueueSkill(models.Model):
    """What the contacts of a queue need of an agent, and how long they wait for it."""

    _name = "crm.queue.skill"
    _description = "Skill Required by a Queue"
    _inherit = ["crm.branch.link.mixin"]
    _order = "queue_id, skill_id"
    _rec_name = "skill_id"

    queue_id = fields.Many2one("crm.queue", required=True, index=True, ondelete="cascade")
    skill_id = fields.Many2one("crm.skill", required=True, index=True, ondelete="restrict")
    level = fields.Integer("Minimum Level", required=True, default=1, aggregator=None)

    _level_range = models.Constraint("CHECK(level BETWEEN 1 AND 5)", "A level is a number from 1 to 5.")
    _once = models.Constraint("UNIQUE(queue_id, skill_id)", "The queue requires this skill already: change its level.")
