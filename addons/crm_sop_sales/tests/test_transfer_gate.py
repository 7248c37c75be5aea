from odoo.exceptions import UserError

from .transfer_common import TransferCase


class TestTransferGate(TransferCase):
    """Goods that are paid by transfer wait, on every path of the warehouse."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_transfer_order()
        cls.picking = cls.order.with_user(cls.logistics).picking_ids
        cls.picking.action_assign()

    def _assert_not_prepared(self):
        picking = self.picking
        reports = self.env["ir.actions.report"].with_user(self.logistics)
        ways = {
            "pick a move": lambda: picking.move_ids.write({"picked": True}),
            "pick a unit": lambda: picking.move_line_ids.write({"picked": True}),
            "add a picked move": lambda: picking.move_ids.copy(
                {"picked": True, "sale_line_id": picking.move_ids.sale_line_id.id}
            ),
            "validate": picking.button_validate,
            "complete": lambda: picking.sudo()._action_done(),
            "complete moves": lambda: picking.move_ids.sudo()._action_done(),
            "print to pick": picking.do_print_picking,
            "slip": lambda: reports._render_qweb_html("stock.report_deliveryslip", picking.ids),
            "list": lambda: reports._render_qweb_html("stock.report_picking", picking.ids),
            "pack": picking.action_put_in_pack,
        }
        for name, way in ways.items():
            with (
                self.subTest(way=name),
                self.assertRaisesRegex(UserError, "no proof of transfer yet"),
                self.cr.savepoint(),
            ):
                way()

    def test_without_proof_nothing_is_prepared(self):
        """SOP-11b: picked, packed, printed or validated, by nobody; the units stay held."""
        self.assertEqual(self.picking.transfer_wait, "proof")
        self._assert_not_prepared()
        self.assertEqual(self.picking.move_line_ids.lot_id, self.order.hold_ids.lot_id)

    def test_a_rejected_proof_is_none(self):
        """SOP-11b: after the rejection the goods wait again."""
        self._create_proof(self.order).with_user(self.accountant)._workflow_do("reject", "Not readable")
        self._assert_not_prepared()

    def test_with_proof_prepared_but_not_leaving(self):
        """SOP-11c: they are picked and printed, and leave when finance has confirmed all of it."""
        proof = self._create_proof(self.order, amount=1_000_000)
        self.assertEqual(self.picking.transfer_wait, "finance")
        self.picking.move_ids.picked = True
        self.env["ir.actions.report"].with_user(self.logistics)._render_qweb_html(
            "stock.report_deliveryslip", self.picking.ids
        )
        for leave in (self.picking.button_validate, lambda: self.picking.move_ids.sudo()._action_done()):
            with self.assertRaisesRegex(UserError, "finance has confirmed"), self.cr.savepoint():
                leave()
        self._confirm(proof)
        self.assertEqual(self.picking.transfer_wait, "short")
        with self.assertRaisesRegex(UserError, "is missing"):
            self.picking.button_validate()
        self._confirm(self._create_proof(self.order, amount=2_000_000))
        self.assertFalse(self.picking.transfer_wait)
        self.picking.button_validate()
        self.assertEqual(self.picking.state, "done")

    def test_a_cancelled_payment_closes_the_gate(self):
        """SOP-11c: money that finance takes back isn't there any more."""
        payment = self._confirm(self._create_proof(self.order))
        payment.action_cancel()
        self.assertEqual(self.order.transfer_state, "no_proof")
        with self.assertRaisesRegex(UserError, "finance has confirmed"):
            self.picking.button_validate()

    def test_paid_by_its_invoice(self):
        """SOP-11c: what finance has reconciled with the whole invoice has arrived too."""
        invoice = self.order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        wizard = self.env["account.payment.register"].with_user(self.accountant)
        wizard.with_context(active_model="account.move", active_ids=invoice.ids).create(
            {"journal_id": self.mandiri.id}
        ).action_create_payments()
        self.assertEqual(self.order.transfer_state, "received")
        self._deliver(self.order)
        self.assertEqual(self.picking.state, "done")

    def test_at_hand_over_nothing_waits(self):
        """SOP-11b: the gate is for transfers only."""
        order = self._create_approved()
        order.action_confirm()
        self._deliver(order)
        self.assertEqual(order.delivery_status, "full")

    def test_returns_dont_wait(self):
        """SOP-8b: what comes back is taken in, whatever the money."""
        self._confirm(self._create_proof(self.order))
        self._deliver(self.order)
        self.order.sudo().payment_ids.action_cancel()
        wizard = self.env["stock.return.picking"].with_context(
            active_id=self.picking.id, active_ids=self.picking.ids, active_model="stock.picking"
        )
        wizard = wizard.create({})
        wizard.product_return_moves.quantity = 1
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        back.move_ids.picked = True
        back.button_validate()
        self.assertEqual(back.state, "done")
