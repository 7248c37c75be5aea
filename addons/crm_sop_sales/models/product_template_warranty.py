from odoo import fields, models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    warranty_months = fields.Integer(
        "Warranty (months)",
        default=lambda self: self.env.company.warranty_months,
        help="From the day of purchase. 0: none.",
    )

    _warranty_months_positive = models.Constraint("CHECK(warranty_months >= 0)", "A warranty has no negative months.")
