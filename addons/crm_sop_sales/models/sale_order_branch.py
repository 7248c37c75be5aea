from odoo import api, fields, models


class SaleOrder(models.Model):
    """Which branch an order is of. Who belongs to a branch sees no other branch's orders that nobody has taken."""

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

    # === BUSINESS METHODS === #

    def _latest_today(self):
        """Return the calendar date that it is at the order's branch or with the user, whichever is later: a customer on
        the portal has no time zone, and an officer may be east of the branch.
        """
        branch = self.sudo().branch_id
        today = fields.Date.context_today(self)
        return max(today, branch._today()) if branch else today
