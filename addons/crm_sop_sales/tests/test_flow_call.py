from odoo.tests import Form, tagged

from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestCall(PhoneShopCase):
    """A call is planned knowing what for and with whom, and its outcome is logged (FL-5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["crm.branch"].create(
            {"name": "Test Shop", "code": "TST", "user_ids": [(6, 0, cls.officer.ids)]}
        )
        cls.interested = cls.env.ref("crm_base.crm_interaction_outcome_interested")
        cls.segment = cls.env["crm.customer.segment"].create({"name": "Bloggers", "advice": "Show the camera first"})
        cls.partner.write(
            {
                "phone": "+62 812 9000 1001",
                "segment_id": cls.segment.id,
                "profile_values": "Camera quality",
                "profile_preferences": "Black, after 17:00",
            }
        )
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Camera phone",
                "type": "opportunity",
                "partner_id": cls.partner.id,
                "user_id": cls.officer.id,
                "description": "<p>Compares two models</p>",
            }
        )

    def _plan(self, document=None, kind="mail.mail_activity_data_call", **values):
        document = (document or self.lead).with_user(self.officer)
        return document.activity_schedule(kind, user_id=self.officer.id, **values)

    def _logged(self):
        return self.env["crm.interaction"].with_user(self.officer).search([("user_id", "=", self.officer.id)])

    def test_planning_shows_memo_and_profile(self):
        """FL-1, FL-5: the window in which a call is planned shows the lead's memo and the customer's profile."""
        wizard = self.env["mail.activity.schedule"].with_user(self.officer)
        wizard = wizard.with_context(active_model="crm.lead", active_ids=self.lead.ids, active_id=self.lead.id)
        with Form(wizard) as form:
            form.activity_type_id = self.env.ref("mail.mail_activity_data_call")
            for text in ("two models", "Camera quality", "Black, after 17:00", "Bloggers", "Show the camera first"):
                self.assertIn(text, form.call_preparation)
            form.activity_type_id = self.env.ref("mail.mail_activity_data_todo")
            self.assertFalse(form.call_preparation, "a to-do needs none")

    def test_activity_shows_memo_and_profile(self):
        """FL-5: the activity, in its form and in the chatter, shows the same."""
        call = self._plan()
        self.assertIn("Compares two models", call.call_preparation)
        self.assertIn("Camera quality", call.call_preparation)
        [stored] = [data for data in call.activity_format()["mail.activity"] if data["id"] == call.id]
        self.assertIn("Compares two models", str(stored["call_preparation"]))
        self.assertTrue(stored["logs_call"])
        self.assertFalse(self._plan(kind="mail.mail_activity_data_todo").call_preparation)

    def test_a_contact_is_called_with_the_companys_profile(self):
        """FL-1: the profile of the company helps where the person has none of their own."""
        person = self.env["res.partner"].create({"name": "Dian", "parent_id": self.partner.id, "type": "contact"})
        self.partner.is_company = True
        self.lead.partner_id = person
        self.assertIn("Camera quality", self._plan().call_preparation)

    def test_running_promotions_are_on_the_call(self):
        """SOP-E1: the officer sees on the call what is on offer at this moment."""
        self.env["loyalty.program"].create({"name": "Earphones Free", "program_type": "promotion"})
        self.assertIn("Earphones Free", self._plan().call_preparation)

    def test_done_logs_an_open_contact(self):
        """FL-5: a call marked done without an outcome stays on the officer's list until the outcome is said."""
        self._plan(summary="Offer the bundle").action_feedback("She thinks about it")
        contact = self._logged()
        self.assertEqual((contact.channel, contact.direction, contact.state), ("call", "outgoing", "open"))
        self.assertEqual((contact.partner_id, contact.about), (self.partner, self.lead.with_user(self.officer)))
        self.assertEqual(contact.branch_id, self.branch)
        self.assertIn("She thinks about it", contact.note)
        self.assertIn("Offer the bundle", contact.note)
        self.assertTrue(contact.is_overdue or contact.began_at)

    def test_done_with_outcome_logs_a_done_contact(self):
        """FL-5: with its outcome chosen, the call is a finished contact on the lead and on the customer's page."""
        call = self._plan()
        call.call_outcome_id = self.interested
        call.action_done()
        contact = self._logged()
        self.assertEqual((contact.state, contact.outcome_id), ("done", self.interested))
        self.assertEqual(self.lead.with_user(self.officer).interaction_count, 1)
        self.assertEqual(self.partner.with_user(self.officer).interaction_count, 1)

    def test_many_at_once(self):
        """FL-5: calls marked done together are logged one by one, to-dos aren't."""
        leads = self.lead + self.lead.copy({"user_id": self.officer.id})
        activities = self.env["mail.activity"].with_user(self.officer)
        for lead in leads:
            activities += self._plan(lead)
        activities += self._plan(kind="mail.mail_activity_data_todo")
        activities.action_done()
        self.assertEqual(sorted(self._logged().mapped("res_id")), sorted(leads.ids))

    def test_call_of_a_nameless_lead(self):
        """FL-5: a lead that knows nobody yet is logged by its title."""
        lead = self.env["crm.lead"].create({"name": "Voice message", "type": "lead", "user_id": self.officer.id})
        self._plan(lead).action_done()
        self.assertEqual(self._logged().caller_name, "Voice message")

    def test_call_about_a_customer(self):
        """FL-5: a call planned on the customer's own page is logged as well."""
        self.partner.comment = "<p>Old friend of the shop</p>"
        call = self._plan(self.partner)
        self.assertIn("Old friend", call.call_preparation)
        call.action_done()
        self.assertEqual(self._logged().partner_id, self.partner)
        self.assertFalse(self._logged().res_model)

    def test_call_about_an_order(self):
        """FL-5: so is a call about an order, whose memo is its opportunity's."""
        order = self._create_order(opportunity_id=self.lead.id)
        call = self._plan(order)
        self.assertIn("Compares two models", call.call_preparation)
        call.action_done()
        self.assertEqual(self._logged().about, order)

    def test_call_of_a_document_that_the_caller_may_not_read(self):
        """FL-5: somebody else's lead stays unread, and the call is still logged."""
        self.lead.user_id = self.other_officer
        call = self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "res_id": self.lead.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                "user_id": self.officer.id,
            }
        )
        mine = call.with_user(self.officer)
        self.assertFalse(mine.call_preparation)
        mine.action_done()
        self.assertFalse(self._logged().res_model)
        self.assertEqual(self._logged().caller_name, "Camera phone")

    def test_who_is_no_officer_logs_nothing(self):
        """FL-5: colleagues outside customer operations mark their calls done as before."""
        call = self.partner.activity_schedule("mail.mail_activity_data_call", user_id=self.logistics.id)
        call = call.with_user(self.logistics)
        self.assertFalse(call.logs_call)
        call.action_done()
        self.assertFalse(self.env["crm.interaction"].search([("partner_id", "=", self.partner.id)]))
