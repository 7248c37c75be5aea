from odoo import fields, models


class ResCompany(models.Model):
    """The numbers of exchanges and answers (SOP-8c, SOP-9)."""

    _inherit = "res.company"

    courier_replacement_days = fields.Integer(
        "Replacement After",
        default=1,
        required=True,
        help="Working days after the exchange at headquarters on which the replacement is delivered.",
    )
    courier_answer_minutes = fields.Integer(
        "Answer Couriers Within",
        default=10,
        required=True,
        help="Minutes in which CRM answers a courier who stands at a door and asks for a replacement.",
    )

    _courier_replacement_days_sound = models.Constraint(
        "CHECK(courier_replacement_days BETWEEN 0 AND 14)", "A replacement is delivered within 14 working days."
    )
    _courier_answer_minutes_positive = models.Constraint(
        "CHECK(courier_answer_minutes > 0)", "An answer takes at least a minute."
    )
