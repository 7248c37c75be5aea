"""The telephone's door under a flood, and events in any order (CC-1).

- flood: one address sends 1,000 requests a minute, and then as many as it can, beside a telephone system that asks for
  commands and a person who opens a page. Goals: it is held off (of 1,000 in a minute at most 400 get as far as their
  signature), and the others' median time stays below 1.5 times what it was, or 20 ms more;
- events: 10,000 events of 2,500 calls, shuffled among the last 500 and each sent three times, in requests of 500, by
  one worker. Goal: each call ends as it would have in order. How long it takes is stated.

The environment's ``EVENTS`` sets another number of them: 100000 take ten times as long.
"""

import contextlib
import hashlib
import hmac
import http.client
import json
import os
import random
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

from .clients import server
from .common import main, measured, median, one_database, percentile, processes, table, transaction, verdict

NAME = "bench_telephony"
EVENTS = int(os.environ.get("EVENTS", "10000"))
NEAR, AT_ONCE, AGENTS = 500, 500, 50
GOOD, BAD = "127.0.0.1", "127.0.0.2"
A_MINUTE, SECONDS_OF_ALL = 1000, 15


# === INSIDE AN ODOO PROCESS === #


def _set_up(registry):
    """Make a queue, agents with telephones and a telephone system; return the system's id, key and secret."""

    def make(env):
        branch = env["crm.branch"].create({"name": "Shop", "code": "BT", "tz": "Asia/Jakarta"})
        queue = env["crm.queue"].create({"name": "Queue", "code": "BTQ", "branch_id": branch.id})
        users = env["res.users"].with_context(no_reset_password=True)
        for number in range(AGENTS):
            values = {"name": f"Agent {number}", "login": f"agent{number}", "branch_ids": [(6, 0, branch.ids)]}
            agent = {"branch_id": branch.id, "queue_ids": [(6, 0, queue.ids)], "extension": str(200 + number)}
            env["crm.agent"].create({**agent, "user_id": users.create(values).id})
        system = env["crm.telephony.system"].create({"name": "Asterisk", "branch_id": branch.id, "queue_id": queue.id})
        return system.id, system.key, system.secret

    return transaction(registry, make)[0]


def _keep(registry, system, body):
    from odoo.addons.crm_contact_center.telephony import read_events  # noqa: PLC0415

    def keep(env):
        return env["crm.telephony.event"]._keep(env["crm.telephony.system"].browse(system), read_events(body))

    cost, kept = measured(registry, keep)
    return kept, cost.busy / 1000


def _ends(registry, system):
    """Return call → how it ended; and how many events wait, how many were ignored."""

    def read(env):
        env.cr.execute(
            """SELECT split_part(key, ':', 2), state, extension, words, wait_seconds, talk_seconds
                 FROM crm_queue_contact contact JOIN crm_agent agent ON agent.id = agent_id
                WHERE key LIKE %s""",
            [f"{system}:%"],
        )
        ends = {call: tuple(rest) for call, *rest in env.cr.fetchall()}
        env.cr.execute("SELECT state, count(*) FROM crm_telephony_event GROUP BY state")
        return ends, dict(env.cr.fetchall())

    return transaction(registry, read)[0]


# === EVENTS IN ANY ORDER === #


def _story(number, start):
    """Return the events of a call, and how it ends."""
    chance = random.Random(number)
    wait, talk, extension = chance.randrange(1, 60), chance.randrange(5, 600), str(200 + number % AGENTS)
    kinds = ("ringing", {"number": f"+62812{number:08}"}, 0), ("words", {"words": f"words {number}"}, 0)
    kinds += ("answered", {"extension": extension}, wait), ("ended", {}, wait + talk)
    events = []
    for sequence, (kind, details, after) in enumerate(kinds, 1):
        at = (start + timedelta(seconds=number + after)).isoformat()
        names = {"event_id": f"c{number}-{sequence}", "call_id": f"c{number}", "sequence": sequence}
        events.append({**names, "kind": kind, "at": at, **details})
    return events, ("wrapup", extension, f"words {number}", wait, talk)


