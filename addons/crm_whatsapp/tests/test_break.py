"""What was found when the addon was attacked, and stays mended."""

import json
from datetime import timedelta
from unittest.mock import patch

from psycopg2 import errors

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import WhatsappCase
from .stub_server import event, message_event, status_event

SENDER = "6281234567890"


class TestBreak(WhatsappCase):
    def _blast(self, customers):
        blasts = self.env["crm.whatsapp.blast"].with_user(self.manager_a)
        domain = str([("id", "in", customers.ids)])
        blast = blasts.create({"name": "Test", "template_id": self.template.id, "recipients": domain})
        blast.action_prepare()
        blast._workflow_do("start")
        return blast

    # === NOTHING WAITS FOR EVER === #

    def test_sent_again_after_the_blast(self):
        """H23-4.2.4: “Send Again” works when the blast is done; of a stopped blast nothing goes out any more."""
        blast = self._blast(self._create_customers(2))
        first, second = self.messages.search([("blast_id", "=", blast.id)], order="id")
        self.stub.rules[first.phone[1:]] = [131026]
        self._run()
        self.env["crm.whatsapp.blast"]._finish_done()
        self.assertEqual((first.state, blast.state), ("failed", "done"))
        first.with_user(self.officer_a).action_send_again()
        self.assertEqual(self._run(), 1)
        self.assertEqual(first.state, "sent")
        self._apply(status_event(second.wamid, "failed", code=131049))
        second.due_at = fields.Datetime.now()
        self.assertEqual((self._run(), second.state), (1, "sent"))

    def test_of_a_stopped_blast(self):
        blast = self._blast(self._create_customers(2))
        first, second = self.messages.search([("blast_id", "=", blast.id)], order="id")
        self.stub.rules[first.phone[1:]] = [131026]
        self._run()
        blast._workflow_do("stop", "Wrong text")
        with self.assertRaisesRegex(UserError, "was stopped"):
            first.with_user(self.officer_a).action_send_again()
        self._apply(status_event(second.wamid, "failed", code=131049))
        self.assertEqual((second.state, second.problem), ("cancelled", "stopped"))
        self.assertEqual(self._run(), 0)

    def test_poisoned_event(self):
        """An event that fails however often it is tried holds up no other."""
        message = self._queue()
        self._run()
        events = self.env["crm.whatsapp.event"]
        original = type(events)._apply_value

        def apply_value(self, account, value):
            if value.get("poison"):
                raise errors.UniqueViolation("poison")
            return original(self, account, value)

        self.patch(type(events), "_apply_value", apply_value)
        for told in (event(poison=1), status_event(message.wamid, "read")):
            events._keep(self.account, json.dumps(told).encode())
        with (
            self.enter_registry_test_mode(),
            patch("odoo.addons.crm_whatsapp.transaction.time.sleep"),
            self.assertLogs("odoo.addons.crm_whatsapp.models.crm_whatsapp_event", "ERROR"),
        ):
            self.env.ref("crm_whatsapp.ir_cron_apply").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(message.state, "read")
        self.assertEqual(sorted(events.search([]).mapped("state")), ["applied", "failed"])

    # === IDS THAT COLLIDE === #

    def test_id_of_somebody_elses_message(self):
        """Who may speak of one account's messages takes no id of another account's, and stops nothing by trying."""
        other = self._create_account(number_key="222", app_secret="other")
        victim = self._queue()
        self._run()
        template = self._create_template(account_id=other.id, name="other")
        mine = self._queue(self._create_customers(1), template=template)
        self._apply(status_event(victim.wamid, "read", key=mine.uuid), account=other)
        self.assertEqual((victim.state, mine.state, mine.wamid), ("sent", "read", False))
        self.assertEqual(self.env["crm.whatsapp.event"].search([]).mapped("state"), ["applied"])

    def test_one_id_for_two_messages(self):
        messages = self._queue(self._create_customers(2))
        self._apply(*(status_event("wamid.same", "delivered", key=message.uuid) for message in messages))
        self.assertEqual(messages.mapped("state"), ["delivered", "delivered"])
        self.assertEqual(sorted(map(str, messages.mapped("wamid"))), ["False", "wamid.same"])

    def test_every_order_ends_the_same(self):
        """H23-4.2.4: a receipt and a failure, in both orders: every fact is the same."""
        facts = []
        for order in ((("failed", 131026), ("delivered", None)), (("delivered", None), ("failed", 131026))):
            message = self._queue()
            self._run()
            for place in order:
                moment = 1_700_000_000 + (place[1] is None)
                self._apply(status_event(message.wamid, place[0], code=place[1], timestamp=moment))
            facts.append((message.state, message.problem, message.delivered_at, message.failed_at, message.error_code))
        self.assertEqual(facts[0], facts[1])
        self.assertEqual(facts[0][:2], ("delivered", False))

    def test_queries_of_many_reports(self):
        """H23-4.2.4: 200 reports take as many queries as 20."""
        counts = []
        for count in (20, 200):
            messages = self._queue(self._create_customers(count))
            messages._write_fact({"state": "sent"})
            kept = self.env["crm.whatsapp.event"]
            for message in messages:
                told = status_event(f"wamid.q{count}.{message.id}", "delivered", key=message.uuid)
                kept._keep(self.account, json.dumps(told).encode())
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            kept._apply_batch()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(set(messages.mapped("state")), {"delivered"})
        self.assertLessEqual(counts[1], counts[0] + 2, counts)

    # === STOP === #

    def test_stop_that_waits_to_be_applied(self):
        """H23-4.2.3: who wrote STOP gets nothing, though their message was kept and not yet read."""
        blast = self._blast(self.customer)
        told = message_event(SENDER, "STOP", "wamid.stop", self._stamp(fields.Datetime.now()))
        self.env["crm.whatsapp.event"]._keep(self.account, json.dumps(told).encode())
        with self.enter_registry_test_mode():
            self.env.ref("crm_whatsapp.ir_cron_send").method_direct_trigger()
        self.env.invalidate_all()
        message = self.messages.search([("blast_id", "=", blast.id)])
        self.assertEqual((message.state, message.problem), ("left_out", "opted_out"))
        self.assertFalse(self.stub.accepted)

    # === TEXTS === #

    def test_long_values(self):
        """With its values a text may be too long for WhatsApp: said at once, not by WhatsApp later."""
        self.customer.name = "x" * 1020
        message = self._queue()
        self.assertEqual((message.state, message.problem), ("left_out", "too_long"))
        self._apply(message_event(SENDER, "Question", "wamid.in1", self._stamp(fields.Datetime.now())))
        with self.assertRaisesRegex(UserError, "4096|4,096"):
            self.messages.with_user(self.officer_a)._queue_text(self.customer.with_user(self.officer_a), "x" * 4097)

    def test_values_that_look_like_variables(self):
        """What a customer calls themself fills no other variable, breaks no line and adds no parameter."""
        self.customer.name = "{{2}}\n\t   \u2028{{1}}"
        message = self._queue()
        self.assertEqual(message.variables[0], "{{2}} {{1}}")
        self.assertEqual(message.body, "Hello {{2}} {{1}}, see you at the shop.")
        self._run()
        (call,) = self.stub.calls
        self.assertEqual(len(call["body"]["template"]["components"][0]["parameters"]), 2)

    # === ACCOUNTS === #

    def test_window_of_another_account(self):
        """Free text goes out within 24 hours of a message to that very account: WhatsApp counts so."""
        other = self._create_account(number_key="222", app_secret="other")
        now = fields.Datetime.now()
        self._apply(message_event(SENDER, "Here", "wamid.in1", self._stamp(now)))
        text = (
            self.messages.with_user(self.officer_a)._queue_text(self.customer.with_user(self.officer_a), "Yes").sudo()
        )
        self._apply(message_event(SENDER, "There", "wamid.in2", self._stamp(now)), account=other)
        self.messages.search([("wamid", "=", "wamid.in1")]).received_at = now - timedelta(hours=25)
        self._run()
        self.assertEqual((text.state, text.problem), ("failed", "window_closed"))

    def test_secrets_by_detours(self):
        """Secrets are found by no condition on a message, no grouping, no reading of related records."""
        message = self._queue()
        for user in (self.officer_a, self.manager_a):
            messages = message.with_user(user).browse()
            for name in ("access_token", "app_secret", "verify_token", "webhook_key"):
                with self.subTest(f"{user.login} {name}"):
                    with self.assertRaises(AccessError):
                        messages.search([(f"account_id.{name}", "=like", "E%")])
                    with self.assertRaises(AccessError):
                        messages.search([("account_id", "any", [(name, "!=", False)])])
                    with self.assertRaises(AccessError):
                        messages.formatted_read_group([], [f"account_id.{name}"], ["__count"])
                    with self.assertRaises(AccessError):
                        message.with_user(user).web_read({"account_id": {"fields": {name: {}}}})
                    with self.assertRaises(AccessError):
                        self.account.with_user(user).search([], order=name)

    def test_key_of_somebody_elses_blast(self):
        """An officer can't use up the place of a later blast's messages by the window's hidden fields."""
        composers = self.env["crm.whatsapp.composer"].with_user(self.officer_a)
        self.assertNotIn("key", composers._fields)
        composer = composers.create(
            {
                "res_model": "res.partner",
                "res_ids": self.customer.ids,
                "kind": "template",
                "template_id": self.template.id,
            }
        )
        composer.action_send()
        self.assertRegex(self.messages.search([("partner_id", "=", self.customer.id)], limit=1).key, "^composer:")

    # === CONTACTS === #

    def test_merged_contacts(self):
        """Two contacts become one: the messages of both are its, and their documents are there."""
        twin = self.env["res.partner"].create({"name": "Budi S.", "phone": "+62 813 1111 2222"})
        first, second = self._queue(key="fu1"), self._queue(twin, key="fu1")
        alone = self._queue(twin, key="fu2")
        self.env["base.partner.merge.automatic.wizard"]._merge((self.customer | twin).ids, self.customer)
        self.env.invalidate_all()
        messages = first | second | alone
        self.assertEqual(set(messages.mapped("res_id")), set(self.customer.ids))
        self.assertEqual(messages.mapped("partner_id"), self.customer)
        self.assertEqual(messages.mapped("key"), ["fu1", False, "fu2"])
        self.assertEqual(self.customer.with_user(self.officer_a).whatsapp_message_count, 3)
        for key in ("fu1", "fu2"):
            self.assertFalse(self._queue(key=key))

    @mute_logger("odoo.addons.crm_whatsapp.models.crm_whatsapp_event")
    def test_odd_shapes(self):
        """Signed events of every odd shape: none fails, none changes a message."""
        message = self._queue()
        self._run()
        odd = [None, 1, "x", [], {}, [1], {"a": 1}, True]
        for name in ("statuses", "messages", "contacts", "user_preferences", "errors", "metadata"):
            for value in [*odd, *([item] for item in odd)]:
                self._apply(
                    event(**{name: value})
                    if name != "metadata"
                    else {"entry": [{"changes": [{"value": {name: value}}]}]}
                )
        for field in ("from", "id", "timestamp", "type", "text", "context", "image", "user_id"):
            for value in odd:
                item = {"from": SENDER, "id": f"wamid.{field}.{value}", "type": "image", "timestamp": "1"}
                self._apply(event(messages=[{**item, field: value}]))
        for field in ("id", "status", "timestamp", "errors", "biz_opaque_callback_data"):
            for value in odd:
                item = {"id": "wamid.odd", "status": "failed", "timestamp": "1"}
                self._apply(event(statuses=[{**item, field: value}]))
        failed = self.env["crm.whatsapp.event"].search([("state", "=", "failed")])
        self.assertFalse(failed, failed.mapped("error"))
        self.assertEqual(message.state, "sent")

    def test_variables_of_other_kinds(self):
        """A variable leads to nothing that only some may read, however long the way."""
        for path in ("user_ids.password", "create_uid.api_key_ids", "company_id.whatsapp_opt_in.x", "__class__", "env"):
            with self.subTest(path), self.assertRaises(UserError):
                self._create_template(
                    name="bad", body="{{1}}", variable_ids=[Command.create({"number": 1, "field_path": path})]
                )
