from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from odoo.addons.crm_base.tests.hostile import public_methods

from .common import SECRET, WhatsappCase
from .stub_server import TOKEN

SECRETS = ("access_token", "app_secret", "verify_token", "webhook_key", "webhook_url", "api_url")


class TestRights(WhatsappCase):
    """Who reads and does what, by calls as a client makes them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = [cls.officer_a, cls.officer_b, cls.manager_a, cls.manager_hq, cls.internal, cls.portal]
        cls.message = (
            cls.messages.with_user(cls.officer_a)
            ._whatsapp_send(cls.template.with_user(cls.officer_a), cls.customer.with_user(cls.officer_a))
            .sudo()
        )

    def test_secrets(self):
        """Secrets are read by the administrator only, found by no search, and exported by nobody."""
        for user in self.people:
            account = self.account.with_user(user)
            for name in SECRETS:
                with self.subTest(f"{user.login} {name}"):
                    with self.assertRaises(AccessError):
                        account.read([name])
                    with self.assertRaises(AccessError):
                        account.search([(name, "!=", False)])
                    with self.assertRaises(UserError):
                        self.message.with_user(user).export_data([f"account_id/{name}"])
            if user.has_group("crm_base.group_officer"):
                self.assertNotIn(TOKEN, str(account.read()))
                self.assertNotIn(SECRET, str(account.web_read({"name": {}})))
        admin = self.account.with_user(self.admin)
        self.assertEqual(admin.access_token, TOKEN)
        for path in ("access_token", "app_secret", "verify_token"):
            with self.assertRaisesRegex(UserError, "secrets"):
                admin.export_data(["name", path])
        self.assertFalse(admin.copy({"provider": "sandbox"}).access_token)

    def test_accounts(self):
        for user in self.people:
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.account.with_user(user).write({"rate": 1})
        for address in (
            "http://evil.example",
            "ftp://x",
            "https://x@y/",
            "file:///etc/passwd",
            "http://127.0.0.1.evil/",
        ):
            with self.subTest(address), self.assertRaises(UserError):
                self.account.api_url = address
        with self.assertRaises(UserError):
            self.account.number_key = "../../me"
        with self.assertRaises(UserError):
            self._create_account(number_key="333", access_token=False)
        with self.assertRaises(UserError):
            self.account.with_user(self.officer_a).action_resume()

    def test_nobody_writes_messages(self):
        """H23-4.2.4: no role, the administrator included, makes, changes or deletes a message by a call."""
        for user in [*self.people, self.admin]:
            message = self.message.with_user(user)
            for values in ({"state": "read"}, {"phone": "+62811"}, {"body": "x"}, {"key": False}, {"uuid": "x"}):
                with self.subTest(f"{user.login} {values}"), self.assertRaises(AccessError):
                    message.write(values)
            with self.assertRaises(AccessError):
                message.unlink()
            with self.assertRaises(UserError):  # AccessError, but for who belongs to no branch
                message.create({"account_id": self.account.id, "phone": "+6281234567890", "body": "x"})
            with self.assertRaises(AccessError):
                self.env["crm.whatsapp.consent"].with_user(user).create({"phone": "x"})
            with self.assertRaises(AccessError):
                self.env["crm.whatsapp.event"].with_user(user).create({"body": "{}"})

    def test_by_way_of_other_records(self):
        """One-to-many commands on contacts and interactions change no message."""
        interaction = self._create_interaction()
        for record in (self.customer.with_user(self.manager_a), interaction.with_user(self.manager_a)):
            for command in (
                [1, self.message.id, {"state": "read"}],
                [2, self.message.id, 0],
                [0, 0, {"phone": "+62811"}],
            ):
                with self.subTest(f"{record} {command}"), self.assertRaises(UserError):
                    record.write({"whatsapp_message_ids": [command]})
                    self.env.flush_all()
        self.assertEqual(self.message.state, "queued")

    def test_other_branches(self):
        """Another branch's messages are found by no way, and no button works on them."""
        message = self.message.with_user(self.officer_b)
        self.assertFalse(message.search([]))
        with self.assertRaises(AccessError):
            message.read(["body"])
        self.assertEqual(self.customer.with_user(self.officer_b).whatsapp_message_count, 0)
        for name in (
            "action_cancel",
            "action_send_again",
            "action_settle_sent",
            "action_open_by_hand",
            "action_hand_sent",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(message, name)()
        with self.assertRaises(AccessError):
            self.message.with_user(self.internal).action_cancel()

    def test_buttons_ask_for_the_state(self):
        officer = self.message.with_user(self.officer_a)
        for name in ("action_send_again", "action_settle_sent", "action_settle_not_sent", "action_hand_sent"):
            with self.subTest(name), self.assertRaises(UserError):
                getattr(officer, name)()
        self.assertEqual(self.message.state, "queued")
        officer.action_cancel()
        self.assertEqual(self.message.state, "cancelled")
        with self.assertRaises(UserError):
            officer.action_cancel()
        self.assertEqual(self._run(), 0)

    def test_doubt_is_settled_by_a_person(self):
        """H23-4.2.4: what is in doubt is settled by a person, who is named; sent again only after that."""
        self.message._write_fact({"state": "unknown"})
        officer = self.message.with_user(self.officer_a)
        with self.assertRaises(UserError):
            officer.action_send_again()
        officer.action_settle_not_sent()
        self.assertEqual((self.message.state, self.message.settled_by_id), ("failed", self.officer_a))
        officer.action_send_again()
        self.assertEqual(self._run(), 1)
        other = self._queue()
        other._write_fact({"state": "unknown"})
        other.with_user(self.officer_a).action_settle_sent()
        self.assertEqual(other.state, "sent")

    def test_private_methods_stay_private(self):
        """What queues, sends, writes facts and notes consents can't be called from outside."""
        private = {
            "crm.whatsapp.message": ("_whatsapp_send", "_write_fact", "_advance", "_queue_text", "_receive", "_insert"),
            "crm.whatsapp.account": ("_get_provider", "_claim", "_record", "_cron_send", "_stop"),
            "crm.whatsapp.consent": ("_note",),
            "crm.whatsapp.event": ("_keep", "_apply_batch", "_cron_apply"),
            "crm.whatsapp.blast": ("_add", "_halt", "_finish_done", "_workflow_do"),
            "res.partner": ("_whatsapp_send", "_note_consent"),
        }
        for model, names in private.items():
            public = public_methods(self.env[model])
            for name in names:
                self.assertTrue(hasattr(self.env[model], name), name)
                self.assertNotIn(name, public)

    def test_consent_by_officers_only(self):
        with self.assertRaises(UserError):
            self.customer.with_user(self.internal).action_whatsapp_opt_in()
        with self.assertRaises(UserError), mute_logger("odoo.addons.base.models.ir_model"):
            self.customer.with_user(self.portal).action_whatsapp_opt_in()
        self.assertFalse(self.customer.whatsapp_consent)
