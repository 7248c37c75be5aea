from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmBranch(models.Model):
    """Where a branch's goods come from (BR-13)."""

    _inherit = "crm.branch"

    order_nightly = fields.Boolean(
        "Order Missing Stock at Night",
        tracking=True,
        help="What is below its norm is ordered from the headquarters' warehouse every night, by itself.",
    )

    # === BUSINESS METHODS === #

    def _supplying_warehouse(self):
        """Return the warehouse of the headquarters of the branch's company.

        :raise UserError: there is none, or it is the branch's own
        """
        self.ensure_one()
        headquarters = self._headquarters_of(self.company_id).filtered("warehouse_id")[:1]
        if not headquarters.warehouse_id or headquarters.warehouse_id == self.warehouse_id:
            raise UserError(
                self.env._(
                    "%(branch)s can't order: the headquarters of %(company)s has no warehouse of its own. Choose one "
                    "in Branches → Configuration → Branches.",
                    branch=self.name,
                    company=self.company_id.name,
                )
            )
        return headquarters.warehouse_id

    @api.model
    def _headquarters_of(self, company):
        """Return the open headquarters of the company."""
        return self.search([("company_id", "=", company.id), ("kind", "=", "headquarters")])

    def _procurement_values(self):
        """Return what all that a branch orders at once has in common: one transfer from the headquarters."""
        origin = self.env._("%(branch)s, norms of %(day)s", branch=self.code, day=self._today())
        return {
            "route_ids": self.warehouse_id._resupply_route(self._supplying_warehouse()),
            "warehouse_id": self.warehouse_id,
            "date_planned": fields.Datetime.now() + timedelta(days=1),
            "reference_ids": self.env["stock.reference"].create({"name": origin}),
            "origin": origin,
        }
