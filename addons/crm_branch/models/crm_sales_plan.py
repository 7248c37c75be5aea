from odoo import api, fields, models


class CrmSalesPlan(models.Model):
    """What a branch, or one of its people, is to sell in a month: all together or of one product (BR-1)."""

    _name = "crm.sales.plan"
    _description = "Sales Plan"
    _inherit = ["crm.branch.mixin"]
    _order = "month desc, branch_id, user_id, product_id, id"
    _rec_name = "month"

    month = fields.Date(
        required=True, index=True, default=lambda self: self._this_month(), help="Any day of it; kept as its first."
    )
    user_id = fields.Many2one(
        "res.users",
        "Person",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('branch_ids', 'in', branch_id)]",
        help="Empty: the branch as a whole.",
    )
    product_id = fields.Many2one(
        "product.product", index="btree_not_null", ondelete="restrict", help="Empty: all products together."
    )
    measure = fields.Selection([("quantity", "Units"), ("amount", "Amount")], required=True, default="quantity")
    target = fields.Float(
        required=True, digits="Product Unit", help="In units of the product, or untaxed in the company’s currency."
    )

    _once = models.UniqueIndex(
        "(branch_id, month, COALESCE(user_id, 0), COALESCE(product_id, 0), measure)",
        "This is planned already for the branch, month, person and product.",
    )
    _positive = models.Constraint("CHECK(target > 0)", "A target is more than nothing.")
    _month_first = models.Constraint("CHECK(EXTRACT(DAY FROM month) = 1)", "A month is kept as its first day.")

    # === COMPUTE METHODS === #

    @api.depends("branch_id", "month", "user_id", "product_id")
    def _compute_display_name(self):
        for plan in self:
            what = (
                plan.branch_id.code,
                plan.month and plan.month.strftime("%Y-%m"),
                plan.user_id.sudo().name,
                plan.product_id.name,
            )
            plan.display_name = " · ".join(word for word in what if word)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: keep the month as its first day."""
        return super().create([self._with_first_day(vals) for vals in vals_list])

    def write(self, vals):
        """Override: likewise."""
        return super().write(self._with_first_day(vals))

    # === BUSINESS METHODS === #

    def _without_parts(self):
        """Return those of a branch's plans that can be added up: that of the whole branch contains those of its people,
        and these those of single products.
        """
        whole = self.filtered(lambda plan: not plan.user_id and not plan.product_id)
        people = self.filtered(lambda plan: plan.user_id and not plan.product_id)
        products = self.filtered(lambda plan: plan.product_id and not plan.user_id)
        return whole or people or products or self

    def _this_month(self):
        return fields.Date.context_today(self).replace(day=1)

    @api.model
    def _with_first_day(self, vals):
        if vals.get("month"):
            return {**vals, "month": fields.Date.to_date(vals["month"]).replace(day=1)}
        return vals
