"""Senders in processes of their own, killed in the middle, and several at once: on committed data."""

import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path

from odoo import api
from odoo.tests import TransactionCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import config

from .stub_server import TOKEN, Stub, status_event

MESSAGES = 40
KILLS = 2  # 50 in benchmarks/whatsapp_faults.py
SCRIPT = """
import sys
import odoo.cli
from odoo.modules.registry import Registry
from odoo.tools import config
config.parse_config(["-c", {conf!r}, "-d", {name!r}, "--no-http"], setup_logging=False)
registry = Registry({name!r})
from odoo.addons.crm_whatsapp.sender import Sender
print("ready", flush=True)
sys.stdin.readline()
print(Sender(registry, {account}).run(), flush=True)
"""


@tagged("post_install", "-at_install")
class TestKill(TransactionCase):
    def setUp(self):
        super().setUp()
        self.stub = self.enterContext(Stub(latency=0.03))
        self.name = get_db_name()
        self.cursor = self.registry.cursor()
        self.addCleanup(self._delete)
        self.account = self._create()

    def _env(self):
        self.cursor.rollback()
        return api.Environment(self.cursor, api.SUPERUSER_ID, {})

    def _create(self):
        env = self._env()
        account = env["crm.whatsapp.account"].create(
            {
                "name": "Test kill",
                "provider": "cloud",
                "number_key": uuid.uuid4().hex,
                "api_url": self.stub.url,
                "access_token": TOKEN,
                "branch_id": env["crm.branch"].search([], limit=1).id,
                "tier": "0",
                "rate": 1000,
            }
        )
        env["crm.whatsapp.message"].create(
            [
                {
                    "kind": "text",
                    "account_id": account.id,
                    "phone": f"+62812900{number:05}",
                    "body": "x",
                    "uuid": uuid.uuid4().hex,
                    "any_hour": True,
                    "branch_id": account.branch_id.id,
                }
                for number in range(MESSAGES)
            ]
            + [
                {
                    "direction": "incoming",
                    "state": "received",
                    "account_id": account.id,
                    "phone": f"+62812900{number:05}",
                    "branch_id": account.branch_id.id,
                    "received_at": env.cr.now(),
                }
                for number in range(MESSAGES)
            ]
        )
        self.cursor.commit()
        return account.id

    def _delete(self):
        env = self._env()
        env["crm.whatsapp.message"].search([("account_id", "=", self.account)]).unlink()
        env["crm.whatsapp.event"].search([("account_id", "=", self.account)]).unlink()
        env["crm.whatsapp.account"].browse(self.account).unlink()
        self.cursor.commit()
        self.cursor.close()

    def _messages(self):
        return self._env()["crm.whatsapp.message"].search(
            [("account_id", "=", self.account), ("direction", "=", "outgoing")]
        )

    def _start(self):
        conf = os.environ.get("ODOO_RC") or config["config"][0]
        script = SCRIPT.format(conf=conf, name=self.name, account=self.account)
        process = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def _go(self, process):
        process.stdin.write("\n")
        process.stdin.flush()

    def test_killed_in_the_middle(self):
        """H23-4.2.3: senders killed while they send: nobody is told twice, nobody is forgotten."""
        for kill in range(1, KILLS + 1):
            process = self._start()
            before = len(self.stub.calls)
            self._go(process)
            while len(self.stub.calls) < min(before + 5 * kill, MESSAGES):
                if process.poll() is not None:
                    break
            process.send_signal(signal.SIGKILL)
            process.wait()
        process = self._start()
        self._go(process)
        process.wait()
        messages = self._messages()
        self.assertEqual(self.stub.duplicates(), [])
        self.assertEqual(set(messages.mapped("state")) - {"sent", "unknown"}, set())
        self.assertIn("unknown", messages.mapped("state"))
        taken = set(self.stub.accepted)
        self.assertEqual({m.uuid for m in messages if m.state == "sent"} - taken, set())
        env = messages.env
        kept = env["crm.whatsapp.event"]
        account = env["crm.whatsapp.account"].browse(self.account)
        for number, key in enumerate(self.stub.accepted):
            event = status_event(f"wamid.kill.{self.account}.{number}", "delivered", key=key)
            kept._keep(account, json.dumps(event).encode())
        while kept._apply_batch():
            pass
        states = {message.uuid: message.state for message in messages}
        self.assertEqual({key for key, state in states.items() if state == "delivered"}, taken)
        self.cursor.commit()

    def test_several_senders_at_once(self):
        """H23-4.2.3: three senders at once: each message goes out once."""
        processes = [self._start() for __ in range(3)]
        for process in processes:
            self._go(process)
        sent = [int(process.stdout.readline()) for process in processes]
        self.assertEqual(sum(sent), MESSAGES)
        self.assertEqual((len(self.stub.accepted), self.stub.duplicates()), (MESSAGES, []))
        self.assertEqual(set(self._messages().mapped("state")), {"sent"})
