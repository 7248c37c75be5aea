from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    counter_stock_only = fields.Boolean(related="company_id.counter_stock_only", readonly=False)
    counter_hand_out = fields.Boolean(related="company_id.counter_hand_out", readonly=False)
    meeting_week = fields.Selection(related="company_id.meeting_week", readonly=False)
    meeting_weekday = fields.Selection(related="company_id.meeting_weekday", readonly=False)
    meeting_hour = fields.Float(related="company_id.meeting_hour", readonly=False)
    meeting_duration = fields.Float(related="company_id.meeting_duration", readonly=False)
    meeting_ahead_days = fields.Integer(related="company_id.meeting_ahead_days", readonly=False)
    complaint_answer_days = fields.Integer(related="company_id.complaint_answer_days", readonly=False)
    campaign_product_id = fields.Many2one(related="company_id.campaign_product_id", readonly=False)
    won_target_percent = fields.Float(related="company_id.won_target_percent", readonly=False)
