from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..models import crm_bot_try
from .chat_common import ChatCase


@tagged("post_install", "-at_install")
class TestChatBot(ChatCase):
    """CC-7: the cyber agent answers, finds orders of those whose they are, recommends, and takes messages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.faq"].search([]).unlink()
        cls.env["crm.bot.try"].search([]).unlink()
        cls.faq = cls._faq("How long is the warranty?", '<p>One <b>year</b>.<script>alert("x")</script></p>')
        cls.product = cls.env["product.product"].create({"name": "Test phone", "list_price": 100, "type": "consu"})
        cls.order = cls._order(cls.customer)
        cls.portal_order = cls._order(cls.portal.partner_id)

    @classmethod
    def _order(cls, partner):
        partner.email = partner.email or "budi@example.com"
        line = Command.create({"product_id": cls.product.id})
        order = cls.env["sale.order"].create({"partner_id": partner.id, "order_line": [line]})
        order.write({"state": "sale"})
        return order

    # === QUESTIONS === #

    def test_question(self):
        """CC-7: it answers from the FAQ, asks whether that helped, counts it, and offers more."""
        chat = self._open()
        self._choose(chat, "menu_question")
        self.assertEqual(self._step(chat), "faq")
        self._say(chat, "what about waranty?")
        self.assertIn("<b>year</b>", self._heard(chat))
        self.assertNotIn("<script", self._heard(chat))
        self.assertEqual(self._step(chat), "helped")
        self._choose(chat, "helped_yes")
        self.assertEqual((self.faq.helpful_count, self._step(chat)), (1, "more"))
        self._choose(chat, "more_yes")
        self.assertEqual(self._step(chat), "menu")
        self._choose(chat, "menu_question")
        self._say(chat, "warranty")
        self._choose(chat, "helped_other")
        self.assertEqual((self.faq.helpful_count, self.faq.unhelpful_count, self._step(chat)), (0, 1, "faq"))
        self._say(chat, "warranty")
        self._choose(chat, "helped_yes")
        self._choose(chat, "more_no")
        self.assertEqual(self._step(chat), "goodbye")

    def test_question_unknown(self):
        """CC-7: it asks for other words, counts what is missing, and after three times hands over."""
        chat = self._open()
        self._choose(chat, "menu_question")
        for text in ("zeppelin", "airship", "balloon"):
            self._say(chat, text)
        self.assertEqual(self._step(chat), "contact", "nobody is there")
        self.assertIn("zeppelin", self.env["crm.faq.miss"].search([]).mapped("word"))
        self.authenticate(None, None)
        self._come(self.agent_1)
        chat = self._open()
        self._choose(chat, "menu_question")
        for text in ("zeppelin", "airship", "balloon"):
            self._say(chat, text)
        self.assertEqual((self._step(chat), chat._contact().state), ("queue", "waiting"))

    def test_injection(self):
        """CC-7: what a visitor writes is text: not evaluated, not HTML, no query, of at most 2,000 characters."""
        chat = self._open()
        self._choose(chat, "menu_question")
        for text in (
            "<img src=x onerror=alert(1)>",
            "{{ 7 * 7 }} ${7*7} <t t-out='7*7'/>",
            "'); DROP TABLE x; -- & | !",
        ):
            self._say(chat, text)
            self.assertNotIn("<img src", self._heard(chat))
            self.assertNotIn("49", self._heard(chat).replace(str(chat.id), ""))
            chat.chatbot_current_step_id = self.env.ref("crm_contact_center.chatbot_desk_faq")
        self.assertEqual(len(self.bot.script_step_ids._crm_text("<p>" + "x" * 9000 + "</p>")), 2000)

    # === ORDERS === #

    def _ask_order(self, chat, number, who):
        self._say(chat, number)
        self._say(chat, who)
        return self._heard(chat)

    def test_order(self):
        """CC-7: number and phone, or e-mail, of the order: its state, and no more than that."""
        for who in ("0812 3456 7890", "+62 812-3456-7890", "budi@example.com", "BUDI@EXAMPLE.COM"):
            self.authenticate(None, None)
            chat = self._open()
            self._choose(chat, "menu_order")
            heard = self._ask_order(chat, f"it is {self.order.name.lower()}", who)
            with self.subTest(who):
                self.assertIn(f"Order {self.order.name}", heard)
                self.assertIn("Sales Order", heard)
                self.assertNotIn("Budi", heard)
                self.assertNotIn("access_token", heard)
                self.assertNotIn("/my/orders", heard)
                self.assertEqual(self._step(chat), "more")

    def test_order_not_theirs(self):
        """CC-7: an order that isn't there and one of somebody else get the same answer."""
        answers = []
        for number, who in (
            (self.order.name, "0812 9999 9999"),
            ("S99999999", "0812 3456 7890"),
            (self.order.name, "x"),
        ):
            self.env["crm.bot.try"].search([]).unlink()
            self.authenticate(None, None)
            chat = self._open()
            self._choose(chat, "menu_order")
            answers.append(self._ask_order(chat, number, who).replace(str(chat.id), ""))
            self.assertEqual(self._step(chat), "order")
        self.assertEqual(len(set(answers)), 1)
        self.assertIn("I found no order", answers[0])
        self.assertNotIn(self.order.name, answers[0])

    def test_order_guessing(self):
        """CC-7: five tries an hour for a visitor and an address, whatever conversations; the sixth isn't looked at."""
        for attempt in range(7):
            self.authenticate(None, None)
            chat = self._open()
            self._choose(chat, "menu_order")
            right = attempt == 6
            heard = self._ask_order(chat, self.order.name, "0812 3456 7890" if right else f"0812 0000 000{attempt}")
            self.assertEqual("You have tried several times" in heard, attempt >= 5)
            self.assertNotIn(f"Order {self.order.name}", heard)
        later = self._later(hours=2)
        with patch.object(crm_bot_try.fields.Datetime, "now", lambda: later):
            self.assertTrue(self.env["crm.bot.try"]._take(chat._visitor().guest_id))

    def test_order_of_customer(self):
        """CC-7: who is logged in sees the own orders at once, and only those."""
        self.authenticate("test_portal", "test_portal")
        chat = self._open()
        self._choose(chat, "menu_order")
        heard = self._heard(chat)
        self.assertIn(f"Order {self.portal_order.name}", heard)
        self.assertIn(f"/my/orders/{self.portal_order.id}", heard)
        self._say(chat, self.order.name)
        self.assertNotIn(f"Order {self.order.name}", self._heard(chat))
        self._say(chat, self.portal_order.name)
        self.assertEqual(self._step(chat), "more")

    # === ADVICE === #

    def test_advice(self):
        """CC-7: by budget and use, with the reason; what the customer has isn't recommended; interest is a lead."""
        templates = self.env["product.template"]
        templates.search([("sale_ok", "=", True)]).sale_ok = False
        tag = self.env.ref("crm_contact_center.product_tag_work")
        cheap, dear, best = templates.create(
            [
                {"name": "Cheap plain", "list_price": 100},
                {"name": "Cheap for work", "list_price": 120, "product_tag_ids": [Command.link(tag.id)]},
                {"name": "Dear", "list_price": 9000},
            ]
        )
        templates.create([{"name": f"Middle {n}", "list_price": 1000 + n} for n in range(4)])
        chat = self._open()
        self._choose(chat, "menu_advice")
        self._choose(chat, "use_work")
        self._choose(chat, "budget_low")
        heard = self._heard(chat)
        self.assertEqual(self._step(chat), "interest")
        self.assertIn("you chose “For work”", heard)
        self.assertLess(heard.index(dear.name), heard.index(cheap.name))
        self.assertNotIn(best.name, heard.replace("Dear customer", ""))
        self._choose(chat, "interest_yes")
        self._say(chat, "0812 3456 7890")
        lead = chat.crm_lead_id
        self.assertEqual((lead.phone_sanitized, self._step(chat)), ("+6281234567890", "more"))
        self.assertIn("Cheap for work", lead.description)
        step = self.env.ref("crm_contact_center.chatbot_desk_advice")
        answers = self.env.ref("crm_contact_center.chatbot_desk_use_work")
        self.customer_order = self._order(self.customer)
        self.customer_order.order_line.product_id = dear.product_variant_id
        advised = [product for product, _why in step._advice(answers, self.customer, self.company)]
        self.assertNotIn(dear, advised)

    # === SCRIPTS === #

    def test_jumps(self):
        """CC-7: a bot can't be made to talk for ever, nor go on in another bot; a copy goes on in itself."""
        hello = self.env.ref("crm_contact_center.chatbot_desk_hello")
        goodbye = self.env.ref("crm_contact_center.chatbot_desk_goodbye")
        with self.assertRaises(ValidationError):
            goodbye.crm_next_step_id = hello
        with self.assertRaises(ValidationError):
            goodbye.crm_next_step_id = self.env.ref("crm_contact_center.chatbot_reception_what")
        copied = self.bot.copy()
        jumps = copied.script_step_ids.crm_next_step_id | copied.script_step_ids.crm_else_step_id
        self.assertEqual(jumps.chatbot_script_id, copied)
