from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    answer_limit = fields.Integer(related="company_id.answer_limit", readonly=False)
    open_contact_hour = fields.Integer(related="company_id.open_contact_hour", readonly=False)
