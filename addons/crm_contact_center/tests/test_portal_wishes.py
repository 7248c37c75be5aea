import re

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .portal_common import PortalCase


@tagged("post_install", "-at_install")
class TestPortalWishes(PortalCase, HttpCase):
    """CC-4: what customers ask for, and how they want to be spoken to."""

    def setUp(self):
        super().setUp()
        self._login(self.ani)
        self.partner = self.ani.partner_id

    def _calls(self):
        return self.contacts.search([("partner_id", "=", self.partner.id)])

    def test_callback(self):
        """CC-4: the call waits in the chosen queue, until somebody calls; a second one isn't taken."""
        answer = self._send("/my/callback", phone="0812 3450 0001", words="My bill")
        self.assertIn("we will call you", answer.text)
        contact = self._calls()
        self.assertEqual(
            (contact.state, contact.queue_id, contact.phone, contact.words),
            ("callback", self.queue, "+6281234500001", "My bill"),
        )
        self.assertIn("+6281234500001", answer.text)
        self.assertIn("asked us already", self._send("/my/callback", phone="0812 3450 0001").text)
        self.assertEqual(self._calls(), contact)
        self.contacts._resume_due()
        self.assertEqual((contact.state, contact.direction), ("waiting", "outgoing"))

    def test_not_before(self):
        """CC-4: not before the time that was chosen, by the customer's clock."""
        self.ani.tz = "Asia/Jakarta"
        day = fields.Date.add(fields.Date.today(), days=3)
        self._send("/my/callback", phone="0812 3450 0001", moment=f"{day}T14:30")
        self.assertEqual(fields.Datetime.to_string(self._calls().callback_at), f"{day} 07:30:00")

    def test_browsers_clock(self):
        """CC-4: who has no time zone has the browser's; one that there isn't is UTC."""
        self.ani.tz = False
        self.opener.cookies["tz"] = "Nowhere/At_All"
        day = fields.Date.add(fields.Date.today(), days=3)
        self._send("/my/callback", phone="0812 3450 0001", moment=f"{day}T14:30")
        self.assertEqual(fields.Datetime.to_string(self._calls().callback_at), f"{day} 14:30:00")

    def test_bad_calls(self):
        """CC-4: no number, no day, too far away, no queue: said in words, and nothing is kept."""
        for values in (
            {"phone": ""},
            {"phone": "no number"},
            {"phone": "0812 3450 0001", "moment": "soon"},
            {"phone": "0812 3450 0001", "moment": "9999-01-01T00:00"},
        ):
            with self.subTest(**values):
                self.assertIn("alert-danger", self._send("/my/callback", **values).text)
        self.company.callback_queue_id = False
        self.assertIn("Please call us", self._send("/my/callback", phone="0812 3450 0001").text)
        self.assertFalse(self._calls())

    def test_too_often(self):
        """CC-4: one wish in a quarter of an hour, whatever is asked for and by how many requests."""
        self._send("/my/service", words="Screen broken")
        self.assertIn("just asked", self._send("/my/service", words="Again").text)
        self.assertIn("just asked", self._send("/my/callback", phone="0812 3450 0001").text)
        self.assertEqual(len(self._leads()), 1)
        self.partner.sudo().asked_online_at = fields.Datetime.subtract(fields.Datetime.now(), minutes=16)
        self._send("/my/service", words="Again")
        self.assertEqual(len(self._leads()), 2)

    def _leads(self):
        return self.env["crm.lead"].search([("partner_id", "=", self.partner.id)])

    def test_service(self):
        """CC-4: a wish for an appointment is a lead; what was typed stays text."""
        day = fields.Date.add(fields.Date.today(), days=7)
        self._send("/my/service", words="<script>alert(1)</script> Screen", day=str(day))
        lead = self._leads()
        self.assertIn("Screen", lead.description)
        self.assertNotIn("<script", lead.description)
        self.assertIn(str(day), lead.description)
        self.partner.sudo().asked_online_at = False
        for values in ({"words": " "}, {"words": "x", "day": "31/02"}, {"words": "x", "day": "2001-01-01"}):
            self.assertIn("alert-danger", self._send("/my/service", **values).text)
        self.assertEqual(self._leads(), lead)

    def test_no_free_service(self):
        """CC-4: who has no free service of a motorcycle finds the form alone, and no other page behind it."""
        self.assertEqual(self.partner._free_services(), [])
        page = self._get("/my/service").text
        self.assertIn("A new appointment", page)
        self.assertNotIn("Your free services", page)
        for path in ("/my/service/1", "/my/service/x", f"/my/service/{'9' * 5000}"):
            self.assertEqual(self._get(path).status_code, 404)
        token = re.search(r'csrf_token" value="([^"]+)"', page)[1]
        for path in ("/my/service/1", "/my/service/1/cancel"):
            self.assertEqual(self.url_open(path, data={"csrf_token": token, "time": "1"}).status_code, 404)

    def test_preferences(self):
        """CC-5: channel, language, questions; told in the chatter."""
        answer = self._send("/my/preferences", channel="whatsapp", lang="id_ID")
        self.assertEqual(answer.status_code, 200)
        self.env.invalidate_all()
        partner = self.partner
        self.assertEqual(
            (partner.channel_choice, partner.preferred_channel, partner.lang, partner.survey_opt_out),
            ("whatsapp", "whatsapp", "id_ID", True),
        )
        self.env.cr.precommit.run()
        messages = partner.message_ids
        self.assertIn(partner, messages.mapped("author_id"))
        changed = messages.sudo().tracking_value_ids.field_id.mapped("name")
        self.assertLessEqual({"channel_choice", "survey_opt_out"}, set(changed))
        self._send("/my/preferences", channel="", lang="en_US", asks="1")
        self.env.invalidate_all()
        self.assertEqual((partner.channel_choice, partner.lang, partner.survey_opt_out), (False, "en_US", False))

    def test_bad_preferences(self):
        """CC-5: nothing that isn't offered; nothing without the form's own token; nobody else's."""
        before = (self.partner.channel_choice, self.partner.lang)
        for values in ({"channel": "pigeon", "lang": "en_US"}, {"channel": "email", "lang": "xx_XX"}):
            self.assertIn("alert-danger", self._send("/my/preferences", **values).text)
        values = {"channel": "email", "lang": "en_US", "partner_id": self.budi.partner_id.id, "shown": ["x", "1" * 50]}
        self.assertEqual(self._send("/my/preferences", csrf=False, **values).status_code, 400)
        self.env.invalidate_all()
        self.assertEqual((self.partner.channel_choice, self.partner.lang), before)
        self._send("/my/preferences", **values)
        self.env.invalidate_all()
        self.assertEqual((self.partner.channel_choice, self.budi.partner_id.channel_choice), ("email", False))

    def test_consents(self):
        """CC-4, BR-3: where consents are kept, the customer gives and withdraws them, and both are kept."""
        if "crm.consent" not in self.env:
            self.assertEqual(self.partner._consents(), [])
            return
        purpose = self.env["crm.consent.purpose"].create({"name": "Test purpose", "wording": "I agree."})
        values = {"channel": "", "lang": "en_US", "shown": purpose.id}
        self._send("/my/preferences", **values, consent=purpose.id)
        consent = self.env["crm.consent"].search([("purpose_id", "=", purpose.id)])
        self.assertEqual((consent.partner_id, consent.channel, consent.user_id), (self.partner, "screen", self.ani))
        self._send("/my/preferences", channel="", lang="en_US")
        self.env.invalidate_all()
        self.assertTrue(consent.is_valid)
        self._send("/my/preferences", **values)
        self.env.invalidate_all()
        self.assertFalse(consent.is_valid)

    def test_no_turn_without_wish(self):
        """CC-4: a wish that is refused doesn't take the turn."""
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.partner._ask_for_call("")
        self.assertFalse(self.partner.sudo().asked_online_at)
