from odoo import fields
from odoo.exceptions import AccessError, UserError

from .damage_common import DamageCase


class TestDamageQuarantine(DamageCase):
    """SOP-8b: what is damaged goes back, and can't be sold again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.question = cls._create_answered()
        cls.lot = cls.question.line_ids.lot_id
        cls.places = cls.warehouse.damaged_location_id, cls.warehouse.quarantine_location_id

    def _free(self, product=None):
        return (product or self.phone).with_context(warehouse_id=self.warehouse.id).free_qty

    def test_out_of_stock_at_once(self):
        """SOP-8b: from the answer on the damaged unit isn't stock: not counted, not held, not offered."""
        self.assertEqual(self._quantity_at(self.lot, self.places[0]), 1)
        self.assertEqual(self._quantity_at(self.lot, self.location), 0)
        self.assertEqual(self._free(), 0)
        self.assertEqual(self.phone.with_context(warehouse_id=self.warehouse.id).qty_available, 1)
        self.phone.invalidate_recordset()
        self.assertEqual(self.phone.qty_available, 1, "of the company neither")
        order = self._create_order()
        with self.assertRaisesRegex(UserError, "1 of 1 units are missing"):
            order.action_submit()
        picked = self._create_order()
        picked.order_line.wanted_lot_ids = self.lot
        with self.assertRaisesRegex(UserError, "not free"):
            picked.action_submit()

    def test_exchange(self):
        """SOP-8b, SOP-9: the warehouse takes the unit in when the run is back; who and when is the exchange."""
        with self.assertRaisesRegex(UserError, "still has the damaged goods"):
            self.question.with_user(self.logistics).action_exchange()
        self._bring_back(self.question)
        for user in (self.courier, self.officer, self.stranger):
            with self.assertRaises(AccessError):
                self.question.with_user(user).action_exchange()
        self.question.with_user(self.logistics).action_exchange()
        self.assertEqual(self._quantity_at(self.lot, self.places[1]), 1)
        self.assertEqual((self.question.state, self.question.exchanged_by_id), ("exchanged", self.logistics))
        self.assertTrue(self.question.exchanged_at)
        with self.assertRaisesRegex(UserError, "nothing is to be taken in"):
            self.question.with_user(self.logistics).action_exchange()

    def test_exchange_by_its_transfer(self):
        """SOP-8b: validating the transfer is the exchange as well, and only when the run is back."""
        transfer = self.question.exchange_ids.with_user(self.logistics)
        self.assertEqual(transfer.state, "assigned")
        self.assertEqual(transfer.move_line_ids.lot_id, self.lot)
        with self.assertRaisesRegex(UserError, "still has the damaged goods"), self.cr.savepoint():
            transfer.button_validate()
        self._bring_back(self.question)
        transfer.button_validate()
        self.assertEqual(self.question.state, "exchanged")

    def test_exchange_isnt_cancelled(self):
        """SOP-8b: nobody but a manager gives the exchange up, and even then the unit isn't stock."""
        self._bring_back(self.question)
        transfer = self.question.exchange_ids
        with self.assertRaisesRegex(UserError, "take it in"), self.cr.savepoint():
            transfer.with_user(self.logistics).action_cancel()
        transfer.with_user(self.logistics).do_unreserve()
        self.assertEqual(self._free(), 0)
        transfer.with_user(self.manager).sudo().action_cancel()
        self.assertEqual((self.question.state, self._free()), ("exchanged", 0))

    def _transfer(self, source, destination, user, lot=None):
        kind = self.warehouse.int_type_id
        move = {
            "product_id": self.phone.id,
            "product_uom_qty": 1,
            "location_id": source.id,
            "location_dest_id": destination.id,
        }
        transfer = (
            self.env["stock.picking"]
            .with_user(user)
            .create(
                {
                    "picking_type_id": kind.id,
                    "location_id": source.id,
                    "location_dest_id": destination.id,
                    "move_ids": [fields.Command.create(move)],
                }
            )
        )
        transfer.action_confirm()
        line = {**transfer.move_ids._prepare_move_line_vals(quantity=1), "lot_id": (lot or self.lot).id, "picked": True}
        transfer.move_ids.move_line_ids.unlink()
        self.env["stock.move.line"].with_user(user).create(line)
        return transfer

    def test_nothing_takes_it_out(self):
        """SOP-8b: no transfer, inventory count or context takes a unit out of quarantine; nor does a manager's."""
        self._bring_back(self.question)
        self.question.with_user(self.logistics).action_exchange()
        customers = self.env.ref("stock.stock_location_customers")
        for destination in (self.location, customers):
            with self.assertRaisesRegex(UserError, "in quarantine"), self.cr.savepoint():
                self._transfer(self.places[1], destination, self.logistics).button_validate()
        for said in (True, "STEP", {"a": 1}):
            with self.assertRaisesRegex(UserError, "in quarantine"), self.cr.savepoint():
                transfer = self._transfer(self.places[1], self.location, self.logistics)
                transfer.with_context(crm_courier_step=said).button_validate()
        with self.assertRaisesRegex(UserError, "in quarantine"), self.cr.savepoint():
            quant = self.env["stock.quant"].with_context(inventory_mode=True)
            values = {"product_id": self.phone.id, "location_id": self.location.id, "lot_id": self.lot.id}
            quant.create({**values, "inventory_quantity": 1}).action_apply_inventory()
        self.assertEqual(self._quantity_at(self.lot, self.places[1]), 1)

    def test_not_before_it_is_in(self):
        """SOP-8b: what is with the courier goes by its exchange only."""
        self._bring_back(self.question)
        with self.assertRaisesRegex(UserError, "in quarantine"), self.cr.savepoint():
            self.question.exchange_ids.do_unreserve()
            self._transfer(self.places[0], self.places[1], self.logistics).button_validate()

    def test_manager_releases(self):
        """SOP-8b: a manager takes it out again with a reason that stays on the unit; then it can be sold."""
        self._bring_back(self.question)
        quants = self.env["stock.quant"].search([("lot_id", "=", self.lot.id), ("quantity", ">", 0)])
        release = self.env["crm.courier.release"]
        with self.assertRaisesRegex(UserError, "isn't in quarantine"):
            release.with_user(self.manager).create({"quant_ids": quants.ids, "reason": "Fine"}).action_release()
        self.question.with_user(self.logistics).action_exchange()
        quants = self.env["stock.quant"].search([("lot_id", "=", self.lot.id), ("quantity", ">", 0)])
        action = self.env["stock.quant"].with_user(self.manager).action_view_quarantine()
        self.assertIn(quants, self.env["stock.quant"].search(action["domain"]))
        for user in (self.officer, self.logistics, self.courier):
            with self.assertRaises(AccessError):
                release.with_user(user).create({"quant_ids": quants.ids, "reason": "Fine"}).action_release()
        with self.assertRaisesRegex(UserError, "Say why"):
            release.with_user(self.manager).create({"quant_ids": quants.ids, "reason": "  "}).action_release()
        release.with_user(self.manager).create({"quant_ids": quants.ids, "reason": "Repaired"}).action_release()
        self.assertEqual(self._quantity_at(self.lot, self.location), 1)
        self.assertIn("Repaired", str(self.lot.message_ids.mapped("body")))
        order = self._create_order()
        order.action_submit()
        self.assertEqual(order.hold_ids.lot_id, self.lot)

    def test_every_warehouse_has_its_places(self):
        """SOP-8b: each warehouse has a quarantine of its own, beside its stock and not in it; once."""
        warehouse = self.env["stock.warehouse"].create({"name": "Second", "code": "SEC"})
        for place in (warehouse.quarantine_location_id, warehouse.damaged_location_id):
            self.assertFalse(place._child_of(warehouse.view_location_id))
            self.assertFalse(place in self.places)
        before = warehouse.quarantine_location_id
        self.env["stock.warehouse"]._create_all_quarantines()
        self.assertEqual(warehouse.quarantine_location_id, before)
