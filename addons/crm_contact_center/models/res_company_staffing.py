from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    staffing_seconds = fields.Integer(
        "Search for the Best Plan (s)",
        required=True,
        default=20,
        help="So long shifts are searched for; the best plan found by then is taken (CC-8a).",
    )

    _staffing_seconds_range = models.Constraint(
        "CHECK(staffing_seconds BETWEEN 1 AND 300)", "The search for a plan takes from 1 to 300 seconds."
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    staffing_seconds = fields.Integer(related="company_id.staffing_seconds", readonly=False)
