from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_follow_up_days = fields.Integer(related="company_id.complaint_follow_up_days", readonly=False)
    warranty_months = fields.Integer(related="company_id.warranty_months", readonly=False)
