from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_base.tests.reading import read

from .contract_common import ContractCase

NOW = "2026-05-20 08:00:00"
SHOWN = """
const text = (css) => document.querySelector(css)?.textContent || "";
const wait = setInterval(() => {
    if (text(".o_crm_branch_lost").includes("1")) {
        clearInterval(wait);
        document.querySelector(".o_crm_branch_lost").click();
        const opened = setInterval(() => {
            if (document.querySelector(".o_graph_view")) {
                clearInterval(opened);
                console.log("test successful");
            }
        }, 100);
    }
}, 100);
"""


class DashboardCase(ContractCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env["crm.contract.lost.reason"].create({"name": "Konkurencja"})

    @classmethod
    def _lose(cls, day, branch=None, count=1):
        """Let contracts that were signed at the branch have ended on that day, below the workflow."""
        officer = cls.service_officer_b if branch == cls.branch_b else cls.service_officer_a
        branch = branch or cls.branch_a
        contracts = cls.env["contract.contract"].union(
            *(cls._prepare_contract(officer, date_start="2025-01-01") for __ in range(count))
        )
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE contract_contract SET approval_state = 'ended', signed_at = now(), date_end = %s,"
            " lost_reason_id = %s WHERE id = ANY(%s)",
            [day, cls.reason.id, contracts.ids],
        )
        cls.env.invalidate_all()
        return contracts

    def _figures(self, user, *args):
        return read(self, self.env["crm.branch.dashboard"].with_user(user).action_figures, *args)


@tagged("post_install", "-at_install")
class TestCustomerLost(DashboardCase):
    def test_target(self):
        """BR-G3: customers lost per branch and month beside 15 % fewer than before, empty months included."""
        for day, count in (("2026-01-31", 7), ("2026-02-01", 6), ("2026-04-30", 2)):
            self._lose(day, count=count)
        rows = self.env["crm.customer.lost.month"]
        with freeze_time(NOW):
            months = rows.search([("branch_id", "=", self.branch_a.id)], order="month")
            found = months.mapped(lambda row: (row.month.month, row.lost, row.target, row.is_reached))
        self.assertEqual(
            found, [(1, 7, 0, False), (2, 6, 5, False), (3, 0, 5, True), (4, 2, 0, False), (5, 0, 1, True)]
        )
        self.assertEqual([round(row.growth) for row in months][1:3], [-14, -100])
        action = months[3].action_view_contracts()
        self.assertEqual(self.env["crm.contract.analysis"].search_count(action["domain"]), 2)
        self.company.lost_target_percent = 50
        months.invalidate_recordset()
        self.assertEqual(months[1].target, 3)

    def test_renewed_is_not_lost(self):
        """BR-G3: who signs a renewal isn't lost."""
        contract = self._lose("2026-04-30")
        renewal = self._lose("2027-04-30")
        self.env.cr.execute(
            "UPDATE contract_contract SET renewed_from_id = %s, signed_on = '2026-04-20', approval_state = 'active'"
            " WHERE id = %s",
            [contract.id, renewal.id],
        )
        self.env.invalidate_all()
        with freeze_time(NOW):
            self.assertFalse(self.env["crm.customer.lost.month"].search([("branch_id", "=", self.branch_a.id)]))

    def test_branches_and_roles(self):
        """BR-G3: the headquarters sees all branches, a manager their own, other roles nothing."""
        self._lose("2026-04-30")
        self._lose("2026-04-30", self.branch_b)
        rows = self.env["crm.customer.lost.month"]
        self.assertEqual(rows.with_user(self.branch_manager_b).search([]).branch_id, self.branch_b)
        self.assertLessEqual(self.branch_a + self.branch_b, rows.with_user(self.clerk).search([]).branch_id)
        for user in (self.service_officer_a, self.retention_officer_a, self.cashier_a, self.internal):
            with self.assertRaises(AccessError, msg=user.login):
                rows.with_user(user).search([])


