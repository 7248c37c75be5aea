from odoo.exceptions import UserError
from odoo.fields import Command

from odoo.addons.crm_sop_sales.tests.transfer_common import TransferCase

from .common import CourierCase


class TestRunTransfer(CourierCase, TransferCase):
    """SOP-11: goods that are paid by bank transfer get on a run with the proof, and leave with finance's word."""

    @classmethod
    def _create_waiting(cls, **values):
        order = cls._create_transfer_order(**values)
        picking = order.sudo().picking_ids.with_env(cls.env)
        picking.carrier_id = cls.env["delivery.carrier"].search([("is_own_courier", "=", True)], limit=1)
        picking.action_assign()
        return picking

    def test_no_proof_no_run(self):
        """SOP-11b: without a proof of transfer a delivery isn't offered, and gets on a run by no path."""
        picking = self._create_waiting()
        waiting = [("waits_for_courier", "=", True), ("id", "=", picking.id)]
        self.assertFalse(self.env["stock.picking"].search(waiting))
        self.assertFalse(picking.waits_for_courier)
        run = self._create_run()
        for attempt in (
            lambda: self._create_run(picking),
            lambda: picking.with_user(self.logistics).write({"batch_id": run.id}),
            lambda: picking.with_user(self.logistics).action_plan_run(),
            lambda: run.with_user(self.logistics).write({"picking_ids": [Command.link(picking.id)]}),
        ):
            with self.assertRaisesRegex(UserError, "no proof of transfer"), self.cr.savepoint():
                attempt()
        self.assertFalse(run.stop_ids)
        self._create_proof(picking.sale_id)
        self.assertTrue(self.env["stock.picking"].search(waiting))
        self.assertTrue(picking.waits_for_courier)
        self.assertEqual(self._create_run(picking).stop_ids.picking_id, picking)

    def test_no_proof_no_batch_by_itself(self):
        """SOP-11b: where Odoo batches deliveries by itself, a waiting one is left alone until there is a proof."""
        own = self.env["delivery.carrier"].search([("is_own_courier", "=", True)])
        own.is_own_courier = False
        self.kind.write({"auto_batch": True, "batch_group_by_partner": True})
        waiting, ready = self._create_transfer_order().sudo().picking_ids, self._create_delivery()
        self.assertTrue(ready.batch_id)
        self.assertFalse(waiting.batch_id)
        self.kind.wave_group_by_product = True
        waiting.move_line_ids._auto_wave()
        self.assertFalse(waiting.batch_id)
        self._create_proof(waiting.sale_id)
        waiting._find_auto_batch()
        self.assertTrue(waiting.batch_id)

    def test_only_confirmed_money_is_loaded(self):
        """SOP-11c: nothing is loaded before finance has confirmed the money; nothing is collected at the door."""
        picking = self._create_waiting()
        proof = self._create_proof(picking.sale_id)
        run = self._create_reviewed(picking, self._create_delivery())
        self.assertEqual(run.stop_ids.filtered(lambda stop: stop.picking_id == picking).to_collect, 0)
        with self.assertRaisesRegex(UserError, f"(?s){run.name}.*finance has confirmed"), self.cr.savepoint():
            self._load(run)
        self._confirm(proof)
        self._load(run)
        run.with_user(self.courier).action_leave()
        stop = run.stop_ids.filtered(lambda stop: stop.picking_id == picking)
        self.assertEqual((stop.to_collect, stop._needs_payment_proof()), (0, False))
        self._say(stop, "delivered", has_proof=True)
        self.assertEqual(picking.state, "done")

    def test_rejected_proof_stops_the_run(self):
        """SOP-11b: where finance rejects the proof after the run was planned, the committee can't release it."""
        picking = self._create_waiting()
        proof = self._create_proof(picking.sale_id)
        run = self._create_run(picking)
        proof.with_user(self.accountant)._workflow_do("reject", "Another customer's")
        with self.assertRaisesRegex(UserError, "no proof of transfer"):
            run.with_user(self.pic).action_review()

    def test_money_that_is_gone_again(self):
        """SOP-11c: a run that is loaded stays where the money that was confirmed isn't there any more."""
        picking = self._create_waiting()
        payment = self._confirm(self._create_proof(picking.sale_id))
        run = self._load(self._create_reviewed(picking))
        payment.sudo().action_draft()
        with self.assertRaisesRegex(UserError, "paid by bank transfer"):
            run.with_user(self.courier).action_leave()
