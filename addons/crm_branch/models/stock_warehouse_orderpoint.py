import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class StockWarehouseOrderpoint(models.Model):
    """A reordering rule of a branch's warehouse is the norm of a product there (BR-13)."""

    _inherit = "stock.warehouse.orderpoint"

    branch_id = fields.Many2one("crm.branch", compute="_compute_branch_id", store=True, index="btree_not_null")
    ordered_at = fields.Datetime("Last Ordered", readonly=True, copy=False)

    # === COMPUTE METHODS === #

    @api.depends("warehouse_id.branch_ids.sequence", "warehouse_id.branch_ids.active")
    def _compute_branch_id(self):
        for norm in self:
            norm.branch_id = norm.warehouse_id.branch_ids.sorted()[:1]

    # === CRUD METHODS === #

    @api.autovacuum
    def _unlink_processed_orderpoints(self):
        """Override: Odoo clears away rules that its own report has made and that are met; a norm is none of these."""
        made = [("create_uid", "=", SUPERUSER_ID), ("trigger", "=", "manual")]
        rules = self or self.with_context(active_test=False).search(made)
        rules = rules.filtered(lambda rule: not (rule.branch_id and rule.product_min_qty))
        return super(StockWarehouseOrderpoint, rules)._unlink_processed_orderpoints() if rules else rules

    # === BUSINESS METHODS === #

    def _order_missing(self):
        """Order from the headquarters' warehouse what is below its norm, in one transfer per branch; with all rights.

        What is on its way counts as there, so a second run orders nothing. Of two at once, the database sends one back:
        it begins anew and sees what the other one has ordered.

        :return: the norms for which something was ordered
        :raise UserError: a branch has nowhere to order from
        """
        missing = self.env["crm.stock.level"].sudo()._missing(self)
        short = self.sudo().browse(missing)
        short.write({"ordered_at": fields.Datetime.now()})
        short.flush_recordset(["ordered_at"])
        procurements = []
        for branch, norms in short.grouped("branch_id").items():
            values = branch._procurement_values()
            procurements += [norm._missing_procurement(missing[norm.id], values) for norm in norms]
        self.env["stock.rule"].sudo().run(procurements)
        return short.with_env(self.env)

    def _missing_procurement(self, quantity, values):
        self.ensure_one()
        if self.replenishment_uom_id:
            quantity = self._get_multiple_rounded_qty(quantity)
        return self.env["stock.rule"].Procurement(
            *(self.product_id, quantity, self.product_uom, self.location_id, self.name, values["origin"]),
            *(self.company_id, {**values, "orderpoint_id": self}),
        )

    @api.model
    def _cron_order_missing(self):
        """Order what is missing, for the branches that want it at night. Safe to run again at any time."""
        branches = self.env["crm.branch"].search([("order_nightly", "=", True), ("warehouse_id", "!=", False)])
        for done, branch in enumerate(branches, 1):
            norms = self.search([("branch_id", "=", branch.id)])
            try:
                with self.env.cr.savepoint():
                    norms._order_missing()
            except UserError as error:
                _logger.warning("Nothing was ordered for branch %s: %s", branch.code, error)
            self.env["ir.cron"]._commit_progress(1, remaining=len(branches) - done)
