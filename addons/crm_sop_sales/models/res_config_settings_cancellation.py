from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cancellation_fee_rate = fields.Float(related="company_id.cancellation_fee_rate", readonly=False)
    cancellation_fee_posted = fields.Boolean(related="company_id.cancellation_fee_posted", readonly=False)
