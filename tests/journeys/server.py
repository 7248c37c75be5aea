"""An Odoo server in a process of its own, as customers run it, and its JSON API for what isn't clicked."""

import contextlib
import socket
import subprocess
import time

import requests

from tools import database
from tools.paths import LOGS, PROJECT

PATIENCE = 120  # seconds until a server answers or a slow page is there


class Api:
    """One user's session on the server's JSON API: what the web client itself uses."""

    def __init__(self, url, name, login, password):
        self.url, self.session = url, requests.Session()
        self.user = self._post("/web/session/authenticate", db=name, login=login, password=password)["uid"]

    def _post(self, path, **params):
        answer = self.session.post(self.url + path, json={"params": params}, timeout=PATIENCE).json()
        assert "error" not in answer, answer["error"]["data"]["debug"]
        return answer.get("result")

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model: of records, their ids are the first argument."""
        return self._post("/web/dataset/call_kw", model=model, method=method, args=args, kwargs=kwargs)

    def create(self, model, **values):
        """Create one record; return its id."""
        return self.call(model, "create", [values])[0]

    def ref(self, xml_id):
        """Return the id of a record that an addon brought."""
        module, name = xml_id.split(".")
        (data,) = self.call(
            "ir.model.data", "search_read", [["module", "=", module], ["name", "=", name]], fields=["res_id"]
        )
        return data["res_id"]

    def find(self, model, values, *fields):
        """Return the fields of the only record that has these values."""
        domain = [[name, "=", value] for name, value in values.items()]
        found = self.call(model, "search_read", domain, fields=list(fields))
        assert len(found) == 1, f"{len(found)} × {model} with {values}"
        return found[0]

    def read(self, model, ids, *fields):
        """Return a dictionary of the fields per record, in the order of the ids."""
        return self.call(model, "read", ids, list(fields))


class Server:
    """Where a running server is, whose log has what went wrong."""

    def __init__(self, name, url, log):
        self.name, self.url, self.log = name, url, log

    def api(self, login, password=None):
        """Log in; the password of our people is their login."""
        return Api(self.url, self.name, login, password or login)

    def refusals(self):
        """Return what the log says of requests that failed, also those whose answer no screen showed."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if " odoo.http: " in line and any(level in line for level in database.TROUBLE)]


def _free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(url):
    try:
        return requests.get(f"{url}/web/health", timeout=5).ok
    except requests.RequestException:
        return False


def _wait(process, server):
    """Return as soon as the server answers; fail as soon as it has ended, or when patience has."""
    deadline = time.monotonic() + PATIENCE
    while not _answers(server.url):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
        assert process.poll() is None, f"Odoo ended while starting:\n{server.log.read_text()[-3000:]}"
        assert time.monotonic() < deadline, f"Odoo doesn't answer:\n{server.log.read_text()[-3000:]}"


@contextlib.contextmanager
def serving(name):
    """Serve the database on a free port until the block ends."""
    LOGS.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    server = Server(name, f"http://127.0.0.1:{port}", LOGS / f"journey-{name}.log")
    command = database.odoo("-d", name, f"--db-filter=^{name}$", f"--http-port={port}", "--max-cron-threads=0")
    with server.log.open("w") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, cwd=PROJECT, env=database.environment()
        )
    try:
        _wait(process, server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
