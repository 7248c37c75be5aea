import random
from collections import defaultdict
from itertools import permutations
from math import sqrt

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .selling_common import SellingCase

Z2 = 1.96**2


@tagged("post_install", "-at_install")
class TestProductPair(SellingCase):
    """CC-3c: what is bought together, counted so that chance isn't taken for taste."""

    def _all(self):
        return self.pairs.search([("company_id", "=", self.firm.id)])

    def _sell_together(self, customers, products, **values):
        for customer in customers:
            self._sell(customer, products, **values)

    def test_as_counted_by_hand(self):
        """CC-3c: counts and measures are those of a plain computation."""
        chance = random.Random(3)
        rest = self.socks | self.hat | self._create_goods("Bag", "Scarf")
        customers, baskets = self._create_customers(40), []
        for number in range(80):
            products = rest.browse(sorted(chance.sample(rest.ids, chance.choice((1, 1, 2)))))
            if number % 3 == 0:
                products |= self.shoes | self.belt
            ago, customer = chance.choice((3, 100, 364, 366)), chance.choice(customers)
            self._sell(customer, products, ago=ago)
            if ago <= 365:
                baskets.append((customer.id, products))
        self.pairs._count(self.firm)
        total, expected = len({customer for customer, _products in baskets}), self._measure(baskets)
        found = {(pair.product_id.id, pair.other_id.id): pair for pair in self._all()}
        self.assertTrue(expected)
        self.assertEqual(set(found), set(expected))
        for key, (count, n, share, low, lift, strength) in expected.items():
            pair = found[key]
            self.assertEqual((pair.count_together, pair.count_product, pair.count_all), (count, n, total))
            for name, value in (("confidence", share), ("confidence_low", low), ("lift", lift)):
                self.assertAlmostEqual(pair[name], value, places=6)
            self.assertAlmostEqual(pair.strength, strength, places=2)
        self.assertEqual(self.pairs._count(self.firm), 0, "a second night writes nothing")

    def _measure(self, baskets):
        """Return (product, other) → figures of what is bought together by more than chance."""
        buyers, both = defaultdict(set), defaultdict(set)
        for customer, products in baskets:
            for one in products.ids:
                buyers[one].add(customer)
            for pair in permutations(products.ids, 2):
                both[pair].add(customer)
        total, measured = len({customer for customer, _products in baskets}), {}
        for (one, other), together in both.items():
            n, share = len(buyers[one]), len(together) / len(buyers[one])
            low = (share + Z2 / (2 * n) - 1.96 * sqrt(share * (1 - share) / n + Z2 / (4 * n * n))) / (1 + Z2 / n)
            base = len(buyers[other]) / total
            if len(together) >= 3 and low > base:
                measured[one, other] = (len(together), n, share, low, share / base, low / base)
        return measured

    def test_chance(self):
        """CC-3c: one of one, and two of two, aren't 100 %; one customer who buys ten times is one."""
        one, two, *others = self._create_customers(30)
        self._sell_together(others, self.socks)
        self._sell_together(one + two, self.shoes + self.belt)
        for _number in range(10):
            self._sell(one, self.shoes + self.belt)
        self.pairs._count(self.firm)
        self.assertFalse(self._all())
        self._sell(others[0], self.shoes + self.belt)
        self.pairs._count(self.firm)
        pair = self._all().filtered(lambda pair: pair.product_id == self.shoes)
        self.assertEqual((pair.count_together, pair.confidence), (3, 1.0))
        self.assertLess(pair.confidence_low, 0.5)
        self.assertIn("3 of 3", pair.reason)

    def test_left_out(self):
        """CC-3c: no services, nothing archived or no longer sold, nothing of another company's or not confirmed."""
        customers = self._create_customers(8)
        crowd = self._create_customers(20)
        fee = self._create_goods("Delivery", type="service")
        self._sell_together(crowd, self.hat)
        self._sell_together(customers, self.shoes + self.belt + self.socks + fee)
        other = self._create_company("Other firm")
        for customer in customers:
            self._sell(customer, self.shoes + self.hat, company=other)
            self._quote(customer, self.hat + self.belt)
        self.pairs._count(self.firm)
        self.assertEqual(self._all().other_id, self.shoes + self.belt + self.socks)
        self.belt.active = False
        self.socks.sale_ok = False
        self.pairs._count(self.firm)
        self.assertFalse(self._all())

    def test_by_hand_and_ban(self):
        """CC-3c: pairs by hand and bans outlive the night."""
        customers, crowd = self._create_customers(8), self._create_customers(20)
        self._sell_together(crowd, self.hat)
        hand = self._make_pair(self.shoes, self.hat, strength=3, note="Both red")
        self._sell_together(customers, self.shoes + self.belt)
        self.pairs._count(self.firm)
        pair = self._all().filtered(lambda pair: pair.product_id == self.shoes and pair.other_id == self.belt)
        pair.with_user(self.boss).write({"banned": True})
        self.assertEqual(self.pairs._count(self.firm), 0)
        self.assertTrue(pair.banned)
        self._make_pair(self.socks, self.hat)
        self._sell_together(customers, self.socks + self.hat)
        self.pairs._count(self.firm)
        own = self._all().filtered(lambda pair: pair.product_id == self.socks and pair.other_id == self.hat)
        self.assertEqual((own.source, own.strength), ("hand", 5.0))
        self.assertEqual((hand.source, hand.strength, hand.reason), ("hand", 3, "Both red"))
        self._force(self.env["sale.order"].search([("company_id", "=", self.firm.id)]), state="cancel")
        self.pairs._count(self.firm)
        self.assertEqual(self._all(), pair + hand + own)

    def test_attacks(self):
        """CC-3c: counts are nobody's to write; agents read; counted pairs are banned, not deleted or changed."""
        customers, crowd = self._create_customers(8), self._create_customers(20)
        self._sell_together(crowd, self.hat)
        self._sell_together(customers, self.shoes + self.belt)
        self.pairs._count(self.firm)
        pair = self._all()[0].with_user(self.boss)
        for vals in ({"confidence": 1}, {"lift": 99}, {"source": "hand"}, {"strength": 99}, {"other_id": self.hat.id}):
            with self.assertRaises(UserError):
                pair.write(vals)
        with self.assertRaises(UserError):
            pair.unlink()
        made = self.pairs.with_user(self.boss).create(
            {
                "company_id": self.firm.id,
                "product_id": self.hat.id,
                "other_id": self.socks.id,
                "source": "counted",
                "count_together": 99,
                "lift": 99,
            }
        )
        self.assertEqual((made.source, made.count_together, made.lift), ("hand", 0, 0))
        made.unlink()
        for user in (self.seller, self.salesman):
            with self.assertRaises(AccessError):
                pair.with_user(user).write({"banned": True})
            pair.with_user(user).read(["reason"])
        with self.assertRaises(AccessError):
            pair.with_user(self.officer_a).read(["reason"])  # of another company
        with self.assertRaises(AccessError):
            self.pairs.with_user(self.boss).create(
                {"company_id": self.company.id, "product_id": self.hat.id, "other_id": self.socks.id}
            )
