from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError

from .common import WhatsappCase
from .stub_server import event, message_event

SENDER = "6281234567890"


class TestIncoming(WhatsappCase):
    def setUp(self):
        super().setUp()
        self.outgoing = self._queue(user=self.officer_a)
        self._run()
        self.now = self._stamp(fields.Datetime.now())

    def _interactions(self):
        return self.env["crm.interaction"].search([("channel", "=", "whatsapp"), ("partner_id", "=", self.customer.id)])

    def test_answer_lands_where_it_belongs(self):
        """H23-4.2.5: an answer is on the agent's list, on the customer's page, and on the message that it answers."""
        self._apply(message_event(SENDER, "Yes, <b>Saturday</b>", "wamid.in1", self.now, quoted=self.outgoing.wamid))
        incoming = self.messages.search([("direction", "=", "incoming")])
        self.assertEqual((incoming.reply_to_id, incoming.partner_id), (self.outgoing, self.customer))
        self.assertTrue(self.outgoing.replied_at)
        interaction = self._interactions()
        self.assertEqual((interaction.user_id, interaction.state), (self.officer_a, "open"))
        self.assertIn("&lt;b&gt;", interaction.note)
        self.assertIn("Saturday", self.customer.message_ids[0].body)
        self.assertNotIn("<b>Saturday", self.customer.message_ids[0].body)
        activity = self.customer.activity_ids
        self.assertEqual((activity.user_id, activity.summary), (self.officer_a, "Answer on WhatsApp"))

    def test_more_messages_make_one_task(self):
        for number in range(3):
            self._apply(message_event(SENDER, f"Part {number}", f"wamid.in{number}", self.now))
        self._apply(message_event(SENDER, "Part 0", "wamid.in0", self.now, name="again"))
        self.assertEqual(len(self._interactions()), 1)
        self.assertEqual(self._interactions().note.count("Part"), 3)
        self.assertEqual(len(self.customer.activity_ids), 1)

    def test_latest_message_without_a_quote(self):
        self._apply(message_event(SENDER, "Yes", "wamid.in1", self.now))
        self.assertEqual(self.messages.search([("direction", "=", "incoming")]).reply_to_id, self.outgoing)

    def test_unknown_people(self):
        """From nobody we know: an interaction with the number, for the account's agent. No wa_id: by the name."""
        self._apply(message_event("6285700001111", "Hello", "wamid.in1", self.now, name="Rina"))
        self._apply(event(messages=[{"id": "wamid.in2", "user_id": "u.1", "type": "text", "text": {"body": "Hi\0"}}]))
        interactions = self.env["crm.interaction"].search([("channel", "=", "whatsapp"), ("partner_id", "=", False)])
        self.assertEqual(set(interactions.mapped("caller_name")), {"Rina", "u.1"})
        self.assertEqual(interactions.branch_id, self.branch_a)
        self.assertEqual(interactions.user_id, self.officer_a)

    def test_number_of_two_contacts(self):
        self.env["res.partner"].create([{"name": name, "phone": "+62 857 0000 1111"} for name in ("A", "B")])
        self._apply(message_event("6285700001111", "Hello", "wamid.in1", self.now))
        self.assertFalse(self.messages.search([("direction", "=", "incoming")]).partner_id)

    def test_kinds(self):
        kinds = {
            "image": ({"caption": "My phone"}, "[image] My phone"),
            "button": ({"text": "Book"}, "Book"),
            "interactive": ({"button_reply": {"title": "Yes"}}, "Yes"),
            "location": ({}, "[location]"),
            "odd": ("text", "[odd]"),
        }
        for kind, (content, text) in kinds.items():
            item = {"from": SENDER, "id": f"wamid.{kind}", "timestamp": "x", "type": kind, kind: content}
            self._apply(event(messages=[item]))
            self.assertEqual(self.messages.search([("wamid", "=", f"wamid.{kind}")]).body, text)

    def test_opt_out_and_in_by_words(self):
        """BERHENTI ends it, MULAI begins again; a sentence with the word in it does neither."""
        self._apply(message_event(SENDER, "Please don't stop", "wamid.in1", self.now))
        self.assertFalse(self.customer.whatsapp_consent)
        self._apply(message_event(SENDER, " berhenti. ", "wamid.in2", self.now + 1))
        self.assertEqual(self.customer.whatsapp_consent, "out")
        self.assertEqual(self._queue().problem, "opted_out")
        self.assertIn(self.customer, self.env["res.partner"].search([("whatsapp_consent", "=", "out")]))
        self.assertNotIn(self.customer, self.env["res.partner"].search([("whatsapp_consent", "=", False)]))
        self._apply(message_event(SENDER, "MULAI", "wamid.in3", self.now + 2))
        self.assertEqual(self._queue().state, "queued")

    def test_free_text_within_24_hours(self):
        """Free text only within 24 hours of the customer's last message, asked at sending too."""
        messages = self.messages.with_user(self.officer_a)
        customer = self.customer.with_user(self.officer_a)
        with self.assertRaisesRegex(UserError, "24 hours"):
            messages._queue_text(customer, "Hello")
        self._apply(message_event(SENDER, "Question", "wamid.in1", self.now))
        text = messages._queue_text(customer, "Answer").sudo()
        self._run()
        self.assertEqual(text.state, "sent")
        self.assertEqual(self.stub.calls[-1]["body"]["text"], {"body": "Answer"})
        late = messages._queue_text(customer, "Too late").sudo()
        self.messages.search([("wamid", "=", "wamid.in1")]).received_at = self._ago(hours=24, minutes=1)
        self._run()
        self.assertEqual((late.state, late.problem), ("failed", "window_closed"))

    def test_text_after_opting_out(self):
        self._apply(message_event(SENDER, "STOP", "wamid.in1", self.now - 60))
        messages, customer = self.messages.with_user(self.officer_a), self.customer.with_user(self.officer_a)
        silent = messages._queue_text(customer, "Why?").sudo()
        self._run()
        self.assertEqual(silent.state, "left_out")
        self._apply(message_event(SENDER, "Is my phone ready?", "wamid.in2", self.now))
        answer = messages._queue_text(customer, "Yes").sudo()
        self._run()
        self.assertEqual(answer.state, "sent")

    def test_composer(self):
        """The window: preview, who can't get it, a second click sends nothing, the answer ends the task."""
        self._apply(message_event(SENDER, "Question", "wamid.in1", self.now))
        composers = self.env["crm.whatsapp.composer"].with_user(self.officer_a)
        action = self.customer.with_user(self.officer_a).action_whatsapp_compose()
        composer = composers.with_context(**action["context"]).create({"text": "Here we are", "kind": "text"})
        self.assertTrue(composer.window_open)
        composer.action_send()
        composer.action_send()
        texts = self.messages.search([("body", "=", "Here we are")])
        self.assertEqual(len(texts), 1)
        self.assertFalse(self.customer.activity_ids)
        self.assertIn("Here we are", self.customer.message_ids[0].body)
        composer = composers.with_context(**action["context"]).create(
            {"kind": "template", "template_id": self.template.id}
        )
        self.assertEqual(composer.preview, "Hello Budi Santoso, see you at the shop.")
        composer.action_send()
        composer.action_send()
        self.assertEqual(self.messages.search_count([("key", "=", composer._key())]), 1)

    def test_composer_refuses(self):
        composers = self.env["crm.whatsapp.composer"].with_user(self.officer_a)
        landline = self.env["res.partner"].create({"name": "L", "phone": "021 5270 7001"})
        many = self._create_customers(21)
        for values, words in (
            ({"res_ids": landline.ids, "template_id": self.template.id}, "Landline"),
            ({"res_ids": many.ids, "template_id": self.template.id}, "manager makes a blast"),
            ({"res_ids": many[:2].ids, "kind": "text", "text": "x"}, "one customer at a time"),
            ({"res_ids": many[:1].ids, "kind": "text", "text": "x"}, "24 hours"),
            ({"res_ids": [10**9], "template_id": self.template.id}, "recipients first"),
            ({"res_ids": "x", "template_id": self.template.id}, "recipients first"),
            ({"res_model": "res.users", "res_ids": [1], "template_id": self.template.id}, "recipients first"),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                composers.create({"res_model": "res.partner", "kind": "template", **values}).action_send()

    def test_reply_from_the_inbox(self):
        self._apply(message_event(SENDER, "Question", "wamid.in1", self.now))
        incoming = self.messages.search([("wamid", "=", "wamid.in1")]).with_user(self.officer_a)
        self.assertEqual(incoming.action_reply()["context"]["default_res_ids"], self.customer.ids)
        self.assertEqual(incoming.action_view_document()["res_id"], self.customer.id)

    def test_window_moves_with_each_message(self):
        moment = fields.Datetime.now() - timedelta(hours=30)
        self._apply(message_event(SENDER, "Old", "wamid.in1", self._stamp(moment)))
        ends = self.messages._window_ends([f"+{SENDER}"])
        self.assertEqual(ends[f"+{SENDER}"], moment + timedelta(hours=24))
