from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    courier_replacement_days = fields.Integer(related="company_id.courier_replacement_days", readonly=False)
    courier_answer_minutes = fields.Integer(related="company_id.courier_answer_minutes", readonly=False)
