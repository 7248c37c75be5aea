from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.sale_order_cancellation import CANCELLATION
from .test_order_review import ReviewCase


@tagged("post_install", "-at_install")
class TestStockIsThere(ReviewCase):
    def test_goods_without_serial_numbers_have_to_be_there(self):
        """SOP-3c1: short stock says so and by how many, summed over the order's lines, in the product's unit."""
        goods = self._create_goods(13)
        dozen = self.env.ref("uom.product_uom_dozen")
        lines = [{"product_uom_qty": 2}, {"product_uom_qty": 1, "product_uom_id": dozen.id}]
        lines = [Command.create({"product_id": goods.id, **line}) for line in lines]
        order = self._create_order(order_line=lines)
        with self.assertRaisesRegex(UserError, "Case: 1 of 14 units are missing"):
            order.action_submit()
        order.order_line[0].product_uom_qty = 1
        order.action_submit()
        self.assertEqual(order.approval_state, "to_approve")

    def test_reserved_goods_are_not_free(self):
        """SOP-3c1: what a confirmed order has reserved isn't there for another."""
        goods = self._create_goods(3)
        self._confirmed(2, product=goods)
        with self.assertRaisesRegex(UserError, "1 of 2 units are missing"):
            self._create_order(2, product=goods).action_submit()

    def test_the_orders_own_warehouse_counts(self):
        """SOP-3c1: stock elsewhere isn't there."""
        goods = self._create_goods(3)
        elsewhere = self.env["stock.warehouse"].create({"name": "Depok", "code": "DPK"})
        order = self._create_order(1, product=goods, warehouse_id=elsewhere.id)
        with self.assertRaisesRegex(UserError, "missing in Depok"):
            order.action_submit()

    def test_what_is_not_counted_is_not_checked(self):
        """SOP-3c1: services and consumables have no stock."""
        for values in ({"type": "service", "is_storable": False}, {"is_storable": False}):
            order = self._create_order(5, product=self._create_goods(0, **values))
            order.action_submit()
            self.assertEqual(order.approval_state, "to_approve")


