from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user

from .transfer_common import TransferCase


class TestTransferOrder(TransferCase):
    """How an order is paid, and what it says about its money."""

    def test_new_orders_are_paid_as_the_company_says(self):
        """SOP-11a: at hand-over by default; the setting changes it for new quotations."""
        self.assertEqual(self._create_order().payment_choice, "handover")
        self.company.payment_choice = "transfer"
        self.assertEqual(self._create_order().payment_choice, "transfer")

    def test_an_account_must_be_one_for_transfers(self):
        """SOP-11a: only accounts that the company has marked can be chosen."""
        other = self.env["res.partner.bank"].create({"acc_number": "999", "partner_id": self.partner.id})
        with self.assertRaisesRegex(ValidationError, "customers transfer to"):
            self._create_order(payment_choice="transfer", transfer_account_id=other.id)

    def test_locked_from_submission_on(self):
        """SOP-11a: the officer doesn't change how a submitted order is paid, by no write."""
        order = self._create_order(payment_choice="transfer")
        order.action_submit()
        with self.assertRaisesRegex(UserError, "settled since it was submitted"):
            order.write({"payment_choice": "handover"})
        with self.assertRaisesRegex(UserError, "settled"):
            order.sudo().write({"transfer_account_id": self.bca.bank_account_id.id})
        with self.assertRaisesRegex(UserError, "settled"):
            order.with_context(crm_sop_sales_transfer="TRANSFER").write({"payment_choice": "handover"})
        order.write({"payment_choice": "transfer"})  # what says the same is no change

    def test_a_manager_changes_it_with_a_reason(self):
        """SOP-11a: afterwards a manager changes it; who and why stay in the history."""
        order = self._create_transfer_order()
        values = {"order_id": order.id, "payment_choice": "handover", "reason": "Pays cash after all"}
        with self.assertRaises(AccessError):
            self.env["crm.payment.choice"].with_user(self.officer).create(values).action_confirm()
        self.env["crm.payment.choice"].with_user(self.manager).create(values).action_confirm()
        self.assertEqual(order.payment_choice, "handover")
        log = order.workflow_log_ids[0]
        self.assertEqual(log.user_id, self.manager)
        self.assertIn("Pays cash after all", log.reason)
        self.assertFalse(order.transfer_state)

    def test_the_promise_is_nobodys_to_write(self):
        """SOP-11c: the promised time follows from the confirmation."""
        order = self._create_transfer_order()
        for user in (self.officer, self.manager, self.accountant):
            with self.assertRaisesRegex(UserError, "nobody writes it"):
                order.with_user(user).write({"transfer_promised_at": fields.Datetime.now()})
        with self.assertRaisesRegex(UserError, "nobody writes it"):
            self._create_order(transfer_promised_at=fields.Datetime.now())

    def test_the_money_shows_where_it_stands(self):
        """SOP-11d: waiting for proof, for finance, short by so much, received."""
        order = self._create_transfer_order()
        self.assertEqual((order.transfer_state, order.transfer_missing), ("no_proof", 3_000_000))
        proof = self._create_proof(order, amount=1_000_000)
        self.assertEqual(order.transfer_state, "to_confirm")
        self._confirm(proof)
        self.assertEqual((order.transfer_state, order.transfer_missing), ("short", 2_000_000))
        self.assertFalse(order.transfer_promised_at)
        self._confirm(self._create_proof(order, amount=2_000_000))
        self.assertEqual((order.transfer_state, order.transfer_missing), ("received", 0))
        self.assertTrue(order.transfer_promised_at)

    def test_confirmed_money_promises_the_goods(self):
        """SOP-11c: 24 hours after finance has confirmed, on order and delivery, told by a queued e-mail."""
        order = self._create_transfer_order()
        self.partner.email = "rina@example.com"
        mails = self.env["mail.mail"].search([])
        before = fields.Datetime.now()
        self._confirm(self._create_proof(order))
        promised = order.transfer_promised_at
        self.assertAlmostEqual(promised, before + timedelta(hours=24), delta=timedelta(minutes=1))
        self.assertEqual(order.commitment_date, promised)
        picking = order.picking_ids.sudo()
        self.assertEqual((picking.date_deadline, picking.scheduled_date), (promised, promised))
        mail = self.env["mail.mail"].search([]) - mails
        self.assertEqual((len(mail), mail.state), (1, "outgoing"))
        self.assertIn(order.name, mail.subject)

    def test_money_of_what_isnt_confirmed_promises_nothing_yet(self):
        """SOP-11c, SOP-3c3: the 24 hours begin when the money is there and the order is approved and confirmed."""
        self.partner.email = "rina@example.com"
        order = self._create_order(payment_choice="transfer", transfer_account_id=self.mandiri.bank_account_id.id)
        told = [("subject", "like", f"your transfer for {order.name} has arrived")]
        with freeze_time("2026-11-20 03:00:00"):
            self._confirm(self._create_proof(order))
        self.assertEqual(order.transfer_state, "received")
        self.assertFalse(order.transfer_promised_at or order.commitment_date)
        self.assertFalse(self.env["mail.mail"].search(told))
        self.assertEqual(order.activity_ids.user_id, self.officer)
        with freeze_time("2026-11-20 05:00:00"):
            order.action_submit()
            order.with_user(self.manager).action_approve()
        self.assertFalse(order.transfer_promised_at)
        with freeze_time("2026-11-20 08:00:00"):
            order.action_confirm()
        self.assertEqual(str(order.transfer_promised_at), "2026-11-21 08:00:00")
        self.assertEqual(order.picking_ids.sudo().scheduled_date, order.transfer_promised_at)
        self.assertEqual(len(self.env["mail.mail"].search(told)), 1)
        self.assertFalse(order.activity_ids)

    def test_a_cancelled_order_promises_nothing(self):
        """SOP-11c: nor is it late where it comes back."""
        order = self._create_transfer_order()
        self._confirm(self._create_proof(order))
        self._cancel(order)
        self.assertFalse(order.transfer_promised_at)

    def test_money_taken_back_promises_nothing(self):
        """SOP-11c: the promise goes with the money, the officer hears it, and new money promises anew."""
        order = self._create_transfer_order()
        payment = self._confirm(self._create_proof(order))
        payment.action_cancel()
        self.assertFalse(order.transfer_promised_at or order.is_transfer_late)
        self.assertEqual(order.activity_ids.user_id, self.officer)
        self._confirm(self._create_proof(order))
        self.assertTrue(order.transfer_promised_at)

    def test_a_surplus_is_refunded_once(self):
        """SOP-11d, SOP-6: the cancellation's refund takes over the surplus's; what is kept as credit isn't in it."""
        orders = [self._create_transfer_order() for __ in range(2)]
        for order, choice, refund in zip(orders, ("refund", "credit"), (2_800_000, 2_700_000), strict=True):
            payment = self._confirm(self._create_proof(order, amount=3_100_000), surplus_choice=choice)
            form = self._cancel(order)
            self.assertEqual((form.fee_amount, form.refund_amount), (300_000, refund), choice)
            self.assertFalse(payment.activity_ids)

    def test_money_for_a_cancelled_order(self):
        """SOP-6, SOP-11d: its proof may still be confirmed; the form refunds it, and nobody else is to."""
        order = self._create_transfer_order()
        proof = self._create_proof(order)
        form = self._cancel(order)
        self.assertFalse(order.picking_ids.sudo().filtered("transfer_wait"))
        payment = self._confirm(proof, surplus_choice="refund")
        self.assertEqual((form.refund_amount, form.refund_state), (2_700_000, "to_refund"))
        self.assertFalse(payment.activity_ids or order.transfer_promised_at)

    def test_money_of_another_currency_is_refunded(self):
        """SOP-6: dollars for an order in rupiahs count at the rate of their day; the fee is in rupiahs."""
        dollars = self.env.ref("base.USD")
        dollars.active = True
        rate = {"currency_id": dollars.id, "company_id": self.company.id, "name": "2026-01-01", "rate": 1 / 15000}
        self.env["res.currency.rate"].create(rate)
        bank = self._create_bank("Dollar", "0060007654321", "mapping_mandiri")
        bank.currency_id = dollars
        order = self._create_transfer_order()
        proof = self._create_proof(order, bank_account_id=bank.bank_account_id.id)
        self._confirm(proof, amount=200)
        self.assertEqual(order.transfer_state, "received")
        form = self._cancel(order)
        self.assertEqual((form.received_amount, form.refund_amount), (3_000_000, 2_700_000))

    def test_late_ones_are_found(self):
        """SOP-11c: promised and not delivered in time is late, until it is delivered."""
        order = self._create_transfer_order()
        self._confirm(self._create_proof(order))
        self.assertFalse(order.is_transfer_late)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET transfer_promised_at = now() AT TIME ZONE 'UTC' - interval '1 hour' WHERE id = %s",
            [order.id],
        )
        self.env.invalidate_all()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.sale_order_action_transfer_late")
        domain = [("transfer_promised_at", "<", "now"), ("state", "=", "sale"), ("delivery_status", "!=", "full")]
        self.assertIn("transfer_promised_at", action["domain"])
        self.assertTrue(order.is_transfer_late)
        self.assertIn(order, self.env["sale.order"].search(domain))
        self._deliver(order)
        self.assertFalse(order.is_transfer_late)

    def test_a_surplus_needs_a_decision(self):
        """SOP-11d: what is too much is refunded or kept as credit, as finance decides, and stays visible."""
        order = self._create_transfer_order()
        proof = self._create_proof(order, amount=3_100_000)
        with self.assertRaisesRegex(UserError, "refunded or kept as credit"), self.cr.savepoint():
            self._confirm(proof)
        self.assertEqual(proof.state, "received")
        payment = self._confirm(proof, surplus_choice="refund")
        self.assertEqual((payment.surplus, payment.surplus_choice), (100_000, "refund"))
        self.assertEqual(order.transfer_surplus, 100_000)
        self.assertIn(self.other_accountant, payment.activity_ids.user_id)
        self.assertNotIn(self.accountant, payment.activity_ids.user_id)

    def test_less_than_a_rupiah_is_no_difference(self):
        """SOP-11d: rupiahs are counted whole."""
        order = self._create_transfer_order(price=2_999_999.99)
        self.assertEqual(order._surplus_of(3_000_000, fields.Date.today(), self.mandiri), 0)
        self._confirm(self._create_proof(order, amount=3_000_000))
        self.assertEqual(order.transfer_state, "received")

    def test_payment_and_invoice_find_each_other(self):
        """SOP-11c: an invoice posted later is matched with what was received; only this order's."""
        other = self._create_transfer_order()
        self._confirm(self._create_proof(other))
        order = self._create_transfer_order()
        self._confirm(self._create_proof(order, amount=1_000_000))
        invoice = order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 2_000_000)
        self._confirm(self._create_proof(order, amount=2_500_000), surplus_choice="credit")
        self.assertEqual(invoice.amount_residual, 0)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(order.transfer_surplus, 500_000)

    def test_an_invoice_that_finance_has_matched_promises_too(self):
        """SOP-11c: money that finance confirms on the invoice itself promises the goods like any other, once."""
        order = self._create_transfer_order()
        invoice = order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        wizard = self.env["account.payment.register"].with_user(self.accountant)
        wizard = wizard.with_context(active_model="account.move", active_ids=invoice.ids)
        wizard.create({"amount": 1_000_000})._create_payments()
        self.assertFalse(order.transfer_promised_at)
        wizard.create({})._create_payments()
        self.assertEqual(order.transfer_state, "received")
        hours = (order.transfer_promised_at - fields.Datetime.now()).total_seconds() / 3600
        self.assertAlmostEqual(hours, 24, delta=0.1)

    def test_payments_are_linked_by_the_confirmation_alone(self):
        """SOP-11c: nobody links a payment to an order by hand, or changes what was confirmed."""
        order = self._create_transfer_order()
        payments = self.env["account.payment"].with_user(self.accountant)
        values = {"amount": 3_000_000, "partner_id": self.partner.id, "journal_id": self.mandiri.id}
        with self.assertRaisesRegex(UserError, "not by hand"):
            payments.create({**values, "order_id": order.id})
        loose = payments.create({**values, "payment_type": "inbound"})
        with self.assertRaisesRegex(UserError, "not by hand"):
            loose.write({"order_id": order.id})
        payment = self._confirm(self._create_proof(order)).with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "cancel it instead"):
            payment.write({"amount": 5})
        with self.assertRaisesRegex(UserError, "is kept"):
            payment.unlink()

    def test_the_timeline_is_for_colleagues(self):
        """SOP-15: a customer may read their order, and doesn't read why a manager gave it back."""
        order = self._create_order()
        order.action_submit()
        order.with_user(self.manager)._workflow_do("reject", "Has cheated us before")
        self.assertIn("Has cheated", order.with_user(self.officer).timeline)
        customer = new_test_user(self.env, "sop_portal_timeline", "base.group_portal", partner_id=self.partner.id)
        order.message_subscribe(customer.partner_id.ids)
        seen = order.with_user(customer).with_context(allowed_company_ids=customer.company_ids.ids)
        self.assertEqual(seen.read(["name"])[0]["name"], order.name)
        with self.assertRaises(AccessError):
            seen.read(["timeline"])

    def test_the_timeline_tells_of_the_money(self):
        """SOP-15: proof, confirmation and money are on the order's timeline."""
        order = self._create_transfer_order()
        self._confirm(self._create_proof(order))
        self.assertIn("Proof of transfer", order.timeline)
        self.assertIn("Money received", order.timeline)

    def test_the_quotation_prints_the_accounts(self):
        """SOP-11a: bank, number, holder, amount and reference are on the document."""
        order = self._create_transfer_order()
        report = self.env["ir.actions.report"]._render_qweb_html("sale.report_saleorder", order.ids)[0].decode()
        for text in ("0060001234567", "5270012345", "Bank Mandiri", "PT Dua Solusi", order.name):
            self.assertIn(text, report)
