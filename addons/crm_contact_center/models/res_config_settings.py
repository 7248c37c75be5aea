from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The company's contact center."""

    _inherit = "res.config.settings"

    agent_unseen_seconds = fields.Integer(related="company_id.agent_unseen_seconds", readonly=False)
    repeat_days = fields.Integer(related="company_id.repeat_days", readonly=False)
    callback_queue_id = fields.Many2one(related="company_id.callback_queue_id", readonly=False)
    help_livechat_channel_id = fields.Many2one(related="company_id.help_livechat_channel_id", readonly=False)
    segment_days = fields.Integer(related="company_id.segment_days", readonly=False)
    pair_days = fields.Integer(related="company_id.pair_days", readonly=False)
    pair_min_customers = fields.Integer(related="company_id.pair_min_customers", readonly=False)
    suggestion_quiet_days = fields.Integer(related="company_id.suggestion_quiet_days", readonly=False)
    suggestion_refused_days = fields.Integer(related="company_id.suggestion_refused_days", readonly=False)
    suggestion_in_stock = fields.Boolean(related="company_id.suggestion_in_stock", readonly=False)
