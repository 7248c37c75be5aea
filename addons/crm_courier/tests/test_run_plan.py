from datetime import datetime

import psycopg2

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import CourierCase


class TestRunPlan(CourierCase):
    """A run is planned: which deliveries, in which order; Odoo's own batches stay what they are."""

    def test_stops_follow_transfers_and_transfers_stops(self):
        """SOP-13c: deliveries come onto a run by its list of stops or by Odoo's own batch field, and leave likewise."""
        first, second = self._create_delivery(), self._create_delivery()
        run = self._create_run(first)
        self.assertEqual(first.batch_id, run)
        second.with_user(self.logistics).batch_id = run
        self.assertEqual(run.stop_ids.picking_id, first | second)
        self.assertEqual(second.courier_run_id, run)
        first.with_user(self.logistics).batch_id = False
        self.assertEqual(run.stop_ids.picking_id, second)
        run.stop_ids.with_user(self.logistics).unlink()
        self.assertFalse(second.batch_id)

    def test_deliveries_wait_to_be_planned(self):
        """SOP-5a: what goes by our own courier and is ready waits on a list until it is on a run."""
        carrier = self.env["delivery.carrier"].search([("is_own_courier", "=", True)], limit=1)
        self.assertTrue(carrier, "the procedure's own courier is marked as such")
        picking = self._create_delivery()
        picking.carrier_id = carrier
        waiting = [("waits_for_courier", "=", True), ("id", "=", picking.id)]
        self.assertTrue(self.env["stock.picking"].search(waiting))
        self.assertTrue(picking.waits_for_courier)
        action = picking.with_user(self.logistics).action_plan_run()
        run = self.env["stock.picking.batch"].browse(action["res_id"])
        self.assertEqual(run.stop_ids.picking_id, picking)
        self.assertFalse(self.env["stock.picking"].search(waiting))

    def test_no_batch_or_wave_by_itself(self):
        """SOP-13c: what our own courier takes waits for a run where Odoo makes batches and waves by itself."""
        self.kind.write({"auto_batch": True, "batch_group_by_partner": True, "wave_group_by_product": True})
        picking = self._create_delivery()
        self.assertTrue(picking.carrier_id.is_own_courier)
        self.assertFalse(picking.batch_id)
        picking.move_line_ids._auto_wave()
        self.assertTrue(picking.waits_for_courier)
        self.assertFalse(picking.batch_id)

    def test_one_live_run(self):
        """SOP-7: a delivery is on one live run; the database says so too."""
        picking = self._create_delivery()
        run, other = self._create_run(picking), self._create_run()
        picking.batch_id = other
        self.assertFalse(run.stop_ids)
        self.assertEqual(other.stop_ids.picking_id, picking)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation), self.cr.savepoint():
            stop = other.stop_ids
            self.cr.execute(
                "INSERT INTO crm_courier_stop (run_id, picking_id, is_live) VALUES (%s, %s, TRUE)",
                [run.id, stop.picking_id.id],
            )

    def test_only_deliveries_of_the_warehouse(self):
        """SOP-13c: receipts, and transfers that aren't ready for it, can't come onto a run."""
        receipt = self._create_receipt((self.case, 1))
        with self.assertRaises(UserError):
            self._create_run(receipt)
        with self.assertRaises(ValidationError):
            self._create_run(picking_type_id=self.warehouse.in_type_id.id)

    def test_courier_has_the_role(self):
        with self.assertRaisesRegex(ValidationError, "no courier"):
            self._create_run(courier=self.logistics)

    def test_day_is_the_branchs(self):
        """SOP-13c: the day of a run is that of its branch's clock."""
        run = self._create_run(starts_at=datetime(2026, 3, 1, 17, 30), ends_at=datetime(2026, 3, 1, 20))
        self.assertEqual(str(run.run_day), "2026-03-02")
        self.branch.tz = "Europe/Warsaw"
        self.assertEqual(str(run.run_day), "2026-03-01")

    def test_amounts(self):
        """SOP-13c: a stop is worth what the customer pays for its goods, and collects what is still owed."""
        run = self._create_run(self._create_delivery(2, cases=3))
        self.assertEqual(run.stop_value, 6_300_000)
        self.assertEqual(run.cash_to_collect, 6_300_000)
        self.assertEqual((run.stop_count, run.unit_count), (1, 5))

    def test_paid_order_collects_nothing(self):
        """SOP-13c: what is paid in advance isn't collected at the door."""
        picking = self._create_delivery()
        bank = [("type", "=", "bank"), ("company_id", "=", self.env.company.id)]
        journal = self.env["account.journal"].search(bank, limit=1)
        order = picking.sale_id.with_user(self.accountant)
        order._receive_transfer(1_000_000, fields.Date.today(), journal.with_user(self.accountant))
        self.assertEqual(self._create_run(picking).cash_to_collect, 2_000_000)

    def test_odoos_batches_stay(self):
        """SOP-13c: a batch that is no run keeps Odoo's buttons and states, and has none of ours."""
        picking = self._create_delivery()
        batch = (
            self.env["stock.picking.batch"]
            .with_user(self.logistics)
            .create({"picking_type_id": self.kind.id, "picking_ids": [Command.link(picking.id)]})
        )
        self.assertFalse(batch.stop_ids)
        batch.action_confirm()
        self.assertEqual(batch.state, "in_progress")
        with self.assertRaisesRegex(UserError, "warehouse batch"):
            batch.with_user(self.pic).action_review()
        picking.move_ids.picked = True
        batch.action_done()
        self.assertEqual((batch.state, picking.state), ("done", "done"))

    def test_odoos_buttons_dont_move_runs(self):
        """SOP-13c: none of a batch's own buttons moves a run past its steps."""
        run = self._create_run(self._create_delivery()).with_user(self.logistics)
        for button in ("action_confirm", "action_done", "action_merge"):
            with self.assertRaisesRegex(UserError, "courier's run"):
                getattr(run, button)()
        self.assertEqual(run.action_cancel()["res_model"], "crm.workflow.reason")
        run.write({"state": "done"})
        self.assertEqual((run.run_state, run.state), ("planned", "draft"))

    def test_deleting(self):
        """SOP-13c: a planned run may be deleted, and its deliveries wait again; a reviewed one may not."""
        picking = self._create_delivery()
        run = self._create_run(picking)
        run.with_user(self.logistics).unlink()
        picking.invalidate_recordset()
        self.assertFalse(picking.batch_id)
        run = self._create_reviewed(picking)
        with self.assertRaises(UserError):
            run.with_user(self.logistics).unlink()
        with self.assertRaises(UserError):
            run.stop_ids.with_user(self.logistics).unlink()
