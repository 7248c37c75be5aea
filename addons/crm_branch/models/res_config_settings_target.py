from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    lost_target_percent = fields.Float(related="company_id.lost_target_percent", readonly=False)
