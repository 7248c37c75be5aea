from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_order_review import ReviewCase


@tagged("post_install", "-at_install")
class TestInvoiceOfLockedOrder(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_approved(2)
        cls.order.action_confirm()

    def setUp(self):
        super().setUp()
        self.invoice = self._invoice(self.order)
        self.line = self.invoice.invoice_line_ids.filtered(lambda line: line.product_id == self.phone)

    def test_what_the_accountant_may_not_change(self):
        """SOP-4a, FL-11: price, discount, tax, product, unit and currency are the order's; the quantity no more."""
        usd = self.env.ref("base.USD")
        usd.active = True
        other = self.env["res.currency"].search([("id", "!=", self.invoice.currency_id.id)], limit=1)
        for name, value in (
            ("price_unit", 2_900_000),
            ("price_unit", 3_100_000),
            ("discount", 10),
            ("quantity", 3),
            ("product_id", self._create_phone("Another", 3_000_000).id),
            ("product_uom_id", self.env.ref("uom.product_uom_dozen").id),
            ("tax_ids", [Command.set(self._create_tax(name="B").ids)]),
        ):
            with self.assertRaises(UserError, msg=name), self.cr.savepoint():
                self.line.write({name: value})
                self.invoice.action_post()
        with self.assertRaises(UserError), self.cr.savepoint():
            self.invoice.currency_id = other
            self.invoice.action_post()
        self.invoice.action_post()
        self.assertEqual(self.invoice.amount_total, 6_000_000)

    def test_every_path_of_posting(self):
        """SOP-4a: neither does the superuser, a list of invoices, or the nightly job post it."""
        self.line.discount = 50
        other = self._invoice(self._confirmed(1))
        with self.assertRaisesRegex(UserError, "isn't what order"):
            (other + self.invoice).action_post()
        with self.assertRaisesRegex(UserError, "isn't what order"):
            self.invoice.sudo()._post(soft=True)

    def test_the_message_tells_what_and_of_which_order(self):
        """FL-11: the accountant reads which column of which line isn't the order's."""
        self.line.write({"discount": 10, "price_unit": 1})
        with self.assertRaisesRegex(UserError, rf"Phone One.*Unit Price, Discount.*{self.order.name}"):
            self.invoice.action_post()

    def test_no_mail_of_each_invoice(self):
        """FL-11: the officer follows the invoice of their order without an e-mail; who gets it later is told."""
        invoice = self._invoice(self._confirmed(1).with_context(tracking_disable=False))
        self.assertIn(self.officer.partner_id, invoice.message_partner_ids)
        self.assertFalse(self._told_of(invoice, self.officer))
        invoice.sudo().user_id = self.other_officer
        self.assertTrue(self._told_of(invoice, self.other_officer))

    def _told_of(self, invoice, user):
        about = [
            ("model", "=", "account.move"),
            ("res_id", "=", invoice.id),
            ("partner_ids", "in", user.partner_id.ids),
        ]
        return self.env["mail.message"].search_count([*about, ("message_type", "=", "user_notification")])

    def test_a_part_may_be_invoiced(self):
        """FL-11: less than what is left is for the accountant to choose; drafts don't take it from one another."""
        self.line.quantity = 1
        second = self._invoice(self.order)
        self.invoice.action_post()
        second.action_post()
        self.assertEqual((self.invoice.amount_total, second.amount_total), (3_000_000, 3_000_000))

    def test_two_drafts_for_more_than_the_order(self):
        """FL-11: of two drafts that together exceed the order the second isn't posted."""
        self.line.quantity = 1
        second = self._invoice(self.order)
        self.line.quantity = 2
        self.invoice.action_post()
        with self.assertRaisesRegex(UserError, "fewer left"):
            second.action_post()
        with self.assertRaisesRegex(UserError, "fewer left"):
            (second + second.copy()).action_post()

    def test_a_credit_note_that_is_only_a_draft(self):
        """FL-11: what a draft credit note would give back isn't there to be invoiced again: it may be deleted."""
        self.invoice.action_post()
        credit = self.invoice._reverse_moves()
        again = self._invoice(self.order)
        with self.assertRaisesRegex(UserError, "fewer left"), self.cr.savepoint():
            again.action_post()
        credit.action_post()
        again.action_post()
        self.assertEqual(again.amount_total, 6_000_000)

    def test_lines_beside_the_order(self):
        """SOP-4a: what isn't on the order isn't charged or granted on its invoice; sections and notes are."""
        for price in (10_000, -10_000):
            with self.assertRaisesRegex(UserError, "isn't on the order"), self.cr.savepoint():
                self.invoice.invoice_line_ids = [Command.create({"name": "More", "price_unit": price, "tax_ids": []})]
                self.invoice.action_post()
        self.invoice.invoice_line_ids = [
            Command.create({"name": "Phones", "display_type": "line_section"}),
            Command.create({"name": "Thank you", "display_type": "line_note"}),
        ]
        self.invoice.action_post()

    def test_an_invoice_of_its_own_is_free(self):
        """FL-11: what no order asked for is invoiced as ever."""
        line = Command.create({"name": "Repair", "price_unit": 50_000, "tax_ids": []})
        invoice = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.partner.id, "invoice_line_ids": [line]}
        )
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_credit_notes_are_free(self):
        """FL-11: a part of the price may be given back afterwards: that is a document of its own."""
        self.invoice.action_post()
        credit = self.invoice._reverse_moves()
        credit.invoice_line_ids.filtered(lambda line: line.product_id == self.phone).price_unit = 100_000
        credit.action_post()
        self.assertEqual(credit.amount_total, 200_000)

    def test_an_advance_payment_is_deducted_as_it_was_made(self):
        """SOP-4a: the advance may have any amount, its deduction has exactly that one."""
        order = self._confirmed(1)
        wizard = self.env["sale.advance.payment.inv"].with_context(active_ids=order.ids, active_model="sale.order")
        wizard.create({"advance_payment_method": "fixed", "fixed_amount": 700_000}).create_invoices()
        order.invoice_ids.with_user(self.accountant).action_post()
        final = order.with_user(self.accountant)._create_invoices(final=True)
        deduction = final.invoice_line_ids.filtered("is_downpayment").filtered(lambda line: line.quantity < 0)
        for name, value in (("price_unit", 900_000), ("quantity", -2)):
            with self.assertRaises(UserError, msg=name), self.cr.savepoint():
                deduction.write({name: value})
                final.action_post()
        final.action_post()
        self.assertEqual(final.amount_total, 2_300_000)

    def test_a_posted_line_stays_with_its_order(self):
        """SOP-4a: nor is it moved to another order once it is posted."""
        self.invoice.action_post()
        with self.assertRaisesRegex(UserError, "stays with the order"):
            self.line.write({"sale_line_ids": [Command.clear()]})

    def test_many_invoices_cost_few_queries(self):
        """FL-11: the check of many invoices takes no more queries than that of one."""
        invoices = self.invoice
        for _number in range(3):
            invoices |= self._invoice(self._confirmed(1))
        counts = []
        for batch in (invoices[:1], invoices):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            batch._check_against_orders()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
