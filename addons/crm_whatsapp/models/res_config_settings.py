from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    whatsapp_quiet_from = fields.Float(related="company_id.whatsapp_quiet_from", readonly=False)
    whatsapp_quiet_to = fields.Float(related="company_id.whatsapp_quiet_to", readonly=False)
    whatsapp_opt_in = fields.Boolean(related="company_id.whatsapp_opt_in", readonly=False)