@tagged("post_install", "-at_install")
class TestUnitsStayTrue(ReviewCase):
    def _swap(self, order, reason="sealed box"):
        free = self.env["stock.lot"].search([("product_id", "=", self.phone.id), ("hold_ids", "=", False)])
        wizard = self.env["crm.imei.swap"].with_user(self.officer)
        wizard.create({"hold_id": order.hold_ids[:1].id, "lot_id": free[:1].id, "reason": reason}).action_swap()

    def test_no_swap_after_the_pick(self):
        """SOP-4b: the unit that waits in the shipping area isn't exchanged on paper."""
        self.warehouse.delivery_steps = "pick_ship"
        order = self._confirmed(1)
        pick = order.picking_ids.filtered(lambda picking: picking.picking_type_id.code == "internal")
        lot = order.hold_ids.lot_id
        pick.move_ids.picked = True
        pick.with_user(self.logistics).button_validate()
        self.assertEqual(lot.location_id, self.warehouse.wh_output_stock_loc_id)
        with self.assertRaisesRegex(UserError, "has left the shelves"), self.cr.savepoint():
            self._swap(order)
        self.assertEqual((order.hold_ids.state, order.hold_ids.lot_id), ("held", lot))

    def test_a_swap_before_the_pick(self):
        """SOP-4b: while the unit is on its shelf, it is swapped in every step of the delivery."""
        self.warehouse.delivery_steps = "pick_ship"
        order = self._confirmed(1)
        self._swap(order)
        held = order.hold_ids.filtered(lambda hold: hold.state == "held").lot_id
        self.assertEqual(order.picking_ids.move_line_ids.lot_id, held)

    def test_a_swap_says_why(self):
        """SOP-4b: a blank isn't a reason."""
        order = self._confirmed(1)
        with self.assertRaisesRegex(UserError, "Say why"):
            self._swap(order, "   ")

    def test_what_is_delivered_and_invoiced_is_not_written(self):
        """SOP-4b, SOP-15: the quantity delivered follows from transfers, the invoices from invoicing."""
        order = self._confirmed(1)
        line = order.order_line.filtered(lambda line: line.product_id == self.phone)
        invoice = self._invoice(self._confirmed(1))
        other = invoice.invoice_line_ids[:1]
        for user in (self.officer, self.sales_manager):
            for name, value in (
                ("qty_delivered", 1),
                ("qty_delivered_method", "manual"),
                ("qty_invoiced", 1),
                ("invoice_lines", [Command.link(other.id)]),
                ("invoice_lines", [Command.set(other.ids)]),
            ):
                with self.assertRaisesRegex(UserError, "computed", msg=name):
                    line.with_user(user).write({name: value})
        line.write({"qty_delivered": 0, "qty_delivered_method": "stock_move"})
        with self.assertRaises(UserError):
            self._create_order(order_line=[Command.create({"product_id": self.phone.id, "qty_delivered": 1})])
        with self.assertRaises(UserError):
            self._create_order(order_line=[Command.create({"product_id": self.phone.id, "invoice_lines": other.ids})])
        self._deliver(order)
        self.assertEqual(line.qty_delivered, 1)

    def test_nor_does_it_come_by_a_default(self):
        """SOP-4a, SOP-4b: totals and quantities delivered aren't taken from the context either."""
        orders = self.env["sale.order"].with_user(self.officer)
        defaults = {"price_total": 1, "qty_invoiced": 1, "qty_delivered": 1, "qty_delivered_method": "manual"}
        defaults |= {"amount_total": 1, "locked_total": 1}
        orders = orders.with_context(**{f"default_{name}": value for name, value in defaults.items()})
        line = {"product_id": self.phone.id}
        order = orders.create({"partner_id": self.partner.id, "order_line": [Command.create(line)]})
        line = order.order_line.with_env(self.env)
        self.assertEqual((line.price_total, line.qty_invoiced, line.qty_delivered), (3_000_000, 0, 0))
        self.assertEqual((line.qty_delivered_method, order.locked_total), ("stock_move", 0))
        self.assertEqual(order.amount_total, 3_000_000)

    def test_of_services_the_quantity_is_said(self):
        """SOP-15: what no transfer delivers, somebody says."""
        service = self._create_goods(0, type="service", is_storable=False, invoice_policy="delivery")
        order = self._confirmed(1, product=service)
        order.order_line.qty_delivered = 1
        self.assertEqual(order.order_line.qty_to_invoice, 1)

    def test_the_product_stays_what_is_held(self):
        """SOP-4b: while units are held, they stay units of that product, known by their number."""
        order = self._create_order(2)
        order.action_submit()
        for values in ({"tracking": "lot"}, {"tracking": "none"}, {"is_storable": False}, {"type": "service"}):
            for product in (self.phone, self.phone.product_tmpl_id):
                with self.assertRaisesRegex(UserError, rf"hold units of Phone One \(2\): {order.name}"):
                    product.write(values)
        with self.assertRaisesRegex(UserError, f"hold units.*{order.name}"):
            order.hold_ids[0].lot_id.with_env(self.env).product_id = self._create_phone("Another", 1)
        self.phone.write({"tracking": "serial", "name": "Phone 1"})
        self._cancel(order)
        self.phone.tracking = "lot"
        self.assertEqual(self.phone.tracking, "lot")

    def test_history_is_not_deleted(self):
        """SOP-4b: an order that ever held units is cancelled, not deleted, whoever asks and with whatever context."""
        order = self._create_order(1)
        order.action_submit()
        order.with_user(self.manager)._workflow_do("reject", "no")
        for user in (self.sales_manager, self.env.user):
            with self.assertRaisesRegex(UserError, "cancel instead"):
                order.with_user(user).with_context(_force_unlink=True, module_uninstall=True).unlink()
        self.assertTrue(order.hold_ids)
        self._create_order(1).with_user(self.sales_manager).unlink()

    def test_an_order_of_which_nothing_comes(self):
        """SOP-15: where every transfer was cancelled and nothing is invoiced, the order doesn't stand in a queue."""
        order = self._confirmed(1)
        self.assertEqual(order.procedure_stage, "to_deliver")
        given_up = {"crm_sop_sales_cancellation": CANCELLATION}  # as before there were cancellation forms
        order.picking_ids.with_context(**given_up).action_cancel()
        self.assertEqual(order.procedure_stage, "cancelled")
        invoiced = self._confirmed(1)
        self._invoice(invoiced).action_post()
        invoiced.picking_ids.with_context(**given_up).action_cancel()
        self.assertEqual(invoiced.procedure_stage, "to_pay")

    def test_a_delivery_is_not_taken_from_its_order(self):
        """SOP-4b: goods that are on no order any more could go anywhere; so a transfer keeps the one that sold them."""
        goods = self._create_goods(3)
        order = self._confirmed(2, product=goods)
        picking = order.picking_ids.with_user(self.logistics)
        with self.assertRaisesRegex(UserError, "what .* sold"):
            picking.move_ids.sale_line_id = False
        with self.assertRaisesRegex(UserError, "what .* sold"):
            picking.write({"move_ids": [Command.update(picking.move_ids.id, {"sale_line_id": False})]})
        picking.move_ids.sale_line_id = order.order_line[0]
        self._deliver(order)
        self.assertEqual(order.order_line[0].qty_delivered, 2)
