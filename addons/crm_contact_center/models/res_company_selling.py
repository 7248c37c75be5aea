import pytz

from odoo import fields, models


class ResCompany(models.Model):
    """How far back customers' figures and products' pairs look, and what is suggested (CC-3c, CC-6c)."""

    _inherit = "res.company"

    segment_days = fields.Integer(
        "Customer Value: Look Back (days)",
        required=True,
        default=730,
        help="Orders of so many days make a customer's value, frequency and segment.",
    )
    pair_days = fields.Integer(
        "Product Pairs: Look Back (days)", required=True, default=365, help="Orders of so many days make product pairs."
    )
    pair_min_customers = fields.Integer(
        "Product Pairs: Customers at Least",
        required=True,
        default=3,
        help="What fewer customers have bought together may be chance.",
    )
    suggestion_quiet_days = fields.Integer(
        "Suggestions: Not What Was Bought Within (days)",
        required=True,
        default=365,
        help="What a customer has bought within so many days isn't suggested, unless it is used up.",
    )
    suggestion_refused_days = fields.Integer(
        "Suggestions: Not Again After a Refusal (days)",
        required=True,
        default=90,
        help="What a customer has refused isn't suggested to them again for so many days.",
    )
    suggestion_in_stock = fields.Boolean(
        "Suggestions: Only What Is in Stock", default=True, help="Of products whose stock is counted."
    )

    _selling_days_positive = models.Constraint(
        "CHECK(segment_days > 0 AND pair_days > 0 AND pair_min_customers > 0)",
        "Looking back needs at least one day, and a pair at least one customer.",
    )
    _suggestion_days_positive = models.Constraint(
        "CHECK(suggestion_quiet_days >= 0 AND suggestion_refused_days >= 0)", "Days to wait can't be negative."
    )

    def _sales_branch(self):
        """Return the branch whose clock the company's sales go by: its first one, the headquarters."""
        self.ensure_one()
        return self.env["crm.branch"].sudo().search_fetch([("company_id", "=", self.id)], ["tz"], limit=1)

    def _sales_zone(self):
        return self._sales_branch().tz or "UTC"

    def _sales_today(self):
        """Return the date that it is where the company's sales are counted."""
        now = pytz.utc.localize(fields.Datetime.now())
        return now.astimezone(pytz.timezone(self._sales_zone())).date()
