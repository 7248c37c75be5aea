from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .shop_common import ShopCase


@tagged("post_install", "-at_install")
class TestCustomerWon(ShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls.router, cls.warehouse_a, 100)
        cls._stock(cls.router, cls.warehouse_b, 100)
        cls.won = cls.env["crm.customer.won"]

    def _sell(self, partner, moment, user=None):
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "user_id": (user or self.service_officer_a).id,
                "order_line": [Command.create({"product_id": self.router.id})],
            }
        )
        order.action_confirm()
        order.date_order = moment
        self.env.flush_all()
        return order

    def _partners(self, count):
        return self.env["res.partner"].create([{"name": f"Customer {number}"} for number in range(count)])

    def test_first_order(self):
        """BR-16: a customer is won once, by the branch of the first order, on its day there."""
        (partner,) = self._partners(1)
        self._sell(partner, "2026-03-31 16:59:00")
        self._sell(partner, "2026-04-05 08:00:00", self.service_officer_b)
        row = self.won.search([("partner_id", "=", partner.id)])
        self.assertEqual((row.branch_id, row.won_on, row.source), (self.branch_a, date(2026, 3, 31), "order"))
        self.assertEqual(row.user_id, self.service_officer_a)

    def test_quotation_wins_nobody(self):
        """BR-16: a quotation wins nobody; a firm's people are one customer."""
        firm, *__ = self._partners(1)
        people = self.env["res.partner"].create([{"name": name, "parent_id": firm.id} for name in ("A", "B")])
        order = self._sell(people[0], "2026-03-01 08:00:00")
        self._sell(people[1], "2026-03-02 08:00:00")
        self.assertEqual(len(self.won.search([("partner_id", "in", (firm + people).ids)])), 1)
        self.assertEqual(self.won.search([("partner_id", "=", firm.id)]).won_on, order.date_order.date())

    def test_first_contract(self):
        """BR-16: a first contract that became active before any order wins the customer, too."""
        (partner,) = self._partners(1)
        self._consent(partner, self.branch_b)
        contract = (
            self.env["contract.contract"]
            .with_user(self.service_officer_b)
            .create({"name": "C", "partner_id": partner.id, "branch_id": self.branch_b.id})
        )
        self.env.flush_all()
        self.assertFalse(self.won.search([("partner_id", "=", partner.id)]))
        self.env.cr.execute(
            "UPDATE contract_contract SET activated_at = '2026-02-28 18:00:00' WHERE id = %s", [contract.id]
        )
        self._sell(partner, "2026-03-05 08:00:00")
        row = self.won.search([("partner_id", "=", partner.id)])
        self.assertEqual((row.branch_id, row.source, row.won_on), (self.branch_b, "contract", date(2026, 3, 1)))

    def test_target(self):
        """BR-G1: customers won per branch and month beside 20 % more than before, empty months included."""
        for count, moment in ((5, "2026-01-10 08:00:00"), (6, "2026-02-10 08:00:00"), (7, "2026-04-10 08:00:00")):
            for partner in self._partners(count):
                self._sell(partner, moment)
        with freeze_time("2026-05-02 08:00:00"):
            months = self.env["crm.customer.won.month"].search([("branch_id", "=", self.branch_a.id)], order="month")
            rows = months.mapped(lambda row: (row.month.month, row.won, row.target, row.is_reached))
        self.assertEqual(rows, [(1, 5, 0, True), (2, 6, 6, True), (3, 0, 8, False), (4, 7, 0, True), (5, 0, 9, False)])
        self.assertEqual([row.growth for row in months][1:3], [20, -100])
        action = months[1].action_view_customers()
        self.assertEqual(self.won.search_count(action["domain"]), 6)
        self.company.won_target_percent = 50
        months.invalidate_recordset()
        self.assertEqual(months[1].target, 8)

    def test_branches_and_roles(self):
        """BR-16: the headquarters sees the new customers of all branches, a branch's manager its own."""
        partners = self._partners(2)
        self._sell(partners[0], "2026-03-01 08:00:00")
        self._sell(partners[1], "2026-03-01 08:00:00", self.service_officer_b)
        for model in ("crm.customer.won", "crm.customer.won.month"):
            rows = self.env[model]
            seen = rows.with_user(self.branch_manager_a).search([]).branch_id
            self.assertEqual(seen, self.branch_a)
            self.assertLessEqual(self.branch_a + self.branch_b, rows.with_user(self.clerk).search([]).branch_id)
            for user in (self.service_officer_a, self.retention_officer_a, self.cashier_a, self.internal):
                with self.assertRaises(AccessError, msg=user.login):
                    rows.with_user(user).search([])
