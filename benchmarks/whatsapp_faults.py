"""WhatsApp under kills, forged webhooks and failing transactions: nobody forgotten, nobody told twice.

All against the stub server of ``crm_whatsapp``'s tests, on this machine. Each part ends with its goal:

- Senders killed 50 times (SIGKILL): 0 messages taken twice by the provider, 0 neither sent nor in doubt.
- 8 senders at once on 1,000 messages: each once.
- 1,000 serialization failures: 0 calls more than messages.
- 10,000 forged webhooks over HTTP: 0 kept.
"""

import contextlib
import hashlib
import hmac
import json
import random
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import requests

from tools import database
from tools.paths import LOGS, PROJECT

from .common import all_at_once, main, processes
from .whatsapp import SECRET, apply, clear, end_states, keep, make_account, queue, run, send, states, stub_server

NAME = "bench_whatsapp"
PORT = 8126
KILLS, WORKERS, AT_ONCE = 50, 8, 1_000
SENT, FAILURES, FORGED = 2_000, 1_000, 10_000


# === INSIDE AN ODOO PROCESS === #


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
        sent = send(registry, account)
    return sent, failures - left[0]


# === PARTS === #


def _kills(odoo, stub, account, template):
    stub.accepted.clear()
    odoo.call(queue, template, KILLS * 90, "kills")
    stub.latency = 0.02
    killed = 0
    chance = random.Random(7341)
    while killed < KILLS:
        with processes(*[NAME] * 5) as victims:
            for victim in victims:
                before, goal = len(stub.calls), chance.randrange(1, 35)
                victim.start(send, account)
                deadline = time.monotonic() + 20
                while len(stub.calls) - before < goal and time.monotonic() < deadline:
                    time.sleep(0.001)
                victim._process.kill()
                victim._process.join()
                killed += 1
    stub.latency = 0.0
    odoo.call(send, account)
    found = odoo.call(states)
    sent = {key for key, state in found.items() if state == "sent"}
    doubt = {key for key, state in found.items() if state == "unknown"}
    lost = len(found) - len(sent) - len(doubt)
    events = [
        json.dumps(stub_server.status_event(f"wamid.kill.{key}", "delivered", key=key)).encode()
        for key in stub.accepted
    ]
    odoo.call(keep, account, events)
    odoo.call(apply)
    ends = odoo.call(end_states)
    settled = sum(ends[key][0] == "delivered" for key in doubt)
    rows = [(f"{killed} kills, {len(found):,} messages", f"{len(doubt)} in doubt", f"{settled} settled by webhook")]
    return rows, [
        (f"{killed} kills: 0 taken twice: {len(stub.duplicates())}", killed >= KILLS and not stub.duplicates()),
        (f"0 lost: {lost}", lost == 0),
        ("every message that was taken is settled", all(ends[key][0] == "delivered" for key in stub.accepted)),
    ]


def _at_once(odoo, stub, account, template):
    odoo.call(clear)
    stub.accepted.clear()
    odoo.call(queue, template, AT_ONCE, "at-once")
    with processes(*[NAME] * WORKERS) as workers:
        results, took = all_at_once(workers, send, account)
    rows = [(f"{WORKERS} senders, {AT_ONCE:,} messages", f"{took:.1f} s", str(sorted(results)))]
    once = len(stub.accepted) == AT_ONCE and not stub.duplicates() and sum(results) == AT_ONCE
    return rows, [(f"{WORKERS} senders: each of {AT_ONCE:,} once: {len(stub.accepted)}", once)]


def _failures(odoo, stub, account, template):
    odoo.call(clear)
    stub.calls.clear()
    stub.accepted.clear()
    odoo.call(queue, template, SENT, "failures")
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
    odoo.call(clear)
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


def _parts(odoo, stub):
    account, template, webhook_key = odoo.call(make_account, stub.url)
    return {
        "kills": lambda: _kills(odoo, stub, account, template),
        "at_once": lambda: _at_once(odoo, stub, account, template),
        "failures": lambda: _failures(odoo, stub, account, template),
        "forged": lambda: _forged(odoo, webhook_key),
    }


if __name__ == "__main__":
    main(lambda: run(NAME, _parts))
