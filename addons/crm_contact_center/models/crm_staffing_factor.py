from datetime import timedelta

from odoo import fields, models


class CrmStaffingFactor(models.Model):
    """Days of which it is known that more or fewer contacts come than usual: campaigns, holidays (CC-8a).

    Past days count as what they would have been without it, days to come as what they will be with it.
    """

    _name = "crm.staffing.factor"
    _description = "Special Days"
    _inherit = ["crm.branch.mixin", "crm.branch.link.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    kind = fields.Selection(
        [("campaign", "Campaign"), ("holiday", "Holiday"), ("other", "Other")], required=True, default="campaign"
    )
    queue_id = fields.Many2one(
        "crm.queue", index="btree_not_null", ondelete="cascade", check_company=True, help="Empty: all of the branch."
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("To", required=True, default=fields.Date.context_today)
    factor = fields.Float(
        required=True,
        default=1.0,
        digits=(6, 2),
        aggregator=None,
        help="1.5: half as much again as usual. 0: nothing comes.",
    )

    _in_order = models.Constraint("CHECK(date_to >= date_from)", "Days don't end before they begin.")
    _not_long = models.Constraint(
        "CHECK(date_to < date_from + 366)", "That is no special time: choose less than a year."
    )
    _factor_range = models.Constraint("CHECK(factor BETWEEN 0 AND 20)", "The factor is from 0 to 20.")

    def _of(self, queue):
        """Return date → factor for the queue; where several are about a day, they multiply."""
        factors = {}
        domain = [("branch_id", "=", queue.branch_id.id), ("queue_id", "in", (False, queue.id))]
        for special in self.sudo().search(domain):
            for number in range((special.date_to - special.date_from).days + 1):
                day = special.date_from + timedelta(days=number)
                factors[day] = factors.get(day, 1.0) * special.factor
        return factors
