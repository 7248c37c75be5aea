"""What the benchmarks of WhatsApp share: the stub server of ``crm_whatsapp``'s tests, an account on it, messages."""

import importlib.util
import sys
import time

from tools import database, postgres, templates
from tools.console import step
from tools.paths import ADDONS

from .common import processes, table, transaction, verdict

ADDON = "crm_whatsapp"
SECRET = "bench-secret"  # noqa: S105 - of the stub
RECIPIENTS = 10_000


def _stub_module():
    specification = importlib.util.spec_from_file_location("stub", ADDONS / ADDON / "tests/stub_server.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


stub_server = _stub_module()


# === INSIDE AN ODOO PROCESS === #


def make_account(registry, url):
    def make(env):
        env.company.write({"whatsapp_quiet_from": 0, "whatsapp_quiet_to": 0})
        account = env["crm.whatsapp.account"].create(
            {
                "name": "Bench",
                "provider": "cloud",
                "number_key": "111",
                "api_url": url,
                "access_token": stub_server.TOKEN,
                "app_secret": SECRET,
                "branch_id": env["crm.branch"].search([], limit=1).id,
                "tier": "0",
                "rate": 1000,
            }
        )
        template = env["crm.whatsapp.template"].create(
            {"title": "Bench", "name": "bench", "account_id": account.id, "body": "Hello {{1}}"}
        )
        template.with_user(env.ref("base.user_admin")).action_approve()
        env["res.partner"].create(
            [{"name": f"Customer {n}", "phone": f"+62 812 {7_000_000 + n}", "lang": False} for n in range(RECIPIENTS)]
        )
        return account.id, template.id, account.webhook_key

    return transaction(registry, make)[0]


def queue(registry, template, count, key):
    """Queue the template for that many customers; return seconds and queries."""

    def queue(env):
        customers = env["res.partner"].search([("name", "=like", "Customer %")], limit=count)
        before, began = env.cr.sql_log_count, time.monotonic()
        messages = env["crm.whatsapp.message"]._whatsapp_send(
            env["crm.whatsapp.template"].browse(template), customers, key=key
        )
        assert len(messages) == count
        return time.monotonic() - began, env.cr.sql_log_count - before

    return transaction(registry, queue)[0]


def send(registry, account):
    from odoo.addons.crm_whatsapp.sender import Sender  # noqa: PLC0415

    return Sender(registry, account).run()


def clear(registry):
    def clear(env):
        env.cr.execute("DELETE FROM crm_whatsapp_message")
        env.cr.execute("DELETE FROM crm_whatsapp_event")

    transaction(registry, clear)


def states(registry):
    def count(env):
        env.cr.execute("SELECT uuid, state FROM crm_whatsapp_message")
        return dict(env.cr.fetchall())

    return transaction(registry, count)[0]


def keep(registry, account, bodies):
    """Keep events as the webhook does, but many at once; what is there already is passed over.

    :return: how many are kept
    """

    def insert(env):
        before = env["crm.whatsapp.event"].search_count([])
        for first in range(0, len(bodies), 5000):
            part = bodies[first : first + 5000]
            env.cr.execute(
                """
                INSERT INTO crm_whatsapp_event (account_id, company_id, body, digest, received_at, state)
                SELECT %s, 1, body, encode(sha256(convert_to(body, 'UTF8')), 'hex'), now(), 'new'
                  FROM unnest(%s) AS body
                    ON CONFLICT DO NOTHING
                """,
                [account, [body.decode() for body in part]],
            )
        return env["crm.whatsapp.event"].search_count([]) - before

    return transaction(registry, insert)[0]


def apply(registry):
    """Apply the events that are kept, as the scheduler does."""
    events = "crm.whatsapp.event"
    while own_transaction(registry, lambda env: env[events]._apply_batch()):
        pass


def own_transaction(registry, work):
    from odoo.addons.crm_whatsapp.transaction import run as run_own  # noqa: PLC0415

    return run_own(registry, work)


def end_states(registry):
    """Return key → all that is known of what became of a message."""

    def read(env):
        env.cr.execute(
            "SELECT uuid, state, problem, sent_at, delivered_at, read_at, failed_at FROM crm_whatsapp_message"
        )
        return {row[0]: tuple(map(str, row[1:])) for row in env.cr.fetchall()}

    return transaction(registry, read)[0]


# === RUNNING === #


def run(name, parts):
    """Run the parts that the command line names, or all, on a database of their own.

    :param parts: function of an Odoo process and the stub; it returns name → part, which returns rows and goals
    """
    with postgres.running("pg-test", throw_away=True):
        template = templates.template([ADDON])
        database.drop(name)
        try:
            with step("Database"):
                database.clone(template, name)
                database.run_odoo(name, "-i", ADDON, log=f"{name}-install.log")
            with stub_server.Stub() as stub, processes(name) as (odoo,):
                return _measure(parts(odoo, stub))
        finally:
            database.drop(name)


def _measure(parts):
    rows, goals = [], []
    for name, part in parts.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        with step(name):
            more, met = part()
        rows += more
        goals += met
    table("WhatsApp", ("what", "took", "and"), rows)
    return verdict(*goals)
