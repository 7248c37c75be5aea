from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    followup_late_days = fields.Integer(related="company_id.followup_late_days", readonly=False)
    followup_answer_days = fields.Integer(related="company_id.followup_answer_days", readonly=False)
    followup_keep_admin = fields.Boolean(related="company_id.followup_keep_admin", readonly=False)
    followup_blast_auto = fields.Boolean(related="company_id.followup_blast_auto", readonly=False)
    followup_blast_hour = fields.Float(related="company_id.followup_blast_hour", readonly=False)
    followup_template_id = fields.Many2one(related="company_id.followup_template_id", readonly=False)
