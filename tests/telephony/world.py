"""A telephone exchange on this machine: Asterisk, the adapter, and SIPp as telephones; on free ports of loopback."""

import contextlib
import os
import socket
import string
import subprocess
import time
from pathlib import Path

from tools import asterisk
from tools.paths import ADDONS, PYTHON

HERE = Path(__file__).parent
PATIENCE = 30


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(type=kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(true, what):
    """Return what ``true`` returns as soon as that counts as true; fail in words when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < deadline, f"Waited {PATIENCE} s in vain: {what}"
        time.sleep(0.02)
    return found


@contextlib.contextmanager
def _running(command, log, **options):
    """Have a program until the block ends; what it says is in the log."""
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _says(process, log, words):
    """Wait until a program's log has the words."""

    def there():
        text = log.read_text(errors="replace")
        assert process.poll() is None, f"It ended:\n{text[-3000:]}"
        return words in text

    wait_until(there, f"“{words}” in {log}:\n{log.read_text(errors='replace')[-3000:]}")


class Exchange:
    """Asterisk with two telephones (201 and 202), one customer, and the adapter.

    :param folder: where files and logs are
    """

    def __init__(self, folder):
        self.folder = folder
        self.http = free_port()
        self.sip, self.agent, self.second, self.customer = (free_port(socket.SOCK_DGRAM) for _port in range(4))

    @contextlib.contextmanager
    def running(self):
        """Have Asterisk until the block ends."""
        values = {name: getattr(self, name) for name in ("folder", "http", "sip", "agent", "second", "customer")}
        values |= {"root": asterisk.ROOT, "modules": asterisk.libraries() / "asterisk/modules"}
        (self.folder / "etc").mkdir()
        for file in (HERE / "etc").iterdir():
            (self.folder / "etc" / file.name).write_text(string.Template(file.read_text()).substitute(values))
        log = self.folder / "asterisk.log"
        command = asterisk.program("asterisk", "-f", "-vvv", "-C", self.folder / "etc/asterisk.conf")
        with _running(command, log) as process:
            _says(process, log, "Asterisk Ready")
            yield

    @contextlib.contextmanager
    def adapter(self, address, secret):
        """Have the adapter until the block ends."""
        settings = {
            "ODOO_ADDRESS": address,
            "ODOO_SECRET": secret,
            "ARI_URL": f"http://127.0.0.1:{self.http}",
            "ARI_USER": "adapter",
            "ARI_PASSWORD": "test",
            "OUTSIDE_ENDPOINT": "PJSIP/trunk",
            "FOLDER": str(self.folder),
        }
        environment = os.environ | {f"ODOO_ASTERISK_{name}": value for name, value in settings.items()}
        log = self.folder / f"adapter{time.monotonic_ns()}.log"
        command = [str(PYTHON), "-m", "asterisk.adapter"]
        with _running(command, log, cwd=ADDONS / "crm_contact_center", env=environment) as process:
            _says(process, log, "Listening to Asterisk")
            yield log

    @contextlib.contextmanager
    def sipp(self, scenario, port, milliseconds, *arguments):
        """Have a telephone by SIPp, for one call; ``milliseconds`` until it answers, or for as long as it talks."""
        command = asterisk.program(
            "sipp", f"127.0.0.1:{self.sip}", "-sf", HERE / "sipp" / f"{scenario}.xml", *arguments
        )
        command += ["-i", "127.0.0.1", "-p", str(port), "-m", "1", "-d", str(milliseconds), "-nostdin", "-trace_msg"]
        command += [
            "-message_file",
            str(self.folder / f"{scenario}-{port}.log"),
            "-mp",
            str(free_port(socket.SOCK_DGRAM)),
        ]
        with _running(command, self.folder / f"sipp-{scenario}-{port}.out", cwd=self.folder) as process:
            yield process

    def telephone(self, milliseconds, port=None):
        """Have the agent's telephone, or another, which answers after some time."""
        return self.sipp("telephone", port or self.agent, milliseconds)

    def caller(self, milliseconds):
        """Have a customer call 1500, talk for some time and hang up."""
        return self.sipp("customer", self.customer, milliseconds, "-s", "1500")

    def heard(self, scenario, port, words):
        """Return whether a telephone's log of messages has the words."""
        log = self.folder / f"{scenario}-{port}.log"
        return log.exists() and words in log.read_text(errors="replace")
