from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    contract_submit_hour = fields.Float(related="company_id.contract_submit_hour", readonly=False)
    contract_ending_days = fields.Integer(related="company_id.contract_ending_days", readonly=False)
    contract_invoice_post = fields.Boolean(related="company_id.contract_invoice_post", readonly=False)
