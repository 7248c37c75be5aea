import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command

from odoo.addons.crm_base.tests.common import CrmBaseCase

from ..sender import Sender
from .stub_server import TOKEN, Stub

SECRET = "app-secret-7341"


class WhatsappCase(CrmBaseCase):
    """A Cloud API account on a stub server, a template in three languages, customers with good and bad numbers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"whatsapp_quiet_from": 0, "whatsapp_quiet_to": 0})
        cls.stub = cls.enterClassContext(Stub())
        # Odoo's tests compare timeouts, and so take one number only
        cls.startClassPatcher(patch("odoo.addons.crm_whatsapp.providers.base.TIMEOUT", 20))
        cls.account = cls._create_account()
        cls.template = cls._create_template()
        cls.messages = cls.env["crm.whatsapp.message"]
        cls.customer.write({"tz": "Asia/Jakarta", "lang": False})
        cls.env["crm.whatsapp.message"].search([]).unlink()

    def setUp(self):
        super().setUp()
        self.stub.rules.clear()
        self.stub.calls.clear()
        self.stub.accepted.clear()

    @classmethod
    def _create_account(cls, **values):
        return cls.env["crm.whatsapp.account"].create(
            {
                "name": "Test account",
                "provider": "cloud",
                "number_key": "111",
                "api_url": cls.stub.url,
                "access_token": TOKEN,
                "app_secret": SECRET,
                "branch_id": cls.branch_a.id,
                "user_id": cls.officer_a.id,
                "company_id": cls.company.id,
                "rate": 1000,
                "tier": "0",
                **values,
            }
        )

    @classmethod
    def _create_template(cls, approve=True, **values):
        template = cls.env["crm.whatsapp.template"].create(
            {
                "title": "Reminder",
                "name": "reminder",
                "language": "en",
                "account_id": cls.account.id,
                "body": "Hello {{1}}, see you at {{2}}.",
                "variable_ids": [
                    Command.create({"number": 1, "field_path": "name", "sample": "Budi"}),
                    Command.create({"number": 2, "value": "the shop"}),
                ],
                **values,
            }
        )
        if approve:
            template.with_user(cls.admin).action_approve()
        return template

    @classmethod
    def _create_customers(cls, count, **values):
        return cls.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "phone": f"+62 812 7{number:07}", "tz": "Asia/Jakarta", "lang": False}
                | values
                for number in range(count)
            ]
        )

    def _queue(self, records=None, key=None, user=None, template=None, **options):
        """Queue the template for the customer, as an officer, and return the messages with all rights."""
        messages = self.messages.with_user(user or self.officer_a)
        records = (records if records is not None else self.customer).with_user(messages.env.user)
        template = (template or self.template).with_user(messages.env.user)
        return messages._whatsapp_send(template, records, key=key, **options).sudo().with_env(self.env)

    def _run(self, account=None):
        """Send all that is due, as the scheduler does."""
        with self.enter_registry_test_mode():
            sent = Sender(self.registry, (account or self.account).id).run()
        self.env.invalidate_all()
        return sent

    def _apply(self, *events, account=None):
        """Keep and apply events, as if WhatsApp had told them."""
        kept = self.env["crm.whatsapp.event"]
        for event in events:
            kept._keep(account or self.account, json.dumps(event).encode())
        while kept._apply_batch():
            pass
        self.env.invalidate_all()

    @staticmethod
    def _ago(**delta):
        return fields.Datetime.now() - timedelta(**delta)

    @staticmethod
    def _stamp(moment):
        """Return the moment as WhatsApp writes it."""
        return int((moment - fields.Datetime.to_datetime("1970-01-01 00:00:00")).total_seconds())
