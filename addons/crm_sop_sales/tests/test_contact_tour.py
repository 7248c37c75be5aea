from odoo.tests import HttpCase, tagged

from .contact_common import ContactCase


@tagged("post_install", "-at_install")
class TestContactTour(ContactCase, HttpCase):
    """The form is usable while talking."""

    def test_take_a_call(self):
        """SOP-1, SOP-T1, SOP-2a, SOP-2c: ring, answer, number, customer, greeting, opportunity, by clicks alone."""
        self.start_tour("/odoo/contact-log", "crm_sop_sales_contact_log", login=self.officer.login)
        contact = self.contacts.search([("partner_id", "=", self.partner.id)])
        self.assertEqual(len(contact), 1)
        self.assertTrue(contact.ringing_at and contact.answered_in_time)
        self.assertEqual(contact.answered_by_id, self.officer)
        self.assertEqual((contact.phone, contact.caller_name), ("+6281290007001", False))
        self.assertEqual(contact.about.partner_id, self.partner)
