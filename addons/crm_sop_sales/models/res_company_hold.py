from datetime import timedelta

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

    # === BUSINESS METHODS === #

    def _imei_hold_end(self):
        """Return when units end being held that are held from now on (naive UTC)."""
        self.ensure_one()
        return fields.Datetime.now() + timedelta(hours=self.imei_hold_hours)
