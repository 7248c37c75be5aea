from odoo.exceptions import AccessError, UserError

from .card_common import CardCase


class TestCardMoney(CardCase):
    """SOP-12g, SOP-13b: what was paid at the door is in the books, and matched with the order's invoice."""

    # === CARD === #

    def test_booked_with_invoice(self):
        """SOP-12g: approved, a posted payment is in the terminals' journal and pays the invoice that is there."""
        order = self._create_card_order()
        invoice = self._invoice(order)
        card = self._pay(self._create_card_stop(order))
        payment = card.sudo().payment_id
        self.assertEqual((payment.journal_id, payment.amount, payment.order_id), (self.journal, 3_000_000, order))
        self.assertIn(payment.state, ("in_process", "paid"))
        self.assertTrue(payment.move_id.state == "posted" and card.is_booked)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertIn("A1B2C3", payment.memo)
        self.assertEqual(order.sudo()._courier_paid(), 3_000_000)

    def test_booked_before_invoice(self):
        """SOP-12g: the invoice that comes later finds the payment."""
        order = self._create_card_order()
        self._pay(self._create_card_stop(order))
        self.assertIn(self._invoice(order).payment_state, ("paid", "in_payment"))

    def test_journal_missing(self):
        """SOP-13b: a charge is noted though the books can't take it; the run can't close before finance books it."""
        stop = self._create_card_stop()
        self._verify(stop)
        self.company.courier_card_journal_id = False
        card = self._swipe(stop)
        self.assertEqual((card.state, card.is_booked), ("approved", False))
        self._say(stop, "delivered", has_proof=True, has_payment_proof=True)
        run = stop.run_id
        run.with_user(self.courier).action_come_back()
        self._count(run, cash=0)
        with self.assertRaisesRegex(UserError, "isn't in the books"):
            run.with_user(self.officer).action_close()
        with self.assertRaisesRegex(UserError, "journal for card payments"):
            card.with_user(self.accountant).action_book()
        with self.assertRaises(AccessError):
            card.with_user(self.courier).action_book()
        self.company.courier_card_journal_id = self.journal
        card.with_user(self.accountant).action_book()
        with self.assertRaisesRegex(UserError, "nothing to book"):
            card.with_user(self.accountant).action_book()
        run.with_user(self.officer).action_close()

    def test_closed(self):
        """SOP-13b: a run whose card payment is in the books closes with the slip; no cash is expected."""
        stop = self._create_card_stop()
        self._pay(stop)
        stop.with_user(self.courier).action_check_rest()
        self._sign(stop)
        (result,) = self._send(self.courier, self._entry(stop, "outcome", outcome="delivered"))
        self.assertEqual(result["status"], "done", result)
        stop.run_id.with_user(self.courier).action_come_back()
        self._count(stop.run_id, cash=0)
        self.assertFalse(stop.run_id.discrepancy_ids)
        stop.run_id.with_user(self.officer).action_close()

    def test_void(self):
        """SOP-12g: a manager takes a payment back, with a reason; it leaves the books and may be paid anew."""
        order = self._create_card_order()
        invoice = self._invoice(order)
        stop = self._create_card_stop(order)
        card = self._pay(stop)
        payment = card.sudo().payment_id
        for user in (self.courier, self.officer, self.accountant, self.pic):
            with self.assertRaises(AccessError):
                card.with_user(user)._workflow_do("void", "Mistake")
        with self.assertRaisesRegex(UserError, "reason"):
            card.with_user(self.manager)._workflow_do("void")
        action = card.with_user(self.manager).action_void()
        wizard = self.env["crm.workflow.reason"].with_user(self.manager).with_context(**action["context"])
        wizard.create({"reason": "Wrong customer"}).action_confirm()
        self.assertEqual((card.state, card.amount, payment.state), ("voided", 0, "canceled"))
        self.assertEqual(invoice.payment_state, "not_paid")
        with self.assertRaisesRegex(UserError, "no payment is approved"):
            self._say(stop, "delivered")
        self._verify(stop)
        self._swipe(stop, approval_code="B1B2C3")
        self.assertEqual((card.state, len(card.try_ids)), ("approved", 2))
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))

    def test_charged_but_brought_back(self):
        """SOP-13b: a card that was charged for goods that came back keeps the run open until a manager voids it."""
        stop = self._create_card_stop()
        card = self._pay(stop)
        self._say(stop, "brought_back", "Changed her mind")
        stop.run_id.with_user(self.courier).action_come_back()
        self._count(stop.run_id, units_back=1)
        with self.assertRaisesRegex(UserError, "nothing was handed over"):
            stop.run_id.with_user(self.officer).action_close()
        card.with_user(self.manager)._workflow_do("void", "Brought back")
        stop.run_id.with_user(self.officer).action_close()

    # === CASH === #

    def _cash_stop(self):
        return self._create_on_road(self._create_delivery()).stop_ids

    def _take(self, stop, amount, user=None):
        stop.with_user(user or stop.run_id.user_id)._door_cash({"amount": amount})

    def test_cash_amount(self):
        """SOP-13b: cash that isn't what is to be paid is refused; both amounts are said."""
        stop = self._cash_stop()
        with self.assertRaises(UserError) as refused:
            self._take(stop, 2_500_000)
        for words in ("2,500,000", "3,000,000"):
            self.assertIn(words, str(refused.exception))
        for value in (None, "3000000", -1, float("inf"), True, 10**13, 4111111111111111):
            with self.assertRaises(UserError):
                self._take(stop, value)
        for user in (self.other_courier, self.officer, self.accountant):
            with self.assertRaises(AccessError):
                self._take(stop, 3_000_000, user)
        self._take(stop, 3_000_000)
        self.assertEqual(stop.cash_collected, 3_000_000)
        self.assertEqual(stop.sudo()._door_data()["cash"], {"due": 3_000_000, "taken": 3_000_000})

    def test_cash_of_a_card_order(self):
        """SOP-12h: an order that is paid by card takes no cash, neither by the phone nor in the dialog."""
        stop = self._create_card_stop()
        with self.assertRaisesRegex(UserError, "is paid by card"):
            self._take(stop, 3_000_000)
        self._pay(stop)
        with self.assertRaisesRegex(UserError, "is paid by card"):
            self._say(stop, "delivered", cash_collected=1)

    def test_cash_goes_back_with_the_goods_left(self):
        """SOP-13b: where nothing is handed over, no cash is kept."""
        stop = self._cash_stop()
        self._take(stop, 3_000_000)
        with self.assertRaisesRegex(UserError, "back to the customer"):
            self._say(stop, "brought_back", "No")
        self._take(stop, 0)
        self._say(stop, "brought_back", "No")

    def test_cash_in_the_books(self):
        """SOP-13b: counted by CRM, cash is a posted payment in the cash journal, and pays the invoice."""
        stop = self._cash_stop()
        invoice = self._invoice(stop.order_id)
        self._take(stop, 3_000_000)
        stop.with_user(self.courier).action_check_rest()
        self._sign(stop)
        (result,) = self._send(self.courier, self._entry(stop, "outcome", outcome="delivered"))
        self.assertEqual(result["status"], "done", result)
        stop.run_id.with_user(self.courier).action_come_back()
        self.assertFalse(stop.cash_payment_id)
        self._count(stop.run_id)
        payment = stop.cash_payment_id
        self.assertEqual((payment.journal_id.type, payment.amount, payment.state), ("cash", 3_000_000, "paid"))
        self.assertIn(payment.journal_id.default_account_id, payment.move_id.line_ids.account_id)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertFalse(stop.run_id.discrepancy_ids)
        stop.run_id.with_user(self.officer).action_close()

    def test_difference_stays_one(self):
        """SOP-13b: what was counted is booked, not what the courier said; the difference is a discrepancy."""
        run = self._create_back(self._create_delivery())
        self._count(run, cash=2_900_000)
        self.assertEqual(run.stop_ids.cash_payment_id.amount, 2_900_000)
        self.assertEqual(run.discrepancy_ids.difference, -100_000)
        self.assertEqual(run.stop_ids.order_id._courier_paid(), 2_900_000)

    def test_no_cash_journal(self):
        """SOP-13b: without a cash journal the run can't close; with one it is booked at closing."""
        journals = self.env["account.journal"].search([("type", "=", "cash"), ("company_id", "=", self.company.id)])
        journals.active = False
        run = self._create_back(self._create_delivery())
        self._count(run)
        with self.assertRaisesRegex(UserError, "isn't in the books"):
            run.with_user(self.officer).action_close()
        journals.active = True
        self.company.courier_cash_journal_id = journals[:1]
        run.with_user(self.officer).action_close()
        self.assertEqual(run.stop_ids.cash_payment_id.journal_id, journals[:1])

    def test_counted_anew(self):
        """SOP-13b: a count that is taken back takes its payment back too."""
        run = self._create_back(self._create_delivery())
        self._count(run, cash=1_000_000)
        first = run.stop_ids.cash_payment_id
        run.with_user(self.manager)._workflow_do("recount", "Wrong envelope")
        self.assertEqual((first.state, run.stop_ids.cash_payment_id.id), ("canceled", False))
        self._count(run)
        self.assertEqual(run.stop_ids.cash_payment_id.amount, 3_000_000)
