from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestOpportunityWon(PhoneShopCase):
    """An order makes its opportunity won, at the moment that the company chose (FL-8)."""

    def _opportunity(self, **values):
        defaults = {"name": "Phone", "type": "opportunity", "partner_id": self.partner.id, "user_id": self.officer.id}
        return self.env["crm.lead"].create({**defaults, **values}).with_user(self.officer)

    def test_on_quotation(self):
        """FL-8: by default, creating a quotation makes the opportunity won, as in the document."""
        self.assertEqual(self.env.company.opportunity_won_on, "quotation")
        lead = self._opportunity()
        order = self._create_order(opportunity_id=lead.id)
        self.assertEqual((lead.won_status, lead.probability), ("won", 100))
        self.assertTrue(lead.stage_id.is_won)
        self.assertEqual(order.state, "draft")

    def test_from_the_opportunitys_button(self):
        """FL-8, FL-9: so does the button “New Quotation”, with nothing but what it fills in itself."""
        lead = self._opportunity()
        context = lead.action_new_quotation()["context"]
        order = self.env["sale.order"].with_user(self.officer).with_context(**context).create({})
        self.assertEqual((order.opportunity_id, order.partner_id), (lead, self.partner))
        self.assertEqual(lead.won_status, "won")

    def test_on_confirmation(self):
        """FL-8, FL-10: with the other setting a quotation leaves it open, and the confirmed order wins it."""
        self.env.company.opportunity_won_on = "confirmation"
        self._create_units(self.phone, 1)
        lead = self._opportunity()
        order = self._create_approved(opportunity_id=lead.id)
        self.assertEqual(lead.won_status, "pending")
        order.action_confirm()
        self.assertEqual((order.state, lead.won_status), ("sale", "won"))

    def test_confirmation_wins_what_was_left_open(self):
        """FL-8: a confirmed order wins under either setting, e.g. where the setting changed in between."""
        self.env.company.opportunity_won_on = "confirmation"
        self._create_units(self.phone, 1)
        lead = self._opportunity()
        order = self._create_approved(opportunity_id=lead.id)
        self.env.company.opportunity_won_on = "quotation"
        order.action_confirm()
        self.assertEqual(lead.won_status, "won")

    def test_linking_later(self):
        """FL-8: putting the opportunity on a quotation that is there already is the same moment."""
        lead, order = self._opportunity(), self._create_order()
        order.opportunity_id = lead
        self.assertEqual(lead.won_status, "won")

    def test_cancelling_doesnt_undo_it(self):
        """FL-8: what is won stays won."""
        lead = self._opportunity()
        order = self._create_order(opportunity_id=lead.id)
        order.action_cancel()
        self.assertEqual(lead.won_status, "won")
        stage = lead.stage_id
        self._create_order(opportunity_id=lead.id)
        self.assertEqual((lead.won_status, lead.stage_id), ("won", stage))

    def test_lost_stays_lost(self):
        """FL-8: a lost opportunity isn't touched."""
        lead = self._opportunity()
        lead.with_user(self.manager).action_set_lost(lost_reason_id=self.env.ref("crm.lost_reason_1").id)
        self._create_order(opportunity_id=lead.id)
        self.assertEqual((lead.won_status, lead.active), ("lost", False))

    def test_many_at_once(self):
        """FL-8: quotations created together win each their own opportunity, and no other; in one go for all."""
        leads = [self._opportunity(name=f"Phone {n}") for n in range(4)]
        bystander = self._opportunity()
        orders = self.env["sale.order"].with_user(self.officer)
        orders.create([{"partner_id": self.partner.id, "opportunity_id": lead.id} for lead in leads])
        self.assertEqual([lead.won_status for lead in leads], ["won"] * 4)
        self.assertEqual(bystander.won_status, "pending")

    def test_each_company_by_its_setting(self):
        """FL-8: the setting is each company's own."""
        other = self.env["res.company"].create({"name": "Other", "opportunity_won_on": "confirmation"})
        ours, theirs = self._opportunity(), self._opportunity(company_id=other.id, team_id=False, user_id=False)
        orders = self.env["sale.order"].with_context(allowed_company_ids=(self.env.company + other).ids)
        for lead, company in ((ours, self.env.company), (theirs, other)):
            orders.create({"partner_id": self.partner.id, "opportunity_id": lead.id, "company_id": company.id})
        self.assertEqual((ours.won_status, theirs.sudo().won_status), ("won", "pending"))

    def test_not_somebody_elses(self):
        """FL-8: nobody names an opportunity that they don't see on an order of theirs, and so wins it."""
        lead = self._opportunity(user_id=self.other_officer.id)
        with self.assertRaises(AccessError):
            self._create_order(opportunity_id=lead.id)
        self.assertEqual(lead.sudo().won_status, "pending")
