from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    cash_search_limit = fields.Integer(related="company_id.cash_search_limit", readonly=False)
    cash_receipt_paper = fields.Selection(related="company_id.cash_receipt_paper", readonly=False)
