from odoo import api, fields, models


class LoyaltyProgram(models.Model):
    """What a promotion gives, in words that an officer can read to a customer (SOP-E1)."""

    _inherit = "loyalty.program"

    reward_text = fields.Char("The Customer Gets", compute="_compute_reward_text")

    @api.depends("reward_ids.description")
    def _compute_reward_text(self):
        for program in self:
            program.reward_text = ", ".join(filter(None, program.reward_ids.mapped("description")))
