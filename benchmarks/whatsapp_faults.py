"""WhatsApp under kills, forged webhooks, failing transactions and shuffled events: nobody forgotten, nobody told twice.

All against the stub server of ``crm_whatsapp``'s tests, on this machine. Each part ends with its goal:

- 10,000 recipients queued by one statement for 5,000; 2,000 messages sent to a provider that takes 50 ms.
- Senders killed 50 times (SIGKILL): 0 messages taken twice by the provider, 0 neither sent nor in doubt.
- 8 senders at once on 1,000 messages: each once.
- 1,000 serialization failures: 0 calls more than messages.
- 10,000 forged webhooks over HTTP: 0 kept.
- 100,000 status events, tripled and shuffled: the same end state as in order.
"""

import contextlib
import hashlib
import hmac
import importlib.util
import json
import random
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import requests

from tools import database, postgres, templates
from tools.console import step
from tools.paths import ADDONS, LOGS, PROJECT

from .common import all_at_once, main, processes, table, transaction, verdict

ADDON = "crm_whatsapp"
NAME = "bench_whatsapp"
PORT = 8126
SECRET = "bench-secret"  # noqa: S105 - of the stub
RECIPIENTS, SENT = 10_000, 2_000
KILLS, WORKERS, AT_ONCE = 50, 8, 1_000
FAILURES, FORGED = 1_000, 10_000
STATUSES = 100_000
CHAINS = (("sent", "delivered", "read"), ("sent", "read"), ("sent", "failed"), ("failed", "delivered"), ("sent",))


