"""WhatsApp at full speed: a blast of 10,000, and 100,000 status reports, each three times and in any order.

Against the stub server of ``crm_whatsapp``'s tests, which takes 50 ms to answer, on this machine. Goals:

- 10,000 recipients are queued by 30 queries at most.
- One worker sends 10,000, from "queued" to "sent" in the database, at 200 a second or more: each once. Beside it one by
  one with the same account and provider: claim, commit, send, record, commit.
- 100,000 status events of one report each, then three times and shuffled: the same end state to the second; at most 60
  queries for 1,000 events.
"""

import json
import random
import resource
import time

from .common import main, measured, transaction
from .whatsapp import RECIPIENTS, apply, clear, end_states, keep, make_account, queue, run, send, stub_server

NAME = "bench_whatsapp_blast"
LATENCY = 0.05
ONE_BY_ONE = 300
GOAL = 200  # messages a second
STATUSES = 100_000
CHAINS = (("sent", "delivered", "read"), ("sent", "read"), ("sent", "failed"), ("failed", "delivered"), ("sent",))


# === INSIDE AN ODOO PROCESS === #


def _send_all(registry, account):
    """Send what is due; return what it took and the megabytes of memory that it added."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cost, __ = measured(registry, lambda env: send(registry, account))
    return cost, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def _send_one_by_one(registry, account):
    """Send as one would without much thought: each message by itself, its intent committed first."""
    import requests  # noqa: PLC0415

    session, sent = requests.Session(), 0
    began = time.monotonic()
    while True:
        batch = transaction(registry, lambda env: _claim_one(env, account))[0]
        if not batch.letters:
            return sent / (time.monotonic() - began)
        (letter,) = batch.letters
        outcome = batch.provider.send(session, letter)
        result = [(letter.id, outcome)]
        transaction(registry, lambda env, result=result: env["crm.whatsapp.account"].browse(account)._record(result))
        sent += 1


def _claim_one(env, account):
    from unittest.mock import patch  # noqa: PLC0415

    with patch("odoo.addons.crm_whatsapp.models.crm_whatsapp_account_send.MOST_AT_ONCE", 1):
        return env["crm.whatsapp.account"].browse(account)._claim(1)


def _apply_all(registry):
    """Apply what is kept; return seconds and queries."""
    from odoo import sql_db  # noqa: PLC0415

    queries, began = sql_db.sql_counter, time.monotonic()
    apply(registry)
    return time.monotonic() - began, sql_db.sql_counter - queries


def _set_sent(registry, seed):
    """Let every message have been sent, under an id of its own; return their keys."""

    def update(env):
        env.cr.execute("DELETE FROM crm_whatsapp_event")
        env.cr.execute(
            "UPDATE crm_whatsapp_message SET state = 'sent', wamid = %s || uuid, sent_at = '2023-11-14', "
            "problem = NULL, delivered_at = NULL, read_at = NULL, failed_at = NULL, error_code = NULL RETURNING uuid",
            [seed],
        )
        return sorted(key for (key,) in env.cr.fetchall())

    return transaction(registry, update)[0]


# === PARTS === #


def _blast(odoo, stub, account, template):
    took, queries = odoo.call(queue, template, RECIPIENTS, "blast")
    stub.latency = LATENCY
    cost, memory = odoo.call(_send_all, account)
    sending, busy = cost.wall / 1000, cost.busy / 1000
    states = [end[0] for end in odoo.call(end_states).values()]
    once = len(stub.accepted) == RECIPIENTS and not stub.duplicates() and set(states) == {"sent"}
    odoo.call(clear)
    odoo.call(queue, template, ONE_BY_ONE, "one by one")
    slow = odoo.call(_send_one_by_one, account)
    stub.latency = 0.0
    pace, all_in_all = RECIPIENTS / sending, took + sending
    rows = [
        (f"queue {RECIPIENTS:,} recipients", f"{took:.1f} s", f"{queries} queries"),
        (f"send {RECIPIENTS:,}, 50 ms each, one worker", f"{sending:.1f} s", f"{pace:.0f} a second"),
        ("… queueing included", f"{all_in_all:.1f} s", f"{RECIPIENTS / all_in_all:.0f} a second"),
        ("… at work: process and database", f"{busy:.1f} s", f"{RECIPIENTS / busy:.0f} a second"),
        ("… queries a message, memory", f"{cost.queries / RECIPIENTS:.2f}", f"{memory:.0f} MB more"),
        (f"one by one ({ONE_BY_ONE})", "", f"{slow:.1f} a second"),
    ]
    return rows, [
        (f"queueing {RECIPIENTS:,} takes 30 queries at most: {queries}", queries <= 30),
        (f"at least {GOAL} a second: {pace:.0f}, {pace / slow:.0f} × one by one", pace >= GOAL),
        (f"0 told twice: {len(stub.duplicates())}", once),
    ]


def _events(keys, seed, chance=None):
    """Return events of one report each; with ``chance`` each three times, once in the very same words, and shuffled."""
    bodies = []
    for place, key in enumerate(keys):
        for number, status in enumerate(CHAINS[place % len(CHAINS)]):
            code = 131026 if status == "failed" else None
            event = stub_server.status_event(f"{seed}{key}", status, timestamp=1_700_000_000 + number, code=code)
            copies = (event, event, {**event, "again": 1}) if chance else (event,)
            bodies += [json.dumps(copy).encode() for copy in copies]
    if chance:
        chance.shuffle(bodies)
    return bodies


def _reports(odoo, account, template):
    odoo.call(clear)
    count = round(STATUSES / (sum(map(len, CHAINS)) / len(CHAINS)))
    for first in range(0, count, RECIPIENTS):
        odoo.call(queue, template, min(RECIPIENTS, count - first), None)
    ends, rows, most = [], [], 0
    for seed, chance in (("a", None), ("b", random.Random(7341))):
        bodies = _events(odoo.call(_set_sent, seed), seed, chance)
        kept = odoo.call(keep, account, bodies)
        took, queries = odoo.call(_apply_all)
        ends.append(odoo.call(end_states))
        how = "three times, shuffled" if chance else "in order"
        each = 1000 * queries / kept
        most = max(most, each)
        rows += [
            (f"{len(bodies):,} events {how}", f"{took:.0f} s", f"{kept / took:.0f} a second"),
            ("… kept, queries for 1,000", f"{kept:,}", f"{each:.0f}"),
        ]
    differ = sum(ends[0][key] != ends[1][key] for key in ends[0])
    return rows, [
        (f"three times and shuffled they end as in order: {differ} of {count:,} differ", differ == 0),
        (f"at most 60 queries for 1,000 events: {most:.0f}", most <= 60),
    ]


def _parts(odoo, stub):
    account, template, __ = odoo.call(make_account, stub.url)
    return {
        "blast": lambda: _blast(odoo, stub, account, template),
        "events": lambda: _reports(odoo, account, template),
    }


if __name__ == "__main__":
    main(lambda: run(NAME, _parts))
