from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .contact_common import ContactCase


@tagged("post_install", "-at_install")
class TestContactCase(ContactCase):
    """What the caller wants decides what opens (SOP-2c, SOP-G5)."""

    def _lead(self, action):
        self.assertEqual(action["res_model"], "crm.lead")
        return self.env["crm.lead"].browse(action["res_id"])

    def test_buying(self):
        """SOP-2c, SOP-G2: who wants to buy gets an opportunity; the contact is about it."""
        contact = self._log(note="<p>A camera phone</p>")
        lead = self._lead(contact.action_buying())
        self.assertEqual((lead.partner_id, lead.user_id, lead.type), (self.partner, self.officer, "opportunity"))
        self.assertIn("A camera phone", lead.description)
        self.assertEqual(contact.about, lead.with_user(self.officer))
        self.assertEqual(contact.purpose_id, self.env.ref("crm_base.crm_interaction_purpose_buying"))

    def test_second_click(self):
        """SOP-2c: a second click opens the same opportunity, and so does the next call of the same customer."""
        contact = self._log()
        lead = self._lead(contact.action_buying())
        self.assertEqual(self._lead(contact.action_buying()), lead)
        self.assertEqual(self._lead(self._log().action_buying()), lead)
        lead.action_set_lost(lost_reason_id=self.env.ref("crm.lost_reason_1").id)
        self.assertNotEqual(self._lead(self._log().action_buying()), lead)

    def test_new_caller(self):
        """SOP-T1: a caller with name and number becomes a customer; with a name alone a name on the opportunity."""
        lead = self._lead(self._log(caller_name="Dedi", phone="0813 5500 7788").action_buying())
        self.assertEqual((lead.partner_id.name, lead.partner_id.phone_sanitized), ("Dedi", "+6281355007788"))
        lead = self._lead(self._log(caller_name="A visitor", channel="visit").action_buying())
        self.assertFalse(lead.partner_id)
        self.assertEqual(lead.contact_name, "A visitor")

    def test_another_document(self):
        """SOP-2c: a contact that is about something else isn't turned over."""
        contact = self._log()
        contact.action_buying()
        self.patch(type(contact), "_is_about_lead", lambda self: False)  # as if it were about an order, say
        with self.assertRaises(UserError):
            contact.action_buying()

    def test_done_contact(self):
        """SOP-2c: what is done gets no new opportunity."""
        contact = self._log(outcome_id=self.outcome.id)
        contact.action_close()
        with self.assertRaises(UserError):
            contact.action_buying()

    def test_promotions(self):
        """SOP-E1, SOP-T6: the officer sees on the call what runs now, and not what has ended."""
        values = {"program_type": "promotion", "trigger": "auto", "sale_ok": True, "company_id": self.env.company.id}
        running, ended = self.env["loyalty.program"].create(
            [{"name": "Now", **values}, {"name": "Ended", **values, "date_to": "2020-01-01"}]
        )
        shown = self._log().running_program_ids
        self.assertIn(running, shown)
        self.assertNotIn(ended, shown)

    def test_personal(self):
        """SOP-G5: a personal contact is closed with an outcome and without a case."""
        personal = self.env.ref("crm_base.crm_interaction_purpose_personal")
        contact = self._log(purpose_id=personal.id, outcome_id=self.outcome.id)
        contact.action_close()
        self.assertEqual(contact.state, "done")
        contact = self._log()
        contact.action_buying()
        with self.assertRaises(ValidationError):
            contact.purpose_id = personal
