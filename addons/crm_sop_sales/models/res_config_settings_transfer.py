from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    payment_choice = fields.Selection(related="company_id.payment_choice", readonly=False)
    transfer_delivery_hours = fields.Integer(related="company_id.transfer_delivery_hours", readonly=False)
    transfer_proof_megabytes = fields.Integer(related="company_id.transfer_proof_megabytes", readonly=False)
    transfer_late_hour = fields.Integer(related="company_id.transfer_late_hour", readonly=False)
    surplus_refund_by_same = fields.Boolean(related="company_id.surplus_refund_by_same", readonly=False)
