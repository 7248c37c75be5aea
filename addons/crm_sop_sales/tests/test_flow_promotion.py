from datetime import timedelta

from odoo import Command, fields
from odoo.tests import Form, tagged

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestRunningPromotions(PhoneShopCase):
    """The officer sees, on opportunity and quotation, what is on offer at this moment (SOP-E1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["loyalty.program"].search([]).active = False
        cls.today = fields.Date.today()
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Phone", "type": "opportunity", "partner_id": cls.partner.id, "user_id": cls.officer.id}
        )

    def _program(self, name="Promotion", **values):
        return self.env["loyalty.program"].create({"name": name, "program_type": "promotion", **values})

    def _shown(self):
        """Return what opportunity and quotation show the officer; they must agree."""
        self.env.invalidate_all()
        on_order = self._create_order().running_program_ids
        self.assertEqual(self.lead.with_user(self.officer).running_program_ids, on_order)
        return on_order

    def test_promotions_bundles_and_gifts(self):
        """SOP-E1: discounts, bundles and gifts are shown; gift cards, wallets and personal coupons are no news."""
        shown = self._program("Discount")
        shown += self._program("Two for one", program_type="buy_x_get_y")
        shown += self._program("Code", program_type="promo_code")
        self._program("Card", program_type="gift_card")
        self._program("Wallet", program_type="ewallet")
        self._program("Coupon", program_type="coupons")
        self.assertEqual(self._shown(), shown)

    def test_at_this_moment(self):
        """SOP-E1: not what has ended, begins tomorrow or is archived; first and last day included."""
        day = timedelta(days=1)
        shown = self._program("Today only", date_from=self.today, date_to=self.today)
        self._program("Over", date_to=self.today - day)
        self._program("Tomorrow", date_from=self.today + day)
        self._program("Archived", active=False)
        self.assertEqual(self._shown(), shown)

    def test_of_this_company_and_price_list(self):
        """SOP-E1: another company's programme, or one for another price list, isn't on offer to this customer."""
        self.env.ref("base.group_user").implied_ids += self.env.ref("product.group_product_pricelist")
        public, other = self.env["product.pricelist"].create([{"name": "Public"}, {"name": "Dealers"}])
        self.partner.specific_property_product_pricelist = public
        self._program("Elsewhere", company_id=self.env["res.company"].create({"name": "Other"}).id)
        dealers = self._program("Dealers", pricelist_ids=other.ids)
        everywhere = self._program("Everywhere", company_id=False, currency_id=self.env.company.currency_id.id)
        self.assertEqual(self._shown(), everywhere)
        self.partner.specific_property_product_pricelist = other
        self.assertEqual(self._shown(), dealers + everywhere)

    def test_used_up(self):
        """SOP-E1: a programme that has been used as often as it may be is over."""
        self._create_units(self.phone, 1)
        terms = {"rule_ids": [Command.create({})], "reward_ids": [Command.create({"discount": 5})]}
        program = self._program("First one only", limit_usage=True, max_usage=1, trigger="auto", **terms)
        self.assertEqual(self._shown(), program)
        order = self._create_order()
        order._update_programs_and_rewards()
        [(coupon, rewards)] = order._get_claimable_rewards().items()
        order._apply_program_reward(rewards, coupon)
        self.assertFalse(self._shown())

    def test_not_for_sales(self):
        """SOP-E1: what isn't offered on sales orders isn't told."""
        self._program("Shop only", sale_ok=False)
        self.assertFalse(self._shown())

    def test_screens(self):
        """SOP-E1: it is there on a new quotation, before anything is saved, and on the opportunity's screen."""
        program = self._program("Free earphones")
        with Form(self.env["sale.order"].with_user(self.officer)) as form:
            form.partner_id = self.partner
            self.assertEqual(form.running_program_ids.ids, program.ids)
        with Form(self.lead.with_user(self.officer), "crm.crm_lead_view_form") as form:
            self.assertEqual(form.running_program_ids.ids, program.ids)
