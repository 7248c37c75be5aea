from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    opportunity_won_on = fields.Selection(related="company_id.opportunity_won_on", readonly=False)
    opportunity_idle_days = fields.Integer(related="company_id.opportunity_idle_days", readonly=False)
    imei_hold_hours = fields.Integer(related="company_id.imei_hold_hours", readonly=False)
