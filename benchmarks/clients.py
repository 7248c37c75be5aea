"""A server on a benchmark's database, with workers as in production, and clients that call what the web client does."""

import contextlib
import http.client
import json
import shutil
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

from tools import database
from tools.console import StepFailed
from tools.paths import LOGS, PROJECT, PYTHON

from .shop import PASSWORD


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def server(name, workers):
    """Have a server of the database until the block ends; yield its port."""
    port = _free_port()
    options = {"http-port": port, "gevent-port": _free_port(), "workers": workers, "max-cron-threads": 0}
    options["db-filter"] = f"^{name}$"
    command = [str(PYTHON), "tools/odoo_bin.py", "-d", name, *(f"--{key}={value}" for key, value in options.items())]
    process = subprocess.Popen(
        command, cwd=PROJECT, env=database.environment(), stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    with (LOGS / f"{name}-server.log").open("w") as log, ThreadPoolExecutor(1) as reader:
        try:
            _wait_until_it_listens(process, log)
            reader.submit(shutil.copyfileobj, process.stderr, log)
            yield port
        finally:
            process.terminate()
            process.wait(60)


def _wait_until_it_listens(process, log):
    """Read the server's log up to the line that says so."""
    for line in process.stderr:
        log.write(line)
        if "running on" in line:
            return
    raise StepFailed(f"Odoo ended while starting; log: {log.name}")


class Client:
    """A session of one user."""

    def __init__(self, port, name, login):
        self._port, self._cookie = port, None
        self._post("/web/session/authenticate", {"db": name, "login": login, "password": PASSWORD})

    def call(self, model, method, *arguments, mark="", **keywords):
        """Return what the method returns.

        :param str mark: what the line of the server's log is found by, with the queries that it took
        :raise Refused: with the server's words
        """
        call = {"model": model, "method": method, "args": arguments, "kwargs": keywords}
        return self._post(f"/web/dataset/call_kw/{model}/{method}{mark and '?' + mark}", call)

    def _post(self, path, parameters):
        """Return the result; raise Refused with the server's words."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=240)
        headers = {"Content-Type": "application/json", **({"Cookie": self._cookie} if self._cookie else {})}
        connection.request("POST", path, json.dumps({"jsonrpc": "2.0", "params": parameters}), headers)
        with connection.getresponse() as response:
            cookie = response.getheader("Set-Cookie")
            self._cookie = self._cookie or (cookie and cookie.split(";")[0])
            answer = json.loads(response.read())
        if error := answer.get("error"):
            raise Refused(error["data"]["name"], error["data"]["message"])
        return answer.get("result")


class Refused(Exception):
    """The server answered with an exception of this name and these words."""

    @property
    def is_shortage(self):
        return self.args[0] == "odoo.exceptions.UserError" and "units are missing" in self.args[1]
