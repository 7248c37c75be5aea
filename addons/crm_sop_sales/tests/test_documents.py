import io
import re

from lxml.html import fromstring as html_fromstring
from pypdf import PdfReader

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .common import PhoneShopCase


class DocumentCase(PhoneShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.imei_phone = cls._create_imei_phone()
        cls.lots = cls._create_units(cls.imei_phone, 4)
        cls.lots[0].imei2 = cls._imeis(1)[0]

    def _approve(self, quantity, **values):
        """Return an approved and confirmed order of the IMEI phone."""
        order = self._create_approved(quantity, product=self.imei_phone, **values)
        if order.state != "sale":
            order.with_user(self.manager).action_confirm()
        return order.sudo()

    def _invoice(self, order, **values):
        return order.sudo()._create_invoices(**values)

    def _line(self, invoice):
        """Return the phone's line; another one may charge for the delivery."""
        return invoice.invoice_line_ids.filtered(lambda line: line.product_id == self.imei_phone)

    def _post(self, invoice, quantity=None):
        if quantity:
            self._line(invoice).quantity = quantity
        invoice.action_post()
        return self._named(invoice)

    def _named(self, invoice):
        return (self._line(invoice).imei_list or "").splitlines()

    def _texts(self, lots):
        return [f"{lot.name} / {lot.imei2}" if lot.imei2 else lot.name for lot in lots]

    def _html(self, report, records):
        html = self.env["ir.actions.report"]._render_qweb_html(report, records.ids)[0].decode()
        return re.sub(r"<[^>]+>|\s+", " ", html)


@tagged("post_install", "-at_install")
class TestInvoicedUnits(DocumentCase):
    def test_the_invoice_records_its_units_when_posted(self):
        """SOP-4b: every transaction is in the invoice with the product's name and IMEI."""
        order = self._approve(2)
        lots = order.order_line._get_imei_lots()
        invoice = self._invoice(order)
        self.assertFalse(self._line(invoice).imei_list)
        self.assertEqual(self._post(invoice), self._texts(lots))
        self.assertEqual(self._line(invoice).imei_lot_ids, lots)

    def test_partial_invoices_never_name_a_unit_twice(self):
        """SOP-4b: each unit is on exactly one invoice."""
        order = self._approve(4)
        texts = self._texts(order.order_line._get_imei_lots())
        first = self._post(self._invoice(order), quantity=1)
        second = self._post(self._invoice(order))
        self.assertEqual((len(first), len(second)), (1, 3))
        self.assertEqual(sorted(first + second), sorted(texts))

    def test_delivered_units_are_invoiced_first(self):
        order = self._approve(3)
        lots = order.order_line._get_imei_lots()
        picking = order.picking_ids
        line = picking.move_line_ids.filtered(lambda line: line.lot_id == lots[2])
        line.picked = True
        picking.with_user(self.logistics).with_context(skip_backorder=True).button_validate()
        self.assertEqual(self._post(self._invoice(order), quantity=1), self._texts(lots[2]))

    def test_a_draft_tells_what_it_would_name(self):
        order = self._approve(2)
        line = self._line(self._invoice(order))
        self.assertEqual(line._imei_texts(), self._texts(order.order_line._get_imei_lots()))
        self.assertFalse(line.imei_list)

    def test_a_credit_note_of_all_names_all(self):
        order = self._approve(2)
        invoice = self._invoice(order)
        named = self._post(invoice)
        credit = invoice._reverse_moves()
        self.assertEqual(self._post(credit), named)

    def test_a_credit_note_of_some_names_those_that_came_back(self):
        order = self._approve(3)
        lots = order.order_line._get_imei_lots()
        self._deliver(order)
        invoice = self._invoice(order)
        self._post(invoice)
        self.assertEqual(self._post(invoice._reverse_moves(), quantity=1), [], "none has come back: nobody knows which")
        self._take_back(order, lots[1])
        self.assertEqual(self._post(invoice._reverse_moves(), quantity=1), self._texts(lots[1]))

    def test_a_negative_line_takes_back_what_was_invoiced(self):
        order = self._approve(2)
        lots = order.order_line._get_imei_lots()
        self._deliver(order)
        self._post(self._invoice(order))
        self._take_back(order, lots[1])
        sold = order.order_line.filtered(lambda line: line.product_id == self.imei_phone)
        link = {"sale_line_ids": [Command.link(sold.id)], "product_id": self.imei_phone.id}
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner.id,
                "invoice_line_ids": [
                    Command.create({**link, "quantity": -1, "price_unit": sold.price_unit, "tax_ids": []}),
                    Command.create({"name": "Another", "price_unit": sold.price_unit + 1, "tax_ids": []}),
                ],
            }
        )
        self.assertEqual(self._post(invoice), self._texts(lots[1]))

    def test_a_unit_that_came_back_is_not_invoiced(self):
        order = self._approve(2)
        lots = order.order_line._get_imei_lots()
        self._deliver(order)
        self._take_back(order, lots[0])
        self.assertEqual(self._post(self._invoice(order), quantity=1), self._texts(lots[1]))

    def _take_back(self, order, lot):
        picking = order.picking_ids.filtered(lambda picking: picking.state == "done")[:1]
        wizard = self.env["stock.return.picking"].create({"picking_id": picking.id})
        wizard.product_return_moves.quantity = 1
        back = wizard._create_return()
        back.move_line_ids.unlink()
        back.move_ids.move_line_ids = [
            Command.create({"product_id": lot.product_id.id, "lot_id": lot.id, "quantity": 1, "picked": True})
        ]
        back.button_validate()
        self.assertEqual((back.state, lot.location_id), ("done", self.location))

    def test_nobody_writes_the_record(self):
        """SOP-4b: what was invoiced isn't rewritten, before or after posting, by line, invoice or default."""
        order = self._approve(1)
        invoice = self._invoice(order)
        line = self._line(invoice)
        for attempt in range(2):
            for record in (line, line.with_user(self.accountant)):
                with self.assertRaisesRegex(UserError, "follow from its order"):
                    record.write({"imei_list": "forged"})
            with self.assertRaisesRegex(UserError, "follow from its order|on a posted move"):
                invoice.write({"invoice_line_ids": [Command.update(line.id, {"imei_list": "forged"})]})
            if not attempt:
                named = self._post(invoice)
        self.assertEqual(self._named(invoice), named)
        with self.assertRaisesRegex(UserError, "follow from its order"):
            self.env["account.move.line"].create({"move_id": invoice.id, "imei_list": "forged"})
        forged = (
            self.env["account.move"]
            .with_context(default_imei_list="forged")
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.partner.id,
                    "invoice_line_ids": [Command.create({"name": "Case", "price_unit": 1, "tax_ids": []})],
                }
            )
        )
        self.assertEqual(forged.invoice_line_ids._imei_texts(), [])
        forged.action_post()
        self.assertEqual(forged.invoice_line_ids._imei_texts(), [])

    def test_the_record_stays_when_a_unit_is_renamed(self):
        order = self._approve(1)
        lot = order.order_line._get_imei_lots()
        invoice = self._invoice(order)
        named = self._post(invoice)
        lot.sudo().name = self._imeis(1)[0]
        self.assertEqual(self._line(invoice)._imei_texts(), named)

    def test_the_accountant_reads_invoices_as_before(self):
        order = self._approve(1)
        invoice = self._invoice(order)
        self._post(invoice)
        (values,) = self._line(invoice).with_user(self.accountant).read()
        self.assertTrue(values["imei_list"])
        self.assertNotIn("imei_lot_ids", values)


