from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form

from .common import CrmBaseCase


class TestCrmInteractionMixin(CrmBaseCase):
    """A document's interactions, on leads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead(user_id=cls.officer_a.id)

    def _about(self, lead, **values):
        return self._create_interaction(res_model="crm.lead", res_id=lead.id, **values)

    def test_lead_has_the_interactions_about_it(self):
        interaction = self._about(self.lead)
        self._create_interaction()
        lead = self.lead.with_user(self.officer_a)
        self.assertEqual((lead.interaction_ids, lead.interaction_count), (interaction, 1))

    def test_same_number_of_another_model_is_another_document(self):
        """The list is by model and number, not by number alone."""
        self.cr.execute("SELECT nextval('crm_lead_id_seq')")
        interaction = self._about(self.lead)
        self.env.flush_all()
        self.cr.execute("UPDATE crm_interaction SET res_model = 'res.partner' WHERE id = %s", [interaction.id])
        self.env.invalidate_all()
        self.assertFalse(self.lead.with_user(self.officer_a).interaction_ids)

    def test_count_is_the_readers(self):
        """In one transaction, too: a count made for one user isn't shown to another."""
        self._about(self.lead)
        counts = [self.lead.with_user(user).interaction_count for user in (self.officer_a, self.manager_hq)]
        self.lead.user_id = self.officer_b
        self.assertEqual([*counts, self.lead.with_user(self.officer_b).interaction_count], [1, 1, 0])

    def test_counting_for_many_leads_is_one_query(self):
        leads = self.env["crm.lead"].create([{"name": "x", "user_id": self.officer_a.id}] * 30)
        for lead in leads[:3]:
            self._about(lead)
        self.env.flush_all()
        leads = leads.with_user(self.officer_a)
        leads.mapped("interaction_count")
        leads.invalidate_recordset(["interaction_count"])
        with self.assertQueryCount(1):
            self.assertEqual(sum(leads.mapped("interaction_count")), 3)

    def test_new_interaction_from_a_lead_knows_it_and_whom_to_ask_for(self):
        self.lead.write({"phone": "0812 3456 7890", "contact_name": "Ibu Tini"})
        action = self.lead.with_user(self.officer_a).action_view_interactions()
        interaction = self.env["crm.interaction"].with_user(self.officer_a).with_context(**action["context"]).create({})
        self.assertEqual(interaction.about, self.lead)
        self.assertEqual((interaction.partner_id, interaction.phone), (self.customer, "+6281234567890"))
        self.assertEqual(self.env["crm.interaction"].search(action["domain"]), interaction)

    def test_form_from_a_lead_keeps_the_lead(self):
        action = self.lead.with_user(self.officer_a).action_view_interactions()
        form = Form(self.env["crm.interaction"].with_user(self.officer_a).with_context(**action["context"]))
        form.note = "From the lead"
        interaction = form.save()
        self.assertEqual((interaction.about, interaction.partner_id), (self.lead, self.customer))

    def test_lead_without_customer_gives_name_and_number(self):
        lead = self._create_lead(partner_id=False, contact_name="Ibu Tini", phone="081234567890")
        defaults = lead._interaction_defaults()
        self.assertEqual((defaults["partner_id"], defaults["caller_name"]), (False, "Ibu Tini"))
        self.assertEqual(defaults["phone"], "+6281234567890")

    def test_lead_does_not_change_what_is_done(self):
        done = self._about(self.lead, outcome_id=self.outcome.id)
        done.action_close()
        for commands in (
            [Command.update(done.id, {"note": "x"})],
            [Command.update(done.id, {"state": "open"})],
            [Command.unlink(done.id)],
            [Command.delete(done.id)],
            [Command.clear()],
            [Command.set([])],
            [Command.create({"caller_name": "x", "state": "done"})],
        ):
            for user in (self.officer_a, self.admin):
                with self.subTest(commands), self.assertRaises(UserError):
                    self.lead.with_user(user).write({"interaction_ids": commands})

    def test_salesman_who_is_no_officer_works_with_leads(self):
        """Reading all fields of a lead doesn't fail for want of rights on interactions."""
        salesman = self._create_user("test_salesman", "sales_team.group_sale_salesman", self.env["crm.branch"])
        self.lead.user_id = salesman
        [values] = self.lead.with_user(salesman).read()
        self.assertNotIn("interaction_ids", values)
        self.assertNotIn("interaction_count", values)

    def test_copy_of_a_lead_has_no_interactions(self):
        self._about(self.lead)
        self.assertFalse(self.lead.copy().interaction_ids)

    def test_a_merged_lead_takes_over_the_contacts(self):
        """FL-3: merging duplicates loses no contact, not even one that is done and can't be changed."""
        other = self._create_lead(user_id=self.officer_a.id)
        done = self._create_done(res_model="crm.lead", res_id=other.id)
        self.assertEqual((self.lead + other).merge_opportunity(auto_unlink=True), self.lead)
        self.assertEqual(self.lead.interaction_ids, done)
        self.assertEqual(done.about, self.lead)
