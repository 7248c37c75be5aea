from odoo import fields, models


class CrmQueueContactSkill(models.Model):
    """What a contact needs of its agent, and how that is known."""

    _name = "crm.queue.contact.skill"
    _description = "Skill Needed by a Contact"
    _order = "contact_id, skill_id"
    _rec_name = "skill_id"

    contact_id = fields.Many2one("crm.queue.contact", required=True, readonly=True, index=True, ondelete="cascade")
    skill_id = fields.Many2one("crm.skill", required=True, readonly=True, index=True, ondelete="restrict")
    level = fields.Integer("Minimum Level", required=True, readonly=True, default=1, aggregator=None)
    source = fields.Selection(
        [
            ("queue", "The Queue"),
            ("language", "The Customer's Language"),
            ("reason", "The Reason for Contact"),
            ("words", "What Was Said"),
            ("customer", "The Customer"),
        ],
        required=True,
        readonly=True,
    )

    _once = models.Constraint("UNIQUE(contact_id, skill_id)", "A contact needs a skill once.")
    _level_range = models.Constraint("CHECK(level BETWEEN 1 AND 5)", "A level is a number from 1 to 5.")
