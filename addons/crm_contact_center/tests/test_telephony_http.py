import json
import time
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.tests import HttpCase, tagged
from odoo.tools import config

from ..controllers import telephony
from ..limiter import Limiter
from ..telephony import MOST_BYTES, signature
from .common import ContactCenterCase


@tagged("post_install", "-at_install")
class TestTelephonyHttp(ContactCenterCase, HttpCase):
    """CC-1: the door that the telephone system knocks at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = cls.env["crm.telephony.system"].create(
            {"name": "Test telephone", "branch_id": cls.branch_a.id, "queue_id": cls.queue.id}
        )

    def setUp(self):
        super().setUp()
        limiter = patch.object(telephony, "LIMITER", Limiter(a_minute=60_000, burst=1000))
        limiter.start()
        self.addCleanup(limiter.stop)

    def _post(self, content, path="events", timestamp=None, header=None, key=None, more=None):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        timestamp = timestamp or str(int(time.time()))
        header = header or signature(self.system.secret, timestamp, body)
        url = f"/crm_contact_center/telephony/{key or self.system.key}/{path}"
        return self.url_open(url, data=body, headers={"X-Timestamp": timestamp, "X-Signature": header, **(more or {})})

    def _ringing(self, **values):
        at = datetime.now(UTC).isoformat()
        return {"event_id": "e1", "call_id": "c1", "sequence": 1, "kind": "ringing", "at": at, **values}

    def test_signed(self):
        """CC-1: a signed event is kept once; the same again is answered alike."""
        for kept in (1, 0):
            answer = self._post(self._ringing())
            self.assertEqual((answer.status_code, answer.json()), (200, {"kept": kept}))
        self.assertEqual(len(self.contacts.search([("key", "=", f"{self.system.id}:c1")])), 1)

    def test_forged_and_stale(self):
        """CC-1: nothing is believed without a fresh signature, nor told which system there is."""
        stale = str(int(time.time()) - 301)
        for attack in (
            {"header": "sha256=" + "0" * 64},
            {"timestamp": stale},
            {"key": "0" * 32},
            {"path": "commands", "header": "x"},
        ):
            with self.subTest(**attack):
                self.assertEqual(self._post(self._ringing(), **attack).status_code, 401)
        self.assertFalse(self.env["crm.telephony.event"].search([("system_id", "=", self.system.id)]))

    def test_bad_bodies(self):
        """CC-1: no JSON, NUL bytes, too large: refused in words, with nothing kept."""
        many = [self._ringing()] * 10_000
        for content in (
            b"no json",
            b"\x00",
            b"\xff\xfe",
            b"[" * 1_000_000,
            b'{"a":' * 200_000,
            [],
            {},
            [1],
            many,
            self._ringing(kind="x"),
            self._ringing(call_id="a\u0000"),
            self._ringing(at="9999-12-31T23:59:59-12:00"),
            self._ringing(sequence=10**30),
        ):
            answer = self._post(content)
            self.assertEqual(answer.status_code, 400)
            self.assertTrue(answer.json()["error"])
        self.assertEqual(self._post(b"x" * (MOST_BYTES + 1)).status_code, 413)

    def test_strange_but_kept(self):
        """CC-1: withheld, endless and nonsensical numbers, another's extension, a moment from tomorrow: no trouble."""
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        details = (
            {"number": "anonymous"},
            {"number": "9" * 41},
            {"number": "\ud800\x00' OR 1=1 --"},
            {"name": "x" * 100_000, "words": "y" * 100_000},
            {"called": "nobody has this", "queue": "NONE"},
            {"at": tomorrow},
        )
        calls = [
            self._ringing(event_id=f"e{number}", call_id=f"c{number}", **more) for number, more in enumerate(details)
        ]
        unknown = self._ringing(event_id="a", sequence=2, kind="answered", extension="999", call_id="c0")
        answer = self._post([*calls, unknown])
        self.assertEqual((answer.status_code, answer.json()), (200, {"kept": len(calls) + 1}))
        contacts = self.contacts.search([("key", "like", f"{self.system.id}:")])
        self.assertEqual(contacts.mapped("state"), ["waiting"] * len(calls))

    def test_after_a_bad_one(self):
        """CC-1: a list with one bad event is refused as a whole, so that it can be sent again without that one."""
        good, bad = self._ringing(), self._ringing(event_id="e2", kind="x")
        self.assertEqual(self._post([good, bad]).status_code, 400)
        self.assertEqual(self._post([good]).json(), {"kept": 1})

    def test_commands(self):
        """CC-1: the system fetches what it shall do."""
        self.agent_1.extension = "201"
        self.env["crm.telephony.command"]._ask(self.agent_1, "dial", "+6281234567890")
        self.assertEqual(len(self._post({}, "commands").json()["commands"]), 1)
        self.assertEqual(self._post({"done": {"unknown": "\x00\ud800"}}, "commands").status_code, 200)
        for content in ([], {"done": []}, {"done": None}, {"done": {"x": 1}}, b"[" * 100_000, b"\xff"):
            self.assertEqual(self._post(content, "commands").status_code, 400)

    def test_too_many(self):
        """CC-1: who asks too often is told when to ask again, before anything is read."""
        with patch.object(telephony, "LIMITER", Limiter(a_minute=60, burst=1)):
            self.assertEqual(self._post({}, "commands").status_code, 200)
            answer = self._post({}, "commands")
        self.assertEqual(answer.status_code, 429)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)

    def _statuses(self, *forwarded, host=True):
        """Ask once for each header X-Forwarded-For, each address having one request; return the statuses."""
        with patch.object(telephony, "LIMITER", Limiter(a_minute=1, burst=1)):
            return [
                self._post(
                    {},
                    "commands",
                    more={"X-Forwarded-For": address, **({"X-Forwarded-Host": "127.0.0.1"} if host else {})},
                ).status_code
                for address in forwarded
            ]

    def test_address_without_proxy(self):
        """CC-1: nobody gets another bucket by saying that they are somebody else."""
        self.assertEqual(self._statuses("10.0.0.1", "10.0.0.2"), [200, 429])

    def test_address_behind_a_proxy(self):
        """CC-1: behind a proxy it is the address that the proxy added, the last; what came before it is only said."""
        with patch.dict(config.options, {"proxy_mode": True}):
            self.assertEqual(self._statuses("10.0.0.1", "10.0.0.2", "10.0.0.1"), [200, 200, 429])
            self.assertEqual(self._statuses("1.1.1.1, 10.0.0.1", "2.2.2.2, 10.0.0.1"), [200, 429])
            self.assertEqual(self._statuses("10.0.0.1", "10.0.0.2", host=False), [200, 429], "Odoo wants the host, too")
