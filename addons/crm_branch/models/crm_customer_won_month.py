from odoo import fields, models
from odoo.tools import SQL

from ..month_series import by_month, month_id
from .crm_customer_won import CrmCustomerWon


class CrmCustomerWonMonth(models.Model):
    """Customers won by each branch in each month beside the target: the month before and so many percent (BR-G1).

    A row per branch and month, from the first customer on until the present month, months without any included.
    """

    _name = "crm.customer.won.month"
    _description = "Customers Won per Month"
    _auto = False
    _order = "month desc, branch_id"
    _depends = {**CrmCustomerWon._depends, "res.company": ["won_target_percent"]}

    name = fields.Char("Month of the Year", readonly=True, help="As 2026-11.")
    branch_id = fields.Many2one("crm.branch", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    month = fields.Date(readonly=True)
    won = fields.Integer("Customers Won", readonly=True)
    before = fields.Integer("Month Before", readonly=True)
    target = fields.Integer(readonly=True, help="The month before and the percentage of the settings, rounded up.")
    growth = fields.Float("Growth (%)", readonly=True, aggregator=None, help="Empty where the month before had none.")
    is_reached = fields.Boolean("Target Reached", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT %(id)s AS id, to_char(lined.month, 'YYYY-MM') AS name, lined.branch_id, lined.company_id,
                   lined.month, lined.count AS won, lined.before, goal.target,
                   CASE WHEN lined.before > 0 THEN (lined.count - lined.before) * 100.0 / lined.before END AS growth,
                   lined.count >= goal.target AS is_reached
              FROM (%(lined)s) lined
              JOIN res_company company ON company.id = lined.company_id
              CROSS JOIN LATERAL (SELECT CEIL(
                   ROUND((lined.before * (100 + company.won_target_percent) / 100.0)::numeric, 6))::int AS target) goal
            """,
            id=month_id(SQL("lined.branch_id"), SQL("lined.month")),
            lined=by_month(self._counted(), fields.Datetime.now()),
        )

    def _counted(self):
        return SQL(
            """
            SELECT branch_id, date_trunc('month', won_on)::date AS month, SUM(won)::int AS count
              FROM (%s) customer GROUP BY 1, 2
            """,
            self.env["crm.customer.won"]._table_query,
        )

    # === ACTION METHODS === #

    def action_view_customers(self):
        """Open the customers who were won."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_branch.crm_customer_won_action")
        following = fields.Date.add(self.month, months=1)
        domain = [("branch_id", "=", self.branch_id.id), ("won_on", ">=", self.month), ("won_on", "<", following)]
        return {**action, "domain": domain, "context": {}}
