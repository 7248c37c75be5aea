from freezegun import freeze_time

from odoo.tests import tagged

from .contact_common import ContactCase


@tagged("post_install", "-at_install")
class TestDayBook(ContactCase):
    """The day's book: date, name, kind, solution (SOP-E3)."""

    def _book(self, user=None, **values):
        books = self.env["crm.day.book"].with_user(user or self.officer)
        return books.create({"day": "2026-03-02", **values})

    def _html(self, book):
        report = self.env["ir.actions.report"].with_user(book.env.user)
        html, _kind = report._render_qweb_html("crm_sop_sales.crm_day_book_document", book.ids)
        return html.decode()

    def test_content(self):
        """SOP-E3: date and time, caller, kind and solution of each contact of the branch's day, open ones too."""
        buying = self.env.ref("crm_base.crm_interaction_purpose_buying")
        done = self._log(
            began_at="2026-03-01 23:30:00",
            purpose_id=buying.id,
            outcome_id=self.outcome.id,
            note="<p>Told the price</p>",
        )
        done.action_close()
        self._log(began_at="2026-03-02 03:00:00", caller_name="A visitor", channel="visit")
        self._log(began_at="2026-03-02 18:00:00", caller_name="The day after")
        html = self._html(self._book())
        for text in ("06:30", "Rina Kartika", "+6281290007001", "Call", "Buying", "Answered", "Told the price"):
            self.assertIn(text, html)
        for text in ("A visitor", "Visit", "No outcome yet", "Monday, 2 March 2026"):
            self.assertIn(text, html)
        self.assertNotIn("The day after", html)

    def test_page_break(self):
        """SOP-E3: each contact is a block of its own, which no page break parts; so wide as its heading."""
        for hour in range(3, 6):
            self._log(began_at=f"2026-03-02 0{hour}:00:00")
        html = self._html(self._book())
        self.assertEqual(html.count('class="o_crm_day_book_row"'), 3)
        self.assertEqual(html.count("o_crm_day_book"), 3 + 3 + 1)

    def test_begins_with_today(self):
        """SOP-E3: it begins with the officer's branch, and the day that it is there."""
        with freeze_time("2026-03-01 23:30:00"):
            book = self.env["crm.day.book"].with_user(self.officer).create({})
        self.assertEqual((book.branch_id, str(book.day)), (self.shop, "2026-03-02"))
        action = book.action_print()
        self.assertEqual((action["type"], action["close_on_report_download"]), ("ir.actions.report", True))

    def test_another_branch(self):
        """SOP-E3: nobody prints another branch's contacts."""
        self._log(began_at="2026-03-02 03:00:00", note="<p>Secret</p>")
        book = self._book(self.other_officer)
        self.assertFalse(book._find_contacts())
        book.sudo().branch_id = self.shop
        self.assertFalse(book._find_contacts())
        self.assertIn("Secret", self._html(self._book(self.manager, branch_id=self.shop.id)))

    def test_html_in_a_name(self):
        """SOP-E3: what a caller says their name is stays text."""
        self._log(began_at="2026-03-02 03:00:00", caller_name="<script>alert(1)</script>")
        self.assertNotIn("<script>alert(1)", self._html(self._book()))
