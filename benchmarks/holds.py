"""Eight processes make 10,000 attempts to hold one unit each out of the same 2,000, and none is ever held twice.

An attempt is what submission does for an order line, ``sale.order.line._hold_units``, in a transaction of its own,
retried as Odoo retries requests; every attempt has an order of its own. Of what was held, seven in ten are given back
some attempts later, as a cancelled or expired order does, so that attempts meet units that come free at that moment;
towards the end the stock is used up and the answer is "short". Two holds of one unit at the same time are looked for in
the database and by the clock of the processes: from after a hold's commit until before its release.

Then rounds with as many attempts as units: whoever asks for one of the last gets it, nobody is told "short" wrongly.

Beside it Odoo's own reservation, ``stock.move._action_assign`` on plain Odoo: as many processes on the same kind of
stock, and how many serials two deliveries reserved.

Goal: 0 units held twice, 10,000 answers, 0 errors; every unit held where there are as many attempts as units.
"""

import collections
import random
import time

from .common import OURS, PLAIN, all_at_once, databases, main, percentile, processes, table, transaction, verdict
from .shop import create_order, make_customer, make_shop, make_stock

PROCESSES = 8
ATTEMPTS = 10_000
UNITS = 2000
RESERVATIONS = 400
GIVEN_BACK = 0.7
#: After how many further attempts.
DELAY = 15
#: Rounds with just enough stock, and units in each.
EXACT_ROUNDS = 10
EXACT_UNITS = 40


# === OURS === #


def _make_lines(registry, partner, product, count):
    """Make that many draft orders of one unit by copying one, by SQL; return the ids of their lines."""
    return transaction(registry, lambda env: _copy_order(env, partner, product, count), "seller0")[0]


def _copy_order(env, partner, product, count):
    order = create_order(env, partner, product)
    env.flush_all()
    copies = _copy(env.cr, "sale_order", order.id, count, {"name": "'B' || number", "access_token": "NULL"})
    lines = _copy(env.cr, "sale_order_line", order.order_line.id, count, {"order_id": f"{copies[0]} + number - 1"})
    env.cr.execute("ANALYZE sale_order, sale_order_line")
    return lines


