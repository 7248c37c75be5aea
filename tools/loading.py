"""A dump becomes a database: Odoo's own functions, and ``psql`` that stops at the first thing that is wrong."""

import subprocess
import tempfile
import warnings

import odoo.cli  # noqa: F401 - first, it sets Odoo up
from odoo import SUPERUSER_ID, release
from odoo.api import Environment
from odoo.modules.neutralize import neutralize_database
from odoo.modules.registry import Registry
from odoo.service.db import _create_empty_database
from odoo.sql_db import close_db
from odoo.tools import config, mute_logger

from . import postgres
from .archive import BLOCK, DUMP
from .console import StepFailed, watched

END = b"-- PostgreSQL database dump complete"
#: How long the head of a dump, settings and extensions, may be: tables come after it.
HEAD = 1 << 20


def refuse_other_odoo(manifest):
    """Refuse a backup of another Odoo's: this one's code can't work on it."""
    if (found := manifest.get("major_version")) != release.major_version:
        raise StepFailed(f"It is of Odoo {found}, this is {release.major_version}: upgrade it with Odoo's own service.")


def create(name):
    """Make an empty database, as Odoo does."""
    config.parse_config([], setup_logging=False)
    with mute_logger("odoo.sql_db", "odoo.service.db"):  # an extension that can't be had: the dump may miss it
        _create_empty_database(name)
    close_db(name)


def _tamed(head, known):
    """Return the dump's head without what a server may refuse and nobody misses.

    That is settings of a newer PostgreSQL, and comments on extensions, which are the superuser's.

    :param set known: the server's settings
    """

    def kept(line):
        words = line.split()
        if words[:1] == [b"SET"]:
            return words[1].decode() in known
        return words[:3] != [b"COMMENT", b"ON", b"EXTENSION"]

    return b"".join(line for line in head.splitlines(keepends=True) if kept(line))


def _blocks(dump, known):
    """Yield a dump's blocks; the first one has its head."""
    first = dump.read(HEAD)
    head, table, rest = first.partition(b"\nCREATE TABLE ")
    yield _tamed(head, known) + table + rest
    while block := dump.read(BLOCK):
        yield block


def load(source, name, current):
    """Feed a backup's dump to the database; raise StepFailed at the first statement that fails, or if it ends early."""
    known = {setting for (setting,) in postgres.execute(name, "SELECT name FROM pg_settings")}
    total, done, last = source.getinfo(DUMP).file_size, 0, b""
    command = [postgres.program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={name}"]
    with (
        source.open(DUMP) as dump,
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said) as psql,
        watched(current, lambda: f"{done >> 20} of {total >> 20} MB"),
    ):
        try:
            for block in _blocks(dump, known):
                psql.stdin.write(block)
                last = (last + block)[-1000:]
                done += len(block)
            psql.stdin.close()
            refused = psql.wait() != 0
        except BrokenPipeError:
            refused = True
        if refused:
            psql.wait()
            said.seek(0)
            raise StepFailed(f"{said.read()[-2000:].decode(errors='replace')}\nThe database can't be restored.")
    if END not in last:
        raise StepFailed("The dump in the backup ends early: it isn't whole. Take another one.")
    postgres.execute(name, "ANALYZE")


def neutralize(name):
    """Make it a copy that reaches nobody: what Odoo and our addons have in their ``data/neutralize.sql``, and an
    identity of its own, so that no link that it signs is good elsewhere.
    """
    config.parse_config(["--no-http"], setup_logging=False)
    try:
        with warnings.catch_warnings(action="ignore"), Registry(name).cursor() as cursor:
            neutralize_database(cursor)
            Environment(cursor, SUPERUSER_ID, {})["ir.config_parameter"].init(force=True)
    finally:
        Registry.delete(name)
        close_db(name)
