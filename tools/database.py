"""Odoo databases: made, cloned from a template, dropped; each with its files."""

import os
import shutil
import subprocess
from pathlib import Path

from . import postgres
from .console import StepFailed, call
from .paths import CONF, DATA, LOGS, PROJECT, PYTHON

# Lines of Odoo's log that mean trouble.
TROUBLE = (" WARNING ", " ERROR ", " CRITICAL ")


def filestore(name):
    """Return the folder of a database's files; a container has it elsewhere, and says so as it says it to Odoo."""
    return Path(os.environ.get("ODOO_DATA_DIR") or DATA) / "filestore" / name


def create(name):
    """Make an empty database. Not left to Odoo: it logs an error where pg_trgm can't be had.

    Without unaccent: an index on it needs the superuser, and Odoo warns of one that is missing.
    """
    postgres.execute("postgres", "CREATE DATABASE {} ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE template0", names=[name])
    if postgres.execute(name, "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"):
        postgres.execute(name, "CREATE EXTENSION IF NOT EXISTS pg_trgm")


#: What whoever made the database may end. The server's own vacuuming may not: FORCE fails where it is at work, dropping
#: a database ends it.
END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = current_user"


def drop(name):
    postgres.execute("postgres", END_SESSIONS, name)
    postgres.execute("postgres", "DROP DATABASE IF EXISTS {}", names=[name])
    shutil.rmtree(filestore(name), ignore_errors=True)


def clone(template, name):
    """Make ``name`` a copy of ``template``, files included."""
    postgres.execute("postgres", "CREATE DATABASE {} TEMPLATE {}", names=[name, template])
    if filestore(template).exists():
        shutil.copytree(filestore(template), filestore(name))


def rename(name, to):
    postgres.execute("postgres", "ALTER DATABASE {} RENAME TO {}", names=[name, to])
    shutil.rmtree(filestore(to), ignore_errors=True)
    if filestore(name).exists():
        filestore(name).rename(filestore(to))


def odoo(*arguments):
    """Return the command line that runs Odoo with our configuration."""
    return [str(PYTHON), "-m", "odoo", *arguments]


def environment():
    return {**os.environ, "ODOO_RC": str(CONF), "PYTHONWARNINGS": "ignore"}


def run_odoo(database, *arguments, log, advice="The log above says what Odoo found wrong."):
    """Run Odoo once on the database; raise StepFailed if it fails or its log has a warning."""
    command = odoo("-d", database, "--stop-after-init", "--no-http", *arguments)
    call(command, advice, LOGS / log, cwd=PROJECT, env=environment())
    lines = (LOGS / log).read_text(errors="replace").splitlines()
    if trouble := [line for line in lines if any(level in line for level in TROUBLE)]:
        shown = "\n".join(trouble[:10])
        raise StepFailed(f"{shown}\n\nOdoo's log has {len(trouble)} warnings or errors; whole log: {LOGS / log}")


def run_script(database, script, log):
    """Run Python in an Odoo shell, ``env`` at hand, and commit."""
    LOGS.mkdir(parents=True, exist_ok=True)
    command = odoo("shell", "-d", database, "--no-http", "--shell-interface", "python")
    done = subprocess.run(
        command,
        input=f"{script}\nenv.cr.commit()\n",
        text=True,
        capture_output=True,
        cwd=PROJECT,
        env=environment(),
        check=False,
    )
    (LOGS / log).write_text(done.stdout + done.stderr)
    if done.returncode or "Traceback" in done.stderr:
        raise StepFailed(f"{done.stderr[-2000:]}\n\nA script failed on database {database}; log: {LOGS / log}")
