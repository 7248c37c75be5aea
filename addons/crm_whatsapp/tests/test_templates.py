from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import WhatsappCase
from .stub_server import TOKEN, event, template


class TestTemplates(WhatsappCase):
    """What WhatsApp says about templates, fetched from the stub."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.business_key = "900"
        cls.templates = cls.env["crm.whatsapp.template"]

    def setUp(self):
        super().setUp()
        self.stub.templates = [template()]

    def _sync(self):
        self.account.with_user(self.manager_a).action_sync_templates()
        self.env.invalidate_all()

    def _of(self, name, language="en"):
        return self.templates.search(
            [("account_id", "=", self.account.id), ("name", "=", name), ("language", "=", language)]
        )

    def test_paging(self):
        """H23-4.2.3: all pages are fetched, from our address; what isn't here becomes a draft with its variables."""
        self.stub.templates += [
            template(f"promo_{n}", "id", f"Halo {{{{1}}}} {n}", category="MARKETING") for n in range(5)
        ]
        self._sync()
        self.assertEqual(len(self.stub.calls), 3)
        self.assertTrue(all(call["path"].startswith("/v23.0/900/message_templates?") for call in self.stub.calls))
        new = self._of("promo_4", "id")
        self.assertEqual((new.state, new.whatsapp_status, new.category), ("draft", "approved", "marketing"))
        self.assertEqual((new.body, new.variable_ids.mapped("number")), ("Halo {{1}} 4", [1]))
        self.assertEqual((self.template.whatsapp_status, self.account.sync_problem), ("approved", False))
        self.assertTrue(self.account.synced_at)
        self._sync()
        self.assertEqual(self.templates.search_count([("name", "=", "promo_4")]), 1)

    def test_not_approved_at_whatsapp(self):
        """H23-4.2.3: what WhatsApp rejected, paused or disabled isn't sent, and the message says why."""
        for status, words in (("REJECTED", "Rejected"), ("PAUSED", "Paused"), ("DISABLED", "Disabled")):
            with self.subTest(status):
                self.stub.templates = [template(status=status, rejected_reason="INVALID_FORMAT")]
                self._sync()
                with self.assertRaisesRegex(UserError, rf"WhatsApp says: {words} \(Invalid format\)"):
                    self._queue()
        self.stub.templates = [template(rejected_reason="NONE")]
        self._sync()
        self.assertEqual(self._queue().state, "queued")

    def test_paused_after_queueing(self):
        """H23-4.2.3: paused while messages wait: blasts halt, single messages fail with the reason, none goes out."""
        blast = self.env["crm.whatsapp.blast"].with_user(self.manager_a)
        domain = str([("id", "in", self._create_customers(2).ids)])
        blast = blast.create({"name": "Test", "template_id": self.template.id, "recipients": domain})
        blast.action_prepare()
        blast._workflow_do("start")
        single = self._queue()
        self._apply(
            event(
                event="PAUSED", message_template_name="reminder", message_template_language="en", reason="LOW_QUALITY"
            )
        )
        self.assertEqual(blast.state, "paused")
        self.assertIn("Low quality", blast.activity_ids.note)
        with self.assertRaisesRegex(UserError, "Paused"):
            blast.action_resume()
        self._run()
        self.assertEqual((single.state, single.problem), ("failed", "template_paused"))
        self.assertFalse(self.stub.accepted)
        self._apply(event(event="APPROVED", message_template_name="reminder", message_template_language="en"))
        blast.action_resume()
        self.assertEqual(self._run(), 2)

    def test_withdrawn_after_queueing(self):
        """A text that a manager withdraws or changes isn't sent to those who wait for it."""
        single = self._queue()
        self.template.with_user(self.manager_a).action_withdraw()
        self._run()
        self.assertEqual((single.state, single.problem), ("failed", "template_paused"))

    def test_another_text(self):
        """H23-4.2.3: the text here isn't the one that was approved: not sent until a manager takes that one over."""
        self.stub.templates = [template(body="Hi {{1}}!")]
        self._sync()
        self.assertEqual((self.template.whatsapp_status, self.template.whatsapp_body), ("differs", "Hi {{1}}!"))
        with self.assertRaisesRegex(UserError, "Another Text"):
            self._queue()
        manager = self.template.with_user(self.manager_a)
        with self.assertRaises(UserError):
            manager.action_take_text()
        manager.action_redraft()
        manager.action_take_text()
        manager.action_approve()
        self.assertEqual(self._queue().body, "Hi Budi Santoso!")

    def test_same_text_in_other_spelling(self):
        self.stub.templates = [template(body="Hello {{ 1 }}, see you at {{2}}.\r\n")]
        self._sync()
        self.assertEqual(self.template.whatsapp_status, "approved")

    def test_gone(self):
        self.stub.templates = []
        self._sync()
        self.assertEqual(self.template.whatsapp_status, "gone")

    def test_recategorised(self):
        """What WhatsApp calls marketing is marketing: who stopped marketing doesn't get it."""
        self.env["crm.whatsapp.consent"]._note("+6281234567890", "out_marketing", "whatsapp")
        self.stub.templates = [template(category="MARKETING")]
        self._sync()
        self.assertEqual(self._queue().problem, "opted_out")

    def test_what_takes_more_than_a_text(self):
        """Pictures on top, addresses with variables, named variables: not sent, as nothing here fills them in."""
        header = {"type": "HEADER", "format": "IMAGE"}
        link = {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://x.example/{{1}}"}]}
        plain = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}]}
        for more, status in (
            ({"components": [header]}, "unsupported"),
            ({"components": [link]}, "unsupported"),
            ({"parameter_format": "NAMED"}, "unsupported"),
            ({"components": [plain, {"type": "FOOTER", "text": "Bye"}]}, "approved"),
        ):
            with self.subTest(str(more)):
                self.stub.templates = [template(**more)]
                self._sync()
                self.assertEqual(self.template.whatsapp_status, status)

    def test_errors(self):
        """Errors, half a list, and nonsense: said on the account, and nothing is forgotten."""
        for rule, words in (
            ("html", "502"),
            ("drop", "reached"),
            (100, "Details of 100"),
            (10, "Details of 10"),
            ({"data": 5}, "proper answer"),
        ):
            with self.subTest(str(rule)):
                self.stub.rules["message_templates"] = [rule]
                self._sync()
                self.assertEqual(self.template.state, "approved")
                self.assertRegex(self.account.sync_problem, words)
        self.assertFalse(self.account.problem)

    def test_broken_list_forgets_nothing(self):
        """A page that fails after others did not leaves all as it was."""
        self.stub.templates = [template(f"t_{n}") for n in range(4)]
        self.stub.rules["message_templates"] = [None, 4]
        self._sync()
        self.assertFalse(self.template.whatsapp_status)
        self.assertFalse(self._of("t_1"))

    def test_token_that_ended(self):
        self.account.access_token = "other"
        self._sync()
        self.assertEqual(self.account.problem, "token")
        self.assertNotIn(TOKEN, str(self.account.sync_problem))

    def test_cron(self):
        """One account that can't be asked holds up no other."""
        other = self._create_account(number_key="222", business_key="901", api_url="http://127.0.0.1:9", sequence=1)
        with self.enter_registry_test_mode():
            self.env.ref("crm_whatsapp.ir_cron_sync_templates").method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(other.sync_problem)
        self.assertEqual(self.template.whatsapp_status, "approved")

    def test_who(self):
        """Managers fetch; nobody says by a call what WhatsApp says."""
        for user in (self.officer_a, self.internal, self.portal):
            with self.subTest(user.login), self.assertRaises(UserError):
                self.account.with_user(user).action_sync_templates()
        template_ = self._create_template(approve=False, name="mine").with_user(self.manager_a)
        for values in ({"whatsapp_status": "approved"}, {"whatsapp_body": "x"}):
            with self.assertRaises(UserError):
                template_.write(values)
            with self.assertRaises(UserError):
                template_.create({"title": "x", "name": "x", "account_id": self.account.id, **values})
        with self.assertRaises(AccessError):
            template_.with_user(self.officer_a).action_take_text()
        by_hand = self._create_account(provider="hand", number_key="333", access_token=False)
        with self.assertRaisesRegex(UserError, "tells no templates"):
            by_hand.with_user(self.manager_a).action_sync_templates()

    @mute_logger("odoo.addons.crm_whatsapp.models.crm_whatsapp_event")
    def test_hostile_events(self):
        """Events of another account's app, or that name nonsense, change no template."""
        other = self._create_account(number_key="444", app_secret="other")
        about = {"message_template_name": "reminder", "message_template_language": "en"}
        self._apply(event(event="PAUSED", **about), account=other)
        for value in (
            {"event": 5, **about},
            {"event": ["PAUSED"], **about},
            {"event": "PAUSED", "message_template_name": {}},
        ):
            self._apply(event(**value))
        self.assertFalse(self.template.whatsapp_status)
        states = self.env["crm.whatsapp.event"].search([]).mapped("state")
        self.assertEqual(set(states), {"applied"})
