from odoo import fields, models
from odoo.tools import SQL


class CrmSalesPerformance(models.Model):
    """Plan and actual sales by branch, month, person and product (BR-1, BR-16).

    One row per line of the plan and per line of a confirmed order of a point of sale; months are the branch's. Amounts
    are untaxed, in the company's currency; quantities in the product's unit.
    """

    _name = "crm.sales.performance"
    _description = "Plan and Sales"
    _auto = False
    _order = "month desc, branch_id, user_id"
    _rec_name = "month"
    _depends = {
        "crm.branch": ["kind", "tz"],
        "crm.sales.plan": ["branch_id", "company_id", "measure", "month", "product_id", "target", "user_id"],
        "sale.order": ["branch_id", "company_id", "currency_rate", "date_order", "state", "user_id"],
        "sale.order.line": [
            "display_type",
            "is_downpayment",
            "order_id",
            "price_subtotal",
            "product_id",
            "product_uom_id",
            "product_uom_qty",
        ],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id", "uom_id"],
        "uom.uom": ["factor"],
    }

    branch_id = fields.Many2one("crm.branch", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(readonly=True)
    user_id = fields.Many2one("res.users", "Person", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    categ_id = fields.Many2one("product.category", "Category", readonly=True)
    planned_quantity = fields.Float("Planned (Units)", digits="Product Unit", readonly=True)
    sold_quantity = fields.Float("Sold (Units)", digits="Product Unit", readonly=True)
    planned_amount = fields.Monetary("Planned (Amount)", readonly=True)
    sold_amount = fields.Monetary("Sold (Amount)", readonly=True)

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._planned(), self._sold())

    def _planned(self):
        return SQL(
            """
            SELECT 2 * plan.id::bigint AS id, plan.branch_id, plan.company_id, plan.month, plan.user_id,
                   plan.product_id, template.categ_id,
                   CASE WHEN plan.measure = 'quantity' THEN plan.target ELSE 0 END AS planned_quantity,
                   0 AS sold_quantity,
                   CASE WHEN plan.measure = 'amount' THEN plan.target ELSE 0 END AS planned_amount,
                   0 AS sold_amount
              FROM crm_sales_plan plan
              LEFT JOIN product_product product ON product.id = plan.product_id
              LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            """
        )

    def _sold(self):
        return SQL(
            """
            SELECT 2 * line.id::bigint + 1 AS id, sale.branch_id, sale.company_id,
                   date_trunc('month', sale.date_order AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date AS month,
                   sale.user_id, line.product_id, template.categ_id,
                   0 AS planned_quantity,
                   line.product_uom_qty * unit.factor / NULLIF(own.factor, 0) AS sold_quantity,
                   0 AS planned_amount,
                   line.price_subtotal / COALESCE(NULLIF(sale.currency_rate, 0), 1) AS sold_amount
              FROM sale_order_line line
              JOIN sale_order sale ON sale.id = line.order_id AND sale.state = 'sale'
              JOIN crm_branch branch ON branch.id = sale.branch_id AND branch.kind = 'point_of_sale'
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN uom_uom unit ON unit.id = line.product_uom_id
              JOIN uom_uom own ON own.id = template.uom_id
             WHERE line.display_type IS NULL AND COALESCE(line.is_downpayment, FALSE) = FALSE
            """
        )
