from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .test_order_review import ReviewCase


@tagged("post_install", "-at_install")
class TestDeliveryStaysTrue(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own, cls.near = (
            cls.env.ref(f"crm_sop_sales.delivery_carrier_{name}") for name in ("own_courier", "service_near")
        )
        cls.near.fixed_price = 25_000
        cls.env.company.country_id = cls.env.ref("base.id")
        cls.depok = {"city": "Depok", "state_id": cls.env.ref("base.state_id_jb").id}

    def test_an_address_that_moves_after_the_lock(self):
        """SOP-5b: the charge comes from the address: a new one asks for a new submission, at approval and after."""
        order = self._create_order(1)
        order.action_submit()
        jakarta = {name: self.partner[name] for name in ("city", "state_id")}
        self.partner.write(self.depok)
        with self.assertRaisesRegex(UserError, "(?s)address has changed.*submit it again") as refusal:
            order.with_user(self.manager).action_approve()
        self.assertIn(self.near.name, str(refusal.exception))
        self.partner.write(jakarta)
        order.with_user(self.manager).action_approve()
        self.partner.write(self.depok)
        with self.assertRaisesRegex(UserError, "address has changed"):
            order.action_confirm()
        order.with_user(self.manager)._workflow_do("unlock", "moved")
        order.action_submit()
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        self.assertEqual((order.carrier_id, order.amount_total - 3_000_000), (self.near, 25_000))

    def test_an_address_that_lost_what_decides(self):
        """SOP-5b: nor is an address accepted from which nothing follows any more."""
        order = self._create_order(1)
        order.action_submit()
        self.partner.state_id = False
        with self.assertRaisesRegex(UserError, "has no State"):
            order.with_user(self.manager).action_approve()

    def test_an_address_written_otherwise(self):
        """SOP-5b: a correction after which method and charge are the same is none of the lock's business."""
        self.partner.write(self.depok)
        order = self._create_order(1)
        order.action_submit()
        self.partner.write({"city": "Kota Depok", "street": "Jl. Margonda 7", "zip": "16424"})
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_delivery_of_another_branch(self):
        """SOP-5b: who may see a delivery sees what is in it, where its order is another branch's too."""
        self.partner.write(self.depok)
        order = self._create_order(1)
        order.action_submit()
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        elsewhere = self.env["crm.branch"].create({"name": "Elsewhere", "code": "ELSE"})
        order._write({"branch_id": elsewhere.id})
        self.env.invalidate_all()
        storekeeper = new_test_user(self.env, "storekeeper", "stock.group_stock_user,sales_team.group_sale_salesman")
        move = order.picking_ids.move_ids[0].with_user(storekeeper)
        with self.assertRaises(AccessError):
            move.sale_line_id.read(["name"])
        shown = move.web_read({"product_id": {}, "description_picking": {}})
        self.assertEqual(shown[0]["product_id"], order.order_line[0].product_id.id)

    def test_a_tariff_that_changes_after_the_lock(self):
        """SOP-4a: a new tariff doesn't touch the order."""
        self.partner.write(self.depok)
        order = self._create_order(1)
        order.action_submit()
        self.near.fixed_price = 99_000
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        self.assertEqual(order.amount_total, 3_025_000)

    def test_charges_are_known_before_shipping(self):
        """SOP-4a, SOP-5b: addresses choose no method that charges what shipping has cost, and no order takes one."""
        with self.assertRaisesRegex(ValidationError, "nobody knows"):
            self.near.invoice_policy = "real"
        by_hand = self.near.copy({"choice": "hand", "invoice_policy": "real", "country_ids": False})
        self.env["delivery.carrier"].search([("choice", "=", "address")]).active = False
        order = self._create_order(1)
        order.set_delivery_line(by_hand, 0)
        with self.assertRaisesRegex(UserError, "nobody knows"):
            order.action_submit()

    def test_shipping_adds_nothing_to_a_locked_order(self):
        """SOP-4a: what shipping has cost is the shop's, whatever method logistics has put on the transfer."""
        self.partner.write(self.depok)
        order = self._confirmed(1)
        real = self.near.copy({"choice": "hand", "invoice_policy": "real", "fixed_price": 80_000})
        picking = order.picking_ids
        picking.write({"carrier_id": real.id, "carrier_price": 80_000})
        picking._add_delivery_cost_to_so()
        self.assertEqual((order.amount_total, order.locked_total), (3_025_000, 3_025_000))
        self._deliver(order)
        self.assertEqual((picking.state, order.amount_total), ("done", 3_025_000))

    def test_the_destination_is_the_customer(self):
        """SOP-4b: logistics doesn't send what was sold to a place of its own, by transfer, move or unit."""
        order = self._confirmed(1)
        picking = order.with_user(self.logistics).picking_ids
        shelf = self.env["stock.location"].create({"name": "Shelf", "location_id": self.location.id})
        for record in (picking, picking.move_ids, picking.move_line_ids):
            for place in (shelf, self.env.ref("stock.stock_location_inter_company").copy({"usage": "inventory"})):
                with self.assertRaisesRegex(UserError, "on its way to the customer", msg=record), self.cr.savepoint():
                    record.write({"location_dest_id": place.id})
        unit = picking.move_line_ids
        vals = {"lot_id": unit.lot_id.id, "move_id": unit.move_id.id, "location_dest_id": shelf.id, "quantity": 1}
        with self.assertRaisesRegex(UserError, "on its way to the customer"):
            unit.create({**vals, "picking_id": picking.id, "product_id": self.phone.id})
        self.env.cr.execute("UPDATE stock_move_line SET location_dest_id = %s WHERE id = %s", (shelf.id, unit.id))
        unit.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "on its way to the customer"):
            self._deliver(order)

    def test_steps_within_the_warehouse(self):
        """SOP-4b: what is picked goes to the shipping area, to any shelf in it, and to no other place."""
        self.warehouse.delivery_steps = "pick_ship"
        order = self._confirmed(1)
        pick = order.picking_ids.filtered(lambda picking: picking.picking_type_id.code == "internal")
        output = self.warehouse.wh_output_stock_loc_id
        shelf = self.env["stock.location"].create({"name": "Bench", "location_id": output.id})
        pick.move_line_ids.location_dest_id = shelf
        self.assertEqual(pick.move_line_ids.location_dest_id, shelf)
        elsewhere = output.copy({"name": "Elsewhere"})
        for record in (pick, pick.move_ids, pick.move_line_ids):
            with self.assertRaisesRegex(UserError, "on its way to the customer", msg=record), self.cr.savepoint():
                record.write({"location_dest_id": elsewhere.id})
        kind = self.warehouse.int_type_id
        with self.assertRaisesRegex(UserError, "on its way to the customer"):
            pick.picking_type_id = kind
