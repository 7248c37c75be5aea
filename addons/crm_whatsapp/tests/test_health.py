from unittest.mock import patch

from odoo import fields
from odoo.tools import mute_logger

from .common import WhatsappCase
from .stub_server import status_event

LOGGER = "odoo.addons.crm_whatsapp.models.crm_whatsapp_account_send"


class TestHealth(WhatsappCase):
    """An account that doesn't do its work says so, and its managers are told."""

    def _watch(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_whatsapp.ir_cron_watch").method_direct_trigger()
        self.env.invalidate_all()

    def _send(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_whatsapp.ir_cron_send").method_direct_trigger()
        self.env.invalidate_all()

    def _told(self):
        return self.account.activity_ids.user_id

    def test_well(self):
        self._queue()
        self._run()
        self._watch()
        self.assertFalse(self.account.health)
        self.assertFalse(self.account.activity_ids)

    def test_sending_keeps_failing(self):
        """H23-4.2.3: sending that breaks again and again is said in words, to the managers of the branch, once."""
        other = self._create_account(number_key="222", app_secret=False)
        queued = self._queue()
        elsewhere = self._queue(
            self._create_customers(1), template=self._create_template(account_id=other.id, name="other")
        )
        accounts = type(self.account)
        original = accounts._claim

        def claim(account, number):
            if account == self.account:
                raise ZeroDivisionError("nothing to divide")
            return original(account, number)

        with patch.object(accounts, "_claim", claim), self.assertLogs(LOGGER, "ERROR") as log:
            for __ in range(3):
                self.assertFalse(self.account.health)
                self._send()
        self.assertEqual(len(log.output), 3)
        self.assertEqual((queued.state, elsewhere.state), ("queued", "sent"))
        self.assertEqual(self.account.health, "failing")
        self.assertIn("3 times in a row: ZeroDivisionError", self.account.health_words)
        for __ in range(2):
            self._watch()
        self.assertIn(self.manager_a, self._told())
        self.assertIn(self.manager_hq, self._told())
        self.assertFalse(self._told() & (self.officer_b | self.officer_a | self.internal))
        self.assertEqual(len(self.account.activity_ids), len(self._told()))
        self.assertIn("ZeroDivisionError", self.account.activity_ids[0].note)
        self._send()
        self._watch()
        self.assertEqual((queued.state, self.account.failures, self.account.health), ("sent", 0, False))
        self.assertFalse(self.account.activity_ids)

    def test_nothing_goes_out(self):
        """H23-4.2.3: messages are due for half an hour and none has gone out, also where the scheduler is off."""
        message = self._queue()
        message.due_at = self._ago(minutes=29)
        self.assertFalse(self.account.health)
        message.due_at = self._ago(minutes=45)
        self.account.invalidate_recordset()
        self.env.ref("crm_whatsapp.ir_cron_send").active = False
        self.assertEqual(self.account.health, "stuck")
        self.assertRegex(self.account.health_words, "1 messages are due.*45 minutes.*switched off")
        blast = self.env["crm.whatsapp.blast"].create({"name": "B", "template_id": self.template.id})
        self.assertIn("45 minutes", blast.with_user(self.officer_a).account_trouble)
        self._watch()
        self.assertIn(self.manager_a, self._told())
        sent = self._queue(self._create_customers(1))
        sent._write_fact({"state": "sent", "attempted_at": fields.Datetime.now()})
        self._watch()
        self.assertFalse(self.account.activity_ids)

    def test_what_waits_on_purpose_is_no_trouble(self):
        """Paused blasts, later messages and accounts by hand wait because somebody wants it."""
        blast = self.env["crm.whatsapp.blast"].with_user(self.manager_a)
        domain = str([("id", "in", self._create_customers(2).ids)])
        blast = blast.create({"name": "Test", "template_id": self.template.id, "recipients": domain})
        blast.action_prepare()
        self.messages.search([("blast_id", "=", blast.id)]).due_at = self._ago(hours=2)
        self.assertFalse(self.account.health)
        blast._workflow_do("start")
        self.account.invalidate_recordset()
        self.assertEqual(self.account.health, "stuck")
        self.account.provider = "hand"
        self.assertFalse(self.account.health)

    def test_whatsapps_answer_is_named(self):
        message = self._queue()
        self.account.api_url = "http://127.0.0.1:9"
        self._run()
        message.due_at = self._ago(hours=1)
        self.account.invalidate_recordset()
        self.assertIn("WhatsApp can't be reached", self.account.health_words)

    def test_stopped(self):
        """190: the managers are told at once, and it is taken back with the button."""
        self._queue()
        self.stub.rules["6281234567890"] = [190]
        self._run()
        self.assertEqual(self.account.health, "stopped")
        self.assertIn(self.manager_a, self._told())
        self.assertIn("Details of 190", self.account.health_words)
        self.account.with_user(self.manager_a).action_resume()
        self.assertFalse(self.account.activity_ids)

    @mute_logger("odoo.addons.crm_whatsapp.models.crm_whatsapp_event")
    def test_reports_that_cant_be_applied(self):
        """H23-4.2.4: what WhatsApp told and can't be applied, or lies there, is trouble too."""
        self.patch(type(self.messages), "_apply_reports", lambda *arguments: 1 / 0)
        self._apply(*(status_event(f"wamid.{number}", "sent") for number in range(3)))
        self.assertEqual(self.account.health, "deaf")
        self.assertIn("ZeroDivisionError", self.account.health_words)
        events = self.env["crm.whatsapp.event"].search([])
        events.write({"state": "new", "error": False})
        self.account.invalidate_recordset()
        self.assertFalse(self.account.health)
        events.received_at = self._ago(hours=1)
        self.account.invalidate_recordset()
        self.assertIn("wait to be applied", self.account.health_words)

    def test_large_blast_keeps_nobody_waiting(self):
        """H23-4.2.3: accounts send in turns: one's large blast doesn't keep another account from sending."""
        other = self._create_account(number_key="222", app_secret=False, sequence=99)
        self._queue(self._create_customers(70))
        elsewhere = self._queue(template=self._create_template(account_id=other.id, name="other"))
        order = []
        accounts = type(self.account)
        original = accounts._claim

        def claim(account, number):
            batch = original(account, number)
            order.append((account, len(batch.letters)))
            return batch

        with (
            patch.object(accounts, "_claim", claim),
            patch("odoo.addons.crm_whatsapp.models.crm_whatsapp_account_send.TURN", 0.001),
        ):
            self._send()
        self.assertEqual(elsewhere.state, "sent")
        with_letters = [account for account, count in order if count]
        self.assertLess(with_letters.index(other), len(with_letters) - 1)
