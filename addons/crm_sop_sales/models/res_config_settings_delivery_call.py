from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    delivery_call_hours = fields.Integer(related="company_id.delivery_call_hours", readonly=False)
