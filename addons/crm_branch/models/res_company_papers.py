from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    material_receipt_minutes = fields.Integer(
        "Confirm Materials Within",
        default=60,
        help="Minutes from publication. Later, the branch's head and area coordinator are told.",
    )
    legal_retention_years = fields.Integer(
        "Keep Buyers of Invoices",
        default=5,
        help="Years after the one of the invoice in which the law wants to know who bought, after a person was erased.",
    )

    _legal_retention_years_positive = models.Constraint(
        "CHECK(legal_retention_years > 0)", "The law wants invoices to be kept for some years."
    )
    _material_receipt_minutes_positive = models.Constraint(
        "CHECK(material_receipt_minutes > 0)", "Give the points of sale some minutes to confirm a material."
    )
