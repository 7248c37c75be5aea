from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    best_seller_days = fields.Integer(related="company_id.best_seller_days", readonly=False)
