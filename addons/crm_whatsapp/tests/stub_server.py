"""A WhatsApp Cloud API on this machine: it answers, refuses, drops connections and tells of events as Meta's does."""

import hashlib
import json
import socket
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

TOKEN = "EAAG-stub-token-7341"
HTTP_STATUS = {190: 401, 0: 401, 10: 403, 368: 403, 131031: 403, 4: 400, 80007: 400, 130429: 400, 131000: 500}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        """Override: whoever was killed hears no answer, and nothing is said of it."""


class Stub:
    """The server, what it was asked, and what it is to do.

    :ivar rules: number without ``+`` → list of things to do, one for each call: an error code, or one of ``drop`` (take
        the message, then break the connection), ``refuse`` (break it before taking it), ``held``, ``paused``, ``html``,
        ``empty``, ``webhook`` (tell of the status before answering). Without a rule it takes the message.
    :ivar templates: what it tells when asked for templates, ``page`` at a time; ``message_templates`` may have rules
    :ivar files: id → ``(content, type)`` of what customers sent; an id may have rules
    :ivar accepted: our keys, in the order in which messages were taken
    """

    def __init__(self, latency=0.0):
        self.rules = {}
        self.calls, self.accepted = [], []
        self.templates, self.page, self.files = [], 2, {}
        self.latency = latency
        self.on_webhook = None
        self.lock = threading.Lock()
        self.httpd = _Server(("127.0.0.1", 0), self._handler())
        self.thread = threading.Thread(target=self.httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.httpd.server_port}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *failure):
        self.httpd.shutdown()
        self.httpd.server_close()

    def duplicates(self):
        """Return our keys that were taken more than once."""
        return [key for key, count in Counter(self.accepted).items() if count > 1]

    def _handler(stub):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                """Override: say nothing."""

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                time.sleep(stub.latency)
                stub._answer(self, body)

            def do_GET(self):
                stub._tell(self)

            def reply(self, status, content, kind="application/json"):
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def drop(self):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

        return Handler

    def _answer(self, handler, body):
        key, to = body.get("biz_opaque_callback_data"), body.get("to")
        with self.lock:
            self.calls.append({"path": handler.path, "headers": dict(handler.headers), "body": body})
            rules = self.rules.get(to) or []
            rule = rules.pop(0) if rules else None
            if handler.headers.get("Authorization") != f"Bearer {TOKEN}":
                rule = 190
            taken = not isinstance(rule, int) and rule != "refuse"
            if taken:
                self.accepted.append(key)
            wamid = f"wamid.{len(self.calls)}.{key[:8]}"
        if isinstance(rule, int):
            handler.reply(HTTP_STATUS.get(rule, 400), error(rule))
        elif rule in ("drop", "refuse"):
            handler.drop()
        elif rule == "html":
            handler.reply(502, b"<html>Bad gateway</html>", "text/html")
        elif rule == "empty":
            handler.reply(200, {"messaging_product": "whatsapp"})
        else:
            if rule == "webhook" and self.on_webhook:
                self.on_webhook(status_event(wamid, "delivered", key=key))
            handler.reply(200, accepted(to, wamid, rule))

    def _tell(self, handler):
        """Answer a question for templates or for a customer's file."""
        place = urlsplit(handler.path)
        name, asked = place.path.rpartition("/")[2], dict(parse_qsl(place.query))
        with self.lock:
            self.calls.append({"path": handler.path, "headers": dict(handler.headers), "body": None})
            rules = self.rules.get(name) or []
            rule = rules.pop(0) if rules else None
        if handler.headers.get("Authorization") != f"Bearer {TOKEN}":
            rule = 190
        if isinstance(rule, int):
            handler.reply(HTTP_STATUS.get(rule, 400), error(rule))
        elif rule == "drop":
            handler.drop()
        elif rule == "html":
            handler.reply(502, b"<html>Bad gateway</html>", "text/html")
        elif isinstance(rule, dict):
            handler.reply(200, rule)
        elif name == "message_templates":
            handler.reply(200, self._page(int(asked.get("limit", 25)), int(asked.get("after") or 0)))
        elif place.path.startswith("/files/"):
            handler.reply(200, self.files[name][0], self.files[name][1])
        elif name in self.files:
            handler.reply(200, self._file_info(name))
        else:
            handler.reply(400, error(100))

    def _page(self, limit, first):
        """Return some templates as Meta does: with a cursor, and the address of the next page, which nobody needs."""
        limit = min(limit, self.page)
        items = self.templates[first : first + limit]
        cursors = {"before": str(first), "after": str(first + limit)}
        more = first + limit < len(self.templates)
        paging = {"cursors": cursors, **({"next": "http://elsewhere.example/token"} if more else {})}
        return {"data": items, "paging": paging}

    def _file_info(self, name):
        content, mime = self.files[name]
        return {
            "messaging_product": "whatsapp",
            "url": f"{self.url}/files/{name}",
            "mime_type": mime,
            "sha256": hashlib.sha256(content).hexdigest(),
            "file_size": len(content),
            "id": name,
        }


def accepted(to, wamid, rule=None):
    status = {"held": "held_for_quality_assessment", "paused": "paused"}.get(rule, "accepted")
    return {
        "messaging_product": "whatsapp",
        "contacts": [{"input": to, "wa_id": to}],
        "messages": [{"id": wamid, "message_status": status}],
    }


def error(code):
    return {
        "error": {
            "message": f"(#{code}) Stub error",
            "type": "OAuthException",
            "code": code,
            "error_data": {"messaging_product": "whatsapp", "details": f"Details of {code}"},
            "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
        }
    }


def event(number="111", **value):
    """Return an event as Meta posts it."""
    metadata = {"display_phone_number": "628110000000", "phone_number_id": number}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "waba", "changes": [change]}]}


def status_event(wamid, status, key=None, timestamp=1_700_000_000, code=None):
    item = {"id": wamid, "status": status, "timestamp": str(timestamp), "recipient_id": "62811"}
    if key:
        item["biz_opaque_callback_data"] = key
    if code is not None:
        item["errors"] = [{"code": code, "title": "Stub", "error_data": {"details": f"Details of {code}"}}]
    return event(statuses=[item])


def message_event(sender, text, wamid, timestamp=1_700_000_000, name="Budi", quoted=None, **more):
    item = {"from": sender, "id": wamid, "timestamp": str(timestamp), "type": "text", "text": {"body": text}, **more}
    if quoted:
        item["context"] = {"id": quoted}
    return event(contacts=[{"wa_id": sender, "profile": {"name": name}}], messages=[item])


def template(name="reminder", language="en", body="Hello {{1}}, see you at {{2}}.", status="APPROVED", **more):
    """Return a template as Meta lists it."""
    return {
        "id": f"{name}.{language}",
        "name": name,
        "language": language,
        "status": status,
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": body}, *more.pop("components", ())],
        **more,
    }
