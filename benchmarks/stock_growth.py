"""How much longer confirming takes with 50,000 units of a model in stock than with 100, for an order of one unit.

Ours: confirm alone, and submit, approve and confirm together. Plain Odoo: confirm. Each on a database of its own with
that stock, made by SQL and analysed; the four take turns, each step in a request of its own.

Goal: ours takes at most 1.2 times as long with 50,000 as with 100.
"""

from collections import defaultdict

from .common import OURS, PLAIN, databases, main, measured, median, processes, table, transaction, verdict
from .shop import create_order, make_shop, make_stock

SMALL, BIG = 100, 50_000
ROUNDS = 25
WARM_UP = 3
GOAL = 1.2
STEPS = (("submit", "seller0"), ("approve", "manager0"), ("confirm", "seller0"))


def _confirm(registry, partner, product):
    """Bring a new order to its confirmation; return step → milliseconds."""
    order = transaction(registry, lambda env: create_order(env, partner, product).id, "seller0")[0]
    steps = STEPS if "crm.imei.hold" in registry else STEPS[-1:]
    cost = {}
    for name, login in steps:
        took, __ = measured(
            registry, lambda env, name=name: getattr(env["sale.order"].browse(order), f"action_{name}")(), login
        )
        cost[name] = took.busy
    reserved = transaction(registry, lambda env: len(env["sale.order"].browse(order).picking_ids.move_line_ids.lot_id))[
        0
    ]
    assert reserved == 1
    transaction(registry, lambda env: _cancel(env["sale.order"].browse(order)))
    return {**cost, "all steps": sum(cost.values())}


def _cancel(order):
    """Cancel the order so that its unit is free again: ours as its cancellation form does."""
    return order._cancel_by_form() if "cancellation_ids" in order._fields else order._action_cancel()


def _measure(odoos):
    """Return (is ours, stock) → list of step → milliseconds, in turns; an order is cancelled before the next one."""
    shops = []
    for odoo, stock in zip(odoos, (SMALL, SMALL, BIG, BIG), strict=True):
        shops.append((odoo, stock, odoo.call(make_shop), odoo.call(make_stock, stock)))
    costs = defaultdict(list)
    for number in range(ROUNDS + WARM_UP):
        for odoo, stock, partner, product in shops:
            cost = odoo.call(_confirm, partner, product)
            if number >= WARM_UP:
                costs[odoo.ours, stock].append(cost)
    return costs


def _row(costs, ours, step):
    small, big = (median([cost[step] for cost in costs[ours, stock]]) for stock in (SMALL, BIG))
    return ("ours" if ours else "plain"), step, f"{small:.1f}", f"{big:.1f}", f"{big / small:.2f}"


def run():
    with databases("_big"), processes(PLAIN, OURS, f"{PLAIN}_big", f"{OURS}_big") as odoos:
        costs = _measure(odoos)
    rows = [_row(costs, False, "confirm")]
    rows += [_row(costs, True, step) for step in ("confirm", "all steps", "submit", "approve")]
    header = ("", "step", f"ms at {SMALL}", f"ms at {BIG:,}", "ratio")
    table(f"Confirming one unit, median of {ROUNDS}", header, rows)
    return verdict(
        *((f"ours, {row[1]}: {row[4]} × with {BIG:,} units (goal: {GOAL})", float(row[4]) <= GOAL) for row in rows[1:3])
    )


if __name__ == "__main__":
    main(run)
