from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .inquiry_common import InquiryCase


@tagged("post_install", "-at_install")
class TestInquiry(InquiryCase):
    """Need, proposals and products of interest (SOP-3a, SOP-T3, SOP-T4)."""

    def _matching(self, **need):
        self.lead.write(need)
        self.env.invalidate_all()
        return self.lead.matching_product_ids

    # === NEED === #

    def test_nothing_is_proposed_without_a_need(self):
        """SOP-T3: proposals answer a need; without one the officer asks first."""
        self._create_units(self.phone, 1)
        self.assertFalse(self._matching())

    def test_by_budget(self):
        """SOP-T3: what costs from–to is proposed, both ends included, an open end has no limit."""
        self._create_units(self.phone, 1)
        self._create_units(self.other_phone, 1)
        self.assertEqual(self._matching(budget_from=3_000_000, budget_to=3_999_999), self.phone)
        self.assertEqual(self._matching(budget_from=3_000_001, budget_to=4_000_000), self.other_phone)
        self.assertEqual(self._matching(budget_from=3_000_000, budget_to=0), self.phone + self.other_phone)
        self.assertFalse(self._matching(budget_from=0, budget_to=2_999_999))

    def test_budget_is_compared_with_tax(self):
        """SOP-T3, SOP-3c2: a price without tax that fits doesn't, where the tax takes it above the budget."""
        self._create_units(self.phone, 1)
        tax = self.env["account.tax"].create(
            {"name": "PPN 10%", "amount": 10, "price_include_override": "tax_excluded"}
        )
        self.phone.taxes_id = tax
        self.assertFalse(self._matching(budget_to=3_200_000))
        self.assertEqual(self._matching(budget_to=3_300_000), self.phone)

    def test_budget_by_the_customers_price_list(self):
        """SOP-T3: the price is that of the customer's price list."""
        self._create_units(self.phone, 1)
        rule = {"compute_price": "fixed", "fixed_price": 2_500_000, "product_tmpl_id": self.phone.product_tmpl_id.id}
        rule["applied_on"] = "1_product"
        lists = [{"name": "Public", "sequence": 0}, {"name": "Dealers", "item_ids": [Command.create(rule)]}]
        _public, dealers = self.env["product.pricelist"].create(lists)
        self.assertFalse(self._matching(budget_to=2_600_000))
        self.partner.specific_property_product_pricelist = dealers
        self.assertEqual(self._matching(budget_to=2_600_000), self.phone)
        lists = {"matching_product_ids": {"fields": {"price_with_tax": {}, "display_name": {}}}}
        [values] = self.lead.web_read(lists)
        self.assertEqual(values["matching_product_ids"][0]["price_with_tax"], 2_500_000)
        line = self._add(self.phone)
        self.assertEqual(line.price, 2_500_000)

    def test_by_use(self):
        """SOP-T3: what serves a use is proposed, what serves more of them first."""
        self._create_units(self.phone, 1)
        self._create_units(self.other_phone, 1)
        self.phone.use_ids = self.camera
        self.assertEqual(self._matching(use_ids=self.camera.ids), self.phone)
        self.other_phone.use_ids = self.camera + self.battery
        found = self._matching(use_ids=(self.camera + self.battery).ids)
        self.assertEqual(found.ids, (self.other_phone + self.phone).ids)

    def test_only_what_is_free(self):
        """SOP-T3: what isn't in stock, or is held by an order, isn't proposed."""
        self.assertFalse(self._matching(budget_to=9_000_000))
        self._create_units(self.phone, 1)
        self.assertEqual(self._matching(), self.phone)
        self._create_order().action_submit()
        self.assertFalse(self._matching())

    def test_what_is_on_the_list_isnt_proposed_again(self):
        """SOP-T3: one click adds a product of interest; then it is no proposal any more, and no second line."""
        self._create_units(self.phone, 1)
        [product] = self._matching(budget_to=9_000_000)
        product.with_user(self.officer).with_context(opportunity_id=self.lead.id).action_add_to_opportunity()
        product.with_user(self.officer).with_context(opportunity_id=self.lead.id).action_add_to_opportunity()
        self.assertEqual(self.lead.product_line_ids.mapped("kind"), ["asked"])
        self.assertFalse(self._matching())

    def test_many_models_cost_no_more_queries(self):
        """SOP-T3: the number of queries doesn't grow with the number of products."""

        def count(copies):
            for number in range(copies):
                self._create_units(self._create_phone(f"Model {copies} {number}", 3_500_000), 1)
            self.lead.write({"budget_to": 9_000_000})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.lead.matching_product_ids.mapped("price_with_tax")
            return self.env.cr.sql_log_count - before

        count(1)
        few, many = count(2), count(60)
        self.assertLess(many, few + 10)

    def test_budget_in_order(self):
        """SOP-T3: a budget from more to less isn't one."""
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.lead.write({"budget_from": 5, "budget_to": 4})
            self.env.flush_all()

    # === PRODUCTS OF INTEREST === #

    def test_stock_here_and_elsewhere(self):
        """SOP-3a: availability is that of the moment, in the officer's warehouse and in the others."""
        other = self.env["stock.warehouse"].create({"name": "Depok", "code": "DPX"})
        self.officer.property_warehouse_id = self.warehouse
        self._create_units(self.phone, 2)
        self._create_units(self.phone, 3, location=other.lot_stock_id)
        line = self._add(self.phone)
        self.assertEqual((line.free_here, line.free_elsewhere), (2, 3))
        self._create_units(self.phone, 1)
        self.env.invalidate_all()
        self.assertEqual(line.free_here, 3)

    def test_facts(self):
        """SOP-3a, SOP-T4: specification, or the sales description where there is none, price with tax, care notes."""
        self.phone.description_sale = "6.1 inch"
        line = self._add(self.phone)
        self.assertEqual((line.specification_text, line.price), ("6.1 inch", 3_000_000))
        self.phone.write({"specification": "<p>6.1 inch, 50 MP</p>", "care_notes": "<p>Keep it dry.</p>"})
        self.env.invalidate_all()
        self.assertEqual(line.specification_text, "6.1 inch, 50 MP")
        self.assertIn("Keep it dry", line.care_notes)

    def test_screen(self):
        """SOP-3a: the officer adds a product on the form and notes the answer."""
        with Form(self.lead, "crm.crm_lead_view_form") as form:
            form.interest = "A small phone"
            with form.product_line_ids.new() as line:
                line.product_id = self.phone
                line.answer = "interested"
        self.assertEqual(self.lead.product_line_ids.answer, "interested")
        self.assertEqual(self.lead.product_line_ids.answered_by_id, self.officer)

    def test_refusal_needs_why(self):
        """SOP-3b1: not willing is noted with the reason, on every path."""
        for reason in (False, "  "):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self._refuse(self.phone, reason)
        line = self._add(self.phone)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            line.answer = "refused"
            line.flush_recordset()

    def test_ordered_follows_from_an_order(self):
        """SOP-3a: nobody notes as ordered what isn't on an order of the opportunity."""
        with self.assertRaises(ValidationError):
            self._add(self.phone, answer="ordered")
        line = self._add(self.phone, answer="interested")
        with self.assertRaises(ValidationError):
            line.answer = "ordered"

    def test_quotation_takes_over_the_interested_ones(self):
        """SOP-3a, FL-8: New Quotation has a line for what the customer is interested in; it counts as ordered then."""
        wanted, refused = self._add(self.phone, answer="interested"), self._refuse(self.other_phone)
        context = self.lead.action_new_quotation()["context"]
        order = self.env["sale.order"].with_user(self.officer).with_context(**context).create({})
        self.assertEqual((order.order_line.product_id, order.order_line.price_unit), (self.phone, 3_000_000))
        self.assertEqual((wanted.answer, refused.answer), ("ordered", "refused"))
        self.assertEqual(wanted.taken_share, 100)
        self.assertNotIn("default_order_line", self.lead.action_new_quotation()["context"])

    def test_linking_an_order_later(self):
        """SOP-3a: likewise where the opportunity is put on an order that is there already."""
        line = self._add(self.phone, answer="interested")
        order = self._create_order()
        self.assertEqual(line.answer, "interested")
        order.opportunity_id = self.lead
        self.assertEqual(line.answer, "ordered")

    # === ATTACKS === #

    def test_who_and_when_are_the_servers(self):
        """SOP-3b1: who noted an answer, and when, no client says."""
        line = self._add(
            self.phone, answer="interested", answered_by_id=self.manager.id, answered_at="2020-01-01 00:00:00"
        )
        self.assertEqual(line.answered_by_id, self.officer)
        self.assertGreater(line.answered_at.year, 2020)
        line.write({"answered_by_id": self.manager.id})
        self.assertEqual(line.answered_by_id, self.officer)

    def test_asked_for_isnt_offered(self):
        """SOP-3b1: what was asked for can't be turned into an offer, nor moved to another opportunity."""
        line, other = self._refuse(self.phone), self._create_opportunity()
        with self.assertRaises(UserError):
            line.kind = "offered"
        with self.assertRaises(UserError):
            line.lead_id = other

    def test_once_a_product(self):
        """SOP-3a: a product is on an opportunity once."""
        self._add(self.phone)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._add(self.phone)

    def test_not_somebody_elses(self):
        """SOP-3a: an officer neither sees nor changes what another officer's customer is interested in."""
        line = self._add(self.phone)
        theirs = line.with_user(self.other_officer)
        for attack in (lambda: theirs.read(["answer"]), lambda: theirs.write({"answer": False}), theirs.unlink):
            with self.assertRaises(AccessError):
                attack()
        product = self.other_phone.with_user(self.other_officer).with_context(opportunity_id=self.lead.id)
        with self.assertRaises(AccessError):
            product.action_offer()
        for role in (self.logistics, self.accountant):
            with self.assertRaises(AccessError):
                line.with_user(role).read(["answer"])

    def test_merging(self):
        """FL-3: merged opportunities keep all products, each once, and the need."""
        other = self._create_opportunity(use_ids=self.camera.ids, budget_to=5_000_000)
        self._add(self.phone)
        self._refuse(self.phone, lead=other)
        self._refuse(self.other_phone, lead=other)
        merged = (self.lead + other).with_user(self.manager).merge_opportunity()
        self.assertEqual(merged.product_line_ids.product_id, self.phone + self.other_phone)
        self.assertEqual((merged.use_ids, merged.budget_to), (self.camera, 5_000_000))
