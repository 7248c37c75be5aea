from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

DAY_BEGINS = 9  # o'clock, where a company keeps no working hours


class ResCompany(models.Model):
    """The delivery run's numbers (SOP-13c, SOP-14)."""

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
    courier_call_days = fields.Integer(
        "Call After",
        default=0,
        required=True,
        help="Days after the delivery on which the customer is called; 0: in the next working hour.",
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
    _courier_call_days_positive = models.Constraint(
        "CHECK(courier_call_days BETWEEN 0 AND 30)", "The customer is called within 30 days of the delivery."
    )

    @api.constrains("courier_map_url")
    def _check_courier_map_url(self):
        for company in self:
            url = company.courier_map_url or ""
            if not url.startswith("https://") or "{address}" not in url:
                raise ValidationError(self.env._("A map link begins with https:// and has {address} in it."))

    def _courier_call_moment(self, branch):
        """Return when a customer is called about what was delivered now, as naive UTC (SOP-14).

        After one working hour, or in the first of the day that is so many days later by the branch's clock.
        """
        self.ensure_one()
        moment = branch._local()
        if self.courier_call_days:
            moment = moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=self.courier_call_days)
        calendar = self.resource_calendar_id
        planned = calendar and calendar.plan_hours(1, moment, compute_leaves=True)
        if not planned:
            planned = moment.replace(hour=max(moment.hour, DAY_BEGINS)) + timedelta(hours=1)
        return fields.Datetime.to_datetime(planned.astimezone(UTC).replace(tzinfo=None, microsecond=0))
