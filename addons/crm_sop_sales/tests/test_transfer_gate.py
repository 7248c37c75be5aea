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

    def test_a_list_costs_no_more_for_more(self):
        """SOP-11b: what transfers wait for is read for a whole list at once."""
        pickings = self.picking
        queries = []
        for __ in range(2):
            pickings |= self._create_transfer_order().picking_ids
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(set(pickings.with_user(self.logistics).mapped("transfer_wait")), {"proof"})
            queries.append(self.cr.sql_log_count - before)
        self.assertEqual(*queries)

    def test_what_the_warehouse_says_of_the_transfer_opens_nothing(self):
        """SOP-11b: a delivery that is called a return or a receipt, or another carrier's, waits all the same."""
        moves, incoming = self.picking.move_ids, self.warehouse.in_type_id
        another = self.picking.copy()
        pickup = self.env.ref("crm_sop_sales.delivery_carrier_pickup")
        for record, vals in (
            (self.picking, {"return_id": another.id}),
            (self.picking, {"picking_type_id": incoming.id}),
            (self.picking, {"carrier_id": pickup.id}),
            (moves, {"origin_returned_move_id": moves.id}),
            (moves, {"picking_type_id": incoming.id}),
            (moves, {"picking_id": another.id}),
            (moves, {"picking_id": False}),
        ):
            with self.subTest(vals=vals), self.cr.savepoint() as savepoint:
                refused = False
                try:
                    record.write(vals)
                    self.env.flush_all()
                except UserError:
                    refused = True
                if not refused:
                    with self.assertRaisesRegex(UserError, "no proof of transfer yet"):
                        moves._action_done()
                    moves.picked = False
                savepoint.rollback()
            self.env.invalidate_all()
        with self.assertRaises(UserError):
            self.picking.transfer_wait = False

    def test_steps_inside_the_warehouse_prepare(self):
        """SOP-11b, SOP-11c: with the proof it is picked and packed; it leaves when finance has confirmed."""
        self.warehouse.delivery_steps = "pick_pack_ship"
        order = self._create_transfer_order()
        pick = order.with_user(self.logistics).picking_ids
        self.assertEqual((pick.transfer_wait, pick.location_dest_id.usage), ("proof", "internal"))
        pick.action_assign()
        with self.assertRaisesRegex(UserError, "no proof of transfer yet"), self.cr.savepoint():
            pick.button_validate()
        proof = self._create_proof(order)
        for step in range(2):
            picking = order.with_user(self.logistics).picking_ids.filtered(lambda step: step.state == "assigned")
            picking.move_ids.picked = True
            picking.button_validate()
            self.assertEqual(picking.state, "done", step)
        ship = order.with_user(self.logistics).picking_ids.filtered(lambda step: step.state == "assigned")
        ship.move_ids.picked = True
        ship.move_ids.write({"origin_returned_move_id": picking.move_ids.id})
        with self.assertRaisesRegex(UserError, "finance has confirmed"), self.cr.savepoint():
            ship.button_validate()
        self._confirm(proof)
        ship.button_validate()
        self.assertEqual((ship.state, order.delivery_status), ("done", "full"))

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

    def test_money_that_is_taken_back_isnt_said_to_be_there(self):
        """SOP-11c: neither a cancelled payment nor an unpaid invoice is paid by typing so, not even by finance."""
        payment = self._confirm(self._create_proof(self.order))
        for step in ("action_cancel", "action_draft"):
            getattr(payment, step)()
            for way in (payment.action_validate, lambda: payment.write({"state": "paid"})):
                with self.subTest(step=step), self.assertRaisesRegex(UserError, "isn't in the books"):
                    way()
        self.assertEqual(self.order.transfer_received, 0)
        payment.action_post()
        self.assertEqual(self.order.transfer_state, "received")
        payment.action_cancel()
        invoice = self.order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        with self.assertRaisesRegex(UserError, "can't be written"):
            invoice.write({"payment_state": "paid"})

    def test_the_transfer_says_nothing_but_what_its_moves_do(self):
        """SOP-11b, SOP-15: nobody types that it is done, or takes the goods out of it."""
        for user in (self.officer, self.manager, self.logistics, self.accountant):
            self.env.invalidate_all()
            picking = self.picking.with_user(user)
            for vals in ({"state": "done"}, {"move_ids": [[5, 0, 0]]}, {"move_ids": [[2, picking.move_ids.id, 0]]}):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    picking.write(vals)
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "delivered by its transfer"):
                picking.move_ids.write({"state": "done"})
            values = {"product_id": self.phone.id, "product_uom_qty": 1, "location_id": self.location.id}
            values |= {"location_dest_id": picking.location_dest_id.id, "sale_line_id": self.order.order_line[0].id}
            with (
                self.subTest(user=user.login),
                self.assertRaisesRegex(UserError, "delivered by its transfer"),
                self.cr.savepoint(),
            ):
                picking.move_ids.create({**values, "state": "done"})
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "can't be cancelled by itself"):
            self.picking.with_user(self.manager).move_ids.unlink()

    def test_the_link_to_an_order_isnt_a_default(self):
        """SOP-11c: a default of the context makes no payment an order's, nor a promise or a confirmed proof."""
        context = {"default_order_id": self.order.id, "default_surplus_choice": "credit"}
        payments = self.env["account.payment"].with_user(self.accountant).with_context(**context)
        payment = payments.create(
            {"amount": 3e6, "payment_type": "inbound", "partner_id": self.partner.id, "journal_id": self.mandiri.id}
        )
        self.assertFalse(payment.order_id or payment.surplus_choice)
        proofs = self.env["crm.transfer.proof"].with_context(default_payment_id=payment.id)
        self.patch(type(self), "env", proofs.env)
        self.assertFalse(self._create_proof(self.order).payment_id)
        context = {"default_transfer_promised_at": "2026-01-01 00:00:00"}
        orders = self.env["sale.order"].with_user(self.officer).with_context(**context)
        self.assertFalse(orders.create({"partner_id": self.partner.id}).transfer_promised_at)

    def test_four_eyes_arent_closed_by_leaving_the_proof_out(self):
        """SOP-11c: who entered the proof doesn't book its money without it either."""
        self._create_proof(self.order, user=self.accountant)
        values = {"order_id": self.order.id, "journal_id": self.mandiri.id, "amount": 3e6}
        wizard = self.env["crm.transfer.confirm"].with_user(self.accountant).create(values)
        with self.assertRaisesRegex(UserError, "Confirm a proof"):
            wizard.action_confirm()
