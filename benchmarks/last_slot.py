"""Eight processes book the last free seat of a service time at the same moment, 1,000 times; one of them gets it.

Each round is a time of its own with one free seat and a customer for each process: ``crm.service.booking.create`` as an
admin, in a transaction of its own, retried as Odoo retries requests. Whoever doesn't get the seat must be told that the
time is full. Overbookings are counted in the database, by what it holds, not by what the processes were told.

Beside it what plain Odoo has for appointments: a calendar event at that hour, after a look whether one is there, as
an addon without a constraint would.

Goal: 0 overbooked, each last seat taken by one, 0 errors. The environment's ``ROUNDS`` sets another number of rounds.
"""

import collections
import os
import time
from datetime import date, datetime, timedelta

from .common import all_at_once, main, one_database, percentile, processes, table, transaction, verdict

ADDON = "crm_h23_followup"
NAME = "bench_slot"
PROCESSES = 8
ROUNDS = int(os.environ.get("ROUNDS", "1000"))
PEER_ROUNDS = 200
#: Rounds in which all processes begin at the same moment; seconds between one and the next.
PACE = 0.4
ADMIN = "bench_admin"


# === INSIDE AN ODOO PROCESS: WHAT THERE IS === #


def _make(registry):
    """Make a branch with a time that has one seat, and the customers of all rounds; return slot, cases and days."""
    return transaction(registry, _make_all)[0]


def _make_all(env):
    env = env(context={"no_reset_password": True, "tracking_disable": True})
    env["res.users"].create(
        {"name": ADMIN, "login": ADMIN, "group_ids": [(6, 0, env.ref("crm_base.group_officer").ids)]}
    )
    user = env["res.users"].search([("login", "=", ADMIN)])
    branch = env["crm.branch"].create(
        {"name": "Bench", "code": "BENCH", "tz": "Asia/Jakarta", "user_ids": [(6, 0, user.ids)]}
    )
    slots = env["crm.service.slot"].create(
        [
            {"branch_id": branch.id, "weekday": str(weekday), "hour_from": 8, "hour_to": 10, "capacity": 1}
            for weekday in range(5)
        ]
    )
    count = ROUNDS * PROCESSES
    env["crm.vehicle"].create(
        [
            {
                "branch_id": branch.id,
                "engine_number": f"BENCH{1000000 + number}",
                "frame_number": f"BENCH{1000000 + number}",
                "purchase_date": branch._today() - timedelta(days=30),
                "owner_name": f"Owner {number}",
                "owner_phone": f"+628127{number:07}",
            }
            for number in range(count)
        ]
    )._ensure_partners()
    env["crm.followup.run"]._generate(branch)
    cases = env["crm.followup.case"].search([("branch_id", "=", branch.id)], order="id").ids
    first = branch._today() + timedelta(days=1)
    days = (first + timedelta(days=number) for number in range(ROUNDS * 2))
    places = [(slots[day.weekday()].id, day) for day in days if day.weekday() < 5]
    return places[:ROUNDS], cases


# === INSIDE AN ODOO PROCESS: BOOKING === #


def _wait_until(moment):
    while (left := moment - time.monotonic()) > 0:
        time.sleep(left)


def _book_all(registry, cases, places, began):
    """Book place after place, each at its moment; return the answers, seconds of each and retries."""
    answers, seconds, retries = collections.Counter(), [], 0
    for number, ((slot, day), case) in enumerate(zip(places, cases, strict=True)):
        _wait_until(began + number * PACE)
        start = time.monotonic()
        answer, tries = _book(registry, case, slot, day)
        seconds.append(time.monotonic() - start)
        answers[answer] += 1
        retries += tries
    return answers, seconds, retries


def _book(registry, case, slot, day):
    from odoo.exceptions import UserError  # noqa: PLC0415

    vals = {"case_id": case, "slot_id": slot, "day": date.isoformat(day)}
    try:
        __, tries = transaction(registry, lambda env: env["crm.service.booking"].create([vals]).ids, ADMIN)
    except UserError as error:
        return ("full" if "is full" in str(error) else f"error: {error}"), 0
    except Exception as error:  # noqa: BLE001 - the benchmark counts them, and its goal is 0
        return f"error: {type(error).__name__}: {error}", 0
    return "booked", tries


