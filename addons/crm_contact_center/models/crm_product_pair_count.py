from odoo import api, fields, models
from odoo.tools import SQL

#: Two-sided 95 %.
Z = 1.96
#: An order of more products is a reseller's whole shelf: it says nothing of what goes together.
ORDER_PRODUCTS = 50
#: So many partners of a product are kept, the strongest.
KEPT = 20


class CrmProductPair(models.Model):
    """Pairs counted from confirmed orders by one statement (CC-3c).

    Customers are counted, not orders, so that one reseller who buys the same two things each week counts once. A pair
    is kept if its confidence is above what any customer would do even at the lower end of its interval (Wilson's, which
    holds for small counts): three of three isn't 100 %, and one of one isn't kept.
    """

    _inherit = "crm.product.pair"

    @api.model
    def _cron_count(self):
        """Count the pairs of each company anew, each company in a transaction of its own."""
        companies = self.env["res.company"].sudo().search([])
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            self._count(company)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _count(self, company):
        """Count a company's pairs. Pairs by hand and bans stay; what is as it was isn't written.

        :return: how many pairs were written
        """
        self.env.flush_all()
        self.env.cr.execute(self._count_sql(company))
        written = self.env.cr.rowcount
        self.env.invalidate_all()
        return written

    def _count_sql(self, company):
        columns = "count_together count_product count_other count_all support confidence confidence_low lift strength"
        columns = [SQL.identifier(name) for name in columns.split()]
        listed = SQL(", ").join(columns)
        ours = SQL(", ").join(SQL("p.%s", name) for name in columns)
        new = SQL(", ").join(
            SQL("CASE WHEN p.source = 'hand' THEN p.strength ELSE EXCLUDED.strength END")
            if index == len(columns) - 1
            else SQL("EXCLUDED.%s", name)
            for index, name in enumerate(columns)
        )
        return SQL(
            """
            WITH baskets AS MATERIALIZED (%(baskets)s),
            measured AS (%(measured)s),
            ranked AS (
                SELECT *, row_number() OVER (PARTITION BY product_id ORDER BY strength DESC, other_id) AS place
                  FROM (SELECT *, confidence_low / (count_other::float / count_all) AS strength FROM measured) m
                 WHERE confidence_low > count_other::float / count_all
            ),
            kept AS (SELECT * FROM ranked WHERE place <= %(kept)s),
            gone AS (
                DELETE FROM crm_product_pair p
                 WHERE p.company_id = %(company)s AND p.source = 'counted' AND NOT COALESCE(p.banned, FALSE)
                   AND NOT EXISTS (SELECT FROM kept k WHERE k.product_id = p.product_id AND k.other_id = p.other_id)
            )
            INSERT INTO crm_product_pair AS p (company_id, product_id, other_id, source, banned, create_date,
                        write_date, create_uid, write_uid, %(listed)s)
                 SELECT %(company)s, product_id, other_id, 'counted', FALSE, %(now)s, %(now)s, %(uid)s, %(uid)s,
                        %(listed)s
                   FROM kept
            ON CONFLICT (company_id, product_id, other_id) DO UPDATE
                    SET (%(listed)s, write_date, write_uid) = (%(new)s, %(now)s, %(uid)s)
                  WHERE (%(ours)s) IS DISTINCT FROM (%(new)s)
            """,
            baskets=self._baskets_sql(company),
            measured=self._measured_sql(company),
            kept=KEPT,
            company=company.id,
            listed=listed,
            ours=ours,
            new=new,
            now=fields.Datetime.now(),
            uid=self.env.uid,
        )

    def _baskets_sql(self, company):
        """Return the query of who bought what in which order: goods that are still sold. Services are left out, as
        delivery and fees go with everything; by hand they may be paired.
        """
        return SQL(
            """
            SELECT order_id, customer_id, product_id
              FROM (SELECT DISTINCT o.id AS order_id, c.commercial_partner_id AS customer_id, t.id AS product_id
                      FROM sale_order o
                      JOIN res_partner c ON c.id = o.partner_id
                      JOIN sale_order_line l ON l.order_id = o.id
                      JOIN product_product v ON v.id = l.product_id
                      JOIN product_template t ON t.id = v.product_tmpl_id
                     WHERE o.company_id = %(company)s AND o.state = 'sale' AND o.date_order >= %(since)s
                       AND l.display_type IS NULL AND l.product_uom_qty > 0 AND NOT COALESCE(l.is_downpayment, FALSE)
                       AND t.active AND t.sale_ok AND t.type = 'consu'
                       AND (t.company_id IS NULL OR t.company_id = %(company)s)) bought
            """,
            company=company.id,
            since=fields.Date.subtract(company._sales_today(), days=company.pair_days),
        )

    def _measured_sql(self, company):
        """Return the query of the pairs' measures, both ways, from the table ``baskets``."""
        low = SQL(
            "(both_of / first_of + %(z)s / (2 * first_of) - %(root)s * sqrt(both_of / first_of"
            " * (1 - both_of / first_of) / first_of + %(z)s / (4 * first_of * first_of))) / (1 + %(z)s / first_of)",
            z=SQL("%s::float", Z * Z),
            root=SQL("%s::float", Z),
        )
        return SQL(
            """
            SELECT product_id, other_id, both_of::int AS count_together, first_of::int AS count_product,
                   second_of::int AS count_other, all_of::int AS count_all, both_of / all_of AS support,
                   both_of / first_of AS confidence, both_of * all_of / (first_of * second_of) AS lift,
                   %(low)s AS confidence_low
              FROM (WITH alone AS (
                        SELECT product_id, count(DISTINCT customer_id)::float AS customers
                          FROM baskets GROUP BY product_id HAVING count(DISTINCT customer_id) >= %(least)s
                    ),
                    useful AS (
                        SELECT order_id, customer_id, product_id
                          FROM (SELECT *, count(*) OVER (PARTITION BY order_id) AS products FROM baskets) counted
                          JOIN alone USING (product_id)
                         WHERE products BETWEEN 2 AND %(most)s
                    ),
                    together AS (
                        SELECT a.product_id AS one_id, b.product_id AS two_id,
                               count(DISTINCT a.customer_id)::float AS customers
                          FROM useful a JOIN useful b ON b.order_id = a.order_id AND b.product_id > a.product_id
                      GROUP BY a.product_id, b.product_id HAVING count(DISTINCT a.customer_id) >= %(least)s
                    ),
                    ways AS (
                        SELECT one_id AS product_id, two_id AS other_id, customers FROM together
                        UNION ALL SELECT two_id, one_id, customers FROM together
                    )
                    SELECT ways.product_id, ways.other_id, ways.customers AS both_of, one.customers AS first_of,
                           two.customers AS second_of,
                           (SELECT count(DISTINCT customer_id)::float FROM baskets) AS all_of
                      FROM ways
                      JOIN alone one ON one.product_id = ways.product_id
                      JOIN alone two ON two.product_id = ways.other_id) facts
            """,
            low=low,
            least=company.pair_min_customers,
            most=ORDER_PRODUCTS,
        )
