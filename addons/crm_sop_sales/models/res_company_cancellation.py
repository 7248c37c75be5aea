from odoo import fields, models


class ResCompany(models.Model):
    """What cancelling costs (SOP-6)."""

    _inherit = "res.company"

    cancellation_fee_rate = fields.Float(
        "Cancellation Fee",
        default=10.0,
        required=True,
        help="In per cent of the price list's price, without discounts.",
    )
    cancellation_fee_posted = fields.Boolean(
        "Post Fee Invoices", default=True, help="At once; otherwise finance posts the drafts."
    )

    _cancellation_fee_is_a_share = models.Constraint(
        "CHECK(cancellation_fee_rate BETWEEN 0 AND 100)", "The cancellation fee is between 0 and 100 %."
    )
