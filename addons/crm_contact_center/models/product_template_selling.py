from odoo import fields, models
from odoo.tools import SQL


class ProductTemplate(models.Model):
    _inherit = "product.template"

    is_used_up = fields.Boolean(
        "Used Up",
        help="Ink, oil, filters: may be suggested to a customer again soon after they bought it.",
    )

    def _most_sold_variant(self, company):
        """Return the variant that most was sold of in the company's time of pairs, else any that is there."""
        self.ensure_one()
        variants = self.product_variant_ids
        if len(variants) < 2:
            return variants
        rows = self.env.execute_query(
            SQL(
                """SELECT l.product_id FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id
                    WHERE l.product_id IN %s AND o.company_id = %s AND o.state = 'sale' AND o.date_order >= %s
                 GROUP BY l.product_id ORDER BY sum(l.product_uom_qty) DESC, l.product_id LIMIT 1""",
                tuple(variants.ids),
                company.id,
                fields.Date.subtract(company._sales_today(), days=company.pair_days),
            )
        )
        return variants.browse(rows[0]) if rows else variants[:1]
