from odoo import fields, models


class ResCompany(models.Model):
    """By how much fewer customers are to leave than in the month before (BR-G3)."""

    _inherit = "res.company"

    lost_target_percent = fields.Float(
        "Fewer Customers Lost",
        default=15.0,
        help="So many percent fewer customers who don't continue than in the month before are the target.",
    )

    _lost_target_percent = models.Constraint(
        "CHECK(lost_target_percent BETWEEN 0 AND 100)", "The target is between 0 and 100 percent fewer."
    )