def _copy(cr, name, record, count, other):
    """Copy a row ``count`` times with other values in some columns; return the new ids, which are consecutive."""
    cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name != 'id'", [name]
    )
    columns = [column for (column,) in cr.fetchall()]
    values = ", ".join(other.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    cr.execute(
        f"INSERT INTO {name} ({names}) SELECT {values} FROM {name}, generate_series(1, %s) AS number WHERE id = %s "  # noqa: S608
        "RETURNING id",
        [count, record],
    )
    return [id_ for (id_,) in cr.fetchall()]


def _attempt(registry, line):
    """Try to hold a unit for the line; return the answer, the lot and the number of retries."""
    from odoo.exceptions import UserError  # noqa: PLC0415

    def hold(env):
        line_record = env["sale.order.line"].browse(line)
        line_record._hold_units()
        return line_record.hold_ids.lot_id.id

    try:
        lot, retries = transaction(registry, hold, "seller0")
    except UserError:
        return "short", None, 0
    except Exception as error:  # noqa: BLE001 - the benchmark counts them, and its goal is 0
        return f"error: {type(error).__name__}: {error}", None, 0
    return "held", lot, retries


def _release(registry, line):
    def end(env):
        env["sale.order.line"].browse(line).hold_ids._end("released", "cancelled")

    return transaction(registry, end, "seller0")[1]


def _hold_many(registry, lines, seed):
    """Attempt line after line; return the answers, seconds of each, retries of each kind, and what was held when."""
    chance = random.Random(seed)
    answers, seconds, retries, periods = collections.Counter(), [], collections.Counter(), []
    to_release = collections.deque()
    for place, line in enumerate(lines):
        began = time.monotonic()
        answer, lot, tries = _attempt(registry, line)
        seconds.append(time.monotonic() - began)
        answers[answer] += 1
        retries["hold"] += tries
        if answer == "held":
            periods.append([lot, time.monotonic(), None])
            if chance.random() < GIVEN_BACK:
                to_release.append((place + DELAY, line, periods[-1]))
        while to_release and to_release[0][0] <= place:
            __, other, period = to_release.popleft()
            period[2] = time.monotonic()
            retries["release"] += _release(registry, other)
    return answers, seconds, retries, periods


def _count_doubles(registry):
    """Return how many pairs of holds of one unit lived at the same time, as the database says, to the second."""
    return transaction(registry, _query_doubles)[0]


def _query_doubles(env):
    env.cr.execute(
        """
        SELECT count(*)
          FROM crm_imei_hold one
          JOIN crm_imei_hold other ON other.lot_id = one.lot_id AND other.id > one.id
         WHERE one.held_at < coalesce(other.ended_at, 'infinity') AND other.held_at < coalesce(one.ended_at, 'infinity')
        """
    )
    pairs = env.cr.fetchone()[0]
    env.cr.execute("SELECT count(*) - count(DISTINCT lot_id) FROM crm_imei_hold WHERE state = 'held'")
    return pairs + env.cr.fetchone()[0]


def _overlaps(periods):
    """Return how many times somebody had a unit that another one had, by the clock of the processes."""
    found, latest = 0, {}
    for lot, since, until in sorted(periods, key=lambda period: period[1]):
        found += since < latest.get(lot, 0)
        latest[lot] = max(latest.get(lot, 0), float("inf") if until is None else until)
    return found


def _measure_ours(odoos):
    """Return a row of figures and the goals."""
    partner, product = odoos[0].call(make_shop), odoos[0].call(make_stock, UNITS)
    lines = odoos[0].call(_make_lines, partner, product, ATTEMPTS + PROCESSES)
    shares = [lines[place:ATTEMPTS:PROCESSES] for place in range(PROCESSES)]
    for odoo, line in zip(odoos, lines[ATTEMPTS:], strict=True):  # the first call of a process is slow: not counted
        odoo.call(_attempt, line)
        odoo.call(_release, line)
    results, elapsed = all_at_once(odoos, _hold_many, 1, each=shares)
    answers, retries, seconds, periods = collections.Counter(), collections.Counter(), [], []
    for counted, took, tried, had in results:
        answers += counted
        retries += tried
        seconds += took
        periods += had
    doubles, overlaps = odoos[0].call(_count_doubles), _overlaps(periods)
    held, short = answers.pop("held"), answers.pop("short", 0)
    released = sum(period[2] is not None for period in periods)
    for error, count in answers.items():
        print(f"  {count} × {error}")
    errors = sum(answers.values())
    rows = [
        ("attempts", held + short + errors),
        ("held / short / errors", f"{held} / {short} / {errors}"),
        ("given back", released),
        ("units held twice, by the database", doubles),
        ("units held twice, by the clock", overlaps),
        ("retries: holding / giving back", f"{retries['hold']} / {retries['release']}"),
        ("seconds", f"{elapsed:.1f}"),
    ]
    table(f"Holding: {PROCESSES} processes, {UNITS} units", ("", "ours"), rows)
    goals = [
        (f"{doubles + overlaps} units held twice (goal: 0)", not doubles and not overlaps),
        (
            f"{held + short} answers and {errors} errors (goal: {ATTEMPTS} and 0)",
            (held + short, errors) == (ATTEMPTS, 0),
        ),
        ("the stock was used up, and what was given back was held again", held > UNITS and short > 0),
    ]
    return ("ours holds", ATTEMPTS, elapsed, seconds, sum(retries.values()), doubles + overlaps), goals


def _count_refused(odoos):
    """Return how many attempts were refused in rounds with as many attempts as units, each with new stock."""
    partner, refused = odoos[0].call(make_customer), 0
    for __ in range(EXACT_ROUNDS):
        product = odoos[0].call(make_stock, EXACT_UNITS)
        lines = odoos[0].call(_make_lines, partner, product, EXACT_UNITS)
        shares = [lines[place::PROCESSES] for place in range(PROCESSES)]
        results, __ = all_at_once(odoos, _hold_all, each=shares)
        refused += EXACT_UNITS - sum(results)
    return refused


def _hold_all(registry, lines):
    return sum(_attempt(registry, line)[0] == "held" for line in lines)


# === PLAIN === #


def _make_moves(registry, partner, product, count):
    """Make that many confirmed deliveries of one unit that reserve nothing yet; return the ids of their moves."""
    return transaction(registry, lambda env: _create_moves(env, partner, product, count))[0]


def _create_moves(env, partner, product, count):
    kind = env["stock.picking.type"].search([("code", "=", "outgoing")], limit=1)
    kind.reservation_method = "manual"
    picking = {"picking_type_id": kind.id, "partner_id": partner}
    moves = ([(0, 0, {"product_id": product, "product_uom_qty": 1})] for __ in range(count))
    pickings = env["stock.picking"].create([{**picking, "move_ids": move} for move in moves])
    pickings.action_confirm()
    return pickings.move_ids.ids


def _reserve_many(registry, moves):
    seconds, tries, failed = [], 0, 0
    for move in moves:
        began = time.monotonic()
        try:
            tries += transaction(registry, lambda env, move=move: env["stock.move"].browse(move)._action_assign())[1]
        except Exception:  # noqa: BLE001 - counted
            failed += 1
        seconds.append(time.monotonic() - began)
    return seconds, tries, failed


def _doubly_reserved(registry):
    return transaction(registry, _query_doubly_reserved)[0]


def _query_doubly_reserved(env):
    env.cr.execute(
        """
        SELECT count(*)
          FROM (SELECT FROM stock_move_line
                 WHERE state NOT IN ('done', 'cancel') AND quantity > 0 AND lot_id IS NOT NULL
                 GROUP BY lot_id HAVING count(DISTINCT move_id) > 1) AS twice
        """
    )
    return env.cr.fetchone()[0]


def _measure_plain(odoos):
    partner, product = odoos[0].call(make_shop), odoos[0].call(make_stock, UNITS)
    moves = odoos[0].call(_make_moves, partner, product, RESERVATIONS + PROCESSES)
    for odoo, move in zip(odoos, moves[RESERVATIONS:], strict=True):
        odoo.call(_reserve_many, [move])
    shares = [moves[place:RESERVATIONS:PROCESSES] for place in range(PROCESSES)]
    results, elapsed = all_at_once(odoos, _reserve_many, each=shares)
    seconds = [took for result in results for took in result[0]]
    tries, failed = (sum(result[place] for result in results) for place in (1, 2))
    if failed:
        print(f"  plain: {failed} reservations failed after five tries")
    return "plain reserves", RESERVATIONS, elapsed, seconds, tries, odoos[0].call(_doubly_reserved)


def _rate_row(name, count, elapsed, seconds, tries, doubles):
    milliseconds = [f"{percentile(seconds, share) * 1000:.0f}" for share in (0.5, 0.95)]
    return name, count, f"{count / elapsed:.0f}", *milliseconds, tries, doubles


def run():
    with databases():
        with processes(*[PLAIN] * PROCESSES) as odoos:
            plain = _measure_plain(odoos)
        with processes(*[OURS] * PROCESSES) as odoos:
            ours, goals = _measure_ours(odoos)
            refused, asked = _count_refused(odoos), EXACT_ROUNDS * EXACT_UNITS
            goals.append(
                (f"{refused} of {asked} refused where there are as many attempts as units (goal: 0)", not refused)
            )
    header = ("", "attempts", "per second", "p50 ms", "p95 ms", "retries", "units twice")
    table(f"Beside Odoo's own reservation, {PROCESSES} processes", header, [_rate_row(*plain), _rate_row(*ours)])
    return verdict(*goals)


if __name__ == "__main__":
    main(run)
