import contextlib
import threading
from datetime import timedelta

import psycopg2

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_sop_sales.models.crm_imei_hold_take import LOCK_SPACE

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestHold(PhoneShopCase):
    def _held(self, order):
        return order.hold_ids.filtered(lambda hold: hold.state == "held").lot_id

    def test_submission_holds_the_oldest_units(self):
        """SOP-3c1, SOP-4b: as many units as ordered are held, oldest stock first."""
        new = self._create_units(self.phone, 3, in_date=fields.Datetime.now())
        old = self._create_units(self.phone, 2, in_date=fields.Datetime.now() - timedelta(days=9))
        order = self._create_order(3)
        order.action_submit()
        self.assertEqual(self._held(order), old + new[0])
        self.assertEqual(order.order_line.lot_ids, old + new[0])

    def test_short_stock_says_of_what_and_how_many(self):
        """SOP-3c1: short stock refuses the submission, says by how many, and holds nothing."""
        self._create_units(self.phone, 2)
        order = self._create_order(5)
        with self.assertRaisesRegex(UserError, "Phone One.*3 of 5 units are missing"):
            order.action_submit()
        self.assertEqual(order.approval_state, "draft")
        self.assertFalse(order.hold_ids)

    def test_units_of_another_order_are_not_taken(self):
        """SOP-4b: one IMEI is never held twice."""
        self._create_units(self.phone, 3)
        first, second = self._create_order(2), self._create_order(2)
        first.action_submit()
        with self.assertRaisesRegex(UserError, "1 of 2 units"):
            second.action_submit()

    def test_the_database_refuses_a_second_hold(self):
        """SOP-4b: even code that forgets to ask can't hold a unit twice."""
        self._create_units(self.phone, 2)
        order, other = self._create_order(1), self._create_order(1)
        order.action_submit()
        lot = self._held(order)
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["crm.imei.hold"]._hold({other.order_line: lot.ids})
            self.env.flush_all()

    def test_two_lines_of_one_product_get_different_units(self):
        """SOP-4b: two lines of one order never share a unit."""
        lots = self._create_units(self.phone, 3)
        order = self._create_order(1)
        order.order_line = [Command.create({"product_id": self.phone.id, "product_uom_qty": 2})]
        order.action_submit()
        self.assertEqual(self._held(order), lots)

    def test_picked_units_are_held_first(self):
        """SOP-4b: the officer may pick the IMEIs."""
        lots = self._create_units(self.phone, 4)
        order = self._create_order(2)
        order.order_line.wanted_lot_ids = lots[3]
        order.action_submit()
        self.assertEqual(self._held(order), lots[3] + lots[0])

    def test_a_picked_unit_that_is_held_is_refused_by_name(self):
        """SOP-4b: an IMEI on another live order can't be picked."""
        lots = self._create_units(self.phone, 2)
        self._create_approved(1)
        order = self._create_order(1)
        order.order_line.wanted_lot_ids = lots[0]
        with self.assertRaisesRegex(UserError, lots[0].name):
            order.action_submit()

    def test_a_unit_elsewhere_is_refused(self):
        """SOP-4b: an IMEI at another branch can't be picked, and doesn't count as stock."""
        elsewhere = self.env["stock.warehouse"].create({"name": "Depok", "code": "DPK"})
        lot = self._create_units(self.phone, 1, elsewhere.lot_stock_id)
        order = self._create_order(1)
        with self.assertRaisesRegex(UserError, "1 of 1 units are missing"):
            order.action_submit()
        order.order_line.wanted_lot_ids = lot
        with self.assertRaisesRegex(UserError, lot.name):
            order.action_submit()

    def test_half_a_phone_is_refused(self):
        self._create_units(self.phone, 2)
        order = self._create_order(1.5)
        with self.assertRaisesRegex(UserError, "whole units"):
            order.action_submit()

    def test_cancelling_gives_units_back(self):
        self._create_units(self.phone, 1)
        order = self._create_approved(1)
        order.action_confirm()
        self._cancel(order)
        self.assertEqual(order.hold_ids.mapped("state"), ["released"])
        self.assertEqual(order.hold_ids.end_reason, "cancelled")
        self._create_order(1).action_submit()

    def test_expiry_gives_units_back_and_keeps_approved_ones(self):
        """A hold that nobody approves expires; one that is approved stays."""
        self._create_units(self.phone, 2)
        approved, waiting = self._create_approved(1), self._create_order(1)
        waiting.action_submit()
        waiting.hold_ids.sudo().expires_at = fields.Datetime.now() - timedelta(minutes=1)
        with self.enter_registry_test_mode():
            self.env.ref("crm_sop_sales.crm_imei_hold_cron_expire").method_direct_trigger()
        self.assertEqual(approved.hold_ids.state, "held")
        self.assertEqual((waiting.hold_ids.state, waiting.hold_ids.end_reason), ("released", "expired"))
        self.assertEqual(waiting.approval_state, "draft")

    def test_units_of_a_rejected_order_expire_too(self):
        """What was rejected or unlocked keeps its units for a time only, and keeps no other order from expiring."""
        self._create_units(self.phone, 3)
        rejected, unlocked, waiting = self._create_order(1), self._create_approved(1), self._create_order(1)
        (rejected + waiting).action_submit()
        rejected.with_user(self.manager)._workflow_do("reject", "too dear")
        unlocked.with_user(self.manager)._workflow_do("unlock", "too dear")
        orders = rejected + unlocked + waiting
        self.assertTrue(all(orders.hold_ids.mapped("expires_at")))
        orders.hold_ids.sudo().expires_at = fields.Datetime.now() - timedelta(minutes=1)
        with self.enter_registry_test_mode():
            self.env.ref("crm_sop_sales.crm_imei_hold_cron_expire").method_direct_trigger()
        self.assertEqual(set(orders.hold_ids.mapped("end_reason")), {"expired"})
        self.assertEqual(set(orders.mapped("approval_state")), {"draft"})

    def test_resubmitting_gives_the_whole_time_again(self):
        """Units that the order kept since an earlier submission don't expire at that one's time."""
        self._create_units(self.phone, 1)
        order = self._create_order(1)
        order.action_submit()
        order.with_user(self.manager)._workflow_do("reject", "too dear")
        order.hold_ids.sudo().expires_at = fields.Datetime.now() + timedelta(minutes=1)
        order.action_submit()
        self.assertGreater(order.hold_ids.expires_at, fields.Datetime.now() + timedelta(hours=23))

    def test_another_warehouse_holds_its_own_units(self):
        """SOP-3c1: what was held elsewhere is given back when the order moves to another warehouse."""
        order = self._create_order(1)
        near = self._create_units(self.phone, 1)
        order.action_submit()
        order.with_user(self.manager)._workflow_do("reject", "they are in Depok")
        order.warehouse_id = self.env["stock.warehouse"].create({"name": "Depok", "code": "DPK"})
        there = self._create_units(self.phone, 1, order.warehouse_id.lot_stock_id)
        order.action_submit()
        self.assertEqual(self._held(order), there)
        self.assertFalse(near.hold_ids.filtered(lambda hold: hold.state == "held"))

    def test_resubmitting_keeps_what_is_held(self):
        """Unlocking keeps the units; a smaller quantity gives the rest back, a larger one takes more."""
        lots = self._create_units(self.phone, 5)
        order = self._create_order(3)
        order.action_submit()
        order.with_user(self.manager)._workflow_do("unlock", "price mistyped")
        order.order_line.product_uom_qty = 2
        order.action_submit()
        self.assertEqual(self._held(order), lots[:2])
        order.with_user(self.manager)._workflow_do("unlock", "wants more")
        order.order_line.product_uom_qty = 4
        order.action_submit()
        self.assertEqual(self._held(order), lots[:4])

    def test_swapping_keeps_history_and_the_reservation(self):
        """SOP-4b: a swapped unit leaves the order for another one, in the delivery too, and history says so."""
        lots = self._create_units(self.phone, 3)
        order = self._create_approved(1)
        order.action_confirm()
        wizard = self.env["crm.imei.swap"].with_user(self.officer)
        wizard.create({"hold_id": order.hold_ids.id, "lot_id": lots[2].id, "reason": "sealed box"}).action_swap()
        self.assertEqual(order.hold_ids.mapped("state"), ["released", "held"])
        self.assertEqual(order.hold_ids[0].replaced_by_id, order.hold_ids[1])
        self.assertEqual(order.hold_ids[0].end_note, "sealed box")
        self.assertEqual(order.picking_ids.move_line_ids.lot_id, lots[2])
        self._deliver(order)
        self.assertEqual(order.order_line.lot_ids, lots[2])

    def test_free_quantity_leaves_out_held_units(self):
        """SOP-3a: what an order holds isn't told as available, before and after the delivery reserves it."""
        self._create_units(self.phone, 3)
        order = self._create_order(2)
        order.action_submit()
        self.assertEqual(self.phone.free_qty, 1)
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        self.phone.invalidate_recordset(["free_qty"])
        self.assertEqual(self.phone.free_qty, 1)

    def test_nobody_writes_holds(self):
        """Holds follow from orders; users have no right to write them."""
        self._create_units(self.phone, 1)
        order = self._create_order(1)
        order.action_submit()
        for user in (self.officer, self.manager, self.sales_manager, self.logistics):
            hold = order.hold_ids.with_user(user)
            for operation in ("create", "write", "unlink"):
                self.assertFalse(hold.has_access(operation), (user.login, operation))


