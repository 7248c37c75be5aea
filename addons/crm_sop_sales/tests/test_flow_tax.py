from odoo import Command
from odoo.tests import tagged

from .common import PhoneShopCase

NOTE = 'name="tax_included"'


@tagged("post_install", "-at_install")
class TestTaxIncluded(PhoneShopCase):
    """Prices are tax-included, and the documents say so (SOP-3c2)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "PPN test",
                "amount": 11,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
                "invoice_label": "PPN 11%",
            }
        )
        cls.phone.taxes_id = [Command.set(cls.tax.ids)]
        cls._create_units(cls.phone, 2)

    def _print(self, report, record):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(report, record.ids)
        return html.decode()

    def _documents(self):
        """Return the order and its invoice, printed."""
        order = self._create_approved(2)
        order.action_confirm()
        invoice = order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        return (
            order,
            invoice,
            [
                self._print("sale.action_report_saleorder", order),
                self._print("account.account_invoices", invoice),
            ],
        )

    def test_price_is_what_the_customer_pays(self):
        """SOP-3c2, FL-11: two phones at three million are six million, on order and invoice; both say why."""
        order, invoice, printed = self._documents()
        self.assertEqual((order.amount_total, invoice.amount_total), (6_000_000, 6_000_000))
        self.assertEqual(order.amount_tax, order.currency_id.round(6_000_000 * 11 / 111))
        for html in printed:
            said = html.partition(NOTE)[2][:200]
            self.assertIn("PPN 11%", said)

    def test_nothing_is_said_where_tax_comes_on_top(self):
        """SOP-3c2: a document whose prices are without tax doesn't claim the contrary."""
        self.tax.price_include_override = "tax_excluded"
        _order, _invoice, printed = self._documents()
        for html in printed:
            self.assertEqual(html.count(NOTE), 0)
