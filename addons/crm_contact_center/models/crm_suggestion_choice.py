from collections import namedtuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: How many are suggested at once: more would be read by nobody.
MOST = 3
#: How many of the customer's products, latest first, are looked at.
BASIS = 50
#: Answers of so many days tell how welcome a product is.
ANSWER_DAYS = 365

Choice = namedtuple("Choice", "pair points")


class CrmSuggestion(models.Model):
    """What to suggest to a customer now (CC-3c).

    Partners of what is on their order or quotation, else of what they bought, in the order of strength × rate of
    acceptance. The rate is Laplace's, (accepted + 1) / (answered + 2): a product that nobody was asked about counts as
    a half, and what is refused again and again sinks. “Not now” is no answer.
    """

    _inherit = "crm.suggestion"

    @api.model
    def _choose(self, partner, company, order=None, contact=None, most=MOST):
        """Return what to suggest, best first: a fixed number of queries. Reads with all rights.

        :param order: the quotation that is being written; only its products, if it has some, lead to others
        :param contact: what was answered in it isn't suggested again
        :return: list of ``Choice``: pair and points
        """
        self = self.sudo().with_company(company)  # noqa: PLW0642
        customer = partner.commercial_partner_id
        today = company._sales_today()
        bought = self._bought(customer, company, today)
        quoted = set(order.order_line.product_id.product_tmpl_id.ids) if order else set()
        basis = quoted or {row.product_id for row in bought[:BASIS]}
        if not basis:
            return []
        since = fields.Date.subtract(today, days=company.suggestion_quiet_days)
        late = {row.product_id for row in bought if row.quoted or (row.day >= since and not row.is_used_up)}
        pairs = self.env["crm.product.pair"].search_fetch(
            Domain("company_id", "=", company.id)
            & Domain("product_id", "in", list(basis))
            & Domain("other_id", "not in", list(late | quoted | self._refused(customer, company, contact, order)))
            & Domain("banned", "=", False)
            & Domain("other_id.active", "=", True)
            & Domain("other_id.sale_ok", "=", True)
        )
        best = {}
        for pair in pairs:  # the strongest first
            best.setdefault(pair.other_id, pair)
        products = self._in_stock(self.env["product.template"].union(*best), company)
        rates = self._rates(products, company)
        choices = [Choice(best[product], best[product].strength * rates[product.id]) for product in products]
        return sorted(choices, key=lambda choice: (-choice.points, choice.pair.id))[:most]

    # === WHAT IS KNOWN === #

    def _bought(self, customer, company, today):
        """Return what the customer has on quotations or has bought, the latest first: a row per product."""
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT v.product_tmpl_id AS product_id, max(o.date_order)::date AS day,
                       bool_or(o.state <> 'sale') AS quoted, bool_or(COALESCE(t.is_used_up, FALSE)) AS is_used_up
                  FROM sale_order o
                  JOIN sale_order_line l ON l.order_id = o.id AND l.display_type IS NULL AND l.product_uom_qty > 0
                  JOIN product_product v ON v.id = l.product_id
                  JOIN product_template t ON t.id = v.product_tmpl_id
                 WHERE o.partner_id IN (SELECT id FROM res_partner WHERE commercial_partner_id = %s)
                   AND o.company_id = %s AND o.state IN ('draft', 'sent', 'sale') AND o.date_order >= %s
              GROUP BY v.product_tmpl_id
              ORDER BY quoted DESC, day DESC, product_id
                 LIMIT 500
                """,
                customer.id,
                company.id,
                fields.Date.subtract(today, days=max(company.segment_days, company.suggestion_quiet_days)),
            )
        )
        row_class = namedtuple("Bought", "product_id day quoted is_used_up")
        return [row_class(**row) for row in rows]

    def _refused(self, customer, company, contact, order):
        """Return what isn't to be suggested to this customer: refused lately, or answered in this talk or order."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=company.suggestion_refused_days)
        domain = (
            Domain("partner_id.commercial_partner_id", "=", customer.id)
            & Domain("company_id", "=", company.id)
            & Domain("answer", "=", "refused")
            & Domain("answered_at", ">=", since)
        )
        if contact:
            domain |= Domain("contact_id", "=", contact.id) & Domain("answer", "!=", False)
        if order:
            domain |= Domain("order_id", "=", order.id) & Domain("answer", "!=", False)
        return set(self.search_fetch(domain, ["product_id"]).product_id.ids)

    def _in_stock(self, products, company):
        """Leave out goods whose stock is counted and of which nothing is free, if the company says so."""
        counted = products.filtered("is_storable") if company.suggestion_in_stock else products.browse()
        if not counted:
            return products
        groups = self.env["stock.quant"]._read_group(
            [
                ("product_id.product_tmpl_id", "in", counted.ids),
                ("location_id.usage", "=", "internal"),
                ("company_id", "=", company.id),
            ],
            ["product_id"],
            ["quantity:sum", "reserved_quantity:sum"],
        )
        free = {product.product_tmpl_id for product, quantity, reserved in groups if quantity - reserved > 0}
        return products.filtered(lambda product: product not in counted or product in free)

    def _rates(self, products, company):
        """Return product id → how welcome it is, above 0 and below 1."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=ANSWER_DAYS)
        groups = self._read_group(
            [
                ("company_id", "=", company.id),
                ("product_id", "in", products.ids),
                ("answer", "in", ("accepted", "refused")),
                ("answered_at", ">=", since),
            ],
            ["product_id"],
            ["is_accepted:sum", "__count"],
        )
        known = {product.id: (accepted + 1) / (count + 2) for product, accepted, count in groups}
        return {product.id: known.get(product.id, 0.5) for product in products}

    # === SHOWN === #

    @api.model
    def _show(self, partner, company, branch, order=None, contact=None):
        """Note what is suggested now, and return all that was suggested in this talk or order, with all rights.

        Asked twice at once, each is noted once.
        """
        suggestions = self.sudo()
        own = [("contact_id", "=", contact.id)] if contact else [("order_id", "=", order.id), ("from_order", "=", True)]
        shown = suggestions.search([*own, ("partner_id", "=", partner.id)])
        if contact and (shown or contact.state not in ("offered", "active", "wrapup")):
            return shown.sorted("id")
        rows = [
            (
                branch.id,
                company.id,
                contact.id if contact else None,
                order.id if order else None,
                bool(order),
                partner.id,
                choice.pair.other_id.id,
                choice.pair.product_id.id,
                choice.pair.id,
                choice.pair.source,
                choice.pair.with_env(self.env).sudo()._reason(),
                choice.points,
                self.env.user.id,
                fields.Datetime.now(),
                0,
                0.0,
            )
            for choice in self._choose(partner, company, order, contact)
        ]
        if rows:
            self.env.cr.execute(
                SQL(
                    """INSERT INTO crm_suggestion (branch_id, company_id, contact_id, order_id, from_order, partner_id,
                              product_id, because_id, pair_id, source, reason, points, user_id, shown_at, is_answered,
                              is_accepted)
                       VALUES %s ON CONFLICT DO NOTHING""",
                    SQL(", ").join(SQL("%s", row) for row in rows),
                )
            )
            shown = suggestions.search([*own, ("partner_id", "=", partner.id)])
        return shown.sorted("id")
