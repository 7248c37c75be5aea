"""Routing: what a decision costs, and a real day of a bank's call center through the real routing.

**Decision.** 200 agents and 1,000 waiting contacts, half of them for a skill that few have: how long it takes to decide
when one agent gets free: to read who waits and who is free, and to choose; and the whole transaction, with what is
written and committed.

**Day.** The calls of Wednesday, 10 February 1999 (``../shared/data``) come when they came, talk as long as they talked,
and give up when they gave up if nobody has answered by then; agents are there from their first call to their last. Each
step is a transaction of its own and is followed by the decision after its commit, as in the server; only the clock is
simulated. After each step nobody may wait beside a free agent who is able, and nobody has what they lack the skill for.

Goals: a decision in less than 20 ms (median); the day faster than real time; 0 who wait beside an able agent; 0 without
the skill.
"""

import csv
import gzip
import heapq
import itertools
import statistics
import time
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from .common import main, one_database, percentile, processes, table, transaction, verdict

ADDON = "crm_contact_center"
NAME = "bench_routing"
DATA = Path(__file__).parents[2] / "shared/data/call_center_feb_1999.tsv.gz"
DAY = "990210"
AGENTS, WAITING, DECISIONS = 200, 1000, 60
#: Seconds from ringing to the answer, and of a wrap-up.
PICK_UP, WRAP_UP = 2, 10
#: Kinds of call (see data/README.md) that need a skill of their own.
SKILLED = {"NE": "Stock exchange", "IN": "Internet", "PE": "English"}


# === INSIDE AN ODOO PROCESS: WHAT THERE IS === #


def _center(env, agents, skills_of):
    """Make a queue and agents of it; ``skills_of``: number of the agent → names of their skills. Return ids."""
    env = env(context={"no_reset_password": True, "tracking_disable": True})
    branch = env["crm.branch"].search([], limit=1)
    names = sorted({name for number in range(agents) for name in skills_of(number)})
    skills = {name: env["crm.skill"].create({"name": f"Bench {name}", "kind": "problem"}).id for name in names}
    queue = env["crm.queue"].create({"name": "Bench", "code": "BENCH", "branch_id": branch.id, "relax_seconds": 0})
    group = env.ref("crm_contact_center.group_agent").id
    users = env["res.users"].create(
        [
            {"name": f"Agent {number:03}", "login": f"bench_agent_{number}", "group_ids": [(6, 0, [group])]}
            for number in range(agents)
        ]
    )
    branch.user_ids |= users
    found = env["crm.agent"].create(
        [
            {
                "user_id": user.id,
                "branch_id": branch.id,
                "queue_ids": [(6, 0, queue.ids)],
                "extension": f"{queue.id}{number:03}",
                "skill_ids": [(0, 0, {"skill_id": skills[name], "level": 3}) for name in skills_of(number)],
            }
            for number, user in enumerate(users)
        ]
    )
    return queue.id, found.ids, skills


def _need(env, contacts, skill):
    env["crm.queue.contact.skill"].sudo().create(
        [{"contact_id": contact.id, "skill_id": skill, "level": 1, "source": "reason"} for contact in contacts]
    )


# === INSIDE AN ODOO PROCESS: ONE DECISION === #


def measure_decisions(registry):
    """Return milliseconds of each decision, and of its transaction, with one agent free each time."""
    with patch.object(registry, "ready", new=False):  # no decision after each commit: they are measured below
        agents = transaction(registry, _crowd)[0]
        taken = []
        for agent in agents[:DECISIONS]:
            transaction(registry, lambda env, agent=agent: env["crm.agent"].browse(agent)._set_mode("available"))
            began = time.perf_counter()
            offered, decided = transaction(registry, _decide)[0]
            taken.append(((decided - began) * 1000, (time.perf_counter() - began) * 1000))
            if offered != 1:
                raise AssertionError(f"{offered} contacts for one agent")
        transaction(registry, _clear)
    return taken


def _decide(env):
    """Decide as the server does; return how many were offered, and when it was decided."""
    contacts, moments = env["crm.queue.contact"], []
    offer = type(contacts)._offer_all

    def offer_all(self, decisions, waiting):
        moments.append(time.perf_counter())
        return offer(self, decisions, waiting)

    with patch.object(type(contacts), "_offer_all", offer_all):
        return len(contacts._dispatch()), moments[0]