def _count(registry):
    """Return (bookings, places booked, bookings beyond the capacity), as the database has them."""

    def query(env):
        env.cr.execute(
            """
            SELECT COALESCE(sum(live), 0)::int, count(*), COALESCE(sum(GREATEST(live - capacity, 0)), 0)::int
              FROM (SELECT slot_id, day, count(*) AS live FROM crm_service_booking
                     WHERE state IN ('booked', 'arrived') GROUP BY slot_id, day) AS places
              JOIN crm_service_slot slot ON slot.id = places.slot_id
            """
        )
        return env.cr.fetchone()

    return transaction(registry, query)[0]


# === INSIDE AN ODOO PROCESS: THE PEER === #


def _meet_all(registry, moments, began):
    """Put an event at each moment unless one is there; return how many were put, and seconds of each."""
    put, seconds = 0, []
    for number, moment in enumerate(moments):
        _wait_until(began + number * PACE)
        start = time.monotonic()
        put += bool(transaction(registry, lambda env, moment=moment: _meet(env, moment))[0])
        seconds.append(time.monotonic() - start)
    return put, seconds


def _meet(env, moment):
    events = env["calendar.event"].with_context(no_mail_to_attendees=True, dont_notify=True)
    if events.search_count([("start", "=", moment), ("name", "=", "Service")]):
        return False
    return events.create({"name": "Service", "start": moment, "stop": moment + timedelta(hours=2)}).id


# === MEASURED === #


def _measure_ours(odoos):
    places, cases = odoos[0].call(_make)
    shares = [cases[place::PROCESSES] for place in range(PROCESSES)]
    results, elapsed = all_at_once(odoos, _book_all, places, time.monotonic() + 2, each=shares)
    answers = collections.Counter()
    for counted, *__ in results:
        answers += counted
    seconds = [took for result in results for took in result[1]]
    bookings, taken, over = odoos[0].call(_count)
    booked, full = answers.pop("booked", 0), answers.pop("full", 0)
    for error, count in answers.items():
        print(f"  {count} × {error}")
    errors = sum(answers.values())
    goals = [
        (f"{over} overbooked in {ROUNDS} last seats (goal: 0)", not over),
        (f"{taken} of {ROUNDS} last seats taken by one (goal: all)", bookings == taken == booked == ROUNDS),
        (f"{full} told “full”, {errors} errors (goal: the others, 0)", not errors and full == ROUNDS * (PROCESSES - 1)),
    ]
    retries = sum(result[2] for result in results)
    return ("ours", ROUNDS, f"{booked} / {full}", over, retries, seconds, elapsed), goals


def _measure_peer(odoos):
    moments = [datetime(2031, 1, 1) + timedelta(hours=3 * number) for number in range(PEER_ROUNDS)]  # noqa: DTZ001
    results, elapsed = all_at_once(odoos, _meet_all, moments, time.monotonic() + 2)
    put = sum(result[0] for result in results)
    seconds = [took for result in results for took in result[1]]
    told = PEER_ROUNDS * PROCESSES - put
    return "calendar events, looked up first", PEER_ROUNDS, f"{put} / {told}", put - PEER_ROUNDS, "", seconds, elapsed


def _row(name, rounds, answers, over, retries, seconds, elapsed):
    milliseconds = [f"{percentile(seconds, share) * 1000:.0f}" for share in (0.5, 0.95)]
    return name, rounds, answers, over, retries, *milliseconds, f"{elapsed:.0f}"


def run():
    with one_database(NAME, ADDON), processes(*[NAME] * PROCESSES) as odoos:
        ours, goals = _measure_ours(odoos)
        peer = _measure_peer(odoos)
    header = ("", "last seats", "taken / told no", "overbooked", "retries", "p50 ms", "p95 ms", "s")
    table(f"{PROCESSES} processes at the last seat", header, [_row(*ours), _row(*peer)])
    return verdict(*goals)


if __name__ == "__main__":
    main(run)
