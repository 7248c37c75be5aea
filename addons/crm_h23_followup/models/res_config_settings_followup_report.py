from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    followup_report_auto = fields.Boolean(related="company_id.followup_report_auto", readonly=False)
    followup_report_hour = fields.Float(related="company_id.followup_report_hour", readonly=False)
    followup_report_missing_hour = fields.Float(related="company_id.followup_report_missing_hour", readonly=False)
