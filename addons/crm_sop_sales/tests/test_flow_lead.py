from odoo.tests import Form, tagged

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestLead(PhoneShopCase):
    """A lead with its memo becomes an opportunity with a customer, by officers and managers as they are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.env["crm.lead"].with_user(cls.officer)

    def _lead(self, name, **values):
        return self.leads.create({"name": name, "type": "lead", "user_id": self.officer.id, **values})

    def _convert_many(self, leads, user):
        wizard = self.env["crm.lead2opportunity.partner.mass"].with_user(user)
        wizard = wizard.with_context(active_model="crm.lead", active_ids=leads.ids, active_id=leads[0].id)
        wizard.create({"deduplicate": True, "force_assignment": False}).action_mass_convert()

    def test_officer_finds_the_leads_menu(self):
        """FL-2: the menu of leads is there for officers, without a setting being looked for first."""
        self.assertTrue(self.officer.has_group("crm.group_use_lead"))
        menus = self.env["ir.ui.menu"].with_user(self.officer)._visible_menu_ids()
        self.assertIn(self.env.ref("crm.crm_menu_leads").id, menus)

    def test_lead_with_memo(self):
        """FL-2: a lead for a customer, with an internal memo that says what is wanted."""
        with Form(self.leads.with_context(default_type="lead"), "crm.crm_lead_view_form") as form:
            form.name = "Two phones for the office"
            form.partner_id = self.partner
            form.description = "<p>Wants two, dual SIM, before Friday</p>"
        lead = form.save()
        self.assertEqual(lead.type, "lead")
        self.assertIn("dual SIM", lead.description)

    def test_convert_creating_the_customer(self):
        """FL-3: converting creates the customer where there is none."""
        lead = self._lead("Walk-in", contact_name="Budi Santoso", email_from="b@example.com", description="<p>Memo</p>")
        wizard = self.env["crm.lead2opportunity.partner"].with_user(self.officer)
        wizard = wizard.with_context(active_model="crm.lead", active_id=lead.id, active_ids=lead.ids)
        wizard.create({"lead_id": lead.id}).action_apply()
        self.assertEqual(lead.type, "opportunity")
        self.assertEqual(lead.partner_id.name, "Budi Santoso")
        self.assertIn("Memo", lead.description, "the memo goes with it")

    def test_convert_linking_the_customer(self):
        """FL-3: converting links the customer who is known already."""
        self.partner.email = "rina.known@example.com"
        lead = self._lead("Again", contact_name="Rina K.", email_from="rina.known@example.com")
        wizard = self.env["crm.lead2opportunity.partner"].with_user(self.officer)
        wizard = wizard.with_context(active_model="crm.lead", active_id=lead.id, active_ids=lead.ids)
        conversion = wizard.create({"lead_id": lead.id})
        self.assertEqual(conversion.action, "exist")
        conversion.action_apply()
        self.assertEqual(lead.partner_id, self.partner)

    def test_convert_many_merging_duplicates(self):
        """FL-3: many leads at once become opportunities; those of one customer are merged into one."""
        same = [self._lead(f"Twin {n}", contact_name="Twin", email_from="twin@example.com") for n in range(3)]
        others = [self._lead(f"Single {n}", contact_name=f"S{n}", email_from=f"s{n}@example.com") for n in range(2)]
        leads = self.leads.union(*same, *others)
        self._convert_many(leads, self.manager)
        left = leads.exists()
        self.assertEqual(len(left), 3, "one of the twins, and the two others")
        self.assertEqual(set(left.mapped("type")), {"opportunity"})
        self.assertEqual(len(left.partner_id), 3)

    def test_officer_converts_own_leads_only(self):
        """FL-3: an officer converts many of their own; a colleague's lead isn't theirs to convert."""
        leads = self.leads.union(*[self._lead(f"Mine {n}", email_from=f"mine{n}@example.com") for n in range(2)])
        self._convert_many(leads, self.officer)
        self.assertEqual(leads.mapped("type"), ["opportunity", "opportunity"])
        foreign = leads.sudo().create({"name": "Theirs", "type": "lead", "user_id": self.other_officer.id})
        self.assertFalse(self.leads.search([("id", "=", foreign.id)]))
        self.assertFalse(foreign.with_user(self.officer).has_access("write"))

    def test_revenue_and_probability_in_the_totals(self):
        """FL-4: expected revenue and probability are set by hand; the totals show revenue, plain and weighted."""
        leads = self.leads.create(
            [
                {"name": "A", "type": "opportunity", "user_id": self.officer.id, "partner_id": self.partner.id},
                {"name": "B", "type": "opportunity", "user_id": self.officer.id, "partner_id": self.partner.id},
            ]
        )
        for lead, revenue, probability in zip(leads, (4_000_000, 6_000_000), (25, 75), strict=True):
            with Form(lead, "crm.crm_lead_view_form") as form:
                form.expected_revenue = revenue
                form.probability = probability
        self.assertEqual(leads.mapped("is_automated_probability"), [False, False])
        [group] = self.leads.formatted_read_group(
            [("id", "in", leads.ids)], ["stage_id"], ["expected_revenue:sum", "prorated_revenue:sum"]
        )
        self.assertEqual(group["expected_revenue:sum"], 10_000_000)
        self.assertEqual(group["prorated_revenue:sum"], 5_500_000)
