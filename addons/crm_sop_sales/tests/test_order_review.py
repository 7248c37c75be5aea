from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import PhoneShopCase


class ReviewCase(PhoneShopCase):
    """Orders in a shop whose deliveries cost no tax; what the tests of a locked order share."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_units(cls.phone, 10)
        cls.env["delivery.carrier"].search([]).product_id.taxes_id = False

    @classmethod
    def _create_tax(cls, name="Test 11", **values):
        return cls.env["account.tax"].create(
            {"name": name, "amount": 11, "price_include_override": "tax_excluded", **values}
        )

    @classmethod
    def _create_goods(cls, quantity=0, **values):
        """Return a product that is counted, with so many in stock."""
        goods = cls._create_phone("Case", 100_000, tracking="none", **values)
        if quantity:
            cls.env["stock.quant"]._update_available_quantity(goods, cls.location, quantity)
        return goods

    def _confirmed(self, quantity=1, **values):
        order = self._create_approved(quantity, **values)
        order.action_confirm()
        return order

    def _invoice(self, order):
        return order.with_user(self.accountant)._create_invoices()


@tagged("post_install", "-at_install")
class TestLockedFacts(ReviewCase):
    def test_the_total_is_noted(self):
        """SOP-4a: the total of the lock is kept, nobody writes it, and it goes with the lock."""
        order = self._create_order(2)
        order.action_submit()
        self.assertEqual(order.locked_total, 6_000_000)
        for user in (self.officer, self.manager):
            with self.assertRaises(UserError):
                order.with_user(user).write({"locked_total": 1})
            with self.assertRaises(UserError):
                order.with_user(user).write({"locked_address": "elsewhere"})
        order.with_user(self.manager)._workflow_do("reject", "too many")
        self.assertFalse(order.locked_total or order.locked_address)
        with self.assertRaisesRegex(UserError, "computed"):
            order.write({"locked_total": 1})

    def _compute_anew(self, order):
        self.env.add_to_compute(order._fields["amount_total"], order)
        order.invalidate_recordset(["amount_total"])
        self.env.flush_all()

    def test_a_tax_that_changes_later_stops_the_order(self):
        """SOP-4a: a tax's new rate doesn't change what was told: whatever computes the order anew is noticed."""
        tax = self._create_tax()
        self.phone.taxes_id = tax
        order = self._create_order(1)
        order.action_submit()
        tax.amount = 50
        self.assertEqual(order.amount_total, order.locked_total, "stored amounts don't follow the tax")
        self._compute_anew(order)
        self.assertNotEqual(order.amount_total, order.locked_total)
        with self.assertRaisesRegex(UserError, "prices were locked at"):
            order.with_user(self.manager).action_approve()
        tax.amount = 11
        self._compute_anew(order)
        order.with_user(self.manager).action_approve()
        tax.amount = 50
        self._compute_anew(order)
        with self.assertRaisesRegex(UserError, "prices were locked at"):
            order.action_confirm()

    def test_a_tax_that_changes_later_stops_the_invoice(self):
        """SOP-4a, FL-11: the invoice, which computes its taxes itself, isn't posted for another amount."""
        tax = self._create_tax()
        self.phone.taxes_id = tax
        order = self._confirmed(1)
        tax.amount = 50
        with self.assertRaisesRegex(UserError, "isn't what order"):
            self._invoice(order).action_post()

    def test_another_rate_within_the_price(self):
        """SOP-3c2: where prices include the tax, the law's new rate changes nothing for the customer."""
        tax = self._create_tax(price_include_override="tax_included")
        self.phone.taxes_id = tax
        order = self._confirmed(1)
        tax.amount = 12
        invoice = self._invoice(order)
        invoice.action_post()
        self.assertEqual(invoice.amount_total, order.locked_total)
