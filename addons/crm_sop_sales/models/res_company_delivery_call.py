from odoo import fields, models


class ResCompany(models.Model):
    """When customers are called about what they got (SOP-14)."""

    _inherit = "res.company"

    delivery_call_hours = fields.Integer(
        "Call After",
        default=2,
        required=True,
        help="Hours from the delivery to the call to the customer; outside the working hours the call waits for them.",
    )

    _delivery_call_hours_positive = models.Constraint(
        "CHECK(delivery_call_hours >= 0)", "Customers are called after the delivery, not before."
    )
