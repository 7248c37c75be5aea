#!/usr/bin/env python3
"""Bring the database to where Odoo can serve it, then become the command that the arguments name.

First start: the database, all our addons without demo data, and a password of the administrator that isn't "admin".
Later starts: what CRM_UPDATE says. README.md explains the variables.

Secrets are read from files or the environment and go nowhere but into the database: to no command line and to no log.
"""

import contextlib
import hashlib
import json
import os
import sys
import time
from pathlib import Path

import psycopg2
from passlib.hash import pbkdf2_sha512

import odoo.cli  # noqa: F401 - first, it sets Odoo up
from odoo import SUPERUSER_ID, api
from odoo.modules.db import is_initialized
from odoo.modules.module import Manifest
from odoo.modules.registry import Registry
from odoo.service.db import DatabaseExists, _create_empty_database
from odoo.sql_db import close_all, db_connect
from odoo.tools import config

PROJECT = Path(__file__).resolve().parent.parent
# Where the database remembers which files its addons came from: a restored backup remembers the ones of its own time.
FINGERPRINTS = "crm.docker.fingerprints"
UPDATES = ("changed", "all", "none", "wait")
SHORTEST_PASSWORD = 12
WAIT_SECONDS = 60
WAIT_FOR_NODE_SECONDS = 900


class Refusal(Exception):
    """Odoo can't be started; the message says why and what the person can do about it."""


def say(text):
    print(f"prepare: {text}", file=sys.stderr, flush=True)


def secret(name):
    """Return the secret in the variable ``name`` or in the file that ``name``_FILE names; empty where there is none."""
    if file := os.environ.get(f"{name}_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip("\r\n")
        except OSError as error:
            raise Refusal(f"{name}_FILE can't be read: {error.strerror}: {file}") from error
    return os.environ.get(name, "")


def new_password():
    """Return the administrator's password that was asked for; refuse one that is missing or short."""
    password = secret("ADMIN_PASSWORD")
    if len(password) < SHORTEST_PASSWORD:
        raise Refusal(f"ADMIN_PASSWORD, the administrator's, must have {SHORTEST_PASSWORD} characters or more.")
    return password


def wait_for_server():
    """Return a connection to the database server; refuse where it doesn't answer in time."""
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return psycopg2.connect(dbname="postgres")
        except psycopg2.OperationalError as error:
            if time.monotonic() > deadline:
                raise Refusal(f"The database server doesn't answer: {error}") from error
        time.sleep(1)


@contextlib.contextmanager
def alone(connection, database):
    """Let one container at a time prepare the database."""
    with contextlib.closing(connection), connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [f"prepare {database}"])
        yield


@contextlib.contextmanager
def environment(database):
    """Yield the superuser's environment and commit at the end."""
    with Registry(database).cursor() as cursor:
        yield api.Environment(cursor, SUPERUSER_ID, {})


def select(database, query, *arguments):
    """Return a query's rows. Not by Odoo's models: before an update, columns that the code knows may be missing."""
    with db_connect(database).cursor() as cursor:
        cursor.execute(query, arguments)
        return cursor.fetchall()


def our_addons():
    return {manifest.parent.name for manifest in PROJECT.glob("addons/*/__manifest__.py")}


def installed_addons(database):
    return {name for (name,) in select(database, "SELECT name FROM ir_module_module WHERE state = 'installed'")}


def known_fingerprints(database):
    """Return what the database remembers, or None where a first start hasn't come that far."""
    rows = select(database, "SELECT value FROM ir_config_parameter WHERE key = %s", FINGERPRINTS)
    return json.loads(rows[0][0]) if rows else None


def fingerprints():
    """Return name → fingerprint of each addon that doesn't come with Odoo: ours and OCA's."""
    core = {config.addons_base_dir, config.addons_community_dir}
    found = {}
    for manifest in Manifest.all_addon_manifests():
        if manifest.addons_path in core:
            continue
        digest = hashlib.sha256()
        for path in sorted(Path(manifest.path).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path.relative_to(manifest.path)}\0".encode() + path.read_bytes())
        found[manifest.name] = digest.hexdigest()
    return found


def secure_administrator(database):
    """Give the administrator the password that was asked for, if it is still the one that every new database has."""
    rows = select(
        database,
        """
        SELECT u.password
          FROM res_users u
          JOIN ir_model_data d ON d.model = 'res.users' AND d.res_id = u.id
         WHERE d.module = 'base' AND d.name = 'user_admin' AND u.password LIKE '$pbkdf2-sha512$%%'
        """,
    )
    if rows and pbkdf2_sha512.verify("admin", rows[0][0]):
        password = new_password()
        with environment(database) as env:
            env.ref("base.user_admin").write({"password": password})
        say("the administrator has the password that was asked for")


