from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    whatsapp_quiet_from = fields.Float(related="company_id.whatsapp_quiet_from", readonly=False)
    whatsapp_quiet_to = fields.Float(related="company_id.whatsapp_quiet_to", readonly=False)
    whatsapp_opt_in = fields.Boolean(related="company_id.whatsapp_opt_in", readonly=False)
    whatsapp_file_mb = fields.Integer(related="company_id.whatsapp_file_mb", readonly=False)
    whatsapp_stuck_minutes = fields.Integer(related="company_id.whatsapp_stuck_minutes", readonly=False)
    whatsapp_failures = fields.Integer(related="company_id.whatsapp_failures", readonly=False)
