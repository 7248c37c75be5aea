from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    """The delivery run's numbers (SOP-13c)."""

    _inherit = "res.company"

    courier_max_deliveries = fields.Integer(
        "Deliveries per Run", default=10, required=True, help="More need a reason of the delivery committee."
    )
    courier_max_value = fields.Monetary(
        "Value per Run",
        default=50_000_000,
        currency_field="currency_id",
        help="What a courier may carry; more needs a reason of the delivery committee. 0: no limit.",
    )
    courier_map_url = fields.Char(
        "Map Link",
        default="https://www.google.com/maps/search/?api=1&query={address}",
        required=True,
        help="Where a courier looks an address up; {address} stands for it.",
    )

    _courier_max_deliveries_positive = models.Constraint(
        "CHECK(courier_max_deliveries > 0)", "A run has at least one delivery."
    )
    _courier_max_value_positive = models.Constraint("CHECK(courier_max_value >= 0)", "A value isn't negative.")

    @api.constrains("courier_map_url")
    def _check_courier_map_url(self):
        for company in self:
            url = company.courier_map_url or ""
            if not url.startswith("https://") or "{address}" not in url:
                raise ValidationError(self.env._("A map link begins with https:// and has {address} in it."))
