from odoo import models


class StockWarehouseOrderpoint(models.Model):
    _inherit = "stock.warehouse.orderpoint"

    def _procure_orderpoint_confirm(self, use_new_cursor=False, company_id=None, raise_user_error=True):
        """Override: end what the scheduler's own transaction has computed before Odoo opens a second one.

        Odoo 19.0 leaves those values to be written after the second one has written the same rows: the first run of the
        scheduler then fails, which a manager finds as an error in the log.
        """
        if use_new_cursor:
            self.env["ir.cron"]._commit_progress()
        return super()._procure_orderpoint_confirm(
            use_new_cursor=use_new_cursor, company_id=company_id, raise_user_error=raise_user_error
        )
