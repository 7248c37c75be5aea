import json
import time
from datetime import UTC, datetime
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

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

    def _post(self, content, path="events", timestamp=None, header=None, key=None):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        timestamp = timestamp or str(int(time.time()))
        header = header or signature(self.system.secret, timestamp, body)
        url = f"/crm_contact_center/telephony/{key or self.system.key}/{path}"
        return self.url_open(url, data=body, headers={"X-Timestamp": timestamp, "X-Signature": header})

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
        for content in (b"no json", b"\x00", [], {}, [1], self._ringing(kind="x"), self._ringing(call_id="a\u0000")):
            answer = self._post(content)
            self.assertEqual(answer.status_code, 400)
            self.assertTrue(answer.json()["error"])
        self.assertEqual(self._post(b"x" * (MOST_BYTES + 1)).status_code, 413)

    def test_commands(self):
        """CC-1: the system fetches what it shall do."""
        self.agent_1.extension = "201"
        self.env["crm.telephony.command"]._ask(self.agent_1, "dial", "+6281234567890")
        self.assertEqual(len(self._post({}, "commands").json()["commands"]), 1)
        for content in ([], {"done": []}, {"done": {"x": 1}}):
            self.assertEqual(self._post(content, "commands").status_code, 400)

    def test_too_many(self):
        """CC-1: who asks too often is told when to ask again, before anything is read."""
        with patch.object(telephony, "LIMITER", Limiter(a_minute=60, burst=1)):
            self.assertEqual(self._post({}, "commands").status_code, 200)
            answer = self._post({}, "commands")
        self.assertEqual(answer.status_code, 429)
        self.assertGreaterEqual(int(answer.headers["Retry-After"]), 1)
