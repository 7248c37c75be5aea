"""What an order with 1, 5 and 20 IMEIs costs from its creation to the posted invoice, in time and in queries.

Ours: create, submit, approve by another user, confirm, deliver, invoice, post. Plain Odoo: create, confirm, then each line of
the delivery set to the unit that the customer was promised, which is not the one that Odoo picked; deliver, invoice,
post. Each step is a request of its own, by the user whose task it is, on 500 units of one product in stock; queries on all
connections count. Then whether holding and reserving take more queries for 20 units than for 5.

Goal: for 20 units at most 0.8 × plain Odoo, in time and in queries; holding and reserving take as many queries for 20 as for 5.
"""

from collections import defaultdict
from functools import partial

from .common import OURS, PLAIN, Cost, databases, main, measured, median, processes, table, transaction, verdict
from .shop import create_order, deliver, make_shop, make_stock

SIZES = (1, 5, 20)
ROUNDS = 9
GOAL = 0.8
STOCK = 500


def _order(env, order):
    return env["sale.order"].browse(order)


def _set_lots(env, order, lots):
    """Put the promised units into the delivery, one write for each line."""
    for line, lot in zip(_order(env, order).picking_ids.move_line_ids, lots, strict=True):
        line.lot_id = lot


def _promised(env, product, count):
    """Return the newest free units: those that a person named, and not the ones that Odoo picks."""
    domain = [("product_id", "=", product), ("location_id.usage", "=", "internal"), ("reserved_quantity", "=", 0)]
    return env["stock.quant"].search([*domain, ("quantity", ">", 0)], order="id desc", limit=count).lot_id.ids


def _invoice(env, order):
    return _order(env, order)._create_invoices().id


def _steps(registry, order, product, count):
    """Yield each step after the order's creation: its name, who does it, what is done."""
    if "crm.imei.hold" in registry:
        yield "submit", "seller0", lambda env: _order(env, order).action_submit()
        yield "approve", "manager0", lambda env: _order(env, order).action_approve()
        yield "confirm", "seller0", lambda env: _order(env, order).action_confirm()
    else:
        yield "confirm", "seller0", lambda env: _order(env, order).action_confirm()
        lots, __ = transaction(registry, lambda env: _promised(env, product, count))
        yield "set lots", "logistics0", lambda env: _set_lots(env, order, lots)
    yield "deliver", "logistics0", lambda env: deliver(_order(env, order))


def _run_order(registry, partner, product, count):
    """Take one order from creation to posted invoice; return step → cost."""
    cost = {}
    cost["create"], order = measured(registry, lambda env: create_order(env, partner, product, count).id, "seller0")
    for name, login, work in _steps(registry, order, product, count):
        cost[name], __ = measured(registry, work, login)
    cost["invoice"], invoice = measured(registry, partial(_invoice, order=order), "accountant0")
    cost["post"], __ = measured(
        registry, lambda env: env["account.move"].browse(invoice).action_post() and None, "accountant0"
    )
    transaction(registry, partial(_check, order=order, invoice=invoice, count=count))
    return cost


def _check(env, order, invoice, count):
    order = _order(env, order)
    assert order.picking_ids.state == "done", order.picking_ids.state
    assert len(order.picking_ids.move_line_ids.lot_id) == count
    assert env["account.move"].browse(invoice).state == "posted"


def _hold_queries(registry, partner, product, count):
    """Return the queries that holding and reserving take, by themselves, for an order of that many units."""
    order = transaction(registry, lambda env: create_order(env, partner, product, count).id, "seller0")[0]
    holding, __ = measured(registry, lambda env: _order(env, order).order_line._hold_units(), "seller0")
    transaction(registry, lambda env: _order(env, order).action_submit(), "seller0")
    transaction(registry, lambda env: _order(env, order).action_approve(), "manager0")
    transaction(registry, lambda env: _order(env, order).action_confirm(), "seller0")
    transaction(registry, lambda env: _order(env, order).picking_ids.do_unreserve(), "logistics0")
    reserving, __ = measured(registry, lambda env: _order(env, order).picking_ids.action_assign(), "logistics0")
    return holding.queries, reserving.queries


def _measure(odoos):
    """Return (is ours, size) → list of step → cost, rounds interleaved, the first one thrown away."""
    shops = [(odoo, odoo.call(make_shop), odoo.call(make_stock, STOCK)) for odoo in odoos]
    costs = defaultdict(list)
    for number in range(ROUNDS + 1):
        for size in SIZES:
            for odoo, partner, product in shops:
                cost = odoo.call(_run_order, partner, product, size)
                if number:
                    costs[odoo.ours, size].append(cost)
    ours, partner, product = shops[-1]
    queries = {size: ours.call(_hold_queries, partner, product, size) for size in (1, 5, 20)}
    return costs, queries


def _totals(costs, what):
    return [sum(getattr(step, what) for step in cost.values()) for cost in costs]


def _rows(costs):
    """Yield a row for each size: plain, ours and the median of each round's ratio, of each thing measured."""
    for size in SIZES:
        row = [size]
        for what in Cost._fields:
            plain, ours = (_totals(costs[is_ours, size], what) for is_ours in (False, True))
            ratios = [one / other for one, other in zip(ours, plain, strict=True)]
            row += [f"{median(plain):.0f}", f"{median(ours):.0f}", f"{median(ratios):.2f}"]
        yield row


def _step_rows(costs):
    for ours in (False, True):
        for name in costs[ours, SIZES[-1]][0]:
            row = ["ours" if ours else "plain", name]
            for size in SIZES:
                steps = [cost[name] for cost in costs[ours, size]]
                row += [f"{median([getattr(step, what) for step in steps]):.0f}" for what in ("busy", "queries")]
            yield row


def run():
    with databases(), processes(PLAIN, OURS) as odoos:
        costs, queries = _measure(odoos)
    rows = list(_rows(costs))
    header = ["IMEIs"]
    for what in ("ms", "ms by the clock", "queries"):
        header += [f"{what}: plain", "ours", "ratio"]
    table(f"An order from creation to posted invoice, median of {ROUNDS}", header, rows)
    header = ("", "step", *(f"{unit}, {size}" for size in SIZES for unit in ("ms", "queries")))
    table("Its steps", header, _step_rows(costs))
    table("Queries of holding and reserving, ours", ("units", "hold", "reserve"), [(n, *q) for n, q in queries.items()])
    __, __, __, time, __, __, __, __, __, count = rows[-1]
    return verdict(
        (f"20 IMEIs in {time} × plain Odoo's time (goal: {GOAL})", float(time) <= GOAL),
        (f"20 IMEIs with {count} × plain Odoo's queries (goal: {GOAL})", float(count) <= GOAL),
        ("holding and reserving take as many queries for 20 units as for 5", queries[5] == queries[20]),
    )


if __name__ == "__main__":
    main(run)
