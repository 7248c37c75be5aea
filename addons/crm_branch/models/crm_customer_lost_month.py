from odoo import fields, models
from odoo.tools import SQL

from ..month_series import by_month, month_id
from .crm_contract_analysis import CrmContractAnalysis


class CrmCustomerLostMonth(models.Model):
    """Contracts of each branch that ended without a renewal, month by month, beside the target: so many percent fewer
    than in the month before (BR-G3).

    A row per branch and month, from the first that was lost on until the present month, months without any included.
    """

    _name = "crm.customer.lost.month"
    _description = "Customers Lost per Month"
    _auto = False
    _order = "month desc, branch_id"
    _depends = {**CrmContractAnalysis._depends, "res.company": ["lost_target_percent"]}

    name = fields.Char("Month of the Year", readonly=True, help="As 2026-11.")
    branch_id = fields.Many2one("crm.branch", "Point of Sale", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    month = fields.Date(readonly=True)
    lost = fields.Integer("Customers Lost", readonly=True)
    before = fields.Integer("Month Before", readonly=True)
    target = fields.Integer(
        "At Most", readonly=True, help="The month before less the percentage of the settings, rounded down."
    )
    growth = fields.Float("Change (%)", readonly=True, aggregator=None, help="Empty where the month before had none.")
    is_reached = fields.Boolean("Target Reached", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT %(id)s AS id, to_char(lined.month, 'YYYY-MM') AS name, lined.branch_id, lined.company_id,
                   lined.month, lined.count AS lost, lined.before, goal.target,
                   CASE WHEN lined.before > 0 THEN (lined.count - lined.before) * 100.0 / lined.before END AS growth,
                   lined.count <= goal.target AS is_reached
              FROM (%(lined)s) lined
              JOIN res_company company ON company.id = lined.company_id
              CROSS JOIN LATERAL (SELECT FLOOR(
                   ROUND((lined.before * (100 - company.lost_target_percent) / 100.0)::numeric, 6))::int AS target) goal
            """,
            id=month_id(SQL("lined.branch_id"), SQL("lined.month")),
            lined=by_month(self._counted(), fields.Datetime.now()),
        )

    def _counted(self):
        return SQL(
            """
            SELECT branch_id, date_trunc('month', date)::date AS month, SUM(lost)::int AS count
              FROM (%s) ending WHERE lost > 0 GROUP BY 1, 2
            """,
            self.env["crm.contract.analysis"]._table_query,
        )

    # === ACTION METHODS === #

    def action_view_contracts(self):
        """Open the contracts that were lost, with the reasons."""
        self.ensure_one()
        return self.env["crm.branch.dashboard"]._open_lost(self.branch_id, self.month)
