from odoo import fields, models


class ResCompany(models.Model):
    """The numbers of the follow-up that the document leaves open."""

    _inherit = "res.company"

    followup_late_days = fields.Integer(
        "Late Vehicles",
        default=7,
        required=True,
        help="A vehicle that comes late, e.g. by a late import, enters a free service at the latest follow-up whose "
        "day was at most so many days ago.",
    )
    followup_answer_days = fields.Integer(
        "Wait for an Answer",
        default=7,
        required=True,
        help="Days after which an unanswered WhatsApp counts as no response.",
    )
    followup_keep_admin = fields.Boolean(
        "Keep the Admin", default=True, help="A customer is followed up by whoever did it before."
    )
    followup_blast_auto = fields.Boolean("Blast by Itself", default=True, help="FU-1 goes out by itself every day.")
    followup_blast_hour = fields.Float("Blast At", default=9.0, help="Hour of the branch's day.")
    followup_template_id = fields.Many2one(
        "crm.whatsapp.template",
        "FU-1 Template",
        domain="[('state', '=', 'approved'), ('model', '=', 'crm.followup')]",
        help="The approved text of FU-1.",
    )

    _followup_days_positive = models.Constraint(
        "CHECK(followup_late_days >= 0 AND followup_answer_days > 0)",
        "Days to wait are at least one, none is negative.",
    )
    _followup_blast_hour_of_day = models.Constraint(
        "CHECK(followup_blast_hour BETWEEN 0 AND 23.99)",
        "The blast goes out at an hour of the day, from 0:00 to 23:59.",
    )
