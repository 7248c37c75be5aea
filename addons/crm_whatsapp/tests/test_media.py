import base64
from datetime import timedelta
from unittest.mock import patch

import requests

from odoo import fields
from odoo.exceptions import AccessError, UserError

from .common import WhatsappCase
from .stub_server import TOKEN, event

SENDER = "6281234567890"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class TestMedia(WhatsappCase):
    """Files that customers send, fetched from the stub after the event."""

    def setUp(self):
        super().setUp()
        self.stub.files = {"m1": (PNG, "image/png")}
        self.media = self.env["crm.whatsapp.media"]

    def _send(self, kind="image", key="m1", mime="image/png", **content):
        self._apply(
            event(
                messages=[
                    {
                        "from": SENDER,
                        "id": f"wamid.{key}",
                        "type": kind,
                        kind: {"id": key, "mime_type": mime, **content},
                    }
                ]
            )
        )
        return self.media.search([("key", "=", key)])

    def _fetch(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_whatsapp.ir_cron_fetch").method_direct_trigger()
        self.env.invalidate_all()

    def test_picture(self):
        """H23-4.2.5: a customer's picture is attached to their message, and shown where the message landed."""
        file = self._send(caption="My phone")
        self.assertEqual((file.state, file.message_id.body), ("waiting", "[image] My phone"))
        self.assertFalse(self.stub.calls)
        self._fetch()
        self.assertEqual(
            (file.state, file.attachment_id.raw, file.attachment_id.mimetype), ("fetched", PNG, "image/png")
        )
        self.assertEqual(
            (file.attachment_id.res_model, file.attachment_id.res_id), (file.message_id._name, file.message_id.id)
        )
        self.assertEqual(self.customer.message_ids[0].attachment_ids.mapped("name"), ["image.png"])
        self.assertEqual({call["headers"]["Authorization"] for call in self.stub.calls}, {f"Bearer {TOKEN}"})
        calls = len(self.stub.calls)
        self._fetch()
        self.assertEqual(len(self.stub.calls), calls)

    def test_tried_again(self):
        """H23-4.2.5: what can't be fetched now is tried again, less and less often, to an end."""
        file = self._send()
        self.stub.rules["m1"] = ["html", "drop", 130429]
        waits = []
        for __ in range(3):
            self._fetch()
            waits.append(round((file.due_at - fields.Datetime.now()) / timedelta(minutes=1)))
            self.assertEqual(file.state, "waiting")
            self.assertTrue(file.problem)
            self._fetch()
            self.assertEqual(file.attempts, len(waits))
            file.due_at = fields.Datetime.now()
        self.assertEqual(waits, [1, 2, 4])
        self._fetch()
        self.assertEqual((file.state, file.problem), ("fetched", False))
        self.stub.files["m2"] = (PNG, "image/png")
        hopeless = self._send(key="m2")
        self.stub.rules["m2"] = ["html"] * 99
        while hopeless.state == "waiting":
            hopeless.due_at = fields.Datetime.now()
            self._fetch()
        self.assertEqual((hopeless.state, hopeless.attempts, hopeless.problem), ("failed", 8, "service_down"))
        self.stub.rules.clear()
        hopeless.with_user(self.officer_a).action_fetch_again()
        self._fetch()
        self.assertEqual(hopeless.state, "fetched")

    def test_size(self):
        """Too large: refused by what is said, and by what comes when too little was said."""
        self.company.whatsapp_file_mb = 1
        self.stub.files = {"big": (b"x" * 2**20 + b"x", "text/plain")}
        big = self._send("document", "big", "text/plain")
        self._fetch()
        self.assertEqual((big.state, big.problem, len(self.stub.calls)), ("failed", "file_too_large", 1))
        liar = self._send("document", "liar", "text/plain")
        self.stub.rules["liar"] = [{"url": f"{self.stub.url}/files/big", "mime_type": "text/plain", "file_size": 5}]
        self._fetch()
        self.assertEqual((liar.state, liar.problem), ("failed", "file_too_large"))

    def test_types(self):
        """No type that a browser runs, whatever it is called."""
        svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
        page = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
        for key, content, mime in (
            ("a1", svg, "image/svg+xml"),
            ("a2", svg, "image/png"),
            ("a3", page, "text/html"),
            ("a4", page, "text/plain"),
            ("a5", b"MZ", "application/x-msdownload"),
            ("a6", b"", "image/png"),
        ):
            with self.subTest(f"{mime} {content[:10]}"):
                self.stub.files[key] = (content, mime)
                file = self._send("document", key, mime, filename="invoice.pdf")
                self._fetch()
                self.assertEqual((file.state, file.problem), ("failed", "file_type"))
                self.assertFalse(file.attachment_id)

    def test_names(self):
        """A file's name leads nowhere and has no odd signs."""
        for given, name in (
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\x\\Nota <b>.pdf", "Nota _b_.pdf"),
            ("\0evil\n.exe", "evil_.exe.pdf"),
            ("", "document.pdf"),
            (None, "document.pdf"),
            ({"a": 1}, "_a_ 1_.pdf"),
        ):
            with self.subTest(given):
                self.assertEqual(self.media._name_of(given, "document", "application/pdf"), name)

    def test_token_goes_nowhere_else(self):
        """The address of a file is the provider's word: the token goes to it only where Meta keeps files."""
        provider = self.account._get_provider()
        for url, allowed in (
            (f"{self.stub.url}/files/x", True),
            ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", True),
            ("https://mmg.whatsapp.net/x", True),
            ("http://lookaside.fbsbx.com/x", False),
            ("https://evilfbsbx.com/x", False),
            ("https://fbsbx.com.evil.example/x", False),
            ("https://lookaside.fbsbx.com@evil.example/x", False),
            ("https://lookaside.fbsbx.com:8443/x", False),
            ("http://169.254.169.254/latest", False),
            ("http://127.0.0.1:1/x", False),
            ("file:///etc/passwd", False),
            ("https://[x", False),
            ("", False),
        ):
            with self.subTest(url):
                self.assertEqual(provider._may_hold_files(url), allowed)
        file = self._send(key="m3")
        self.stub.rules["m3"] = [{"url": "http://169.254.169.254/latest", "mime_type": "image/png"}]
        self._fetch()
        self.assertEqual((file.state, file.problem, len(self.stub.calls)), ("failed", "bad_parameter", 1))
        odd = self._send(key="../me")
        self._fetch()
        self.assertEqual((odd.state, odd.problem, len(self.stub.calls)), ("failed", "bad_parameter", 1))

    def test_changed_on_the_way(self):
        file = self._send()
        wrong = {"url": f"{self.stub.url}/files/m1", "mime_type": "image/png", "sha256": "0" * 64}
        self.stub.rules["m1"] = [wrong]
        self._fetch()
        self.assertEqual((file.state, file.problem), ("waiting", "service_down"))

    def test_fetched_twice(self):
        """Two who fetched the same file keep it once."""
        file = self._send()
        result = self.account._get_provider().file(requests.Session(), "m1", 2**20)
        file._keep(result)
        file._keep(result)
        self.assertEqual(
            self.env["ir.attachment"].search_count(
                [("res_id", "=", file.message_id.id), ("res_model", "=", "crm.whatsapp.message")]
            ),
            1,
        )

    def test_error_of_a_provider(self):
        """An error that nobody foresaw tells no secret."""
        file = self._send()
        with patch.object(type(self.account._get_provider()), "file", side_effect=KeyError(TOKEN)):
            self._fetch()
        self.assertEqual((file.state, file.problem_detail), ("waiting", "KeyError"))

    def test_who(self):
        """H23-4.2.5: files are seen with their message: by no other branch, no portal; nobody writes them."""
        file = self._send()
        self._fetch()
        self.assertEqual(file.with_user(self.officer_a).name, "image.png")
        self.assertEqual(file.attachment_id.with_user(self.officer_a).raw, PNG)
        for user in (self.officer_b, self.internal, self.portal):
            with self.subTest(user.login):
                for record, field in ((file, "name"), (file.attachment_id, "raw")):
                    with self.assertRaises(AccessError):
                        record.with_user(user).read([field])
                with self.assertRaises(UserError):
                    file.with_user(user).action_fetch_again()
                with self.assertRaises(UserError):
                    file.with_user(user).action_open()
        with self.assertRaises(AccessError):
            file.with_user(self.manager_a).write({"key": "x"})
