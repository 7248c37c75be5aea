from odoo import api, fields, models


class SaleOrder(models.Model):
    """Which branch an order is of (BR-16). The field is the one that ``crm_sop_sales`` has, where both are there."""

    _inherit = "sale.order"

    branch_id = fields.Many2one(
        "crm.branch",
        compute="_compute_branch_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        help="The officer's branch, else that of the warehouse.",
    )

    # === COMPUTE METHODS === #

    @api.depends("user_id", "warehouse_id", "company_id")
    def _compute_branch_id(self):
        """Prefer the officer's main branch in the order's company to that of the warehouse."""
        branches = self.env["crm.branch"].search([("company_id", "in", self.company_id.ids)])
        for order in self:
            own = branches.filtered(lambda branch, order=order: branch.company_id == order.company_id)
            near = own.filtered(
                lambda branch, order=order: order.warehouse_id and branch.warehouse_id == order.warehouse_id
            )
            order.branch_id = ((order.user_id.branch_ids & own).sorted() or near)[:1]
