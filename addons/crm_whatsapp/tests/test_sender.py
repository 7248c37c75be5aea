import contextlib
import json
from datetime import timedelta
from unittest.mock import patch

from psycopg2 import errors

from odoo import fields
from odoo.tools import mute_logger

from ..const import CODES
from ..sender import Sender
from .common import WhatsappCase
from .stub_server import TOKEN, status_event

PHONE = "6281234567890"


class TestSender(WhatsappCase):
    def test_sent_as_the_contract_says(self):
        """H23-4.2.3: a template goes out by the Cloud API's contract, once, under our key."""
        message = self._queue()
        self.assertEqual(self._run(), 1)
        self.assertEqual((message.state, message.attempts), ("sent", 1))
        self.assertTrue(message.wamid)
        (call,) = self.stub.calls
        self.assertEqual(call["path"], "/v23.0/111/messages")
        self.assertEqual(call["headers"]["Authorization"], f"Bearer {TOKEN}")
        self.assertEqual(
            call["body"],
            {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "to": PHONE,
                "biz_opaque_callback_data": message.uuid,
                "type": "template",
                "template": {
                    "name": "reminder",
                    "language": {"policy": "deterministic", "code": "en"},
                    "components": [
                        {
                            "type": "body",
                            "parameters": [
                                {"type": "text", "text": "Budi Santoso"},
                                {"type": "text", "text": "the shop"},
                            ],
                        }
                    ],
                },
            },
        )
        self.assertEqual(self._run(), 0)
        self.assertEqual(len(self.stub.calls), 1)

    def test_every_error_code(self):
        """H23-4.2.4: each error code does what the contract says; failures carry their reason."""
        expected = {"back_off": "queued", "later": "queued", "stop": "queued", "final": "failed"}
        customers = self._create_customers(len(CODES))
        for customer, (code, (kind, problem)) in zip(customers, CODES.items(), strict=True):
            with self.subTest(code):
                self.account.action_resume()
                message = self._queue(customer)
                self.stub.rules[message.phone[1:]] = [code]
                self.assertEqual(self._run(), 1)
                after = fields.Datetime.now()
                self.assertEqual(message.state, expected[kind])
                self.assertEqual((message.problem, message.error_code), (problem, code))
                self.assertEqual(message.error_detail, f"Details of {code}")
                self.assertEqual(bool(self.account.problem), kind == "stop")
                waits = (self.account.paused_until or after) > after or message.due_at > after
                self.assertEqual(bool(waits), kind in ("back_off", "later"))
                message.unlink()
        self.assertFalse(self.stub.accepted)

    def test_later_widens_and_ends(self):
        """131049: a day, two days, four, then it has failed."""
        message = self._queue()
        self.stub.rules[PHONE] = [131049] * 9
        waits = []
        while message.state == "queued":
            message.due_at = fields.Datetime.now()
            before = fields.Datetime.now()
            self._run()
            waits.append(round((message.due_at - before) / timedelta(days=1)))
        self.assertEqual(waits[:-1], [1, 2, 4])
        self.assertEqual((message.state, message.problem), ("failed", "gave_up"))

    def test_backing_off_ends(self):
        message = self._queue()
        self.stub.rules[PHONE] = [130429] * 99
        pauses = []
        while message.state == "queued":
            self.account.paused_until = False
            before = fields.Datetime.now()
            self._run()
            after = fields.Datetime.now()
            if until := self.account.paused_until:
                pauses.append(((until - after).total_seconds(), (until - before).total_seconds()))
        for (shortest, longest), wanted in zip(pauses, (2, 4, 8, 16, 32), strict=False):
            self.assertTrue(shortest - 1 < wanted <= longest, pauses)
        self.assertEqual((message.problem, len(self.stub.calls)), ("gave_up", 12))

    def test_stop_pauses_the_whole_blast(self):
        """190: nothing else of the account goes out until a person has mended it; nothing is lost."""
        blast = self._create_blast(self._create_customers(3))
        blast.with_user(self.manager_a)._workflow_do("start")
        self.account.rate = 1
        for number in range(3):
            self.stub.rules[f"6281270{number:06}"] = [190]
        self._run()
        self.assertEqual(len(self.stub.calls), 1)
        self.assertEqual((blast.state, self.account.problem), ("paused", "token"))
        self.assertIn("Details of 190", self._history(blast)[-1][4])
        self.assertEqual(blast.activity_ids.user_id, self.manager_a)
        self.assertEqual(self.messages.search([("blast_id", "=", blast.id)]).mapped("state"), ["queued"] * 3)
        self.stub.rules.clear()
        self.account.rate = 1000
        with self.assertRaisesRegex(Exception, "is stopped"):
            blast.with_user(self.manager_a).action_resume()
        self.account.with_user(self.manager_a).action_resume()
        blast.with_user(self.manager_a).action_resume()
        self.assertEqual(self._run(), 3)
        self.assertEqual(self.stub.duplicates(), [])

    def _create_blast(self, customers):
        blast = self.env["crm.whatsapp.blast"].with_user(self.manager_a)
        blast = blast.create(
            {"name": "Test", "template_id": self.template.id, "recipients": str([("id", "in", customers.ids)])}
        )
        blast._workflow_do("prepare")
        return blast.with_env(self.env)

    def test_taken_and_dropped_is_unknown(self):
        """The connection breaks after the message was taken: unknown, not sent again, settled by the webhook."""
        message = self._queue()
        self.stub.rules[PHONE] = ["drop"]
        self._run()
        self.assertEqual((message.state, message.problem), ("unknown", "no_answer"))
        self.assertEqual(self._run(), 0)
        self._apply(status_event("wamid.x", "delivered", key=message.uuid))
        self.assertEqual((message.state, message.problem, message.wamid), ("delivered", False, "wamid.x"))
        self.assertEqual(self.stub.duplicates(), [])

    def test_unclear_answers_are_unknown(self):
        for rule in ("html", "empty", "refuse", 131000):
            with self.subTest(rule):
                message = self._queue()
                self.stub.rules[PHONE] = [rule]
                self._run()
                self.assertEqual(message.state, "unknown")

    def test_no_connection_is_tried_again(self):
        self.account.api_url = "http://127.0.0.1:9"
        message = self._queue()
        self._run()
        self.assertEqual((message.state, message.problem), ("queued", "connection"))
        self.assertTrue(self.account.paused_until)

    def test_webhook_before_the_answer(self):
        """A status that comes before the API's answer stands: the answer adds the id and takes nothing back."""
        message = self._queue()
        told = []
        self.stub.on_webhook = told.append
        self.stub.rules[PHONE] = ["webhook"]
        accounts = type(self.account)
        original = accounts._record

        def record_after_webhook(account, outcomes):
            for event in told:
                account.env["crm.whatsapp.event"]._keep(account, json.dumps(event).encode())
            self.assertEqual(account.env["crm.whatsapp.event"]._apply_batch(), 1)
            return original(account, outcomes)

        with patch.object(accounts, "_record", record_after_webhook):
            self._run()
        self.assertEqual(len(told), 1)
        self.assertEqual(message.state, "delivered")
        self.assertTrue(message.wamid)

    def test_held_by_whatsapp(self):
        message = self._queue()
        self.stub.rules[PHONE] = ["held"]
        self._run()
        self.assertEqual((message.state, message.held), ("sent", True))
        self._apply(status_event(message.wamid, "delivered"))
        self.assertFalse(message.held)

    def test_serialization_failures_repeat_no_call(self):
        """H23-4.2.3: transactions that fail are tried again; no message is sent again for it."""
        customers = self._create_customers(20)
        self._queue(customers)
        failures = iter([True] * 30)
        accounts = type(self.account)

        def failing(original):
            def method(account, *arguments):
                result = original(account, *arguments)
                if next(failures, False):
                    raise errors.SerializationFailure
                return result

            return method

        with (
            patch.object(accounts, "_claim", failing(accounts._claim)),
            patch.object(accounts, "_record", failing(accounts._record)),
            patch("odoo.addons.crm_whatsapp.transaction.time.sleep"),
        ):
            self._run()
        self.assertEqual(len(self.stub.calls), 20)
        self.assertEqual(self.stub.duplicates(), [])
        self.assertEqual(set(self.messages.search([]).mapped("state")), {"sent"})

    def test_pair_limit(self):
        """The same recipient: 45 in one burst, the others wait."""
        for __ in range(50):
            self._queue()
        self.assertEqual(self._run(), 45)
        waiting = self.messages.search([("state", "=", "queued")])
        self.assertEqual(len(waiting), 5)
        self.assertTrue(all(message.due_at > fields.Datetime.now() for message in waiting))

    def test_tier(self):
        """Recipients within 24 hours: the tier's number, the others wait; further messages to the same go on."""
        self.account.tier = "250"
        customers = self._create_customers(260)
        self._queue(customers)
        self.assertEqual(self._run(), 250)
        self.assertEqual(self.messages.search_count([("state", "=", "queued")]), 10)
        self._queue(customers[:5])
        self.assertEqual(self._run(), 5)

    def test_slots_of_two_senders_follow_each_other(self):
        self.account.rate = 10
        first, second = self.account._take_slots(10), self.account._take_slots(10)
        self.assertAlmostEqual(first, 0, delta=0.2)
        self.assertAlmostEqual(second, 1, delta=0.2)

    def test_quiet_hours(self):
        """In the recipient's quiet hours nothing goes out; it is due when they end. What can't wait goes."""
        self.company.write({"whatsapp_quiet_from": 0, "whatsapp_quiet_to": 23.98})
        message = self._queue()
        urgent = self._create_template(name="urgent", any_hour=True)
        sent = self._queue(template=urgent)
        self.assertEqual(self._run(), 1)
        self.assertEqual((message.state, sent.state), ("queued", "sent"))
        self.assertGreater(message.due_at, fields.Datetime.now())

    def test_opted_out_after_queueing(self):
        """An opt-out is asked for at the moment of sending."""
        message = self._queue()
        self.customer.with_user(self.officer_a).action_whatsapp_opt_out()
        self.assertEqual(self._run(), 0)
        self.assertEqual((message.state, message.problem), ("left_out", "opted_out"))

    def test_sandbox(self):
        account = self._create_account(provider="sandbox", number_key=False, access_token=False, app_secret=False)
        template = self._create_template(account_id=account.id)
        good, bad = self._create_customers(2)
        bad.phone = "+62 812 3456 7899"
        messages = self._queue(good | bad, template=template)
        self._run(account)
        self.assertEqual(messages.mapped("state"), ["sent", "failed"])
        self.assertFalse(self.stub.calls)

    def test_bug_in_a_provider_stops_nobody_else(self):
        customers = self._create_customers(2)
        messages = self._queue(customers)

        cloud = type(self.account._get_provider())
        original = cloud.send

        def send(provider, session, letter):
            if letter.id == messages[0].id:
                raise KeyError(TOKEN)
            return original(provider, session, letter)

        with (
            patch.object(cloud, "send", send),
            self.assertLogs("odoo.addons.crm_whatsapp.sender", "WARNING") as log,
        ):
            self._run()
        self.assertEqual(messages.mapped("state"), ["unknown", "sent"])
        self.assertNotIn(TOKEN, str(log.output))

    def test_error_of_another_addon_spoils_no_record(self):
        """What an addon does when a message is settled may fail: that it was sent is recorded all the same."""
        message = self._queue()

        def fails(partners, messages):
            raise KeyError("addon")

        self.patch(type(self.customer), "_whatsapp_settled", fails)
        with self.assertLogs("odoo.addons.crm_whatsapp.models.crm_whatsapp_message", "ERROR"):
            self._run()
        self.assertEqual(message.state, "sent")

    @mute_logger("odoo.addons.crm_whatsapp.sender")
    def test_secrets_stay_out_of_messages(self):
        message = self._queue()
        self.stub.rules[PHONE] = [190]
        self._run()
        self.assertNotIn(TOKEN, str(message.read()))
        self.assertNotIn(TOKEN, repr(self.account._get_provider()))

    def test_cron(self):
        """The scheduler sends, finishes blasts, and comes back when something is due."""
        customers = self._create_customers(2)
        blast = self._create_blast(customers)
        blast.with_user(self.manager_a)._workflow_do("start")
        later = self._queue(due_at=fields.Datetime.now() + timedelta(hours=3))
        triggers = self.env["ir.cron.trigger"].search([])
        with self.enter_registry_test_mode():
            self.env.ref("crm_whatsapp.ir_cron_send").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((blast.state, blast.progress), ("done", 100))
        self.assertIn(later.due_at, (self.env["ir.cron.trigger"].search([]) - triggers).mapped("call_at"))

    def test_what_was_sent_is_recorded_when_something_breaks(self):
        """H23-4.2.3: claiming breaks while messages are under way: what came of those is recorded all the same."""
        self._queue(self._create_customers(70))
        accounts = type(self.account)
        original, turns = accounts._claim, []

        def claim(account, number):
            turns.append(number)
            if len(turns) > 1:
                raise ZeroDivisionError
            return original(account, number)

        # assertRaises would take back what was recorded
        with patch.object(accounts, "_claim", claim), contextlib.suppress(ZeroDivisionError):
            self._run()
        self.assertEqual(len(turns), 2)
        self.env.invalidate_all()
        self.assertEqual(self.messages.search_count([("state", "=", "sent")]), 64)
        self.assertEqual(self.messages.search_count([("state", "=", "queued")]), 6)
        self.assertEqual(len(self.stub.accepted), 64)

    def test_lost_sender(self):
        """What a dead sender had taken on is unknown, not lost and not sent again."""
        message = self._queue()
        message.write({"state": "sending", "worker": 12345, "attempted_at": fields.Datetime.now()})
        self.assertEqual(self._run(), 0)
        self.assertEqual((message.state, message.problem), ("unknown", "no_answer"))

    def test_sender_of_another_account_is_left_alone(self):
        other = self._create_account(number_key="222", app_secret=False)
        message = self._queue()
        self.assertEqual(Sender(self.registry, other.id).account, other.id)
        self.assertEqual(self._run(other), 0)
        self.assertEqual(message.state, "queued")
