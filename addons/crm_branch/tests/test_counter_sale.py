import base64

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .shop_common import ShopCase


@tagged("post_install", "-at_install")
class TestCounterSale(ShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._stock(cls.router, cls.warehouse_a, 5)
        cls._stock(cls.router, cls.depot, 50)
        cls._stock(cls.case, cls.warehouse_b, 5)

    def _order(self, product=None, quantity=1, user=None, **values):
        line = {"product_id": (product or self.router).id, "product_uom_qty": quantity}
        orders = self.env["sale.order"].with_user(user or self.service_officer_a)
        return orders.create({"partner_id": self.customer.id, "order_line": [Command.create(line)], **values})

    def _on_hand(self, product, warehouse):
        return product.with_context(warehouse_id=warehouse.id).qty_available

    def test_own_stock_at_once(self):
        """BR-10: the officer sells from the stock of the branch and hands out at once."""
        order = self._order(quantity=2)
        self.assertEqual((order.warehouse_id, order.branch_id), (self.warehouse_a, self.branch_a))
        order.action_confirm()
        self.assertEqual(order.picking_ids.state, "done")
        self.assertEqual(order.order_line.qty_delivered, 2)
        self.assertEqual(self._on_hand(self.router, self.warehouse_a), 3)

    def test_not_in_stock(self):
        """BR-10: what the branch doesn't have isn't sold, whatever other warehouses have; the error says so."""
        for order in (self._order(quantity=6), self._order(self.case)):
            with self.assertRaisesRegex(UserError, "Only what is in the stock"):
                order.action_confirm()
        with self.assertRaisesRegex(UserError, "6 wanted, 5 in stock"):
            self._order(quantity=6).action_confirm()

    def test_last_one(self):
        """BR-10: what is promised to one customer isn't sold to the next."""
        self.company.counter_hand_out = False
        self._order(quantity=4).action_confirm()
        with self.assertRaisesRegex(UserError, "2 wanted, 1 in stock"):
            self._order(quantity=2).action_confirm()

    def test_state_by_rpc(self):
        """BR-10: no way round: not the state, not a line added to a confirmed order, not another route."""
        order = self._order(quantity=6)
        with self.assertRaises(UserError):
            order.write({"state": "sale"})
        with self.assertRaises(UserError):
            self._order(quantity=6, state="sale")
        order = self._order(quantity=5)
        order.action_confirm()
        line = {"order_id": order.id, "product_id": self.router.id, "product_uom_qty": 1}
        for change in (
            lambda: order.order_line.write({"product_uom_qty": 6}),
            lambda: self.env["sale.order.line"].with_user(self.service_officer_a).create(line),
        ):
            with self.assertRaises(UserError):
                change()
        route = self.env["stock.route"].create({"name": "Elsewhere", "sale_selectable": True})
        order = self._order(self.cable)
        order.order_line.route_ids = route
        with self.assertRaisesRegex(UserError, "route"):
            order.action_confirm()

    def test_other_warehouse(self):
        """BR-10: an officer doesn't sell from another branch's warehouse, nor in a colleague's name."""
        with self.assertRaisesRegex(ValidationError, "own stock"):
            self._order(warehouse_id=self.warehouse_b.id)
        order = self._order()
        with self.assertRaisesRegex(ValidationError, "own stock"):
            order.warehouse_id = self.depot
        with self.assertRaisesRegex(ValidationError, "own stock"):
            order.write({"user_id": self.manager_hq.id, "warehouse_id": self.depot.id})

    def test_setting(self):
        """BR-10: a company may let its officers sell what isn't there."""
        self.company.write({"counter_stock_only": False, "counter_hand_out": False})
        order = self._order(quantity=6)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertNotEqual(order.picking_ids.state, "done")

    def test_service_line(self):
        """BR-10: what has no stock is sold all the same."""
        service = self._create_products("Setting up", is_storable=False, type="service")
        order = self._order(service, 10)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_others_sell_as_before(self):
        """BR-10: the rule is that of the counter: other salespeople sell from any warehouse what is to come."""
        order = self._order(quantity=500, user=self.officer_a, warehouse_id=self.depot.id)
        order.action_confirm()
        self.assertEqual((order.state, order.is_counter_sale), ("sale", False))

    def test_serial_number_is_chosen(self):
        """BR-10: a unit with a serial number waits until the officer has chosen it, and is then handed out."""
        phone = self._create_products("Phone", tracking="serial")
        lot = self.env["stock.lot"].create({"name": "S1", "product_id": phone.id})
        self.env["stock.quant"]._update_available_quantity(phone, self.warehouse_a.lot_stock_id, 1, lot_id=lot)
        order = self._order(phone)
        order.action_confirm()
        self.assertTrue(order.waits_at_counter)
        shown = lot.with_user(self.service_officer_a).web_read({"name": {}, "purchase_order_count": {}})
        self.assertEqual(shown[0]["purchase_order_count"], 0, "purchases aren't the counter's, the unit's form is")
        picking = self.env["stock.picking"].with_user(self.service_officer_a).browse(order.action_hand_out()["res_id"])
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.move_line_ids.lot_id, lot)
        self.assertFalse(order.waits_at_counter)

    def test_no_warehouse(self):
        """BR-10: an officer whose branch has no warehouse is told what to do."""
        self.branch_a.warehouse_id = False
        order = self._order()
        with self.assertRaisesRegex(UserError, "no warehouse to sell from"):
            order.action_confirm()

    def test_instructions(self):
        """BR-10: the officer opens the instructions of a product from the order's line."""
        document = self.env["product.document"].create(
            {
                "name": "router.pdf",
                "datas": base64.b64encode(b"%PDF-1.4"),
                "res_model": "product.template",
                "res_id": self.router.product_tmpl_id.id,
                "is_instruction": True,
            }
        )
        line = self._order().order_line
        self.assertEqual((line.instruction_count, self.case.instruction_count), (1, 0))
        action = line.action_view_instructions()
        self.assertEqual(action["url"], f"/web/content/{document.ir_attachment_id.id}")
        document.copy()
        action = self.router.with_user(self.service_officer_a).action_view_instructions()
        self.assertEqual(self.env["product.document"].search_count(action["domain"]), 2)

    def test_branches_are_apart(self):
        """BR-16: a branch's manager sees the orders and figures of the branch, the headquarters those of all."""
        orders = self._order() + self._order(self.case, user=self.service_officer_b)
        self.env.flush_all()
        branches = ("branch_id", "in", (self.branch_a + self.branch_b).ids)
        for user, expected in ((self.branch_manager_a, self.branch_a), (self.clerk, self.branch_a + self.branch_b)):
            for model in ("sale.order", "sale.report"):
                self.assertEqual(self.env[model].with_user(user).search([branches]).branch_id, expected, model)
            lines = self.env["sale.order.line"].with_user(user).search([("order_id", "in", orders.ids)])
            self.assertEqual(lines.order_id.branch_id, expected)
        with self.assertRaises(AccessError):
            orders[1].with_user(self.branch_manager_a).read(["name"])
        with self.assertRaises(AccessError):
            orders[1].with_user(self.branch_manager_a).action_confirm()
