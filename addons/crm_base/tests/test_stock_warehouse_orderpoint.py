from unittest.mock import patch

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestStockWarehouseOrderpoint(TransactionCase):
    """The log of a served database stays clean."""

    def test_scheduler_commits_before_its_second_cursor(self):
        """What the scheduler computed is written before another transaction writes the same rows."""
        orderpoints = self.env["stock.warehouse.orderpoint"]
        with patch.object(self.env.registry["ir.cron"], "_commit_progress") as commit:
            orderpoints._procure_orderpoint_confirm()
            commit.assert_not_called()
            orderpoints._procure_orderpoint_confirm(use_new_cursor=True)
            commit.assert_called_once_with()
