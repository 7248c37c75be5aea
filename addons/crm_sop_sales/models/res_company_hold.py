from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    imei_hold_hours = fields.Integer(
        "Hold Units For (Hours)",
        default=24,
        required=True,
        help="Units of a submitted order are given back when nobody approves it within this time.",
    )

    _imei_hold_hours_positive = models.Constraint("CHECK(imei_hold_hours > 0)", "Units are held for at least an hour.")
