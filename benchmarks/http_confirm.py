"""Eight clients confirm orders over HTTP that compete for the same units.

A server with workers on each database, as in production: first as many as docker-compose.yml gives it, then as many as
Odoo advises for this machine (two for each processor and one). Each client logs in and calls what the web client calls,
each order by its own salesman. Rounds of plain Odoo and ours take turns, each with new stock of a new product.

- 20 orders of one unit for 20 units: plain Odoo confirms; ours confirms what is submitted and approved already (a);
  ours does the whole chain, submit, approve by the manager, confirm, in three requests (b).
- 40 orders for 20 units: plain Odoo confirms; ours does the chain, half of which is refused.

Goal, with each number of workers: ours confirms (a) at least twice as many orders a second as plain Odoo; in none of
ours is a unit reserved twice, an order left without a unit, or refused while there is one.
"""

import collections
import contextlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from .clients import Client, Refused, server
from .common import OURS, PLAIN, databases, main, percentile, processes, step, table, transaction, verdict
from .shop import create_order, make_shop, make_stock

CLIENTS = 8
UNITS = 20
ROUNDS = 6
WORKERS = (2, 2 * os.cpu_count() + 1)
GOAL = 2
#: Name → is ours, orders, steps over HTTP, what is done before.
KINDS = {
    "plain: confirm": (False, UNITS, ("confirm",), ()),
    "ours (a): confirm": (True, UNITS, ("confirm",), ("submit", "approve")),
    "ours (b): submit, approve, confirm": (True, UNITS, ("submit", "approve", "confirm"), ()),
    "plain, 40 orders": (False, 2 * UNITS, ("confirm",), ()),
    "ours (b), 40 orders": (True, 2 * UNITS, ("submit", "approve", "confirm"), ()),
}


# === ONE ROUND === #


def _prepare(registry, partner, count, steps):
    """Make new stock and the orders, each its salesman's; return the product and (client's number, order)."""
    product = make_stock(registry, UNITS)
    orders = []
    for number in range(count):
        client = number % CLIENTS
        seller = f"seller{client}"
        order = transaction(registry, lambda env: create_order(env, partner, product).id, seller)[0]
        for name in steps:
            login = "manager0" if name == "approve" else seller
            transaction(registry, partial(_do, order=order, name=name), login)
        orders.append((client, order))
    return product, orders


def _do(env, order, name):
    getattr(env["sale.order"].browse(order), f"action_{name}")()


def _check(registry, product):
    """Return how many units two deliveries reserved, and how many orders were confirmed with and without a unit."""
    return transaction(registry, partial(_query_state, product=product))[0]


def _query_state(env, product):
    env.cr.execute(
        """
        SELECT (SELECT count(*) FROM (SELECT FROM stock_move_line WHERE product_id = %(product)s AND lot_id IS NOT NULL
                                       GROUP BY lot_id HAVING count(DISTINCT move_id) > 1) AS twice),
               count(DISTINCT move.id) FILTER (WHERE line.lot_id IS NOT NULL),
               count(DISTINCT move.id) FILTER (WHERE line.id IS NULL)
          FROM stock_move move LEFT JOIN stock_move_line line ON line.move_id = move.id
         WHERE move.product_id = %(product)s
        """,
        {"product": product},
    )
    return env.cr.fetchone()


def _work(sellers, managers, steps, mine):
    """Take the client's orders through the steps; return the seconds of each and the answers."""
    seconds, answers = [], collections.Counter()
    for client, order in mine:
        began = time.monotonic()
        try:
            for name in steps:
                session = managers[client] if name == "approve" else sellers[client]
                session.call("sale.order", f"action_{name}", [order])
            answers["confirmed"] += 1
        except Refused as refused:
            answers["short" if refused.is_shortage else f"error: {refused}"] += 1
        seconds.append(time.monotonic() - began)
    return seconds, answers


