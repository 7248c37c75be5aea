from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .inquiry_common import InquiryCase


@tagged("post_install", "-at_install")
class TestInquiryOffers(InquiryCase):
    """What else is offered to who isn't willing: promoted products and best sellers (SOP-3b1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.refused = cls._refuse(cls._create_phone("Asked For", 3_000_000))

    def _offers(self):
        self.env.invalidate_all()
        return self.lead.promoted_product_ids, self.lead.best_seller_ids

    def test_promoted(self):
        """SOP-3b1: products that a running programme names are offered, with its name, while they are in stock."""
        self._create_promotion(self.other_phone)
        self.assertFalse(self._offers()[0])
        self._create_units(self.other_phone, 1)
        [promoted] = self._offers()[0]
        self.assertEqual(promoted, self.other_phone)
        shown = promoted.with_context(offer_partner_id=self.partner.id)
        self.assertEqual(shown.promotion_names, "Phone Week")

    def test_named_by_a_discount(self):
        """SOP-3b1: a discount on certain products names them."""
        self._create_units(self.phone, 1)
        reward = {"reward_type": "discount", "discount_applicability": "specific"}
        reward["discount_product_ids"] = [Command.set(self.phone.ids)]
        self._create_promotion(reward_ids=[Command.clear(), Command.create(reward)])
        self.assertEqual(self._offers()[0], self.phone)

    def test_a_discount_on_everything_promotes_nothing(self):
        """SOP-3b1: where every product is on promotion, none is."""
        self._create_units(self.phone, 1)
        self._create_promotion()
        self.assertFalse(self._offers()[0])

    def test_not_what_is_over(self):
        """SOP-3b1: a programme that has ended promotes nothing."""
        self._create_units(self.phone, 1)
        self._create_promotion(self.phone, date_to=fields.Date.today() - timedelta(days=1))
        self.assertFalse(self._offers()[0])

    def test_best_sellers(self):
        """SOP-3b1: what sold best in the last days comes first, other officers' orders counted."""
        for product, count in ((self.phone, 1), (self.other_phone, 2)):
            self._create_units(product, 5)
            self._sell(product, count)
        sellers = self._offers()[1]
        self.assertEqual(sellers.ids, (self.other_phone + self.phone).ids)
        self.assertEqual(sellers.mapped("units_sold"), [2, 1])

    def test_best_sellers_of_the_last_days(self):
        """SOP-3b1: how many days count is the company's setting, 30 by default; quotations don't count."""
        self.assertEqual(self.env.company.best_seller_days, 30)
        self._create_units(self.phone, 5)
        self._create_order()
        self.assertFalse(self._offers()[1])
        self._sell(self.phone, 1).date_order = fields.Datetime.now() - timedelta(days=31)
        self.env.flush_all()
        self.assertFalse(self._offers()[1])
        self.env.company.best_seller_days = 32
        self.assertEqual(self._offers()[1], self.phone)

    def test_best_sellers_in_stock(self):
        """SOP-3b1: what is sold out isn't offered."""
        self._sell(self.phone, 1)
        self.assertFalse(self._offers()[1])

    def test_only_where_something_was_refused(self):
        """SOP-3b1: who may yet take what was asked for is offered nothing else, nor is who has bought or gone."""
        self._create_units(self.phone, 1)
        self._sell(self.phone, 1)
        self.refused.write({"answer": "interested", "refusal_reason": False})
        self.assertFalse(self._offers()[1])
        self.refused.write({"answer": "refused", "refusal_reason": "Too dear"})
        self.assertEqual(self._offers()[1], self.phone)
        self.lead.sudo()._write({"won_status": "lost"})
        self.assertFalse(self._offers()[1])

    def test_offering(self):
        """SOP-3b1: what was offered is on record, with the answer, by whom and when; then it is no offer any more."""
        self._create_units(self.other_phone, 1)
        self._create_promotion(self.other_phone)
        [product] = self._offers()[0]
        product.with_user(self.officer).with_context(opportunity_id=self.lead.id).action_offer()
        line = self.lead.product_line_ids - self.refused
        self.assertEqual((line.kind, line.answer, line.create_uid), ("offered", False, self.officer))
        self.assertFalse(self._offers()[0])
        line.write({"answer": "refused", "refusal_reason": "Too big"})
        self.assertEqual((line.answered_by_id, line.taken_share), (self.officer, 0))
        self.assertIn("Too big", self.lead.message_ids[:1].body)
