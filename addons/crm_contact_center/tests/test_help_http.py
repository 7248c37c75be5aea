import re
from unittest.mock import patch

from odoo.tests import tagged

from ..controllers import help as help_controller
from ..limiter import Limiter
from .chat_common import ChatCase


@tagged("post_install", "-at_install")
class TestHelpHttp(ChatCase):
    """CC-4: the help page, for everybody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.faq"].search([]).unlink()
        cls.faq = cls._faq("How long is the warranty?", "<p>One year.</p>")
        cls.draft = cls._faq("Secret plans?", "<p>Kenari7341</p>", published=False)

    def _token(self, page):
        return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]

    def _vote(self, faq, helpful="1", token=None, **values):
        token = self._token(self.url_open(f"/help/{self.faq.id}")) if token is None else token
        data = {"csrf_token": token, "helpful": helpful, **values}
        return self.url_open(f"/help/{faq.id}/vote", data=data)

    def test_pages(self):
        """CC-4: visitors and customers see what is published, with the chat's button; nobody sees drafts."""
        for login in (None, "test_portal", "test_agent_1"):
            self.authenticate(login, login)
            for path in ("/help", "/help?q=waranty", f"/help?category={self.category.id}", f"/help/{self.faq.id}"):
                page = self.url_open(path)
                with self.subTest(login=login, path=path):
                    self.assertEqual(page.status_code, 200)
                    self.assertIn("How long is the warranty?", page.text)
                    self.assertIn("Was this helpful?", page.text)
                    self.assertIn("livechatData", page.text)
                    self.assertNotIn("Kenari7341", page.text)
                    self.assertNotIn("Secret plans", page.text)
            for path in (f"/help/{self.draft.id}", "/help/999999999", "/help?category=999999999"):
                self.assertEqual(self.url_open(path).status_code, 404)

    def test_not_found(self):
        """CC-4: what a search lacks is counted; what was typed comes back as text."""
        page = self.url_open("/help", params={"q": "<script>alert(1)</script> zeppelin 081234567890"})
        self.assertIn("We found nothing", page.text)
        self.assertNotIn("<script>alert(1)", page.text)
        words = self.env["crm.faq.miss"].search([]).mapped("word")
        self.assertIn("zeppelin", words)
        self.assertFalse([word for word in words if "0812" in word])
        self.assertEqual(self.url_open("/help", params={"q": "a\x00b" + "x" * 9000}).status_code, 200)
        self.assertEqual(self.url_open("/help?category=x&page=y").status_code, 200)

    def test_vote(self):
        """CC-4: a visitor's vote counts once, a customer's too, whoever repeats it."""
        self.authenticate(None, None)
        self.assertIn("Thank you", self._vote(self.faq).text)
        self._vote(self.faq)
        self.assertEqual((self.faq.helpful_count, self.faq.unhelpful_count), (1, 0))
        self._vote(self.faq, "0")
        self.assertEqual((self.faq.helpful_count, self.faq.unhelpful_count), (0, 1))
        self.authenticate("test_portal", "test_portal")
        self._vote(self.faq)
        self.authenticate("test_portal", "test_portal")
        self._vote(self.faq)
        self.assertEqual((self.faq.helpful_count, self.faq.unhelpful_count), (1, 1))

    def test_vote_refused(self):
        """CC-4: without the page's token, for a draft, with another word, by GET: nothing is counted."""
        self.authenticate(None, None)
        self.assertEqual(self._vote(self.faq, token="").status_code, 400)
        self.assertEqual(self._vote(self.draft).status_code, 404)
        self.assertEqual(self._vote(self.faq, helpful="2").status_code, 404)
        self.assertIn(self.url_open(f"/help/{self.faq.id}/vote").status_code, (404, 405))
        self.assertFalse(self.env["crm.faq.vote"].search([("faq_id", "in", (self.faq + self.draft).ids)]))

    def test_too_many(self):
        """CC-4: a program that searches or votes without end is told to wait."""
        with patch.object(help_controller, "SEARCHES", Limiter(a_minute=60, burst=1)):
            self.url_open("/help?q=warranty")
            self.assertEqual(self.url_open("/help?q=warranty").status_code, 429)
        with patch.object(help_controller, "VOTES", Limiter(a_minute=60, burst=1)):
            self._vote(self.faq)
            self.assertEqual(self._vote(self.faq).status_code, 429)

    def test_no_chat(self):
        """CC-7: a company without a chat has no button."""
        self.company.help_livechat_channel_id = False
        self.assertNotIn("livechatData", self.url_open("/help").text)