def _events(odoo, system):
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    stories = [_story(number, start) for number in range(EVENTS // 4)]
    events = [event for story, _end in stories for event in story]
    sent = [event for first in range(0, len(events), NEAR) for event in _shuffled(events[first : first + NEAR] * 3)]
    began, kept, busy = time.monotonic(), 0, 0.0
    for first in range(0, len(sent), AT_ONCE):
        new, worked = odoo.call(_keep, system, json.dumps(sent[first : first + AT_ONCE]).encode())
        kept, busy = kept + new, busy + worked
    took = time.monotonic() - began
    ends, states = odoo.call(_ends, system)
    wrong = sum(ends.get(f"c{number}") != end for number, (_story, end) in enumerate(stories))
    rate = f"{busy:.0f} s at work: {len(events) / busy:,.0f} events/s"
    rows = [(f"{len(events):,} events, shuffled, three times each", f"{took:.0f} s", rate, str(states))]
    return rows, [
        (f"each kept once: {kept:,}", kept == len(events)),
        (f"0 of {len(stories):,} calls end otherwise than in order: {wrong}", wrong == 0),
    ]


def _shuffled(events):
    random.Random(len(events)).shuffle(events)
    return events


# === FLOOD === #


def _ask(port, address, path, body=b"", headers=None, method="POST"):
    """Return status and milliseconds of a request from that address of this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(address, 0))
    began = time.perf_counter()
    connection.request(method, path, body, headers or {})
    with contextlib.closing(connection), connection.getresponse() as response:
        response.read()
        return response.status, (time.perf_counter() - began) * 1000


def _good(port, key, secret):
    """Ask as a telephone system and as a person do; return the milliseconds of both."""
    timestamp, body = str(int(time.time())), b"{}"
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"X-Timestamp": timestamp, "X-Signature": f"sha256={digest}"}
    status, system = _ask(port, GOOD, f"/crm_contact_center/telephony/{key}/commands", body, headers)
    assert status == 200, status
    status, person = _ask(port, GOOD, "/web/login", method="GET")
    assert status == 200, status
    return system, person


class _Flood:
    """Requests of one address until the block ends; ``pause`` seconds between them, by two threads."""

    def __init__(self, port, path, pause):
        self.port, self.path, self.pause, self.statuses = port, path, pause, []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _thread in range(2)]

    def _run(self):
        due = time.monotonic()
        while not self._ended.is_set():
            self.statuses.append(_ask(self.port, BAD, self.path, b"x" * 10_000)[0])
            due += self.pause * len(self._threads)
            self._ended.wait(max(0, due - time.monotonic()))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._ended.set()
        for thread in self._threads:
            thread.join()


def _times(port, key, secret, seconds):
    """Return milliseconds of the good ones' requests, twice a second."""
    times, deadline = [], time.monotonic() + seconds
    while time.monotonic() < deadline:
        times.append(_good(port, key, secret))
        time.sleep(0.5)
    return tuple(zip(*times, strict=True))


def _flood(_odoo, _system, key, secret):
    path, rows, goals = f"/crm_contact_center/telephony/{key}/events", [], []
    with server(NAME, workers=0) as port:
        for _warm_up in range(100):
            with contextlib.suppress(ConnectionRefusedError):  # it says that it listens a little before it does
                _good(port, key, secret)
                break
            time.sleep(0.1)
        calm = _times(port, key, secret, 15)
        rows.append(_row("nobody else", [], calm))
        floods = (("1,000 a minute", 60 / A_MINUTE, 60), ("as many as it can", 0, SECONDS_OF_ALL))
        for title, pause, seconds in floods:
            with _Flood(port, path, pause) as flood:
                times = _times(port, key, secret, seconds)
            rows.append(_row(title, flood.statuses, times))
            served = len(flood.statuses) - flood.statuses.count(429)
            goals.append((f"{title}: {len(flood.statuses):,} sent, {served} not held off", served <= 410))
            for who, before, now in zip(("telephone", "person"), calm, times, strict=True):
                limit = max(1.5 * median(before), median(before) + 20)
                words = f"{title}: the {who}'s median {median(now):.1f} ms, at most {limit:.1f}"
                goals.append((words, median(now) <= limit or title.startswith("as")))
    return rows, goals


def _row(title, statuses, times):
    figures = [f"{median(t):.1f} / {percentile(t, 0.95):.1f} ms" for t in times]
    return (title, f"{len(statuses):,} sent, {statuses.count(429):,} × 429", *figures)


def run():
    parts = {"events": lambda odoo, system, _key, _secret: _events(odoo, system), "flood": _flood}
    goals = []
    with one_database(NAME, "crm_contact_center"), processes(NAME) as (odoo,):
        facts = odoo.call(_set_up)
        for name, part in parts.items():
            if not sys.argv[1:] or name in sys.argv[1:]:
                rows, met = part(odoo, *facts)
                table(name, ("what", "took or sent", "telephone, or rate", "person, or states"), rows)
                goals += met
    return verdict(*goals)


if __name__ == "__main__":
    main(run)
