from odoo import fields, models


class ResCompany(models.Model):
    """How the company's cash desks work."""

    _inherit = "res.company"

    cash_search_limit = fields.Integer(
        "Searches Without Payment",
        default=30,
        help="Searches for customers that lead to no payment; a cashier who makes more in an hour is stopped, and the "
        "manager told.",
    )
    cash_receipt_paper = fields.Selection(
        [("thermal", "Roll of 80 mm"), ("a4", "A4")], "Paper of Receipts", required=True, default="thermal"
    )

    _cash_search_limit_positive = models.Constraint(
        "CHECK(cash_search_limit > 0)", "Cashiers must be able to search at least once an hour."
    )
