"""A database as it is at one moment, while people work on it: what ``pg_dump`` and the list of files have in common."""

import contextlib
import subprocess

import odoo.cli  # noqa: F401 - first, it sets Odoo up
from odoo.service.db import dump_db_manifest
from odoo.sql_db import close_db, db_connect
from odoo.tools import config

from . import postgres
from .console import StepFailed

#: Roles and their rights are the server's: a restore elsewhere mustn't fail for one that isn't there.
OPTIONS = ("--no-owner", "--no-privileges", "--encoding=UTF8")


class Snapshot:
    """What is committed when it is made; later changes aren't seen.

    :ivar names: the names of all files that the database has in the store
    """

    def __init__(self, name, cursor):
        self.name, self._cursor = name, cursor
        # Odoo's transactions are REPEATABLE READ: the first statement decides what all of them see.
        cursor.execute("SELECT pg_export_snapshot()")
        (self._id,) = cursor.fetchone()
        cursor.execute("SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL")
        self.names = {file for (file,) in cursor.fetchall()}

    def manifest(self):
        """Return Odoo's manifest of a dump: versions, and the modules that are installed."""
        listed = config["list_db"]
        config["list_db"] = True  # for the web; who calls this reaches the database anyway
        try:
            return dump_db_manifest(self._cursor)
        finally:
            config["list_db"] = listed

    def dump(self, write):
        """Hand the database, as SQL, to a function, block by block; return how many bytes it has."""
        command = [postgres.program("pg_dump"), *OPTIONS, f"--snapshot={self._id}", f"--dbname={self.name}"]
        size = 0
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            while block := process.stdout.read(1 << 18):
                write(block)
                size += len(block)
            error = process.stderr.read().decode(errors="replace")
        if process.returncode:
            raise StepFailed(f"{error[-2000:]}\nThe database {self.name} can't be dumped.")
        return size


@contextlib.contextmanager
def taken(name):
    """Have a snapshot of a database until the block ends."""
    config.parse_config([], setup_logging=False)
    try:
        with db_connect(name).cursor() as cursor:
            yield Snapshot(name, cursor)
    finally:
        close_db(name)
