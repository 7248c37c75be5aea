from collections import Counter

from odoo import api, fields, models


class SaleOrder(models.Model):
    """What was promised for a time that has passed: whoever answers for it is reminded, once a day (SOP-11c)."""

    _name = "sale.order"
    _inherit = ["sale.order", "crm.daily.reminder"]

    _reminder_type_name = "crm_sop_sales.mail_activity_type_transfer_late"

    # === BUSINESS METHODS === #

    @api.model
    def _cron_remind_transfer_late(self):
        """Remind of deliveries that run late, from the company's hour on by the clock of the branch."""
        self._remind(self._count_transfer_late())

    @api.model
    def _count_transfer_late(self):
        """Return user → number of orders that were promised until now and aren't delivered.

        They are the officer's; of an officer who has left, or of nobody, those of the branch's person in charge, or of
        its head.
        """
        domain = [
            ("transfer_promised_at", "<", fields.Datetime.now()),
            ("state", "=", "sale"),
            ("delivery_status", "!=", "full"),
        ]
        counts = Counter()
        branches = self.env["crm.branch"].sudo().search([]).grouped("warehouse_id")
        for officer, warehouse, count in self.sudo()._read_group(domain, ["user_id", "warehouse_id"], ["__count"]):
            branch = officer.branch_id or branches.get(warehouse, self.env["crm.branch"])[:1]
            for owner in (officer + branch.pic_id + branch.head_id).filtered("active")[:1]:
                counts[owner] += count
        return counts

    @api.model
    def _reminder_hour(self, company):
        """Override."""
        return company.transfer_late_hour

    @api.model
    def _reminder_summary(self, count):
        """Override."""
        return self.env._("Deliveries that run late: %(count)s", count=count)

    @api.model
    def _reminder_link(self):
        """Override."""
        return "/odoo/transfer-late", self.env._("Open the list of late deliveries")
