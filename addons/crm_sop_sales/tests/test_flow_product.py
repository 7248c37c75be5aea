from ast import literal_eval

from odoo import Command
from odoo.tests import tagged

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestProductFacts(PhoneShopCase):
    """Specification, availability and price with tax, as an officer reads them to a customer (SOP-3a)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create({"name": "PPN test", "amount": 10, "type_tax_use": "sale"})

    def _offer(self, product=None):
        """Return the row of the officer's list."""
        product = (product or self.phone).with_user(self.officer)
        actions = self.env["ir.actions.act_window"].with_user(self.officer)
        action = actions._for_xml_id("crm_sop_sales.product_product_action_offer")
        found = product.search([("id", "=", product.id), *literal_eval(action["domain"])])
        [row] = found.read(["description_sale", "price_with_tax", "free_qty", "price_currency_id"])
        return row

    def test_price_with_tax(self):
        """SOP-3a: the price is what the customer pays, whether or not the product's price includes tax."""
        self.phone.taxes_id = [Command.set(self.tax.ids)]
        self.tax.price_include_override = "tax_excluded"
        self.assertEqual(self._offer()["price_with_tax"], 3_300_000)
        self.tax.price_include_override = "tax_included"
        self.env.invalidate_all()
        self.assertEqual(self._offer()["price_with_tax"], 3_000_000)

    def test_other_companies_taxes_dont_count(self):
        """SOP-3a: a tax of another company isn't on our price."""
        other = self.env["res.company"].create({"name": "Other", "country_id": self.env.company.country_id.id})
        group = self.env["account.tax.group"].create({"name": "Other", "company_id": other.id})
        foreign = self.tax.copy({"company_id": other.id, "tax_group_id": group.id, "country_id": other.country_id.id})
        self.tax.price_include_override = "tax_excluded"
        self.phone.taxes_id = [Command.set((self.tax + foreign).ids)]
        self.assertEqual(self._offer()["price_with_tax"], 3_300_000)

    def test_price_of_the_price_list(self):
        """SOP-3a: today's price list counts."""
        self.env.ref("base.group_user").implied_ids += self.env.ref("product.group_product_pricelist")
        rule = {"compute_price": "percentage", "percent_price": 10, "applied_on": "3_global"}
        pricelist = self.env["product.pricelist"].create({"name": "Today", "item_ids": [Command.create(rule)]})
        self.env.company.partner_id.specific_property_product_pricelist = pricelist
        self.env.invalidate_all()
        self.assertEqual(self._offer()["price_with_tax"], 2_700_000)

    def test_specification_and_stock(self):
        """SOP-3a: the specification, and how many are free now; what an order holds isn't."""
        self.phone.description_sale = "6.1 inch, 128 GB, dual SIM"
        self._create_units(self.phone, 3)
        offer = self._offer()
        self.assertEqual((offer["free_qty"], offer["description_sale"]), (3, "6.1 inch, 128 GB, dual SIM"))
        self._create_order(2).action_submit()
        self.env.invalidate_all()
        self.assertEqual(self._offer()["free_qty"], 1)

    def test_on_the_quotation(self):
        """SOP-3a: the quotation's line carries the specification and what is free in the order's warehouse."""
        self.phone.description_sale = "6.1 inch, 128 GB, dual SIM"
        self._create_units(self.phone, 3)
        line = self._create_order().order_line
        self.assertIn("6.1 inch, 128 GB, dual SIM", line.name)
        self.assertEqual(line.free_qty_today, 3)

    def test_many_products_cost_no_more(self):
        """SOP-3a: a list of many products costs no more queries than a list of few."""
        products = self.phone.union(*[self._create_phone(f"Phone {n}", 1_000_000 + n) for n in range(12)])
        self._queries(products)  # fills the caches that outlive a request
        self.assertEqual(self._queries(products), self._queries(products[:2]))

    def _queries(self, products):
        self.env.invalidate_all()
        products = products.with_user(self.officer)
        products.mapped("lst_price")
        before = self.env.cr.sql_log_count
        products.mapped("price_with_tax")
        return self.env.cr.sql_log_count - before
