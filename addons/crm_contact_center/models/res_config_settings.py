from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The company's contact center."""

    _inherit = "res.config.settings"

    agent_unseen_seconds = fields.Integer(related="company_id.agent_unseen_seconds", readonly=False)
    repeat_days = fields.Integer(related="company_id.repeat_days", readonly=False)
    callback_queue_id = fields.Many2one(related="company_id.callback_queue_id", readonly=False)
