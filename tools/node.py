"""One of several Odoo nodes on this machine: a server with workers and a cron worker, in a process group of its own."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time

from . import database
from .console import StepFailed
from .paths import PROJECT, PYTHON

#: The database with everybody's sessions: whichever node gets a request knows who it is.
SESSIONS = "sessions"
#: Odoo's own, and OCA's that keeps the sessions in a database.
SERVER_WIDE = "base,rpc,web,session_db"
PATIENCE = 120  # seconds


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Node:
    """A node of a database. It reads from the replica; files are in the data folder, which all nodes share.

    :param int number: from 1 on, also in the names of its connections
    :param str replica: the replica's ``PGHOST``; without one it reads from the primary
    :param log: the file that it logs into
    :param options: Odoo's other options, ``http_port`` excepted
    """

    def __init__(self, number, name, log, replica=None, **options):
        self.number, self.name, self.log, self.replica = number, name, log, replica
        self.http, self.websocket = free_port(), free_port()
        self.options = {"workers": 2, "max-cron-threads": 1, **options}
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http}"

    def _environment(self):
        return {
            **database.environment(),
            "SESSION_DB_URI": SESSIONS,
            "PGAPPNAME": f"node{self.number}-{{pid}}",
            **({"PGHOST_REPLICA": self.replica} if self.replica else {}),
        }

    def start(self):
        """Start it; :meth:`wait` until it answers."""
        options = {
            "database": self.name,
            "db-filter": f"^{self.name}$",
            "http-port": self.http,
            "gevent-port": self.websocket,
            "load": SERVER_WIDE,
            **self.options,
        }
        command = [str(PYTHON), "tools/odoo_bin.py", "--proxy-mode"]
        command += [f"--{key}={value}" for key, value in options.items()]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=PROJECT,
                env=self._environment(),
                start_new_session=True,  # a process group of its own, to be killed as a whole
            )

    def answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=5)
        try:
            connection.request("GET", "/web/health?db_server_status=1")
            return connection.getresponse().status == 200
        except (http.client.HTTPException, OSError):
            return False
        finally:
            connection.close()

    def wait(self):
        """Return as soon as it answers."""
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
                raise StepFailed(f"{tail}\n\nNode {self.number} doesn't start. Whole log: {self.log}")
            time.sleep(0.1)

    def kill(self):
        """End all its processes at once, as when the machine fails."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """End it in order."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
