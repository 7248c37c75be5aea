from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    courier_max_deliveries = fields.Integer(related="company_id.courier_max_deliveries", readonly=False)
    courier_max_value = fields.Monetary(
        related="company_id.courier_max_value", currency_field="currency_id", readonly=False
    )
    courier_map_url = fields.Char(related="company_id.courier_map_url", readonly=False)