@tagged("post_install", "-at_install")
class TestPrintedUnits(DocumentCase, HttpCase):
    def test_invoice_and_order_print_both_imeis(self):
        """SOP-4b: the invoice lists the IMEIs under the product, both of a dual-SIM unit."""
        order = self._approve(4)
        invoice = self._invoice(order)
        self._post(invoice)
        for html in (self._html("account.report_invoice", invoice), self._html("sale.report_saleorder", order)):
            for text in self._texts(self.lots):
                self.assertIn(f"IMEI {text}", html)
            self.assertIn("Phone Two", html)

    def test_the_invoice_pdf_has_the_imeis(self):
        """SOP-4b: in the PDF's text itself, as the customer gets it."""
        order = self._approve(2)
        invoice = self._invoice(order)
        self._post(invoice)
        content = (
            self.env["ir.actions.report"]
            .with_context(force_report_rendering=True)
            ._render_qweb_pdf("account.account_invoices", invoice.ids)[0]
        )
        pages = PdfReader(io.BytesIO(content)).pages
        text = " ".join(" ".join(page.extract_text() for page in pages).split())
        for shown in self._texts(order.order_line._get_imei_lots()):
            self.assertIn(f"IMEI {shown}", text)

    def test_the_seller_stands_on_the_page_itself(self):
        """SOP-3c2: who sells, with tax number, is on invoice, order and slip also where no page header is printed."""
        self.env.company.write({"vat": "1234567890123456", "street": "Jl. Thamrin 1"})
        order = self._approve(1)
        invoice = self._invoice(order)
        self._post(invoice)
        for report, record in (
            ("account.report_invoice", invoice),
            ("sale.report_saleorder", order),
            ("stock.report_deliveryslip", order.picking_ids),
        ):
            html = self.env["ir.actions.report"]._render_qweb_html(report, record.ids)[0].decode()
            seller = " ".join(html_fromstring(html).xpath("string(//p[@name='seller'])").split())
            self.assertIn(f"{self.env.company.name} Jl. Thamrin 1", seller)
            self.assertIn("1234567890123456", seller)

    def test_the_portal_shows_the_imeis(self):
        """SOP-4b: the customer sees them on the order and on the invoice."""
        order = self._approve(2)
        invoice = self._invoice(order)
        self._post(invoice)
        for document, suffix in ((order, ""), (invoice, "&report_type=html")):
            page = self.url_open(f"{document.get_portal_url()}{suffix}").text
            for lot in order.order_line._get_imei_lots():
                self.assertIn(lot.name, page)
                self.assertIn(lot.imei2 or lot.name, page)

    def test_the_delivery_slip_prints_them_before_and_after(self):
        """SOP-4b: on the slip whether or not the setting for serial numbers on slips is on."""
        order = self._approve(2)
        lots = order.order_line._get_imei_lots()
        delivery = order.picking_ids
        setting = self.env.ref("stock.group_lot_on_delivery_slip")
        shown = [self._html("stock.report_deliveryslip", delivery)]
        self._deliver(order)
        shown.append(self._html("stock.report_deliveryslip", delivery))
        self.env.user.group_ids += setting
        shown.append(self._html("stock.report_deliveryslip", delivery))
        for html in shown:
            for lot in lots:
                self.assertEqual(html.count(lot.name), 1)
                self.assertIn(lot.imei2 or lot.name, html)

    def test_serial_numbers_that_are_no_imei_are_called_so(self):
        lot = self.env["stock.lot"].create({"name": "WATCH-1", "product_id": self.phone.id})
        self.env["stock.quant"]._update_available_quantity(self.phone, self.location, 1, lot_id=lot)
        order = self._create_approved(1)
        self.assertIn("S/N WATCH-1", self._html("sale.report_saleorder", order))
