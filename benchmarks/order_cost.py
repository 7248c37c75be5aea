"""What an order with 1, 5 and 20 IMEIs costs from its creation to the posted invoice, in time and in queries.

Ours: create, submit, approve by another user, confirm, deliver, invoice, post. Plain Odoo: create, confirm, then each
line of the delivery set to the unit that the customer was promised, which is not the one that Odoo picked; deliver,
invoice, post. Each step is a request of its own, by the user whose task it is; queries on all connections count. 500
units of the product are in stock: the more there are, the longer plain Odoo takes.

Twice, with the same outcome on both sides: with no delivery method; and with the one of the address, whose line ours
adds on submission and a person adds in plain Odoo. Then the queries of holding and of reserving, by themselves.

Goal: for 20 units at most 0.8 × plain Odoo, in time and in queries; holding and reserving take as many queries for 20
units as for 5.
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


def _use_delivery_method(registry, used):
    transaction(registry, lambda env: _switch_delivery_method(env, used))


def _switch_delivery_method(env, used):
    """Offer delivery methods or none. In plain Odoo it is one like ours, which a person chooses."""
    carriers = env["delivery.carrier"].with_context(active_test=False).search([])
    if "crm.imei.hold" in env:
        carriers.active = used
        return
    carriers.active = False
    if used:
        product = env["product.product"].create({"name": "Own courier", "type": "service", "invoice_policy": "order"})
        env["delivery.carrier"].create({"name": "Own courier", "product_id": product.id, "delivery_type": "fixed"})


def _add_delivery(env, order):
    """Do what a person does in the window "Add shipping"."""
    carrier = env["delivery.carrier"].search([], limit=1)
    wizard = env["choose.delivery.carrier"].create({"order_id": order, "carrier_id": carrier.id})
    wizard.button_confirm()


def _steps(registry, order, product, count):
    """Yield each step after the order's creation: its name, who does it, what is done."""
    if "crm.imei.hold" in registry:
        yield "submit", "seller0", lambda env: _order(env, order).action_submit()
        yield "approve", "manager0", lambda env: _order(env, order).action_approve()
        yield "confirm", "seller0", lambda env: _order(env, order).action_confirm()
    else:
        if transaction(registry, lambda env: env["delivery.carrier"].search_count([]))[0]:
            yield "shipping", "seller0", partial(_add_delivery, order=order)
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
    has_delivery = env["delivery.carrier"].search_count([])
    assert (
        len(order.order_line) == len(env["account.move"].browse(invoice).invoice_line_ids) == (2 if has_delivery else 1)
    )
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


def _measure(shops, with_delivery):
    """Return (is ours, size) → list of step → cost, rounds interleaved, the first one thrown away."""
    costs = defaultdict(list)
    for odoo, __, __ in shops:
        odoo.call(_use_delivery_method, with_delivery)
    for number in range(ROUNDS + 1):
        for size in SIZES:
            for odoo, partner, product in shops:
                cost = odoo.call(_run_order, partner, product, size)
                if number:
                    costs[odoo.ours, size].append(cost)
    return costs


def _measure_queries(shops):
    """Return number of units → the queries of holding and of reserving them; the first one is the warm-up."""
    ours, partner, product = shops[-1]
    return {size: ours.call(_hold_queries, partner, product, size) for size in (2, 5, 20)}


def _totals(costs, what):
    return [sum(getattr(step, what) for step in cost.values()) for cost in costs]


def _compare(costs, size, what):
    """Return plain, ours and the median of each round's ratio."""
    plain, ours = (_totals(costs[is_ours, size], what) for is_ours in (False, True))
    return median(plain), median(ours), median([one / other for one, other in zip(ours, plain, strict=True)])


def _row(costs, size):
    row = [size]
    for what in Cost._fields:
        plain, ours, ratio = _compare(costs, size, what)
        row += [f"{plain:.0f}", f"{ours:.0f}", f"{ratio:.2f}"]
    return row


def _step_rows(costs):
    for ours in (False, True):
        for name in costs[ours, SIZES[-1]][0]:
            row = ["ours" if ours else "plain", name]
            for size in SIZES:
                steps = [cost[name] for cost in costs[ours, size]]
                row += [f"{median([getattr(step, what) for step in steps]):.0f}" for what in ("busy", "queries")]
            yield row


def _report(title, costs):
    """Print the tables of one setting; yield its goals."""
    header = ["IMEIs"]
    for what in ("ms", "ms by the clock", "queries"):
        header += [f"{what}: plain", "ours", "ratio"]
    table(
        f"{title}: from creation to posted invoice, median of {ROUNDS}", header, [_row(costs, size) for size in SIZES]
    )
    header = ("", "step", *(f"{unit}, {size}" for size in SIZES for unit in ("ms", "queries")))
    table("Its steps", header, _step_rows(costs))
    for what, words in (("busy", "time"), ("queries", "queries")):
        *__, ratio = _compare(costs, SIZES[-1], what)
        yield f"{title}: {SIZES[-1]} IMEIs with {ratio:.3f} × plain Odoo's {words} (goal: {GOAL})", ratio <= GOAL


def run():
    goals = []
    with databases(), processes(PLAIN, OURS) as odoos:
        shops = [(odoo, odoo.call(make_shop), odoo.call(make_stock, STOCK)) for odoo in odoos]
        for title, with_delivery in (("Without delivery method", False), ("With delivery method", True)):
            goals += _report(title, _measure(shops, with_delivery))
            shops = [(odoo, partner, odoo.call(make_stock, STOCK)) for odoo, partner, __ in shops]
        queries = _measure_queries(shops)
    table("Queries of holding and reserving, ours", ("units", "hold", "reserve"), [(n, *q) for n, q in queries.items()])
    goals.append(("holding and reserving take as many queries for 20 units as for 5", queries[5] == queries[20]))
    return verdict(*goals)


if __name__ == "__main__":
    main(run)
