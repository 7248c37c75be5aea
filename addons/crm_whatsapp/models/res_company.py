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

    whatsapp_file_mb = fields.Integer(
        "Largest File (MB)", default=16, help="Files that customers send are fetched up to this size."
    )
    whatsapp_stuck_minutes = fields.Integer(
        "Tell After Minutes",
        default=30,
        help="Managers are told when messages have been due for so long and none has gone out.",
    )
    whatsapp_failures = fields.Integer(
        "Tell After Failures",
        default=3,
        help="Managers are told when sending has failed so often in a row, or so many reports couldn’t be applied.",
    )

    _whatsapp_limits = models.Constraint(
        "CHECK(whatsapp_file_mb BETWEEN 1 AND 100 AND whatsapp_stuck_minutes >= 1 AND whatsapp_failures >= 1)",
        "Files have 1 to 100 MB; minutes and failures are at least 1.",
    )
    _whatsapp_quiet_hours = models.Constraint(
        "CHECK(whatsapp_quiet_from BETWEEN 0 AND 23.99 AND whatsapp_quiet_to BETWEEN 0 AND 23.99)",
        "Quiet hours are hours of the day, from 0:00 to 23:59.",
    )
