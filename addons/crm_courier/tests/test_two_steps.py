from odoo.exceptions import UserError
from odoo.fields import Command

from .damage_common import DamageCase


class TestTwoSteps(DamageCase):
    """A warehouse that picks before it ships delivers by couriers too, and replaces what is damaged."""

    steps = "pick_ship"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse.delivery_steps = cls.steps

    def _pick(self, order):
        """Do what is to be done in the warehouse before the shipment, until nothing of it is left."""
        for __ in range(3):
            order.invalidate_recordset()
            inside = order.sudo().picking_ids.filtered(
                lambda picking: picking.picking_type_code == "internal" and picking.state not in ("done", "cancel")
            )
            for picking in inside:
                picking.action_assign()
                picking.move_ids.picked = True
                picking.with_user(self.logistics).button_validate()

    def _create_shipment(self, phones=1, cases=0):
        self._create_units(self.phone, phones)
        lines = [Command.create({"product_id": self.phone.id, "product_uom_qty": phones})]
        if cases:
            lines.append(Command.create({"product_id": self.case.id, "product_uom_qty": cases}))
        order = (
            self.env["sale.order"].with_user(self.officer).create({"partner_id": self.partner.id, "order_line": lines})
        )
        order.action_submit()
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        self._pick(order)
        return self._shipments(order).with_env(self.env)

    def _shipments(self, order, *states):
        pickings = order.sudo().picking_ids.filtered(lambda picking: picking.picking_type_code == "outgoing")
        return pickings.filtered(lambda picking: picking.state in (states or ("assigned",)))

    def test_run(self):
        """SOP-7, SOP-13: a whole run: picked, reviewed, loaded, delivered, counted, closed."""
        shipment = self._create_shipment(2, cases=3)
        run = self._create_back(shipment)
        self.assertEqual(shipment.state, "done")
        self._count(run)
        run.with_user(self.officer).action_close()
        delivered = shipment.sale_id.order_line.mapped("qty_delivered")
        self.assertEqual((run.run_state, delivered[:2]), ("closed", [2, 3]))

    def _answer_damage(self, shipment, damaged):
        stop = self._create_on_road(shipment).stop_ids
        bad = stop.unit_ids.filtered("lot_id")[:damaged]
        for unit in bad:
            self._damage(unit)
        for unit in stop.unit_ids - bad:
            self._check(unit)
        self._create_units(self.phone, damaged)
        question = self._ask(stop)
        self._answer_dialog(question).action_answer()
        return question

    def test_one_of_two_is_replaced(self):
        """SOP-8c, SOP-9: one of two is damaged: its replacement is picked, and shipped after the exchange."""
        shipment = self._create_shipment(2, cases=1)
        question = self._answer_damage(shipment, 1)
        order, new = question.order_id, question.line_ids.new_lot_id
        self.assertEqual(question.state, "answered")
        self.assertIn(new, order.hold_ids.filtered(lambda hold: hold.state == "held").lot_id)
        self._bring_back(question, "partly")
        self.assertEqual(sum(order.order_line.mapped("qty_delivered")), 2)
        self._pick(order)
        again = self._shipments(order)
        self.assertEqual(again.move_line_ids.lot_id, new)
        self.assertEqual(question.delivery_ids.ids, again.ids)
        self.assertEqual(question.state, "answered")
        run = self._create_reviewed(again.with_env(self.env))
        with self.assertRaisesRegex(UserError, "isn't exchanged"), self.cr.savepoint():
            self._load(run)
        question.with_user(self.logistics).action_exchange()
        self.assertEqual(self._quantity_at(question.line_ids.lot_id, self.warehouse.quarantine_location_id), 1)
        self._load(run)
        run.with_user(self.courier).action_leave()
        self._say(run.stop_ids, "delivered")
        self.assertEqual((question.state, question.result), ("closed", "delivered"))
        self.assertEqual(order.order_line.mapped("qty_delivered")[:2], [2, 1])
        self.assertFalse(self._shipments(order, "draft", "waiting", "confirmed", "assigned"))

    def test_all_is_replaced(self):
        """SOP-8c: where all of it is damaged, nothing of the old shipment is left over."""
        shipment = self._create_shipment()
        question = self._answer_damage(shipment, 1)
        self._bring_back(question)
        question.with_user(self.logistics).action_exchange()
        self._pick(question.order_id)
        again = self._shipments(question.order_id)
        self.assertEqual(again.move_line_ids.lot_id, question.line_ids.new_lot_id)
        run = self._create_on_road(again.with_env(self.env))
        self._say(run.stop_ids, "delivered")
        self.assertEqual(question.state, "closed")
        self.assertFalse(self._shipments(question.order_id, "draft", "waiting", "confirmed", "assigned"))

    def test_found_later(self):
        """SOP-10: after “none” another one is found: it is picked and shipped too."""
        stop = self._create_on_road(self._create_shipment()).stop_ids
        self._damage(stop.unit_ids)
        question = self._ask(stop)
        self._answer_dialog(question).action_none()
        self._bring_back(question)
        question.with_user(self.logistics).action_exchange()
        self._create_units(self.phone, 1)
        self._answer_dialog(question).action_answer()
        self._pick(question.order_id)
        self.assertEqual(self._shipments(question.order_id).move_line_ids.lot_id, question.line_ids.new_lot_id)


class TestThreeSteps(TestTwoSteps):
    """And one that packs in between."""

    steps = "pick_pack_ship"
