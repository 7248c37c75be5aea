from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .test_order_review import ReviewCase


@tagged("post_install", "-at_install")
class TestPricesOfTheHour(ReviewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pricelist = cls.env["product.pricelist"].create(
            {"name": "Weekly", "currency_id": cls.env.company.currency_id.id}
        )
        cls.standard = cls.env["product.pricelist"].create({"name": "Standard", "sequence": -1})
        cls.partner.property_product_pricelist = cls.standard
        cls.past = fields.Datetime.now() - timedelta(days=21)
        weeks = {"compute_price": "fixed", "pricelist_id": cls.pricelist.id}
        weeks |= {"applied_on": "0_product_variant", "product_id": cls.phone.id}
        end_of_old = cls.past + timedelta(days=7)
        cls.rule, cls.new_rule = cls.env["product.pricelist.item"].create(
            [
                {**weeks, "fixed_price": 2_000_000, "date_end": end_of_old},
                {**weeks, "fixed_price": 2_500_000, "date_start": end_of_old},
            ]
        )

    def _old_order(self, **values):
        return self._create_order(1, pricelist_id=self.pricelist.id, date_order=self.past, **values)

    def test_an_old_quotation_is_submitted_at_the_prices_of_now(self):
        """SOP-4a: however old the quotation, and whatever date was written into it, prices are of this hour."""
        order = self._old_order()
        self.assertEqual(order.amount_total, 2_000_000)
        order.action_submit()
        self.assertEqual((order.amount_total, order.order_line[0].list_price_unit), (2_500_000, 2_500_000))
        self.assertAlmostEqual(order.date_order, order.price_locked_at, delta=timedelta(minutes=1))
        message = order.message_ids.filtered(lambda message: "have changed" in (message.body or ""))
        self.assertIn("2,000,000", message.body)
        self.assertIn("2,500,000", message.body)

    def test_a_new_quotation_is_not_talked_about(self):
        """SOP-4a: where prices are those of now, nothing is said."""
        order = self._create_order(1)
        order.action_submit()
        self.assertFalse(order.message_ids.filtered(lambda message: "have changed" in (message.body or "")))

    def test_the_products_own_price(self):
        """SOP-4a: without a price list, it is the product's price of now."""
        order = self._create_order(1)
        self.phone.list_price = 3_300_000
        order.action_submit()
        self.assertEqual(order.amount_total, 3_300_000)

    def test_prices_chosen_by_hand_stay(self):
        """SOP-4a: what the officer agreed with the customer is for the approver to judge, written now or at first."""
        written = self._old_order()
        written.order_line.price_unit = 1_900_000
        line = {"product_id": self.phone.id, "price_unit": 1_900_000}
        given = self._old_order(order_line=[Command.create(line)])
        free = self._old_order(order_line=[Command.create({**line, "price_unit": 0})])
        for order, price in ((written, 1_900_000), (given, 1_900_000), (free, 0)):
            order.action_submit()
            self.assertEqual((order.amount_total, order.order_line[0].list_price_unit), (price, 2_500_000))

    def test_prices_typed_into_the_form_stay(self):
        """SOP-4a: likewise in the web client; what it didn't touch is refreshed."""
        with Form(self.env["sale.order"].with_user(self.officer)) as form:
            form.partner_id = self.partner
            for price in (None, 1_234_000):
                with form.order_line.new() as line:
                    line.product_id = self.phone
                    if price:
                        line.price_unit = price
        self.phone.list_price = 3_300_000
        form.record.action_submit()
        self.assertEqual(
            form.record.order_line.filtered("list_price_unit").mapped("price_unit"), [3_300_000, 1_234_000]
        )

    def _show_discounts(self):
        self.env["res.config.settings"].create(
            {"group_discount_per_so_line": True, "group_product_pricelist": True}
        ).execute()
        self.rule.write({"compute_price": "percentage", "percent_price": 20})
        self.new_rule.write({"compute_price": "percentage", "percent_price": 10})

    def test_discounts_of_the_price_list_are_of_now(self):
        """SOP-4a: a price list may show its price as a discount; one that was chosen by hand stays."""
        self._show_discounts()
        order, other = self._old_order(), self._old_order()
        other.order_line.discount = 5
        self.assertEqual(order.order_line.discount, 20)
        (order + other).action_submit()
        self.assertEqual([order.order_line[0].discount, other.order_line[0].discount], [10, 5])

    def test_discounts_in_the_form(self):
        """SOP-4a: likewise where the web client made the line."""
        self._show_discounts()
        self.partner.property_product_pricelist = self.pricelist
        with Form(self.env["sale.order"].with_user(self.officer)) as form:
            form.partner_id = self.partner
            for discount in (None, 7):
                with form.order_line.new() as line:
                    line.product_id = self.phone
                    if discount:
                        line.discount = discount
        self.new_rule.percent_price = 30
        form.record.action_submit()
        lines = form.record.order_line.filtered("list_price_unit")
        self.assertEqual(lines.mapped("discount"), [30, 7])

    def test_resubmission_takes_the_prices_of_its_hour(self):
        """SOP-4a: an order that was unlocked gets new prices when it is submitted again."""
        order = self._create_order(1)
        order.action_submit()
        order.with_user(self.manager)._workflow_do("unlock", "customer thinks")
        self.phone.list_price = 3_100_000
        order.action_submit()
        self.assertEqual((order.amount_total, order.locked_total), (3_100_000, 3_100_000))

    def test_gifts_and_delivery_keep_their_prices(self):
        """SOP-4a: a reward's line and the delivery's aren't priced by the price list."""
        gift = self._create_goods(2)
        self.env["loyalty.program"].create(
            {
                "name": "Free Case",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [Command.create({"product_ids": self.phone.ids})],
                "reward_ids": [Command.create({"reward_type": "product", "reward_product_id": gift.id})],
            }
        )
        order = self._create_order(1)
        order._update_programs_and_rewards()
        for coupon, reward in order._get_claimable_rewards().items():
            order._apply_program_reward(reward, coupon)
        self.assertTrue(order.order_line.filtered("is_reward_line"))
        gift.list_price = 150_000
        order.action_submit()
        self.assertEqual(order.amount_total, 3_000_000)

    def test_combos(self):
        """SOP-4a: a combination has the price of now, shared among its parts as Odoo does."""
        combo = self.env["product.combo"].create(
            {"name": "Phone", "combo_item_ids": [Command.create({"product_id": self.phone.id})]}
        )
        bundle = self.env["product.product"].create(
            {"name": "Bundle", "type": "combo", "list_price": 3_500_000, "combo_ids": combo.ids, "taxes_id": False}
        )
        order = self._create_order(1, product=bundle)
        self.env["sale.order.line"].create(
            {
                "order_id": order.id,
                "product_id": self.phone.id,
                "combo_item_id": combo.combo_item_ids.id,
                "linked_line_id": order.order_line.id,
            }
        )
        self.assertEqual(order.amount_total, 3_500_000)
        bundle.list_price = 3_600_000
        order.action_submit()
        self.assertEqual(order.amount_total, 3_600_000)

    def test_the_button_for_a_discount_on_the_order(self):
        """SOP-4a: Odoo's discount on the whole order is a line below zero, and may be submitted."""
        product = self.env["product.product"].create({"name": "Discount", "type": "service", "taxes_id": False})
        self.env.company.sale_discount_product_id = product
        order = self._create_order(1)
        wizard = self.env["sale.order.discount"].with_user(self.officer).with_context(active_id=order.id)
        wizard.create({"discount_type": "amount", "discount_amount": 500_000}).action_apply_discount()
        order.action_submit()
        self.assertEqual((order.amount_total, order.locked_total), (2_500_000, 2_500_000))
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        invoice = self._invoice(order)
        invoice.action_post()
        self.assertEqual(invoice.amount_total, 2_500_000)

    def test_a_discount_is_not_more_than_the_order(self):
        """SOP-4a: nothing is sold for less than nothing, by that button either."""
        product = self.env["product.product"].create({"name": "Discount", "type": "service", "taxes_id": False})
        self.env.company.sale_discount_product_id = product
        order = self._create_order(1)
        order.order_line = [Command.create({"product_id": product.id, "price_unit": -3_000_001})]
        with self.assertRaisesRegex(UserError, "total can't be negative"):
            order.action_submit()
