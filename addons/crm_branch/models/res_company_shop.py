from odoo import fields, models


class ResCompany(models.Model):
    """What the points of sale are told by their company (BR-1, 10, 11, 16)."""

    _inherit = "res.company"

    counter_stock_only = fields.Boolean(
        "Only What Is in Stock",
        default=True,
        help="Service officers sell what is in the stock of their branch, nothing else.",
    )
    complaint_answer_days = fields.Integer(
        "Days to Answer a Complaint", default=14, help="From the day on which it is received; 14 in Polish law."
    )
    counter_hand_out = fields.Boolean(
        "Hand Out at Once",
        default=True,
        help="The goods leave the branch's stock when the order is confirmed, unless a serial number is to be chosen.",
    )

    campaign_product_id = fields.Many2one(
        "product.product", "Leaflets Are Bought As", ondelete="set null", help="The product of printing orders."
    )
    won_target_percent = fields.Float(
        "More Customers Won",
        default=20.0,
        help="So many percent more customers than in the month before are the target.",
    )

    _won_target_percent = models.Constraint(
        "CHECK(won_target_percent BETWEEN 0 AND 1000)", "The target is between 0 and 1000 percent more."
    )
    _complaint_answer_days = models.Constraint(
        "CHECK(complaint_answer_days BETWEEN 1 AND 90)", "A complaint is answered within 1 to 90 days."
    )