def _stub_module():
    specification = importlib.util.spec_from_file_location("stub", ADDONS / ADDON / "tests/stub_server.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


stub_server = _stub_module()


# === INSIDE AN ODOO PROCESS === #


def _make_account(registry, url):
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


def _queue(registry, template, count, key):
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


def _send(registry, account):
    from odoo.addons.crm_whatsapp.sender import Sender  # noqa: PLC0415

    return Sender(registry, account).run()


def _send_failing(registry, account, failures):
    """Send while every other transaction fails after its work, until that many have failed."""
    from unittest.mock import patch  # noqa: PLC0415

    from psycopg2 import errors  # noqa: PLC0415

    accounts = registry["crm.whatsapp.account"]
    left, turn = [failures], [0]

    def failing(original):
        def method(record, *arguments):
            result = original(record, *arguments)
            turn[0] += 1
            if left[0] and turn[0] % 20:
                left[0] -= 1
                raise errors.SerializationFailure
            return result

        return method

    with (
        patch.object(accounts, "_claim", failing(accounts._claim)),
        patch.object(accounts, "_record", failing(accounts._record)),
        patch("odoo.addons.crm_whatsapp.transaction.time.sleep"),
    ):
        sent = _send(registry, account)
    return sent, failures - left[0]


def _clear(registry):
    def clear(env):
        env.cr.execute("DELETE FROM crm_whatsapp_message")
        env.cr.execute("DELETE FROM crm_whatsapp_event")

    transaction(registry, clear)


def _states(registry):
    def count(env):
        env.cr.execute("SELECT uuid, state FROM crm_whatsapp_message")
        return dict(env.cr.fetchall())

    return transaction(registry, count)[0]


def _apply(registry, account, bodies):
    """Keep and apply events; return the end state of every message."""
    from odoo.addons.crm_whatsapp import transaction as own  # noqa: PLC0415

    def keep(env):
        record = env["crm.whatsapp.account"].browse(account)
        for body in bodies:
            env["crm.whatsapp.event"]._keep(record, body)

    own.run(registry, keep)
    while own.run(registry, lambda env: env["crm.whatsapp.event"]._apply_batch()):
        pass

    def end(env):
        env.cr.execute(
            "SELECT uuid, state, problem, sent_at, delivered_at, read_at, failed_at FROM crm_whatsapp_message"
        )
        return {row[0]: tuple(map(str, row[1:])) for row in env.cr.fetchall()}

    return own.run(registry, end)


def _set_sent(registry, seed):
    """Let every message have been sent, under an id of its own; return their keys."""

    def update(env):
        env.cr.execute(
            "UPDATE crm_whatsapp_message SET state = 'sent', wamid = %s || uuid, sent_at = now(), problem = NULL, "
            "delivered_at = NULL, read_at = NULL, failed_at = NULL, error_code = NULL RETURNING uuid",
            [seed],
        )
        return sorted(key for (key,) in env.cr.fetchall())

    return transaction(registry, update)[0]


# === PARTS === #


def _throughput(odoo, stub, account, template):
    took, queries = odoo.call(_queue, template, RECIPIENTS, "throughput")
    odoo.call(_clear)
    odoo.call(_queue, template, SENT, "throughput")
    stub.latency = 0.05
    began = time.monotonic()
    odoo.call(_send, account)
    sending = time.monotonic() - began
    stub.latency = 0.0
    rows = [
        (f"queue {RECIPIENTS:,} recipients", f"{took:.1f} s", f"{queries} queries"),
        (f"send {SENT:,}, 50 ms each", f"{sending:.1f} s", f"{SENT / sending:.0f} a second"),
    ]
    return rows, [
        (f"queueing {RECIPIENTS:,} takes 30 queries at most: {queries}", queries <= 30),
        (f"0 told twice: {len(stub.duplicates())}", not stub.duplicates() and len(stub.accepted) == SENT),
    ]


def _kills(odoo, stub, account, template):
    stub.accepted.clear()
    odoo.call(_queue, template, KILLS * 90, "kills")
    stub.latency = 0.02
    killed = 0
    chance = random.Random(7341)
    while killed < KILLS:
        with processes(*[NAME] * 5) as victims:
            for victim in victims:
                before, goal = len(stub.calls), chance.randrange(1, 35)
                victim.start(_send, account)
                deadline = time.monotonic() + 20
                while len(stub.calls) - before < goal and time.monotonic() < deadline:
                    time.sleep(0.001)
                victim._process.kill()
                victim._process.join()
                killed += 1
    stub.latency = 0.0
    odoo.call(_send, account)
    states = odoo.call(_states)
    sent = {key for key, state in states.items() if state == "sent"}
    doubt = {key for key, state in states.items() if state == "unknown"}
    lost = len(states) - len(sent) - len(doubt)
    events = [
        json.dumps(stub_server.status_event(f"wamid.kill.{key}", "delivered", key=key)).encode()
        for key in stub.accepted
    ]
    ends = odoo.call(_apply, account, events)
    settled = sum(ends[key][0] == "delivered" for key in doubt)
    rows = [(f"{killed} kills, {len(states):,} messages", f"{len(doubt)} in doubt", f"{settled} settled by webhook")]
    return rows, [
        (f"{killed} kills: 0 taken twice: {len(stub.duplicates())}", killed >= KILLS and not stub.duplicates()),
        (f"0 lost: {lost}", lost == 0),
        ("every message that was taken is settled", all(ends[key][0] == "delivered" for key in stub.accepted)),
    ]


def _at_once(odoo, stub, account, template):
    odoo.call(_clear)
    stub.accepted.clear()
    odoo.call(_queue, template, AT_ONCE, "at-once")
    with processes(*[NAME] * WORKERS) as workers:
        results, took = all_at_once(workers, _send, account)
    rows = [(f"{WORKERS} senders, {AT_ONCE:,} messages", f"{took:.1f} s", str(sorted(results)))]
    once = len(stub.accepted) == AT_ONCE and not stub.duplicates() and sum(results) == AT_ONCE
    return rows, [(f"{WORKERS} senders: each of {AT_ONCE:,} once: {len(stub.accepted)}", once)]


def _failures(odoo, stub, account, template):
    odoo.call(_clear)
    stub.calls.clear()
    stub.accepted.clear()
    odoo.call(_queue, template, SENT, "failures")
    sent, failed = odoo.call(_send_failing, account, FAILURES)
    rows = [(f"{failed:,} failing transactions, {SENT:,} messages", f"{len(stub.calls):,} calls", f"{sent:,} attempts")]
    met = failed == FAILURES and len(stub.calls) == SENT
    return rows, [(f"{failed:,} serialization failures: 0 calls more: {len(stub.calls) - SENT}", met)]


@contextlib.contextmanager
def _server():
    options = [f"--http-port={PORT}", f"--db-filter=^{NAME}$", "--max-cron-threads=0", f"--logfile={LOGS}/{NAME}.log"]
    server = subprocess.Popen(
        database.odoo("-d", NAME, *options), env=database.environment(), cwd=PROJECT, stderr=subprocess.DEVNULL
    )
    try:
        for __ in range(300):
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(f"http://127.0.0.1:{PORT}/web/login", timeout=60).ok:
                    break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{PORT}/crm_whatsapp/webhook/"
    finally:
        server.terminate()
        server.wait()


def _signature(secret, body):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _forge(number):
    """Return a body and a signature that isn't its."""
    body = json.dumps(stub_server.status_event(f"wamid.{number}", "read", key=uuid.uuid4().hex)).encode()
    good = _signature(SECRET, body)
    place = 7 + number % 64
    forged = (
        None,
        "",
        _signature("", body),
        _signature(f"guess {number}", body),
        _signature(SECRET, body + b" "),
        good[:place] + ("0" if good[place] != "0" else "1") + good[place + 1 :],
        good.replace("sha256", "sha1"),
        good[:-1],
    )
    return body, forged[number % len(forged)]


def _forged(odoo, webhook_key):
    odoo.call(_clear)
    with _server() as url, ThreadPoolExecutor(4) as threads:

        def post(number):
            body, header = _forge(number)
            headers = {"Content-Type": "application/json", **({"X-Hub-Signature-256": header} if header else {})}
            return requests.post(url + webhook_key, data=body, headers=headers, timeout=60).status_code

        began = time.monotonic()
        answers = list(threads.map(post, range(FORGED)))
        took = time.monotonic() - began
        body, __ = _forge(0)
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": _signature(SECRET, body)}
        good = requests.post(url + webhook_key, data=body, headers=headers, timeout=60).status_code
    refused = answers.count(403)
    rows = [(f"{FORGED:,} forged webhooks", f"{took:.0f} s", f"{refused:,} refused")]
    return rows, [(f"0 of {FORGED:,} forged accepted: {FORGED - refused}", refused == FORGED and good == 200)]


def _events(keys, seed, repeat, chance):
    """Return events for the messages, in order or tripled and shuffled, packed as the provider packs them."""
    items = []
    for place, key in enumerate(keys):
        for number, status in enumerate(CHAINS[place % len(CHAINS)]):
            item = {"id": f"{seed}{key}", "status": status, "timestamp": str(1_700_000_000 + number)}
            if status == "failed":
                item["errors"] = [{"code": 131026, "title": "Undeliverable"}]
            items += [item] * repeat
    if chance:
        chance.shuffle(items)
    packs = [items[place : place + 50] for place in range(0, len(items), 50)]
    events = [{**stub_server.event(statuses=pack), "number": number} for number, pack in enumerate(packs)]
    return len(items), [json.dumps(event).encode() for event in events]


def _shuffled(odoo, account, template):
    odoo.call(_clear)
    count = min(RECIPIENTS, round(STATUSES / 3 / (sum(map(len, CHAINS)) / len(CHAINS))))
    odoo.call(_queue, template, count, "events")
    ends, rows = [], []
    for seed, repeat, chance in (("a", 1, None), ("b", 3, random.Random(7341))):
        keys = odoo.call(_set_sent, seed)
        number, bodies = _events(keys, seed, repeat, chance)
        began = time.monotonic()
        ends.append(odoo.call(_apply, account, bodies))
        took = time.monotonic() - began
        how = "tripled and shuffled" if chance else "in order"
        rows.append((f"{number:,} status events {how}", f"{took:.0f} s", f"{number / took:.0f} a second"))
    told = [{key: (*end[:2], end[3], end[4]) for key, end in found.items()} for found in ends]
    differ = sum(told[0][key] != told[1][key] for key in told[0])
    return rows, [(f"tripled and shuffled end as in order: {differ} differ", differ == 0)]


def run():
    with postgres.running("pg-test", throw_away=True):
        template = templates.template([ADDON])
        database.drop(NAME)
        try:
            with step("Database"):
                database.clone(template, NAME)
                database.run_odoo(NAME, "-i", ADDON, log=f"{NAME}-install.log")
            with stub_server.Stub() as stub, processes(NAME) as (odoo,):
                return _measure(odoo, stub)
        finally:
            database.drop(NAME)


def _measure(odoo, stub):
    account, template, webhook_key = odoo.call(_make_account, stub.url)
    parts = {
        "throughput": lambda: _throughput(odoo, stub, account, template),
        "kills": lambda: _kills(odoo, stub, account, template),
        "at_once": lambda: _at_once(odoo, stub, account, template),
        "failures": lambda: _failures(odoo, stub, account, template),
        "forged": lambda: _forged(odoo, webhook_key),
        "events": lambda: _shuffled(odoo, account, template),
    }
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


if __name__ == "__main__":
    main(run)
