from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .contact_common import ContactCase


@tagged("post_install", "-at_install")
class TestContactGreeting(ContactCase):
    """What the officer says first (SOP-2a, SOP-2b, SOP-2c)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer.write({"tz": "Asia/Jakarta", "name": "Sari"})
        cls.partner.salutation_id = cls.env.ref("crm_sop_sales.crm_salutation_ms")

    def _says(self, moment, **values):
        with freeze_time(moment):
            contact = self._log(**values)
            contact.invalidate_recordset(["greeting"])
            return contact.greeting

    def test_time_of_day(self):
        """SOP-2a: pagi, siang, sore, malam by the officer's clock; the night is the last greeting's."""
        for utc, greeting in (
            ("2026-03-01 21:00:00", "Good morning"),  # 04:00 in Jakarta
            ("2026-03-02 03:59:00", "Good morning"),
            ("2026-03-02 04:00:00", "Good day"),
            ("2026-03-02 08:00:00", "Good afternoon"),
            ("2026-03-02 11:00:00", "Good evening"),
            ("2026-03-01 20:59:00", "Good evening"),  # 03:59
        ):
            with self.subTest(utc=utc):
                self.assertTrue(self._says(utc).startswith(f"{greeting}, Ms. Rina Kartika!"))

    def test_clock_of_the_officer(self):
        """SOP-2a: an officer elsewhere greets by their own clock, one without a clock by the branch's."""
        self.officer.tz = "Europe/Warsaw"
        self.assertTrue(self._says("2026-03-02 11:00:00").startswith("Good day"))
        self.officer.tz = False
        self.assertTrue(self._says("2026-03-02 11:00:00").startswith("Good evening"))

    def test_name_and_question(self):
        """SOP-2b, SOP-2c: the officer's name and the question are in it; an unknown caller is greeted without name."""
        text = self._says("2026-03-02 03:00:00", partner_id=False)
        self.assertTrue(text.startswith("Good morning! This is Sari of "))
        self.assertIn(self.env.company.name, text)
        self.assertIn("buy something", text)

    def test_company_has_no_salutation(self):
        """SOP-2a: nobody says "Mr." to a company."""
        self.partner.is_company = True
        self.assertTrue(self._says("2026-03-02 03:00:00").startswith("Good morning! "))

    def test_template(self):
        """SOP-2a: the words are data; a word in braces that nobody knows, or format code, does no harm."""
        for greeting in self.env["crm.greeting"].search([]):
            greeting.script = "{greeting}, {officer.password} {0} {branch}"
        self.assertEqual(
            self._says("2026-03-02 03:00:00"), "Good morning, Ms. Rina Kartika, {officer.password} {0} Test Shop"
        )
        self.env["crm.greeting"].search([]).unlink()
        self.assertEqual(self._says("2026-03-02 03:00:00"), "Ms. Rina Kartika")

    def test_rights(self):
        """SOP-2a: managers keep the words, officers read them."""
        greeting = self.env["crm.greeting"].search([], limit=1)
        greeting.with_user(self.manager).script = "{greeting}!"
        with self.assertRaises(AccessError):
            greeting.with_user(self.officer).script = "Hi"

    def test_salutation_from_the_contact(self):
        """SOP-2a: the officer notes the salutation on the contact; it is the customer's from then on."""
        contact = self._log()
        contact.salutation_id = self.env.ref("crm_sop_sales.crm_salutation_mr")
        self.assertEqual(self.partner.salutation_id.name, "Mr.")
        self.assertIn("Mr. Rina", contact.greeting)