@tagged("post_install", "-at_install")
class TestDashboard(DashboardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._lose("2026-04-10", count=2)
        cls._lose("2026-05-10")
        cls._lose("2026-05-10", cls.branch_b, count=3)

    @freeze_time(NOW)
    def test_targets_beside_actual(self):
        """BR-G1, BR-G3: what was reached stands beside the target of the settings."""
        figures = self._figures(self.branch_manager_a)
        self.assertEqual((figures["month"], figures["won_percent"], figures["lost_percent"]), ("2026-05-01", 20, 15))
        self.assertEqual((figures["total"]["lost"], figures["total"]["lost_target"]), (1, 1))
        self.assertEqual([line["lost"] for line in figures["months"]], [1, 2, 0, 0, 0, 0])
        self.assertEqual(figures["reasons"], [{"id": self.reason.id, "name": "Konkurencja", "count": 1}])
        self.assertFalse(figures["next"])
        self.assertEqual(self._figures(self.branch_manager_a, figures["previous"])["total"]["lost"], 2)

    @freeze_time(NOW)
    def test_isolation(self):
        """BR-16: a manager's dashboard has nothing of another branch; the headquarters has all, or one of them."""
        mine = self._figures(self.branch_manager_a)
        self.assertEqual([row["id"] for row in mine["rows"]], self.branch_a.ids)
        self.assertNotIn(self.branch_b.name, str(mine))
        with self.assertRaisesRegex(UserError, "no such point of sale"):
            self._figures(self.branch_manager_a, False, self.branch_b.id)
        dashboard = self.env["crm.branch.dashboard"].with_user(self.branch_manager_a)
        with self.assertRaisesRegex(UserError, "no such point of sale"):
            dashboard.action_open("lost", False, self.branch_b.id)
        everything = {row["id"]: row["lost"] for row in self._figures(self.clerk)["rows"]}
        self.assertEqual((everything[self.branch_a.id], everything[self.branch_b.id]), (1, 3))
        self.assertNotIn(self.headquarters.id, everything)
        self.assertEqual(self._figures(self.clerk, False, self.branch_b.id)["total"]["lost"], 3)

    def test_roles(self):
        """BR-17: managers and headquarters only, whichever way it is asked for."""
        for user in (self.service_officer_a, self.retention_officer_a, self.cashier_a, self.internal, self.portal):
            dashboard = self.env["crm.branch.dashboard"].with_user(user)
            with self.assertRaises(AccessError, msg=user.login):
                dashboard.action_figures()
            with self.assertRaises(AccessError, msg=user.login):
                dashboard.action_open("lost")

    @freeze_time(NOW)
    def test_bad_inputs(self):
        """BR-16: what isn't a month, a branch or a figure is refused; other months are kept within what there is."""
        for month in ("x", "2026-13-01", 5, [1], {"a": 1}):
            with self.assertRaisesRegex(UserError, "no such month", msg=month):
                self._figures(self.branch_manager_a, month)
        for branch in (-1, "x", 2**40, [1]):
            with self.assertRaisesRegex(UserError, "no such point of sale", msg=branch):
                self._figures(self.branch_manager_a, False, branch)
        self.assertEqual(self._figures(self.branch_manager_a, "2999-01-01")["month"], "2026-05-01")
        self.assertEqual(self._figures(self.branch_manager_a, "0001-01-01")["month"], "2000-05-01")
        for what in ("draft", "", None, ["won"]):
            with self.assertRaisesRegex(UserError, "no such figure", msg=what):
                self.env["crm.branch.dashboard"].with_user(self.branch_manager_a).action_open(what)

    def test_materials_within_the_hour(self):
        """BR-G2: what was received in time, late, or isn't received though its hour is over."""
        with freeze_time("2026-05-20 06:00:00"):
            version = self._publish(self.template.copy())
        receipts = version.sudo().receipt_ids
        with freeze_time("2026-05-20 06:30:00"):
            receipts.filtered(lambda receipt: receipt.branch_id == self.branch_a).with_user(
                self.branch_manager_a
            ).action_receive()
        with freeze_time(NOW):
            rows = {row["id"]: row for row in self._figures(self.clerk)["rows"]}
            self.assertEqual((rows[self.branch_a.id]["in_time"], rows[self.branch_a.id]["late"]), (1, 0))
            self.assertEqual((rows[self.branch_b.id]["in_time"], rows[self.branch_b.id]["late"]), (0, 1))

    @freeze_time(NOW)
    def test_sales_against_plan(self):
        """BR-16: sales per person and product against the plan; the branch's plan contains those of its people."""
        self.branch_a.warehouse_id = self.env["stock.warehouse"].create({"name": "Shop A", "code": "TWA"})
        plan = self.env["crm.sales.plan"].with_user(self.branch_manager_a)
        values = {"branch_id": self.branch_a.id, "month": "2026-05-03", "measure": "amount"}
        officer = self.service_officer_a
        plan.create([{**values, "target": 1000}, {**values, "user_id": officer.id, "target": 700}])
        plan.create({**values, "product_id": self.tariff.id, "measure": "quantity", "target": 9})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "user_id": officer.id,
                "order_line": [Command.create({"product_id": self.tariff.id, "product_uom_qty": 4, "price_unit": 50})],
            }
        )
        order.action_confirm()
        self.env.flush_all()
        figures = self._figures(self.branch_manager_a)
        self.assertEqual((figures["total"]["sold"], figures["total"]["planned"]), (200, 1000))
        self.assertEqual((figures["total"]["units"], figures["total"]["planned_units"]), (4, 9))
        (person,) = figures["people"]
        self.assertEqual((person["id"], person["sold"], person["planned"]), (officer.id, 200, 700))
        (product,) = figures["products"]
        self.assertEqual((product["id"], product["units"], product["planned_units"]), (self.tariff.id, 4, 9))
        self.assertEqual(self._figures(self.branch_manager_b)["people"], [])

    def test_contracts_waiting(self):
        """BR-5: contracts that wait are counted by where they wait, and open by a click."""
        self._sent()
        self._approved()
        self._submitted()
        self._signed()  # the last: a bundle takes along whatever is signed
        total = self._figures(self.branch_manager_a)["total"]
        self.assertEqual([total[state] for state in ("signed", "submitted", "approved", "sent")], [1, 1, 1, 1])
        action = self.env["crm.branch.dashboard"].with_user(self.branch_manager_a).action_open("sent")
        found = self.env["contract.contract"].with_user(self.branch_manager_a).search(action["domain"])
        self.assertEqual(found.mapped("approval_state"), ["sent"])

    @freeze_time(NOW)
    def test_what_is_counted_opens(self):
        """BR-16: each figure opens what it counts, of its month and branch."""
        dashboard = self.env["crm.branch.dashboard"].with_user(self.clerk)
        for what in ("won", "lost", "materials", "sales", "cash", "review", "signed", "submitted", "approved", "sent"):
            action = read(self, dashboard.action_open, what, "2026-05-01", self.branch_a.id)
            found = self.env[action["res_model"]].with_user(self.clerk).search(action["domain"])
            self.assertLessEqual(found.branch_id, self.branch_a, what)
        lost = dashboard.action_open("lost", date(2026, 5, 1), self.branch_b.id)
        self.assertEqual(self.env["crm.contract.analysis"].search_count(lost["domain"]), 3)

    @freeze_time(NOW)
    def test_queries_dont_grow_with_branches(self):
        """BR-16: the queries are the same for one branch and for all."""
        self._figures(self.clerk)
        counts = []
        for branch in (self.branch_a.id, False):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._figures(self.clerk, False, branch)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)


@tagged("post_install", "-at_install")
class TestDashboardScreen(DashboardCase, HttpCase):
    def test_screen(self):
        """BR-G3: a manager opens the dashboard and clicks on who was lost."""
        self._lose(self._day(day=1) if self._today().day > 1 else self._day(days=-1))
        self.browser_js(
            "/odoo/branch-dashboard",
            SHOWN,
            "document.querySelector('.o_crm_branch_lost') !== null",
            login=self.branch_manager_a.login,
        )