def _crowd(env):
    queue, agents, skills = _center(env, AGENTS, lambda number: ["rare"] if number % 10 == 0 else ["common"])
    contacts = env["crm.queue.contact"]._enter(
        [{"queue_id": queue, "channel": "call", "phone": f"+62811{number:07}"} for number in range(WAITING)]
    )
    _need(env, contacts[: WAITING // 2], skills["rare"])
    return agents


def _clear(env):
    """Let nothing of it be at hand any more: the day has its own."""
    env.cr.execute("UPDATE crm_queue_contact SET state = 'abandoned' WHERE state != 'done'")
    env.cr.execute("UPDATE crm_agent SET mode = 'offline', status = 'offline', load = 0")
    env.cr.execute("UPDATE crm_queue SET code = code || '1'")
    env.cr.execute("UPDATE res_users SET login = login || '_old' WHERE login LIKE 'bench_agent%'")
    env.cr.execute("UPDATE crm_skill SET name = jsonb_build_object('en_US', name->>'en_US' || ' old')")


# === INSIDE AN ODOO PROCESS: A DAY === #


class Day:
    """The day's steps in the order of the simulated clock."""

    def __init__(self, registry, calls):
        self.registry, self.now = registry, None
        self._steps, self._numbers = [], itertools.count()
        self.calls, self.contacts, self.handled = calls, {}, set()
        self.beside, self.unskilled, self.steps = 0, 0, 0
        shifts = {}
        for call in calls:
            if call["agent"]:
                first, last = shifts.get(call["agent"], (call["at"], call["at"]))
                end = call["at"] + timedelta(seconds=call["wait"] + call["talk"])
                shifts[call["agent"]] = (min(first, call["at"]), max(last, end))
        self.shifts = list(shifts.values())
        kinds = {}
        for call in calls:
            if call["agent"]:
                kinds.setdefault(call["agent"], set()).add(call["type"])
        self.kinds = [sorted(SKILLED[k] for k in kinds[agent] if k in SKILLED) for agent in shifts]

    def at(self, moment, step, *arguments):
        heapq.heappush(self._steps, (moment, next(self._numbers), step, arguments))

    def run(self):
        """Go through the day; return seconds of the day and of this machine."""
        self.queue, self.agents, self.skills = transaction(
            self.registry, lambda env: _center(env, len(self.shifts), self.kinds.__getitem__)
        )[0]
        for agent, (first, last) in zip(self.agents, self.shifts, strict=True):
            self.at(first, self.come, agent)
            self.at(last, self.go, agent)
        for number, call in enumerate(self.calls):
            self.at(call["at"], self.enter, number)
        began, first = time.monotonic(), self._steps[0][0]
        while self._steps:
            self.now, _number, step, arguments = heapq.heappop(self._steps)
            step(*arguments)
            self.steps += 1
            self.look()
        return (self.now - first).total_seconds(), time.monotonic() - began

    def do(self, work):
        return transaction(self.registry, work)[0]

    # steps

    def come(self, agent):
        self.do(lambda env: env["crm.agent"].browse(agent)._set_mode("available"))

    def go(self, agent):
        """Let an agent go, as soon as they have finished what they have at hand."""

        def leave(env):
            found = env["crm.agent"].browse(agent)
            found._set_mode("paused" if found.contact_ids else "offline")
            return bool(found.contact_ids)

        if self.do(leave):
            self.at(self.now + timedelta(seconds=30), self.go, agent)

    def enter(self, number):
        call = self.calls[number]

        def come_in(env):
            contact = env["crm.queue.contact"]._enter(
                [
                    {
                        "queue_id": self.queue,
                        "channel": "call",
                        "key": f"bench:{number}",
                        "caller_name": f"Caller {number}",
                        "entered_at": self.now,
                    }
                ]
            )
            skill = self.skills.get(SKILLED.get(call["type"]))
            if skill:
                _need(env, contact, skill)
            return contact.id

        self.contacts[self.do(come_in)] = number
        if not call["agent"]:
            self.at(self.now + timedelta(seconds=call["wait"]), self.give_up, number)

    def give_up(self, number):
        def abandon(env):
            contact = env["crm.queue.contact"].search([("key", "=", f"bench:{number}")])
            if contact.state in ("waiting", "offered"):
                contact._abandon()

        self.do(abandon)

    def answer(self, contact):
        def pick_up(env):
            found = env["crm.queue.contact"].browse(contact)
            if found.state != "offered":
                return False
            found._answer()
            return True

        if self.do(pick_up):
            call = self.calls[self.contacts[contact]]
            self.at(self.now + timedelta(seconds=call["talk"] or self.mean), self.end, contact)

    def end(self, contact):
        self.do(lambda env: env["crm.queue.contact"].browse(contact)._end())
        self.at(self.now + timedelta(seconds=WRAP_UP), self.wrap_up, contact)

    def wrap_up(self, contact):
        def finish(env):
            purpose = env.ref("crm_base.crm_interaction_purpose_question")
            outcome = env.ref("crm_base.crm_interaction_outcome_answered")
            env["crm.queue.contact"].browse(contact)._wrap_up(purpose, outcome)

        self.do(finish)

    @property
    def mean(self):
        return statistics.mean(call["talk"] for call in self.calls if call["talk"])

    # judge

    def look(self):
        """Have offered calls picked up; count who waits beside an able agent, and who has what they can't do."""
        offered, beside, unskilled = self.do(self._look)
        for contact in offered:
            if contact not in self.handled:
                self.handled.add(contact)
                self.at(self.now + timedelta(seconds=PICK_UP), self.answer, contact)
        self.beside += beside
        self.unskilled += unskilled

    def _look(self, env):
        env.cr.execute("SELECT id FROM crm_queue_contact WHERE state = 'offered'")
        offered = [id_ for (id_,) in env.cr.fetchall()]
        lacks = """EXISTS (SELECT FROM crm_queue_contact_skill need WHERE need.contact_id = contact.id AND NOT EXISTS (
                     SELECT FROM crm_agent_skill has WHERE has.agent_id = agent.id
                        AND has.skill_id = need.skill_id AND has.level >= need.level))"""
        env.cr.execute(
            f"""SELECT count(*) FROM crm_queue_contact contact CROSS JOIN crm_agent agent
                 WHERE contact.state = 'waiting' AND agent.status = 'available' AND agent.id = ANY(%s)
                   AND NOT {lacks}""",  # noqa: S608 - our own text
            [self.agents],
        )
        (beside,) = env.cr.fetchone()
        env.cr.execute(
            f"""SELECT count(*) FROM crm_queue_contact contact JOIN crm_agent agent ON agent.id = contact.agent_id
                 WHERE contact.state = 'offered' AND {lacks}"""  # noqa: S608
        )
        (unskilled,) = env.cr.fetchone()
        return offered, beside, unskilled


def simulate(registry, calls):
    """Return figures of the day through the routing."""
    from odoo import fields  # noqa: PLC0415

    day = Day(registry, calls)
    with patch.object(fields.Datetime, "now", staticmethod(lambda *_: day.now or datetime.utcnow())):  # noqa: DTZ003
        seconds, taken = day.run()
    judged = {"steps": day.steps, "beside": day.beside, "unskilled": day.unskilled}
    return {"day": seconds, "taken": taken, **judged, **transaction(registry, _figures)[0]}


def _figures(env):
    env.cr.execute(
        """SELECT count(*), count(*) FILTER (WHERE answered_at IS NOT NULL),
                  count(*) FILTER (WHERE state = 'abandoned'),
                  avg(wait_seconds) FILTER (WHERE answered_at IS NOT NULL), count(*) FILTER (WHERE in_target),
                  count(*) FILTER (WHERE state NOT IN ('done', 'abandoned'))
             FROM crm_queue_contact WHERE key LIKE 'bench:%'"""
    )
    calls, answered, abandoned, wait, quick, left = env.cr.fetchone()
    return {
        "calls": calls,
        "answered": answered,
        "abandoned": abandoned,
        "wait": float(wait),
        "quick": quick,
        "left": left,
    }


# === THE DAY AS IT WAS === #


def read_day():
    """Return the day's calls that reached the queue: when, kind, seconds waited and talked, agent or None."""
    calls = []
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["date"] != DAY or row["outcome"] not in ("AGENT", "HANG"):
                continue
            answered = row["outcome"] == "AGENT" and row["server"] != "NO_SERVER"
            calls.append(
                {
                    "at": datetime.strptime(f"{DAY} {row['vru_exit']}", "%y%m%d %H:%M:%S"),  # noqa: DTZ007
                    "type": row["type"],
                    "wait": int(row["q_time"]),
                    "talk": int(row["ser_time"]) if answered else 0,
                    "agent": row["server"] if answered else None,
                }
            )
    return calls


def run():
    calls = read_day()
    with one_database(NAME, ADDON), processes(NAME) as (odoo,):
        taken = odoo.call(measure_decisions)
        figures = odoo.call(simulate, calls)
    answered = [call for call in calls if call["agent"]]
    decided, whole = zip(*taken, strict=True)
    table(
        f"A decision, {AGENTS} agents, {WAITING} waiting: milliseconds",
        ["", "median", "p95", "most"],
        [
            [name, *(f"{value:.1f}" for value in (statistics.median(each), percentile(each, 0.95), max(each)))]
            for name, each in (("read and decide", decided), ("… write and commit, too", whole))
        ],
    )
    pace = figures["day"] / figures["taken"]
    table(
        f"10 February 1999, {figures['steps']} steps in {figures['taken']:.0f} s: {pace:.0f} × real time",
        ["", "as it was", "routed"],
        [
            ["calls", len(calls), figures["calls"]],
            ["answered", len(answered), figures["answered"]],
            ["gave up", len(calls) - len(answered), figures["abandoned"]],
            [
                "wait of the answered, s",
                f"{statistics.mean(c['wait'] for c in answered):.0f}",
                f"{figures['wait']:.0f}",
            ],
            ["within 20 s", sum(c["wait"] <= 20 for c in answered), figures["quick"]],
            ["waited beside an able agent", "", figures["beside"]],
            ["with an agent without the skill", "", figures["unskilled"]],
            ["not ended", "", figures["left"]],
        ],
    )
    return verdict(
        ("a decision takes less than 20 ms (median)", statistics.median(decided) < 20),
        ("the day faster than real time", figures["taken"] < figures["day"]),
        ("nobody waits beside an able agent", not figures["beside"]),
        ("nobody has what they lack the skill for", not figures["unskilled"]),
        ("nobody is left", not figures["left"]),
    )


if __name__ == "__main__":
    main(run)