def settle(env):
    """Set what has to be known before other addons come: accounts by country, translations by language."""
    parameters = env["ir.config_parameter"]
    company = env.ref("base.main_company")
    if code := os.environ.get("CRM_COUNTRY"):
        country = env["res.country"].search([("code", "=", code.upper())])
        if not country:
            raise Refusal(f"CRM_COUNTRY={code}: there is no such country; a code of two letters is wanted.")
        country.currency_id.active = True
        company.write({"country_id": country.id, "currency_id": country.currency_id.id})
    for code in filter(None, os.environ.get("CRM_LANGUAGES", "").replace(" ", "").split(",")):
        if not env["res.lang"]._activate_lang(code):
            raise Refusal(f"CRM_LANGUAGES: Odoo has no language {code}.")
    # What prints PDFs runs in this container, too: it needn't find the way through the proxy.
    parameters.set_param("report.url", f"http://127.0.0.1:{config['http_port']}")
    parameters.set_param(FINGERPRINTS, "{}")


def create(database):
    """Make the database with Odoo's base where there is none, also where an earlier start was cut short."""
    with contextlib.suppress(DatabaseExists):
        _create_empty_database(database)
    with db_connect(database).cursor() as cursor:
        exists = is_initialized(cursor)
    if not exists:
        new_password()  # refuse now, not after a minute
        say(f"first start: making the database {database}")
        Registry.new(database, update_module=True, new_db_demo=False)
    if known_fingerprints(database) is None and not installed_addons(database) & our_addons():
        secure_administrator(database)
        with environment(database) as env:
            settle(env)


def plan(database, wanted):
    """Return which addons to install and which to update."""
    update = os.environ.get("CRM_UPDATE") or "changed"
    if update not in UPDATES:
        raise Refusal(f"CRM_UPDATE={update}: it can be {', '.join(UPDATES)}.")
    installed = installed_addons(database)
    known = known_fingerprints(database)
    missing = our_addons() - installed
    if update == "none" and known:
        return set(), set()
    if update == "all":
        return missing, {"base"}
    return missing, {name for name in installed & set(wanted) if (known or {}).get(name) != wanted[name]}


def wait_for_node(database):
    """Return as soon as another node has brought the database to the addons that are here."""
    wanted = fingerprints()
    deadline = time.monotonic() + WAIT_FOR_NODE_SECONDS
    while True:
        # not by Odoo, which calls it an error that there is no database yet, or an empty one
        with contextlib.suppress(psycopg2.Error), contextlib.closing(psycopg2.connect(dbname=database)) as connection:
            with connection.cursor() as cursor:
                cursor.execute("SELECT value FROM ir_config_parameter WHERE key = %s", [FINGERPRINTS])
                row = cursor.fetchone()
            if row and json.loads(row[0]) == wanted:
                return
        if time.monotonic() > deadline:
            raise Refusal(f"CRM_UPDATE=wait: no other node has brought {database} to the addons of this image.")
        time.sleep(2)


def create_sessions():
    """Make the database that keeps the sessions of several nodes."""
    name = os.environ.get("SESSION_DB_URI", "")
    if name and "://" not in name:
        with contextlib.suppress(DatabaseExists):
            _create_empty_database(name)


def bring_up_to_date(database):
    """Install and update addons; remember which files they came from."""
    wanted = fingerprints()
    missing, changed = plan(database, wanted)
    if not missing and not changed:
        say("nothing to install or update")
        return
    say(f"installing {', '.join(sorted(missing)) or 'nothing'}; updating {', '.join(sorted(changed)) or 'nothing'}")
    Registry.new(database, update_module=True, install_modules=missing, upgrade_modules=changed, new_db_demo=False)
    if left := missing - installed_addons(database):
        raise Refusal(f"These addons weren't installed, the log above says why: {', '.join(sorted(left))}")
    with environment(database) as env:
        env["ir.config_parameter"].set_param(FINGERPRINTS, json.dumps(wanted, sort_keys=True))


def prepare():
    config.parse_config(["--no-http"], setup_logging=True)
    [database] = config["db_name"] or ["crm"]
    connection = wait_for_server()
    if os.environ.get("CRM_UPDATE") == "wait":
        connection.close()
        wait_for_node(database)
        close_all()
        return
    with alone(connection, database):
        create_sessions()
        create(database)
        bring_up_to_date(database)
        secure_administrator(database)
    close_all()


def main():
    try:
        prepare()
    except Refusal as refusal:
        say(refusal)
        sys.exit(1)
    os.environ.pop("ADMIN_PASSWORD", None)
    if command := sys.argv[1:]:
        os.execvp(command[0], command)


if __name__ == "__main__":
    main()
