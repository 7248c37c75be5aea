from odoo.exceptions import UserError
from odoo.tests import tagged

from .inquiry_common import InquiryCase


@tagged("post_install", "-at_install")
class TestCareNotes(InquiryCase):
    """Care notes are shown to the officer and sent to the customer (SOP-T5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.phone.care_notes = "<p>Keep it <b>dry</b>.</p>"

    def _send(self, document):
        """Press the button, and Send in the dialog that opens."""
        action = document.action_send_care_notes()
        composer = self.env[action["res_model"]].with_user(self.officer).with_context(**action["context"]).create({})
        composer.action_send_mail()
        return document.message_ids[:1]

    def test_from_the_opportunity(self):
        """SOP-T5: the e-mail goes to the customer with the product's care notes; the chatter keeps it."""
        self._add(self.phone)
        message = self._send(self.lead)
        self.assertIn("Phone One", message.body)
        self.assertIn("dry", message.body)
        self.assertEqual(message.partner_ids, self.partner)

    def test_of_what_the_customer_takes(self):
        """SOP-T5: where the customer has decided, only that product's notes are sent."""
        self.other_phone.care_notes = "<p>Fold it gently.</p>"
        self._add(self.phone, answer="interested")
        self._refuse(self.other_phone)
        self.assertEqual(self.lead.care_product_ids, self.phone)

    def test_from_the_order(self):
        """SOP-T5: likewise from the order."""
        order = self._create_order()
        message = self._send(order)
        self.assertIn("dry", message.body)
        self.assertEqual(message.partner_ids, self.partner)

    def test_in_the_customers_language(self):
        """SOP-T5: the notes are those of the customer's language."""
        self.env["res.lang"]._activate_lang("id_ID")
        self.phone.with_context(lang="id_ID").care_notes = "<p>Jaga agar kering.</p>"
        self.partner.lang = "id_ID"
        self._add(self.phone)
        self.assertIn("Jaga agar kering", self._send(self.lead).body)

    def test_what_is_missing_is_said(self):
        """SOP-T5: without notes, or without an address, the officer is told what to do."""
        with self.assertRaisesRegex(UserError, "care notes"):
            self.lead.action_send_care_notes()
        self._add(self.phone)
        self.partner.email = False
        with self.assertRaisesRegex(UserError, "e-mail"):
            self.lead.action_send_care_notes()

    def test_on_the_call(self):
        """SOP-T5, SOP-T4: on a call about the opportunity the officer has its products with facts and care notes."""
        line = self._add(self.phone)
        contact = self.env["crm.interaction"].with_user(self.officer)
        about = {"partner_id": self.partner.id, "res_model": "crm.lead", "res_id": self.lead.id}
        call, other = contact.create(about), contact.create({"partner_id": self.partner.id})
        self.assertEqual(call.lead_product_ids, line)
        self.assertIn("dry", call.lead_product_ids.care_notes)
        self.assertFalse(other.lead_product_ids)
