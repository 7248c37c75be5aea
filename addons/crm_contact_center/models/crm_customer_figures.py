from odoo import api, fields, models
from odoo.tools import SQL


class CrmCustomerFigures(models.Model):
    """When, how often and for how much a customer has bought of a company (CC-6c): RFM, counted each night.

    A row per commercial contact and company, as the same customer may be a champion of one company and new at another.
    Confirmed orders are counted, not invoices: an order is the customer's own decision on its day, while invoices come
    later, in parts, or as down payments. Amounts are untaxed, in the company's currency by the order's own rate. An
    order of nothing (a free replacement) is no purchase; a negative one takes its money away again.

    A score is the customer's place among all of the company in fifths, 5 being best. Equal customers score equally:
    they share the middle of their places.
    """

    _name = "crm.customer.figures"
    _description = "Customer's Figures"
    _order = "value desc, id"
    _rec_name = "partner_id"
    _log_access = False

    partner_id = fields.Many2one("res.partner", "Customer", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    segment_id = fields.Many2one("crm.segment", readonly=True, index="btree_not_null", ondelete="set null")
    value = fields.Monetary(readonly=True, help="Untaxed, in the company's currency.")
    order_count = fields.Integer("Orders", required=True, readonly=True)
    last_on = fields.Date("Last Order", required=True, readonly=True)
    recency_score = fields.Integer("Recency", required=True, readonly=True, aggregator="avg")
    frequency_score = fields.Integer("Frequency", required=True, readonly=True, aggregator="avg")
    monetary_score = fields.Integer("Value Score", required=True, readonly=True, aggregator="avg")

    _once = models.Constraint("UNIQUE(partner_id, company_id)", "A customer has figures once in a company.")
    _scores = models.Constraint(
        "CHECK(recency_score BETWEEN 1 AND 5 AND frequency_score BETWEEN 1 AND 5 AND monetary_score BETWEEN 1 AND 5)",
        "Scores go from 1 to 5.",
    )
    _segment_idx = models.Index("(company_id, segment_id, partner_id)")

    # === BUSINESS METHODS === #

    @api.model
    def _cron_refresh(self):
        """Count the customers of each company anew, each company in a transaction of its own."""
        companies = self.env["res.company"].sudo().search([])
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            self._refresh(company)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _refresh(self, company):
        """Count a company's customers and segments by two statements. What is as it was isn't written.

        :return: how many customers' rows were written
        """
        self.env.flush_all()
        self.env.cr.execute(self._refresh_sql(company))
        written = self.env.cr.rowcount
        self.env.cr.execute(self._refresh_segments_sql(company))
        self.env.invalidate_all()
        return written

    def _refresh_sql(self, company):
        return SQL(
            """
            WITH bought AS (%(bought)s),
            placed AS (
                SELECT *, count(*) OVER () AS everybody,
                       %(last_place)s AS last_place, %(orders_place)s AS orders_place, %(value_place)s AS value_place
                  FROM bought
            ),
            scored AS (
                SELECT partner_id, value, order_count, last_on, %(last_score)s AS recency_score,
                       %(orders_score)s AS frequency_score, %(value_score)s AS monetary_score
                  FROM placed
            ),
            found AS (
                SELECT scored.*,
                       (SELECT id FROM crm_segment s
                         WHERE s.active AND (s.company_id IS NULL OR s.company_id = %(company)s)
                           AND recency_score BETWEEN s.recency_from AND s.recency_to
                           AND frequency_score BETWEEN s.frequency_from AND s.frequency_to
                           AND monetary_score BETWEEN s.monetary_from AND s.monetary_to
                      ORDER BY s.sequence, s.id LIMIT 1) AS segment_id
                  FROM scored
            ),
            gone AS (
                DELETE FROM crm_customer_figures f
                 WHERE f.company_id = %(company)s
                   AND NOT EXISTS (SELECT FROM scored WHERE scored.partner_id = f.partner_id)
            )
            INSERT INTO crm_customer_figures AS f (company_id, partner_id, segment_id, value, order_count, last_on,
                        recency_score, frequency_score, monetary_score)
                 SELECT %(company)s, partner_id, segment_id, value, order_count, last_on, recency_score,
                        frequency_score, monetary_score
                   FROM found
            ON CONFLICT (partner_id, company_id) DO UPDATE
                    SET (segment_id, value, order_count, last_on, recency_score, frequency_score, monetary_score)
                      = (EXCLUDED.segment_id, EXCLUDED.value, EXCLUDED.order_count, EXCLUDED.last_on,
                         EXCLUDED.recency_score, EXCLUDED.frequency_score, EXCLUDED.monetary_score)
                  WHERE (f.segment_id, f.value, f.order_count, f.last_on, f.recency_score, f.frequency_score,
                         f.monetary_score)
                        IS DISTINCT FROM
                        (EXCLUDED.segment_id, EXCLUDED.value, EXCLUDED.order_count, EXCLUDED.last_on,
                         EXCLUDED.recency_score, EXCLUDED.frequency_score, EXCLUDED.monetary_score)
            """,
            bought=self._bought_sql(company),
            company=company.id,
            last_place=self._place_sql("last_on"),
            orders_place=self._place_sql("order_count"),
            value_place=self._place_sql("value"),
            last_score=self._score_sql("last_place"),
            orders_score=self._score_sql("orders_place"),
            value_score=self._score_sql("value_place"),
        )

    @staticmethod
    def _place_sql(column):
        """Return twice the middle of the places that a customer shares with their equals, from 1 to 2n - 1."""
        column = SQL.identifier(column)
        return SQL(
            "2 * (rank() OVER (ORDER BY %(column)s) - 1) + count(*) OVER (PARTITION BY %(column)s)", column=column
        )

    @staticmethod
    def _score_sql(place):
        return SQL("1 + (5 * %s) / (2 * everybody)", SQL.identifier(place))

    def _bought_sql(self, company):
        """Return the query of what each commercial contact has bought of the company within its window."""
        today = company._sales_today()
        return SQL(
            """
            SELECT p.commercial_partner_id AS partner_id,
                   count(*) FILTER (WHERE o.amount_untaxed > 0)::int AS order_count,
                   (max(o.date_order) FILTER (WHERE o.amount_untaxed > 0)
                        AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS last_on,
                   round(sum(o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1)) / %(unit)s) * %(unit)s AS value
              FROM sale_order o
              JOIN res_partner p ON p.id = o.partner_id
              JOIN res_partner owner ON owner.id = p.commercial_partner_id AND owner.active
             WHERE o.company_id = %(company)s AND o.state = 'sale' AND o.date_order >= %(since)s
          GROUP BY p.commercial_partner_id
            HAVING count(*) FILTER (WHERE o.amount_untaxed > 0) > 0
            """,
            zone=company._sales_zone(),
            unit=SQL("%s::numeric", str(company.currency_id.rounding)),
            company=company.id,
            since=fields.Date.subtract(today, days=company.segment_days),
        )

    def _refresh_segments_sql(self, company):
        return SQL(
            """
            WITH typical AS (
                SELECT segment_id, count(*)::int AS customers,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY value)::numeric AS value,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY order_count)::numeric AS orders,
                       percentile_disc(0.5) WITHIN GROUP (ORDER BY last_on) AS last_on
                  FROM crm_customer_figures
                 WHERE company_id = %(company)s AND segment_id IS NOT NULL
              GROUP BY segment_id
            ),
            gone AS (
                DELETE FROM crm_segment_figures
                 WHERE company_id = %(company)s AND segment_id NOT IN (SELECT segment_id FROM typical)
            )
            INSERT INTO crm_segment_figures AS f (segment_id, company_id, customer_count, median_value, median_orders,
                        median_last_on)
                 SELECT segment_id, %(company)s, customers, round(value / %(unit)s) * %(unit)s, orders, last_on
                   FROM typical
            ON CONFLICT (segment_id, company_id) DO UPDATE
                    SET (customer_count, median_value, median_orders, median_last_on)
                      = (EXCLUDED.customer_count, EXCLUDED.median_value, EXCLUDED.median_orders,
                         EXCLUDED.median_last_on)
                  WHERE (f.customer_count, f.median_value, f.median_orders, f.median_last_on) IS DISTINCT FROM
                        (EXCLUDED.customer_count, EXCLUDED.median_value, EXCLUDED.median_orders,
                         EXCLUDED.median_last_on)
            """,
            company=company.id,
            unit=SQL("%s::numeric", str(company.currency_id.rounding)),
        )
