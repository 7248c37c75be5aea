from odoo import fields, models


class StockWarehouse(models.Model):
    """The branches that sell from a warehouse; the headquarters' one fills up the others (BR-13)."""

    _inherit = "stock.warehouse"

    branch_ids = fields.One2many("crm.branch", "warehouse_id", "Branches", help="Who sells from this warehouse.")

    # === BUSINESS METHODS === #

    def _resupply_route(self, supplier):
        """Return Odoo's route from the supplying warehouse to this one, made where there is none yet."""
        self.ensure_one()
        if supplier not in self.resupply_wh_ids:
            self.resupply_wh_ids += supplier
        return self.resupply_route_ids.filtered(lambda route: route.supplier_wh_id == supplier)[:1]