class Shop:
    """A database, its server and its clients."""

    def __init__(self, odoo, name, port, partner):
        self.odoo, self.partner = odoo, partner
        with ThreadPoolExecutor(CLIENTS) as pool:
            self.sellers, self.managers = (
                list(pool.map(partial(Client, port, name), [f"{role}{number}" for number in range(CLIENTS)]))
                for role in ("seller", "manager")
            )

    def round(self, count, steps, before):
        """Return the round's seconds, those of each order, the answers and the state of the stock."""
        product, orders = self.odoo.call(_prepare, self.partner, count, before)
        shares = [[order for order in orders if order[0] == client] for client in range(CLIENTS)]
        began = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as pool:
            results = list(pool.map(partial(_work, self.sellers, self.managers, steps), shares))
        elapsed = time.monotonic() - began
        seconds = [took for result in results for took in result[0]]
        answers = sum((result[1] for result in results), collections.Counter())
        return elapsed, seconds, answers, self.odoo.call(_check, product)


# === ALL ROUNDS === #


class Totals:
    """What all rounds of a kind came to."""

    def __init__(self):
        self.elapsed = self.doubles = self.reserved = self.without = 0
        self.seconds, self.answers = [], collections.Counter()

    def add(self, elapsed, seconds, answers, state):
        self.elapsed += elapsed
        self.seconds += seconds
        self.answers += answers
        self.doubles, self.reserved, self.without = (
            old + new for old, new in zip((self.doubles, self.reserved, self.without), state, strict=True)
        )

    @property
    def rate(self):
        return len(self.seconds) / self.elapsed

    @property
    def errors(self):
        return sum(count for answer, count in self.answers.items() if answer.startswith("error"))

    def row(self):
        half, most = (f"{percentile(self.seconds, share) * 1000:.0f}" for share in (0.5, 0.95))
        answers = (self.answers["confirmed"], self.answers["short"], self.errors)
        return (len(self.seconds), f"{self.rate:.1f}", half, most, *answers, self.doubles, self.without)


def _measure(workers, odoos, partners):
    """Return kind → totals; the first round of each kind is not counted."""
    with contextlib.ExitStack() as stack, step(f"{workers} workers") as current:
        shops = []
        for odoo, name, partner in zip(odoos, (PLAIN, OURS), partners, strict=True):
            shops.append(Shop(odoo, name, stack.enter_context(server(name, workers)), partner))
        totals = collections.defaultdict(Totals)
        for number in range(ROUNDS + 1):
            current.progress(f"round {number} of {ROUNDS}")
            for kind, (is_ours, count, steps, before) in KINDS.items():
                result = shops[is_ours].round(count, steps, before)
                if number:
                    totals[kind].add(*result)
    return totals


def _goals(workers, totals):
    plain, confirm, chain, __, crowded = totals.values()
    times = confirm.rate / plain.rate
    broken = sum(one.doubles + one.without + one.errors for one in (confirm, chain, crowded))
    refused = sum(ROUNDS * UNITS - one.answers["confirmed"] for one in (confirm, chain, crowded))
    yield f"{workers} workers: ours (a) {times:.1f} × plain Odoo's orders a second (goal: {GOAL})", times >= GOAL
    yield f"{workers} workers: ours (b) {chain.rate / plain.rate:.1f} × plain Odoo's (no goal)", True
    yield f"{workers} workers: {broken} units reserved twice, orders without, errors (goal: 0)", not broken
    yield f"{workers} workers: {refused} orders refused while there were units (goal: 0)", not refused


def run():
    goals = []
    with databases(), processes(PLAIN, OURS) as odoos:
        partners = [odoo.call(make_shop, CLIENTS) for odoo in odoos]
        for workers in WORKERS:
            totals = _measure(workers, odoos, partners)
            header = (
                "",
                "orders",
                "per s",
                "p50 ms",
                "p95 ms",
                "confirmed",
                "short",
                "errors",
                "units twice",
                "without",
            )
            table(f"{CLIENTS} clients, {workers} workers", header, [(kind, *one.row()) for kind, one in totals.items()])
            for kind, one in totals.items():
                for answer in one.answers:
                    if answer.startswith("error"):
                        print(f"  {kind}: {one.answers[answer]} × {answer}")
            goals += _goals(workers, totals)
    return verdict(*goals)


if __name__ == "__main__":
    main(run)