@tagged("post_install", "-at_install")
class TestReservation(PhoneShopCase):
    def test_delivery_takes_those_very_units(self):
        """SOP-4b: reservation and delivery carry exactly the held units, whatever else is older in stock."""
        lots = self._create_units(self.phone, 4)
        order = self._create_order(2)
        order.order_line.wanted_lot_ids = lots[1] + lots[3]
        order.action_submit()
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        self.assertEqual(order.picking_ids.move_line_ids.lot_id, lots[1] + lots[3])
        self.assertEqual(order.picking_ids.state, "assigned")
        self._deliver(order)
        self.assertEqual(order.picking_ids.state, "done")
        self.assertEqual(order.hold_ids.mapped("state"), ["delivered", "delivered"])
        customer = self.env.ref("stock.stock_location_customers")
        quants = self.env["stock.quant"].search([("lot_id", "in", (lots[1] + lots[3]).ids), ("quantity", ">", 0)])
        self.assertEqual(quants.location_id, customer)

    def test_a_held_unit_cant_be_picked_for_another_delivery(self):
        """SOP-4b: plain Odoo lets a user pick a serial that another order has; here it is refused."""
        self._create_units(self.phone, 2)
        first, second = self._create_approved(1), self._create_approved(1)
        (first + second).action_confirm()
        line = second.picking_ids.move_line_ids.with_user(self.logistics)
        with self.assertRaisesRegex(UserError, f"held for order {first.name}"):
            line.lot_id = first.hold_ids.lot_id

    def test_a_free_unit_cant_be_slipped_into_a_delivery(self):
        """SOP-4b: what leaves is what the order holds: not even a free unit of the product replaces it silently."""
        lots = self._create_units(self.phone, 2)
        order = self._create_approved(1)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "Swap it on the order"):
            order.picking_ids.move_line_ids.with_user(self.logistics).lot_id = lots[1]

    def test_internal_transfers_leave_held_units_alone(self):
        """SOP-4b: a transfer that takes any unit takes a free one; where none is free it waits."""
        lots = self._create_units(self.phone, 2)
        order = self._create_order(1)
        order.action_submit()
        move = self._create_transfer(2)
        self.assertEqual(move.move_line_ids.lot_id, lots[1])
        self.assertEqual(move.state, "partially_available")
        with self.assertRaisesRegex(UserError, order.name):
            move.move_line_ids = [Command.create({**move._prepare_move_line_vals(1), "lot_id": lots[0].id})]

    def _create_transfer(self, quantity):
        picking_type = self.warehouse.int_type_id
        shelf = self.env["stock.location"].create({"name": "Window", "location_id": self.location.id})
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": picking_type.id,
                "location_id": self.location.id,
                "location_dest_id": shelf.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.phone.id,
                            "product_uom_qty": quantity,
                            "location_id": self.location.id,
                            "location_dest_id": shelf.id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.action_assign()
        return picking.move_ids

    def test_unreserve_and_reserve_again_gives_the_same_units(self):
        """SOP-4b: the promise doesn't depend on the reservation."""
        self._create_units(self.phone, 5)
        order = self._create_approved(2)
        order.action_confirm()
        held = order.hold_ids.lot_id
        order.picking_ids.do_unreserve()
        self.assertFalse(order.picking_ids.move_line_ids)
        order.picking_ids.action_assign()
        self.assertEqual(order.picking_ids.move_line_ids.lot_id, held)

    def test_partial_delivery_and_backorder(self):
        """SOP-4b: what is left for later is still held for the same order."""
        self._create_units(self.phone, 3)
        order = self._create_approved(3)
        order.action_confirm()
        held = order.hold_ids.lot_id
        picking = order.picking_ids
        picking.move_line_ids[2].unlink()
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        backorder = order.picking_ids - picking
        self.assertEqual(order.hold_ids.mapped("state"), ["delivered", "delivered", "held"])
        backorder.action_assign()
        self.assertEqual(backorder.move_line_ids.lot_id, held[2])

    def test_what_is_not_delivered_is_given_back(self):
        """SOP-4b: without a backorder, nothing is held for ever."""
        self._create_units(self.phone, 3)
        order = self._create_approved(3)
        order.action_confirm()
        picking = order.picking_ids.with_user(self.manager)
        picking.move_line_ids[2].unlink()
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True, picking_ids_not_to_backorder=picking.ids).button_validate()
        self.assertEqual(order.hold_ids.mapped("state"), ["delivered", "delivered", "released"])

    def test_cancelled_half_way_holds_what_is_left(self):
        """SOP-4b: an order from before there were cancellation forms, cancelled after a part of it was delivered, holds
        only the rest when it comes back.
        """
        self._create_units(self.phone, 5)
        order = self._create_approved(3)
        order.action_confirm()
        picking = order.picking_ids
        picking.move_line_ids[2].unlink()
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        order._cancel_by_form()
        order.action_draft()
        order.action_submit()
        self.assertEqual(order.hold_ids.mapped("state"), ["delivered", "delivered", "released", "held"])

    def test_a_unit_isnt_exchanged_after_the_delivery(self):
        """SOP-4b: nor by editing the done transfer."""
        lots = self._create_units(self.phone, 2)
        order = self._create_approved(1)
        order.action_confirm()
        self._deliver(order)
        with self.assertRaisesRegex(UserError, "Swap it on the order"):
            order.picking_ids.move_line_ids.with_user(self.logistics).lot_id = lots[1]

    def test_no_unit_is_added_to_a_delivery(self):
        """SOP-4b: a unit that the order doesn't hold isn't loaded as a product of its own either."""
        lots = self._create_units(self.phone, 2)
        order = self._create_approved(1)
        order.action_confirm()
        picking = order.picking_ids.with_user(self.logistics)
        places = {"location_id": picking.location_id.id, "location_dest_id": picking.location_dest_id.id}
        unit = {"product_id": self.phone.id, "product_uom_qty": 1, "lot_ids": [Command.set(lots[1].ids)], **places}
        picking.move_ids = [Command.create(unit)]
        picking.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "Swap it on the order"):
            picking.button_validate()

    def test_only_what_came_back_is_taken_to_the_customer_again(self):
        """SOP-4b: the return of a return carries the unit of the return, and calling a delivery one changes nothing."""
        lots = self._create_units(self.phone, 3)
        order, other = self._create_approved(1), self._create_approved(1)
        (order + other).action_confirm()
        self._deliver(order)
        back = self._return(order.picking_ids)
        back.move_ids.picked = True
        back.button_validate()
        again = self._return(back)
        self.assertEqual(again.move_line_ids.lot_id, lots[0])
        with self.assertRaisesRegex(UserError, "Swap it on the order"), self.cr.savepoint():
            again.move_line_ids.lot_id = lots[2]
        again.move_ids.picked = True
        again.button_validate()
        self.assertEqual(again.state, "done")
        move = other.picking_ids.move_ids.with_user(self.logistics)
        move.origin_returned_move_id = move
        with self.assertRaisesRegex(UserError, "Swap it on the order"):
            move.move_line_ids.lot_id = lots[2]

    def _return(self, picking):
        wizard = self.env["stock.return.picking"].with_user(self.logistics).create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 1
        return wizard._create_return()

    def test_three_step_delivery(self):
        """SOP-4b: pick, pack and ship carry the same units."""
        self.warehouse.delivery_steps = "pick_pack_ship"
        self._create_units(self.phone, 3)
        order = self._create_approved(2)
        order.action_confirm()
        held = order.hold_ids.lot_id
        for _step in range(3):
            picking = order.picking_ids.filtered(lambda picking: picking.state == "assigned")
            self.assertEqual(picking.move_line_ids.lot_id, held)
            picking.move_ids.picked = True
            picking.button_validate()
        self.assertEqual(order.hold_ids.mapped("state"), ["delivered", "delivered"])

    def test_reserving_does_not_cost_queries_per_unit(self):
        """SOP-4b: holding and reserving 20 units takes no more queries than 5."""
        self._create_units(self.phone, 60)
        costs = []
        for quantity in (5, 5, 20):
            order = self._create_order(quantity)
            order.order_line.read()
            self.env.flush_all()
            before = self.cr.sql_log_count
            order.order_line._hold_units()
            self.env.flush_all()
            held = self.cr.sql_log_count - before
            order.action_submit()
            order.with_user(self.manager).action_approve()
            order.action_confirm()
            order.picking_ids.do_unreserve()
            self.env.flush_all()
            before = self.cr.sql_log_count
            order.picking_ids.action_assign()
            self.env.flush_all()
            costs.append((held, self.cr.sql_log_count - before))
        self.assertEqual(costs[1], costs[2])

    def test_holding_many_models_does_not_cost_queries_per_line(self):
        """SOP-4b: an order of 12 lines, of 12 models, is held with as many queries as one of 3."""
        phones = [self._create_phone(f"Model {number}", 2_000_000) for number in range(12)]
        for phone in phones:
            self._create_units(phone, 4)
        costs = []
        for count in (3, 3, 12):
            lines = [Command.create({"product_id": phone.id, "product_uom_qty": 1}) for phone in phones[:count]]
            order = self._create_order(order_line=lines)
            order.order_line.read()
            self.env.flush_all()
            before = self.cr.sql_log_count
            order.order_line._hold_units()
            self.env.flush_all()
            costs.append(self.cr.sql_log_count - before)
            self.assertEqual(len(order.hold_ids), count)
        self.assertEqual(costs[1], costs[2])

    def test_what_somebody_is_taking_is_waited_for(self):
        """SOP-3c1: nobody is told that stock is short while another order may leave the last unit, and then does."""
        lot = self._create_units(self.phone, 1)
        order = self._create_order(1)
        other = self.registry.cursor()
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, lot.id])
        waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s"

        def leave_it():
            with contextlib.closing(other):
                for _attempt in range(100_000):
                    other.execute(waiting, [lot.id])
                    if other.rowcount:
                        return

        leaver = threading.Thread(target=leave_it)
        leaver.start()
        self.addCleanup(leaver.join)
        order.action_submit()
        self.assertEqual(order.hold_ids.lot_id, lot)

    def test_a_picked_unit_is_waited_for_and_then_refused_by_name(self):
        """SOP-4b: what the customer picked isn't replaced silently because somebody is taking it at that moment."""
        lots = self._create_units(self.phone, 2)
        first, second = self._create_order(1), self._create_order(1)
        (first + second).order_line.wanted_lot_ids = lots[1]
        first.action_submit()
        with self.assertRaisesRegex(UserError, lots[1].name):
            second.action_submit()

    def test_what_was_just_delivered_is_not_held_again(self):
        """SOP-4b: one IMEI is never sold twice, not even within one transaction."""
        lots = self._create_units(self.phone, 2)
        order = self._create_approved(1)
        order.action_confirm()
        self._deliver(order)
        later = self._create_order(1)
        later.action_submit()
        self.assertEqual(later.hold_ids.lot_id, lots[1])
