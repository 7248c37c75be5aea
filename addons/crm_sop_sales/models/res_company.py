from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    opportunity_won_on = fields.Selection(
        [("quotation", "A quotation is made"), ("confirmation", "The order is confirmed")],
        "Opportunity Is Won When",
        required=True,
        default="quotation",
    )
    opportunity_idle_days = fields.Integer(
        "Idle After",
        default=7,
        help="Days without a contact or a new stage after which an open opportunity counts as idle; 0: never.",
    )

    _opportunity_idle_days_positive = models.Constraint(
        "CHECK(opportunity_idle_days >= 0)", "Opportunities are idle after a number of days, not before."
    )
