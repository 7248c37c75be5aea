from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    whatsapp_quiet_from = fields.Float(
        "Quiet From", default=20.0, help="Hour of the recipient’s day from which on no WhatsApp message is sent."
    )
    whatsapp_quiet_to = fields.Float(
        "Quiet To",
        default=8.0,
        help="Hour of the recipient’s day until which none is sent; the same as From: no quiet hours.",
    )
    whatsapp_opt_in = fields.Boolean(
        "Marketing Needs Opt-In", help="Marketing goes only to customers who have agreed to it."
    )

    _whatsapp_quiet_hours = models.Constraint(
        "CHECK(whatsapp_quiet_from BETWEEN 0 AND 23.99 AND whatsapp_quiet_to BETWEEN 0 AND 23.99)",
        "Quiet hours are hours of the day, from 0:00 to 23:59.",
    )
