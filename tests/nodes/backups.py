"""Backups by the tools, as make runs them, and people who work meanwhile."""

import base64
import hashlib
import os
import subprocess
import threading
import time
from types import SimpleNamespace

from tools import database, postgres
from tools.paths import CONF, PROJECT, PYTHON

from .world import CLIENTS, FIGURES, wait_until

#: How many acknowledged writes there are at least before the backup begins.
WRITES = 60


def run(tool, *arguments, **options):
    """Run a tool as make does; return what it said and its exit status."""
    started = time.monotonic()
    done = subprocess.run(
        [str(PYTHON), "-m", f"tools.{tool}", *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, "ODOO_RC": str(CONF)},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    return SimpleNamespace(said=done.stdout + done.stderr, code=done.returncode, took=time.monotonic() - started)


class Writers:
    """Clients that write a contact with a file each, one after the other; an administrator who deletes files, and has
    Odoo remove them from the disk.

    :ivar acknowledged: (moment, the contact's caller, SHA-1 of its file)
    """

    def __init__(self, world):
        self.world, self.acknowledged, self.errors, self.removals = world, [], [], 0
        self._ending = threading.Event()
        targets = [(self._write, number) for number in range(CLIENTS - 1)] + [(self._remove, 0)]
        self._threads = [threading.Thread(target=self._work, args=target) for target in targets]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _work(self, step, number):
        try:
            step(number)
        except BaseException as error:  # noqa: BLE001 - a thread's error is the test's
            self.errors.append(repr(error))

    def _write(self, number):
        client, count = self.world.client(f"client{number}"), 0
        while not self._ending.is_set():
            count += 1
            key, content = f"backup {number}-{count}", os.urandom(20_000)
            values = {"caller_name": key, "branch_id": self.world.facts["branch"]}
            (id_,) = client.call("crm.interaction", "create", [values])
            file = {"name": key, "res_model": "crm.interaction", "res_id": id_}
            client.call("ir.attachment", "create", [file | {"datas": base64.b64encode(content).decode()}])
            self.acknowledged.append((time.monotonic(), key, hashlib.sha1(content, usedforsecurity=False).hexdigest()))

    def _remove(self, _number):
        admin = self.world.client("admin")
        models = admin.call("ir.model", "search", [["model", "=", "ir.attachment"]])
        job = {"name": "Remove", "model_id": models[0], "state": "code", "code": "model._gc_file_store()"}
        (cron,) = admin.call("ir.cron", "create", [job | {"active": False}])
        while not self._ending.is_set():
            files = [{"name": "gone", "datas": base64.b64encode(os.urandom(20_000)).decode()} for _time in range(20)]
            admin.call("ir.attachment", "unlink", admin.call("ir.attachment", "create", files))
            admin.call("ir.cron", "method_direct_trigger", [cron])
            self.removals += 1


def back_up(world, folder):
    """Return a backup, and what was written before it and meanwhile."""
    with Writers(world) as writers:
        enough = lambda: writers.errors or (len(writers.acknowledged) >= WRITES and writers.removals)  # noqa: E731
        wait_until(enough, "writes before the backup")
        begun = time.monotonic()
        done = run("backup", "--database", world.name, "--to", folder)
        ended = time.monotonic()
    assert done.code == 0, done.said
    assert not writers.errors
    (path,) = folder.iterdir()
    before = {key: sha for at, key, sha in writers.acknowledged if at < begun}
    meanwhile = [key for at, key, _sha in writers.acknowledged if begun < at < ended]
    FIGURES.append(
        f"backup in {done.took:.1f} s, {path.stat().st_size / 2**20:.0f} MB, while {len(meanwhile)} contacts with files"
        f" were written and {writers.removals} times files removed; {len(before)} acknowledged before"
    )
    return SimpleNamespace(path=path, before=before, meanwhile=meanwhile)


def left_over(world):
    """Return the databases and folders that no test wants."""
    rows = postgres.execute("postgres", "SELECT datname FROM pg_database WHERE datname ~ '_(restoring|replaced)_'")
    folders = database.filestore(world.name).parent.glob(f"{world.name}*_re*ing_*")
    return [*rows, *folders]
