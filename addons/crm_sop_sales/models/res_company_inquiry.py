from odoo import fields, models


class ResCompany(models.Model):
    """What counts as selling well (SOP-3b1)."""

    _inherit = "res.company"

    best_seller_days = fields.Integer(
        default=30, required=True, help="Products sell well by the units ordered in so many days until today."
    )

    _best_seller_days_positive = models.Constraint(
        "CHECK(best_seller_days > 0)", "What sells well is counted over one day or more."
    )
