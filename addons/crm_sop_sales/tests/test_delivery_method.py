from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.crm_sop_sales import cities

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestDeliveryMethod(PhoneShopCase):
    """The delivery method and its charge come from the address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        names = ("own_courier", "service_near", "service_far", "pickup")
        carriers = [cls.env.ref(f"crm_sop_sales.delivery_carrier_{name}") for name in names]
        cls.own, cls.near, cls.far, cls.pickup = carriers
        cls.carriers = cls.own.union(*carriers)
        cls.carriers.active = True
        cls.carriers.product_id.taxes_id = False
        cls.near.fixed_price, cls.far.fixed_price = 25_000, 60_000
        cls.env.company.country_id = cls.env.ref("base.id")
        cls._create_units(cls.phone, 5)

    def _order(self, state="jk", **address):
        address.setdefault("state_id", state and self.env.ref(f"base.state_id_{state}").id)
        customer = self._create_customer("Somebody", **address)
        return self._create_order(partner_id=customer.id)

    def _submit(self, order):
        order.action_submit()
        return order.carrier_id, order.order_line.filtered("is_delivery")

    def test_jakarta_is_free_by_own_courier(self):
        """SOP-5a: every part of DKI Jakarta, and an address that names no city: own courier, no charge."""
        for city in ("Jakarta Selatan", "JAKARTA PUSAT", "Kota Adm. Jakarta Barat", "Kep. Seribu", False):
            order = self._order("jk", city=city)
            order._set_delivery_from_address()
            self.assertEqual((order.carrier_id, order.order_line.filtered("is_delivery").price_total), (self.own, 0))

    def test_around_jakarta_a_service_is_charged(self):
        """SOP-5b: Depok, Tangerang, Bogor, Bekasi, however written: a service, charged on a line of its own."""
        cases = {
            "jb": ("Depok", "depok", "Kota Depok", "BOGOR", "Kab. Bogor", "Kabupaten Bekasi", " Bekasi "),
            "bt": ("Tangerang", "KOTA TANGERANG", "Tangerang Selatan", "Kota Tangerang Selatan"),
        }
        for state, names in cases.items():
            for city in names:
                order = self._order(state, city=city)
                order._set_delivery_from_address()
                line = order.order_line.filtered("is_delivery")
                self.assertEqual((order.carrier_id, line.price_total), (self.near, 25_000), city)

    def test_beyond_another_charge(self):
        """SOP-5b: farther away the service costs more; a Depok elsewhere isn't the one beside Jakarta."""
        for state, city in (("jb", "Bandung"), ("bt", "Serang"), ("ji", "Surabaya"), ("yo", "Depok"), ("ji", False)):
            order = self._order(state, city=city)
            order._set_delivery_from_address()
            self.assertEqual(order.carrier_id, self.far, city)
            self.assertEqual(order.order_line.filtered("is_delivery").price_total, 60_000)

    def test_submission_sets_it_before_prices_are_locked(self):
        """SOP-5b: submitting adds the charge; the locked order keeps it."""
        order = self._order("jb", city="Depok")
        carrier, line = self._submit(order)
        self.assertEqual((carrier, line.price_total, order.amount_total), (self.near, 25_000, 3_025_000))
        with self.assertRaises(UserError):
            order.set_delivery_line(self.own, 0)
        self.near.fixed_price = 99_000
        self.assertEqual(line.price_total, 25_000)
        self.assertFalse(order.delivery_forecast, "what is locked needs no forecast")

    def test_address_without_state(self):
        """SOP-5b: without what decides nothing is guessed: the officer hears what is missing and what to do."""
        order = self._order(None, city="Depok")
        with self.assertRaisesRegex(UserError, "has no State"):
            order.action_submit()
        self.assertIn("State", order.delivery_forecast)

    def test_address_without_city(self):
        """SOP-5b: in a state that has near and far cities, the city decides."""
        order = self._order("jb", city=False)
        with self.assertRaisesRegex(UserError, "has no City"):
            order.action_submit()

    def test_address_without_country(self):
        """SOP-5b: an address without a country is asked for it."""
        order = self._order(None, city="Depok", country_id=False)
        with self.assertRaisesRegex(UserError, "has no Country"):
            order.action_submit()

    def test_no_method_fits(self):
        """SOP-5b: where none goes there, the message says who can help."""
        self.far.active = False
        with self.assertRaisesRegex(UserError, "no delivery method goes to Surabaya"):
            self._order("ji", city="Surabaya").action_submit()

    def test_officers_own_choice_stays_if_it_fits(self):
        """SOP-5b: another method that goes there may be chosen, at its price of now; one that doesn't is replaced."""
        product = self.near.product_id.copy()
        express = self.near.copy({"name": "Express", "product_id": product.id, "fixed_price": 40_000})
        for chosen, expected, charge in ((express, express, 40_000), (self.own, self.near, 25_000)):
            order = self._order("jb", city="Depok")
            order.set_delivery_line(chosen, 7)
            carrier, line = self._submit(order)
            self.assertEqual((carrier, line.price_total), (expected, charge))

    def test_free_standard_delivery_is_no_way_around_the_charge(self):
        """SOP-5b: Odoo's own free method, which goes everywhere, is neither offered nor kept."""
        free = self.env.ref("delivery.free_delivery_carrier")
        free.active = True
        order = self._order("jb", city="Depok")
        wizard = (
            self.env["choose.delivery.carrier"]
            .with_user(self.officer)
            .create({"order_id": order.id, "carrier_id": self.near.id})
        )
        self.assertIn(self.near, wizard.available_carrier_ids)
        self.assertIn(self.pickup, wizard.available_carrier_ids)
        self.assertNotIn(free, wizard.available_carrier_ids)
        order.set_delivery_line(free, 0)
        self.assertEqual(self._submit(order)[0], self.near)

    def test_pick_up_in_shop(self):
        """SOP-5b: a customer who comes to the shop pays no delivery, whatever their address is or lacks."""
        order = self._order(None, city=False)
        order.set_delivery_line(self.pickup, 0)
        carrier, line = self._submit(order)
        self.assertEqual((carrier, line.price_total), (self.pickup, 0))

    def test_pick_up_is_never_guessed(self):
        """SOP-5b: picking up has to be chosen."""
        self.pickup.sequence = 0
        order = self._order("jb", city="Depok")
        self.assertEqual(self._submit(order)[0], self.near)

    def test_abroad(self):
        """SOP-5b: an Indonesian shop that ships abroad has to choose how; it isn't free by accident."""
        order = self._order(None, city="Kraków", country_id=self.env.ref("base.pl").id)
        with self.assertRaisesRegex(UserError, "Poland"):
            order.action_submit()
        order.set_delivery_line(self.env.ref("delivery.free_delivery_carrier"), 0)
        self.assertTrue(self._submit(order)[0])

    def test_shop_elsewhere(self):
        """SOP-5b: a Polish shop, for which no method is bound to Poland, goes on without one and without an error."""
        self.env.company.country_id = self.env.ref("base.pl")
        order = self._order(None, city="Kraków", country_id=self.env.ref("base.pl").id)
        carrier, line = self._submit(order)
        self.assertFalse(carrier or line)

    def test_services_are_not_delivered(self):
        """SOP-5b: an order without goods has no delivery."""
        service = self.env["product.product"].create({"name": "Setup", "type": "service", "list_price": 50_000})
        order = self._create_order(product=service)
        carrier, line = self._submit(order)
        self.assertFalse(carrier or line)

    def test_other_address_other_charge(self):
        """SOP-5b: the delivery address counts, not the customer's; back in draft, a new one is a new charge."""
        order = self._order("jk", city="Jakarta Timur")
        elsewhere = self._create_customer("Office", city="Bogor", state_id=self.env.ref("base.state_id_jb").id)
        order.partner_shipping_id = elsewhere
        self.assertEqual(self._submit(order)[0], self.near)
        order.with_user(self.manager)._workflow_do("reject", "other address")
        order.partner_shipping_id = order.partner_id
        carrier, line = self._submit(order)
        self.assertEqual((carrier, line.price_total, len(line)), (self.own, 0, 1))

    def test_many_orders_at_once(self):
        """SOP-5b: a batch gets each its own method."""
        orders = self._order("jk") + self._order("jb", city="Bogor") + self._order("ji", city="Malang")
        orders._set_delivery_from_address()
        self.assertEqual(orders.mapped("carrier_id"), self.own + self.near + self.far)
        self.assertEqual([len(order.order_line.filtered("is_delivery")) for order in orders], [1, 1, 1])

    def test_officer_sees_it_before(self):
        """SOP-5a, SOP-5b: the quotation says how it will be delivered and for how much, as the address is chosen."""
        depok = self._create_customer("Depok", city="Depok", state_id=self.env.ref("base.state_id_jb").id)
        with Form(self.env["sale.order"].with_user(self.officer)) as form:
            form.partner_id = self.partner
            with form.order_line.new() as line:
                line.product_id = self.phone
            self.assertIn("free of charge", form.delivery_forecast)
            form.partner_id = depok
            self.assertIn("25,000", form.delivery_forecast)
        order = form.record
        for colleague in (self.logistics, self.accountant):
            self.assertIn("25,000", order.with_user(colleague).delivery_forecast)

    def test_charge_is_taxed_as_its_product(self):
        """SOP-5b: with a tax that the price includes, the customer pays the price that the method names."""
        tax = self.env["account.tax"].create(
            {"name": "PPN test", "amount": 11, "type_tax_use": "sale", "price_include_override": "tax_included"}
        )
        self.near.product_id.taxes_id = [Command.set(tax.ids)]
        line = self._submit(self._order("jb", city="Depok"))[1]
        self.assertEqual((line.price_total, line.tax_ids), (25_000, tax))


@tagged("post_install", "-at_install")
class TestCityNames(PhoneShopCase):
    def test_normalize(self):
        """SOP-5b: names are compared as people mean them."""
        same = ("Depok", "depok", " KOTA DEPOK ", "Kota Depok.", "Dépok", "Depok City", "Kab. Depok")
        self.assertEqual({cities.normalize(name) for name in same}, {"depok"})
        self.assertEqual(cities.normalize("Kota Tangerang Selatan"), "tangerang selatan")
        self.assertNotEqual(cities.normalize("Depok Baru"), "depok")
        self.assertEqual(cities.normalize("Kota"), "kota", "a name isn't emptied")
        self.assertEqual([cities.normalize(name) for name in (False, None, "", " - ")], [""] * 4)

    def test_parse(self):
        self.assertEqual(cities.parse("Bogor, Kota Depok;\nBEKASI,,"), {"bogor", "depok", "bekasi"})
        self.assertEqual(cities.parse(False), set())
