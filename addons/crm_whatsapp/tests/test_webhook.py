import json
import random
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from ..const import MOST_BYTES
from ..utils import signature
from .common import SECRET, WhatsappCase
from .stub_server import event, message_event, status_event

FORGED = 150  # 10,000 in benchmarks/whatsapp_faults.py


class TestWebhook(WhatsappCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.path = f"/crm_whatsapp/webhook/{cls.account.webhook_key}"

    def _post(self, body, header=None, path=None):
        headers = {"Content-Type": "application/json"}
        if header is not None:
            headers["X-Hub-Signature-256"] = header
        return self.url_open(path or self.path, data=body, headers=headers)

    def _kept(self):
        return self.env["crm.whatsapp.event"].search_count([])

    def test_signed_event_is_kept_once(self):
        body = json.dumps(status_event("wamid.1", "sent")).encode()
        for __ in range(3):
            self.assertEqual(self._post(body, signature(SECRET, body)).status_code, 200)
        self.assertEqual(self._kept(), 1)

    def test_forged_events(self):
        """Of forged events none is kept: no signature, another secret's, another body's, a stump, no secret at all."""
        good = json.dumps(status_event("wamid.1", "sent")).encode()
        chance = random.Random(7341)
        headers = [
            None,
            "",
            "sha256=",
            "sha1=abc",
            signature("", good),
            signature("other", good),
            signature(SECRET, b""),
        ]
        for number in range(FORGED):
            body = good + b" " * number
            header = headers[number % len(headers)]
            if number % 3 == 2:
                header = signature(SECRET, body)
                place = chance.randrange(7, len(header))
                header = header[:place] + ("0" if header[place] != "0" else "1") + header[place + 1 :]
            self.assertEqual(self._post(body, header).status_code, 403)
        self.account.app_secret = False
        for secret in ("", "False", "None", SECRET):
            self.assertEqual(self._post(good, signature(secret, good)).status_code, 403)
        self.assertEqual(self._kept(), 0)

    def test_unknown_address(self):
        body = b"{}"
        for path in ("/crm_whatsapp/webhook/1", "/crm_whatsapp/webhook/" + "0" * 32):
            self.assertEqual(self._post(body, signature(SECRET, body), path).status_code, 403)

    def test_bad_bodies(self):
        for body, status in (
            (b"no json", 400),
            (b'{"a": "\0"}', 400),
            (b"\xff\xfe", 400),
            (b"[" * 100000, 400),
            (b'"' + b"x" * MOST_BYTES + b'"', 413),
        ):
            with self.subTest(body[:20]), mute_logger("odoo.http"):
                self.assertEqual(self._post(body, signature(SECRET, body)).status_code, status)
        for body in (b"[]", b"1", b'{"entry": 5}', b'{"entry": [{"changes": [{"value": {"statuses": [1, {}]}}]}]}'):
            self.assertEqual(self._post(body, signature(SECRET, body)).status_code, 200)
        events = self.env["crm.whatsapp.event"]
        events._apply_batch()
        self.assertEqual(set(events.search([]).mapped("state")), {"applied"})

    def test_verification(self):
        token = self.account.verify_token
        asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1158201444"}
        answer = self.url_open(self.path, params=asked)
        self.assertEqual((answer.status_code, answer.text), (200, "1158201444"))
        for wrong in ({"hub.verify_token": "x"}, {"hub.mode": "x"}, {"hub.verify_token": ""}):
            self.assertEqual(self.url_open(self.path, params={**asked, **wrong}).status_code, 403)
        self.account.verify_token = False
        self.assertEqual(self.url_open(self.path, params={**asked, "hub.verify_token": ""}).status_code, 403)


class TestEvents(WhatsappCase):
    def test_status_in_any_order(self):
        """H23-4.2.4: events shuffled and tripled end as those in order: a receipt outweighs all."""
        chance = random.Random(7341)
        sequences = [
            ("sent", "delivered", "read"),
            ("sent", "read"),
            ("sent", "failed"),
            ("failed", "delivered"),
            ("read", "delivered"),
            ("sent",),
        ]
        codes = {"failed": 131026}
        ends = ["read", "read", "failed", "delivered", "read", "sent"]
        customers = self._create_customers(len(sequences))
        facts = []
        for shuffled in (False, True, True):
            messages = self._queue(customers)
            self._run()
            events = []
            for message, sequence in zip(messages, sequences, strict=True):
                events += [
                    status_event(message.wamid, status, timestamp=1_700_000_000 + place, code=codes.get(status))
                    for place, status in enumerate(sequence)
                ]
            if shuffled:
                # the same once more in other words, so that it isn't taken for a repetition
                events = [dict(event, again=number) for event in events for number in range(3)]
                chance.shuffle(events)
            self._apply(*events)
            self.assertEqual(messages.mapped("state"), ends)
            told = [
                message.sent_at if "sent" in said else None for message, said in zip(messages, sequences, strict=True)
            ]
            facts.append([told, *messages.mapped(lambda m: (m.problem, m.delivered_at, m.read_at, m.error_code))])
        self.assertEqual(facts[0], facts[1])
        self.assertEqual(facts[1], facts[2])

    def test_sent_again_and_then_told_of_the_first_attempt(self):
        """A failed message that is queued again isn't spoilt by late news of its first attempt."""
        message = self._queue()
        self._run()
        first = message.wamid
        self._apply(status_event(first, "failed", code=131026))
        self.assertEqual((message.state, message.problem), ("failed", "undeliverable"))
        message.with_user(self.officer_a).action_send_again()
        self._apply(status_event(first, "failed", code=131026, timestamp=2))
        self._apply(status_event(first, "sent", timestamp=3))
        self.assertEqual(message.state, "queued")
        self._apply(status_event(first, "delivered"))
        self.assertEqual(message.state, "delivered")
        self.assertEqual(self._run(), 0)

    def test_limited_marketing_comes_back_later(self):
        message = self._queue()
        self._run()
        self._apply(status_event(message.wamid, "failed", code=131049))
        self.assertEqual((message.state, message.problem), ("queued", "engagement"))
        self.assertGreater(message.due_at, fields.Datetime.now() + timedelta(hours=20))

    def test_account_errors_stop_it(self):
        self._apply(event(errors=[{"code": 131031, "title": "Account locked"}]))
        self.assertEqual((self.account.problem, self.account.problem_detail), ("account_blocked", "Account locked"))

    def test_events_of_another_app_move_nothing(self):
        """Whoever holds another account's secret can't speak of this account's messages."""
        other = self._create_account(number_key="222", app_secret="other")
        message = self._queue()
        self._run()
        self._apply(status_event(message.wamid, "read", key=message.uuid), account=other)
        self.assertEqual(message.state, "sent")

    def test_one_bad_event_holds_up_no_other(self):
        message = self._queue()
        self._run()
        bad = message_event("6281234567890", "x", "wamid.bad")
        received = type(self.messages)._receive

        def fails(messages, *arguments):
            raise KeyError("wamid.bad")

        self.patch(type(self.messages), "_receive", fails)
        with mute_logger("odoo.addons.crm_whatsapp.models.crm_whatsapp_event"):
            self._apply(bad, status_event(message.wamid, "read"))
        self.assertEqual(message.state, "read")
        failed = self.env["crm.whatsapp.event"].search([("state", "=", "failed")])
        self.assertIn("KeyError", failed.error)
        self.patch(type(self.messages), "_receive", received)
        failed.with_user(self.admin).action_apply_again()
        self._apply()
        self.assertEqual(failed.state, "applied")

    def test_old_events_are_forgotten(self):
        self._apply(status_event("wamid.1", "sent"))
        events = self.env["crm.whatsapp.event"].search([])
        self.env["crm.whatsapp.event"]._gc_applied()
        self.assertTrue(events.exists())
        events.received_at = self._ago(days=31)
        self.env["crm.whatsapp.event"]._gc_applied()
        self.assertFalse(events.exists())

    def test_user_preferences(self):
        """user_preferences stop and resume marketing, by their own time."""
        for value, moment in (("resume", 1_700_000_100), ("stop", 1_700_000_000)):
            self._apply(
                event(
                    user_preferences=[
                        {
                            "wa_id": "6281234567890",
                            "category": "marketing_messages",
                            "value": value,
                            "timestamp": moment,
                            "detail": "User requested",
                        }
                    ]
                )
            )
        self.assertEqual(self.customer.whatsapp_consent, "in")
