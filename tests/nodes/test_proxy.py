"""nginx before two stand-ins: what it passes on to the other node, what it never does, and what it keeps."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import requests

from tools import nginx
from tools.node import free_port


class StandIn(BaseHTTPRequestHandler):
    """Notes what it is asked; ``falls``: it does so once it has the request, and never answers."""

    def _serve(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        if self.server.falls:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST = _serve

    def log_message(self, *_args):
        """Override: say nothing."""


@contextlib.contextmanager
def standing_in(number, falls=False):
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    server.asked, server.falls = [], falls
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.number, server.http, server.websocket = number, server.server_port, server.server_port
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def before(tmp_path):
    """Have nginx before two nodes; yield its address."""
    with contextlib.ExitStack() as stack:

        def start(*nodes):
            port = free_port()
            stack.enter_context(nginx.running(tmp_path / "nginx", port, nodes))
            return f"http://127.0.0.1:{port}"

        nginx.get()
        yield start


def ask(before, node, method, times=4):
    """Ask through nginx, the healthy node being the second; return the status codes."""
    with standing_in(2) as other:
        url = before(node, other)
        codes = [requests.request(method, f"{url}/web", timeout=10).status_code for _time in range(times)]
        return codes, other.asked


def test_sent_post_is_never_sent_again(before):
    """A node falls while it has a POST: that one fails, for nobody knows whether it was done; the next go elsewhere."""
    with standing_in(1, falls=True) as falling:
        codes, asked = ask(before, falling, "POST")
        assert sorted(codes) == [200, 200, 200, 502]
        assert len(falling.asked) == 1
        assert len(asked) == 3


def test_reading_is_passed_on(before):
    """A GET is asked of the other node."""
    with standing_in(1, falls=True) as falling:
        codes, _asked = ask(before, falling, "GET")
        assert codes == [200] * 4


def test_nobody_there(before):
    """Nobody listens: a POST can't have been done, the other node gets it."""
    codes, asked = ask(before, SimpleNamespace(number=1, http=free_port(), websocket=free_port()), "POST")
    assert codes == [200] * 4
    assert len(asked) == 4


def test_addresses(before):
    """The nodes are told who asks, by which name and scheme; what the proxy before nginx says is believed of it."""
    with standing_in(1) as first, standing_in(2) as second:
        url = before(first, second)
        forwarded = {"Host": "shop.example", "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        assert requests.get(f"{url}/web", headers=forwarded, timeout=10).ok
        ((_method, _path, headers),) = first.asked + second.asked
        told = {key: headers[f"X-Forwarded-{key}"] for key in ("Host", "For", "Proto")}
        assert told == {"Host": "shop.example", "For": "203.0.113.7", "Proto": "https"}


def test_static_files_are_kept(before):
    """An addon's own file is asked of the nodes once, and is there when both have gone."""
    with standing_in(1) as first, standing_in(2) as second:
        url = before(first, second)
        assert all(requests.get(f"{url}/web/static/a.js", timeout=10).ok for _time in range(3))
        assert len(first.asked + second.asked) == 1
        assert requests.get(f"{url}/web/a.js", timeout=10).ok
        assert len(first.asked + second.asked) == 2
    assert requests.get(f"{url}/web/static/a.js", timeout=10).ok


def test_uploads(before):
    """As much as Odoo takes itself, and no more."""
    with standing_in(1) as first, standing_in(2) as second:
        url = before(first, second)
        assert requests.post(f"{url}/web", data=b"x" * 20_000_000, timeout=30).ok
        length = {"Content-Length": str(129 * 1024 * 1024)}
        assert requests.post(f"{url}/web", data=b"", headers=length, timeout=10).status_code == 413
