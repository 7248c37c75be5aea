from odoo.tests import TransactionCase, tagged

from . import random_carts


@tagged("post_install", "-at_install")
class TestRandomCarts(TransactionCase):
    """Order, invoice, payment and fee agree to the rupiah; ``benchmarks/random_carts.py`` does it 100,000 times."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "no_reset_password": True})
        cls.shop = random_carts.Shop(cls.env)

    def test_computed(self):
        """SOP-3c2, SOP-6: what the code computes for carts is what decimal arithmetic says."""
        wrong = []
        for seed in range(100):
            cart = random_carts.make_cart(seed)
            found = random_carts.compute(self.shop, cart)
            wrong += random_carts.disagreements(cart, found, random_carts.expectations(cart))
        self.assertEqual(wrong, [])

    def test_sold_and_paid(self):
        """SOP-4a, FL-11: submitted, approved, confirmed, invoiced and paid for one and the same amount."""
        for seed in range(1000, 1004):
            cart = random_carts.make_cart(seed)
            self.assertEqual(random_carts.disagreements(cart, *random_carts.sell(self.shop, cart)), [])

    def test_cancelled(self):
        """SOP-6: the fee is a part of the price list, its invoice the fee, and the refund the rest."""
        for seed in range(2000, 2004):
            cart = random_carts.make_cart(seed)
            self.assertEqual(random_carts.disagreements(cart, *random_carts.cancel(self.shop, cart)), [])

    def test_a_rupiah_is_noticed(self):
        """The comparison isn't blind: a rupiah more, or half of one, is a disagreement."""
        cart = random_carts.make_cart(7)
        expected = random_carts.expectations(cart)
        for more in (1, -1, 0.5):
            found = {name: float(amount) for name, amount in expected.items()}
            found["fee"] += more
            self.assertEqual([name for _seed, name, *_ in random_carts.disagreements(cart, found, expected)], ["fee"])
