from odoo import fields, models


class ResCompany(models.Model):
    """The numbers of complaints (SOP-2d, SOP-T7)."""

    _inherit = "res.company"

    complaint_follow_up_days = fields.Integer(
        "Ask Whether Satisfied After", default=3, required=True, help="Days from the solution to the question."
    )
    warranty_months = fields.Integer(
        "Usual Warranty", default=12, required=True, help="Months of warranty that a new product gets."
    )

    _complaint_follow_up_days_positive = models.Constraint(
        "CHECK(complaint_follow_up_days >= 0)", "Customers are asked after the solution, not before."
    )
    _warranty_months_positive = models.Constraint("CHECK(warranty_months >= 0)", "A warranty has no negative months.")
