from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    service_reminder_days = fields.Integer(related="company_id.service_reminder_days", readonly=False)
    service_reminder_template_id = fields.Many2one(related="company_id.service_reminder_template_id", readonly=False)
