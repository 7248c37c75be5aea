import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError

from .common import CourierCase
from .damage_common import PHOTO

PDF = base64.b64encode(b"%PDF-1.4\n%%EOF").decode()


class TestCarrierProof(CourierCase):
    """SOP-5b: beyond Jakarta a third party delivers: with a reference, a cost and a proof."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.env.ref("crm_sop_sales.delivery_carrier_own_courier")
        cls.service = cls.env.ref("crm_sop_sales.delivery_carrier_service_near")
        cls.pickup = cls.env.ref("crm_sop_sales.delivery_carrier_pickup")
        (cls.own | cls.service | cls.pickup).active = True
        cls.today = fields.Date.context_today(cls.env["stock.picking"])

    def _create_sent(self, carrier=None):
        picking = self._create_delivery()
        picking.carrier_id = carrier or self.service
        picking.move_ids.picked = True
        picking.with_user(self.logistics).button_validate()
        return picking

    def _prove(self, picking, user=None, **values):
        picking = picking.with_user(user or self.logistics)
        action = picking.action_carrier_proof()
        dialog = picking.env[action["res_model"]].with_context(**action["context"])
        values = {"file": PDF, "file_name": "proof.pdf", "carrier_tracking_ref": "JNE-0815", **values}
        return dialog.create({"carrier_price": 21_500, **values}).action_confirm()

    def test_proof(self):
        """SOP-5b: the delivery is complete with the carrier's proof; reference and cost are on it; then CRM calls."""
        picking = self._create_sent()
        order = picking.sale_id
        self.assertEqual((picking.state, picking.carrier_proof_state), ("done", "waiting"))
        self.assertEqual(order.procedure_stage, "to_deliver")
        self.assertFalse(order.delivery_call_ids)
        with self.assertRaisesRegex(UserError, "isn't delivered yet"):
            order.with_user(self.officer).action_call_after_delivery()
        self._prove(picking)
        self.assertEqual((picking.carrier_proof_state, picking.arrived_on), ("received", self.today))
        self.assertEqual((picking.carrier_tracking_ref, picking.carrier_price), ("JNE-0815", 21_500))
        self.assertEqual(picking.proof_by_id, self.logistics)
        self.assertEqual(picking.carrier_proof_name, f"{picking.name.replace('/', '-')}.pdf")
        self.assertEqual(order.delivery_call_ids.state, "open")
        self.assertNotEqual(order.procedure_stage, "to_deliver")
        with self.assertRaisesRegex(UserError, "proof is there already"):
            self._prove(picking)

    def test_bad_proofs(self):
        """SOP-5b: no file, a file that only is called so, a day to come or before it left, a card's number."""
        picking = self._create_sent()
        svg = base64.b64encode(b"<svg onload='x'/>").decode()
        for values, message in (
            ({"file": svg, "file_name": "proof.pdf"}, "PDF, JPG or PNG|SVG"),
            ({"file": base64.b64encode(b"x").decode()}, "PDF, JPG or PNG"),
            ({"arrived_on": self.today + timedelta(days=2)}, "in the future"),
            ({"arrived_on": self.today - timedelta(days=9)}, "had not left"),
            ({"file_name": "4111111111111111.pdf"}, "card's number"),
        ):
            with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                self._prove(picking, **values)
        with self.assertRaisesRegex(UserError, "card's number"), self.cr.savepoint():
            self._prove(picking, carrier_tracking_ref="4111 1111 1111 1111")
        with self.assertRaisesRegex(ValidationError, "isn't negative"), self.cr.savepoint():
            self._prove(picking, carrier_price=-1)
        large = base64.b64encode(b"%PDF-" + b"x" * (10 * 2**20 + 1)).decode()
        with self.assertRaisesRegex(UserError, "larger than 10 MB"):
            picking.with_user(self.logistics)._receive_carrier_proof(large, "x.pdf", self.today)
        self.assertEqual(picking.carrier_proof_state, "waiting")
        self._prove(picking, file=PHOTO, file_name="signed.jpg")
        self.assertTrue(picking.carrier_proof_name.endswith(".jpg"))

    def test_only_what_is_with_a_carrier(self):
        """SOP-5b: own courier, pick-up and methods without proof wait for none, and are called about as before."""
        without = self.service.copy({"gives_proof": False})
        for carrier in (self.own, without):
            picking = self._create_sent(carrier)
            self.assertFalse(picking.carrier_proof_state)
            self.assertTrue(picking.sale_id.delivery_call_ids)
            with self.assertRaisesRegex(UserError, "isn't with a carrier"):
                picking.with_user(self.logistics).action_carrier_proof()
        self.assertFalse(self._create_sent(self.pickup).carrier_proof_state)
        picking = self._create_delivery()
        picking.carrier_id = self.service
        with self.assertRaisesRegex(UserError, "isn't with a carrier"):
            picking.with_user(self.logistics).action_carrier_proof()

    def test_not_on_a_run(self):
        """SOP-5b: what a third party delivers isn't put on our courier's run, by no path, nor given away on it."""
        theirs, ours = self._create_delivery(), self._create_delivery()
        theirs.carrier_id = self.service
        run = self._create_run(ours)
        with self.assertRaisesRegex(ValidationError, "not by our own courier"), self.cr.savepoint():
            self.env["crm.courier.stop"].with_user(self.logistics).create({"run_id": run.id, "picking_id": theirs.id})
        with self.assertRaisesRegex(ValidationError, "not by our own courier"), self.cr.savepoint():
            theirs.with_user(self.logistics).batch_id = run
        with self.assertRaisesRegex(ValidationError, "not by our own courier"), self.cr.savepoint():
            theirs.with_user(self.logistics).action_plan_run()
        with self.assertRaisesRegex(ValidationError, "not by our own courier"), self.cr.savepoint():
            ours.with_user(self.logistics).carrier_id = self.service
        ours.carrier_id = self.own
        self.assertFalse(theirs.waits_for_courier)

    def test_nobody_writes_it(self):
        """SOP-5b: the proof is entered by its step, by warehouse or CRM: not by RPC, at creation or by a courier."""
        picking = self._create_sent()
        for user in (self.logistics, self.env.user):
            for vals in (
                {"carrier_proof_state": "received"},
                {"carrier_proof": PDF},
                {"arrived_on": "2026-01-01"},
                {"proof_by_id": self.officer.id},
            ):
                with self.assertRaises(UserError):
                    picking.with_user(user).write(vals)
        with self.assertRaises(UserError):
            picking.copy({"carrier_proof_state": "received"})
        for user in (self.courier, self.accountant):
            with self.assertRaises(AccessError):
                picking.with_user(user).action_carrier_proof()
        self._prove(picking, self.officer)
        self.assertEqual(picking.proof_by_id, self.officer)
