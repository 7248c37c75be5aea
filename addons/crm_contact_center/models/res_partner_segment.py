from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

OFFICER = "crm_base.group_officer"


def _figure(field_class, *args, **kwargs):
    return field_class(*args, compute="_compute_customer_figures", compute_sudo=True, groups=OFFICER, **kwargs)


class ResPartner(models.Model):
    """A customer's value, by the figures of their commercial contact in the current company (CC-3a, CC-6c)."""

    _inherit = "res.partner"

    customer_segment_id = _figure(
        fields.Many2one, "crm.segment", "Value Segment", search="_search_customer_segment_id", recursive=False
    )
    customer_segment_color = _figure(fields.Integer, "Color of Segment")
    customer_value = _figure(fields.Monetary, "Customer Value", currency_field="customer_currency_id")
    customer_currency_id = _figure(fields.Many2one, "res.currency", "Currency of Value")
    recency_days = _figure(fields.Integer, "Days Since Last Order")
    order_frequency = _figure(fields.Integer, "Orders Counted", help="In the time that the company looks back.")
    customer_score = _figure(
        fields.Char, "Score", help="Three digits from 1 to 5: how lately, how often, for how much. 555 is best."
    )
    segment_value = _figure(
        fields.Monetary, "Typical Value", currency_field="customer_currency_id", help="Half of the segment has more."
    )
    segment_orders = _figure(fields.Float, "Typical Orders", digits=(9, 1))
    segment_recency_days = _figure(fields.Integer, "Typical Days Since Last Order")

    # === COMPUTE METHODS === #

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_customer_figures(self):
        company = self.env.company
        known = self.env["crm.customer.figures"].search_fetch(
            [("company_id", "=", company.id), ("partner_id", "in", self.commercial_partner_id.ids)]
        )
        known = {figures.partner_id: figures for figures in known}
        typical = {
            figures.segment_id: figures
            for figures in self.env["crm.segment.figures"].search_fetch(
                [("company_id", "=", company.id), ("segment_id", "in", [f.segment_id.id for f in known.values()])]
            )
            if known
        }
        today = company._sales_today() if known else None
        for partner in self:
            figures = known.get(partner.commercial_partner_id, self.env["crm.customer.figures"])
            segment = typical.get(figures.segment_id, self.env["crm.segment.figures"])
            scores = (figures.recency_score, figures.frequency_score, figures.monetary_score)
            partner.customer_currency_id = company.currency_id
            partner.customer_segment_id = figures.segment_id
            partner.customer_segment_color = figures.segment_id.color
            partner.customer_value = figures.value
            partner.order_frequency = figures.order_count
            partner.recency_days = max(0, (today - figures.last_on).days) if figures else 0
            partner.customer_score = "".join(map(str, scores)) if figures else False
            partner.segment_value = segment.median_value
            partner.segment_orders = segment.median_orders
            partner.segment_recency_days = segment.median_recency_days

    def _search_customer_segment_id(self, operator, value):
        """Find customers, and the people of theirs, by their segment in the current company."""
        if operator not in ("in", "any", "any!"):
            return NotImplemented
        figures = self.env["crm.customer.figures"].sudo()
        domain = Domain("company_id", "=", self.env.company.id)
        if operator != "in":
            segments = self.env["crm.segment"].search(value) if isinstance(value, Domain | list) else value
            return Domain("commercial_partner_id", "in", self._in_segments(domain, segments, figures))
        ids = [segment for segment in value if segment]
        found = Domain("commercial_partner_id", "in", self._in_segments(domain, ids, figures))
        if False in value:
            some = figures._search(domain & Domain("segment_id", "!=", False))
            found |= Domain("commercial_partner_id", "not in", some.subselect("partner_id"))
        return found

    @staticmethod
    def _in_segments(domain, segments, figures):
        ids = segments.ids if isinstance(segments, models.BaseModel) else segments
        return figures._search(domain & Domain("segment_id", "in", ids)).subselect("partner_id")

    def _field_to_sql(self, alias, field_expr, query=None):
        """Override: let contacts be grouped by segment, which is kept beside them, by company."""
        if field_expr != "customer_segment_id" or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        joined = query.make_alias(alias, "customer_figures")
        query.add_join(
            "LEFT JOIN",
            joined,
            "crm_customer_figures",
            SQL(
                "%s = %s AND %s = %s",
                SQL.identifier(joined, "partner_id"),
                SQL.identifier(alias, "commercial_partner_id"),
                SQL.identifier(joined, "company_id"),
                self.env.company.id,
            ),
        )
        return SQL.identifier(joined, "segment_id")
