from odoo import fields, models


class ResCompany(models.Model):
    """The hours of the daily report, by the branch's clock."""

    _inherit = "res.company"

    followup_report_auto = fields.Boolean(
        "Report by Itself",
        default=True,
        help="Reports go to the person in charge by themselves at the set hour, but for those that open contacts stop.",
    )
    followup_report_hour = fields.Float("Report At", default=17.0, help="Hour of the branch's day.")
    followup_report_missing_hour = fields.Float(
        "Missing Reports At",
        default=18.0,
        help="Hour of the branch's day at which the person in charge gets an e-mail about missing reports.",
    )

    _followup_report_hours_of_day = models.Constraint(
        "CHECK(followup_report_hour BETWEEN 0 AND 23.99 AND followup_report_missing_hour BETWEEN 0 AND 23.99"
        " AND followup_report_missing_hour >= followup_report_hour)",
        "The hours of the report are hours of the day, from 0:00 to 23:59; missing ones are told of afterwards.",
    )
