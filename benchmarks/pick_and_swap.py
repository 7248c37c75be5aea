"""What happens when a user enters an IMEI in a delivery that another order has, and when the other delivers first.

Two orders of one unit each; in the second one's delivery somebody enters the first one's IMEI, then the orders are
delivered. Plain Odoo and ours side by side, with the words that the user sees.

Goal: ours refuses it, and each order delivers the unit that it was promised; plain Odoo shows why that is needed.
"""

from .common import OURS, PLAIN, databases, main, processes, table, transaction, verdict
from .shop import create_order, deliver, make_shop, make_stock


def _order(env, order):
    return env["sale.order"].browse(order)


def _imeis(env, order):
    return ", ".join(_order(env, order).picking_ids.move_line_ids.lot_id.mapped("name"))


def _attempt(registry, work, login):
    """Run ``work(env)`` as that user; return what it returns, or the words with which it was refused."""
    from odoo.exceptions import UserError  # noqa: PLC0415

    try:
        return transaction(registry, work, login)[0]
    except UserError as refused:
        return f"refused: {refused}"


def _confirmed(registry, partner, product):
    """Return a new confirmed order."""
    order = transaction(registry, lambda env: create_order(env, partner, product).id, "seller0")[0]
    if "crm.imei.hold" in registry:
        transaction(registry, lambda env: _order(env, order).action_submit(), "seller0")
        transaction(registry, lambda env: _order(env, order).action_approve(), "manager0")
    transaction(registry, lambda env: _order(env, order).action_confirm(), "seller0")
    return order


def _story(registry, partner, product):
    """Return what a person sees, step by step: (step, what happened)."""
    first, second = (_confirmed(registry, partner, product) for __ in range(2))

    def unit(order):
        return transaction(registry, lambda env: _imeis(env, order))[0]

    def pick(env):
        line = _order(env, second).picking_ids.move_line_ids
        line.lot_id = _order(env, first).picking_ids.move_line_ids.lot_id
        return f"allowed: now {_imeis(env, second)}"

    def validate(order):
        def work(env):
            deliver(_order(env, order))
            return f"{_order(env, order).picking_ids.state}: {_imeis(env, order)}"

        return _attempt(registry, work, "logistics0")

    yield "order A was promised", unit(first)
    yield "order B was promised", unit(second)
    yield "A's IMEI is entered for B", _attempt(registry, pick, "logistics0")
    yield "B's delivery names", unit(second)
    yield "A delivers", validate(first)
    yield "B's delivery names then", unit(second)
    yield "B delivers", validate(second)


def _tell(registry, partner, product):
    return list(_story(registry, partner, product))


def run():
    with databases(), processes(PLAIN, OURS) as odoos:
        plain, ours = (odoo.call(_tell, odoo.call(make_shop), odoo.call(make_stock, 5)) for odoo in odoos)
    for title, story in (("Plain Odoo", plain), ("Ours", ours)):
        table(title, ("step", "what happens"), story)
    silent, kept = dict(plain), dict(ours)
    entered = "A's IMEI is entered for B"
    return verdict(
        (
            "plain Odoo allows it, and silently changes B's unit when A delivers",
            silent[entered].startswith("allowed") and silent["B's delivery names"] != silent["B's delivery names then"],
        ),
        (
            "ours refuses it and says whose the unit is",
            "refused" in kept[entered] and "held for order" in kept[entered],
        ),
        (
            "ours delivers to each order the unit that it was promised",
            all(kept[f"{name} delivers"] == f"done: {kept[f'order {name} was promised']}" for name in "AB"),
        ),
    )


if __name__ == "__main__":
    main(run)
