from odoo import fields, models


class ResCompany(models.Model):
    """What customers may ask for on the portal (CC-4)."""

    _inherit = "res.company"

    callback_queue_id = fields.Many2one(
        "crm.queue",
        "Queue of Call-Backs",
        domain="[('company_id', '=', id), ('takes_calls', '=', True)]",
        ondelete="set null",
        help="Customers who ask on the portal to be called wait here. Empty: they can't ask.",
    )
