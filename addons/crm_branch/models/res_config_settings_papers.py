from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    material_receipt_minutes = fields.Integer(related="company_id.material_receipt_minutes", readonly=False)
    legal_retention_years = fields.Integer(related="company_id.legal_retention_years", readonly=False)
