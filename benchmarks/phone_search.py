"""How long an officer waits for the customer behind a phone number, among a million customers.

Ours: the log form is opened, and a number, whole or in part, finds the customers who have it as it is typed. Plain
Odoo: its customer search by phone, and its name search, which is what a customer field offers. The same million in
both databases, made by SQL and analysed; the two take turns, each search in a request of its own, with another number.
The environment's ``CUSTOMERS`` sets another number of them.

Goal: ours uses its index, whole number or beginning, and a search takes at most 50 ms.
"""

import os
import random

from .common import OURS, PLAIN, databases, main, measured, median, processes, table, transaction, verdict
from .shop import make_shop

CUSTOMERS = int(os.environ.get("CUSTOMERS", "1000000"))
ROUNDS = 15
WARM_UP = 2
GOAL = 50
INDEX = "_caller_idx"
OFFICER = "seller0"


# === WHAT IS SEARCHED === #


def _make_customers(env, count):
    """Make customers whose numbers are of ten digits, and a branch for the officer where there are branches."""
    env.cr.execute(
        "INSERT INTO res_partner"
        " (name, complete_name, active, phone, phone_sanitized, autopost_bills, create_uid, write_uid, type)"
        " SELECT name, name, TRUE, number, number, 'ask', 1, 1, 'contact' FROM (SELECT"
        " 'Caller ' || n AS name, '+62815' || LPAD(n::text, 7, '0') AS number FROM generate_series(1, %s) n) callers",
        [count],
    )
    if "crm.branch" in env:
        user = env["res.users"].search([("login", "=", OFFICER)])
        env["crm.branch"].create({"name": "Shop", "code": "BENCH", "user_ids": [(6, 0, user.ids)]})


def _fill(registry, count):
    make_shop(registry)
    transaction(registry, lambda env: _make_customers(env, count))
    with registry.cursor() as cr:
        cr.execute("ANALYZE res_partner")


def _number():
    return random.randint(1, CUSTOMERS)


def _open_form(env):
    from odoo.tests import Form  # noqa: PLC0415

    Form(env["crm.interaction"])


def _type(env, digits):
    """Type so many digits of a number into the log form, as people write them."""
    typed = f"0815{_number():07d}"[:digits]
    found = env["crm.interaction"].action_find_callers(typed)
    assert found, typed


def _search_phone(env):
    """Search the customers' list by phone."""
    found = env["res.partner"].search([("phone_mobile_search", "ilike", f"0815{_number():07d}"[1:])], limit=8)
    assert found.mapped("display_name")


def _search_name(env):
    """Type a name into a customer field."""
    assert env["res.partner"].name_search(f"Caller {_number()}", limit=8)


STEPS = (
    (True, "open the log form", _open_form),
    (True, "whole number", lambda env: _type(env, 11)),
    (True, "8 digits", lambda env: _type(env, 8)),
    (True, "5 digits", lambda env: _type(env, 5)),
    (False, "search by phone", _search_phone),
    (False, "name search", _search_name),
)


# === MEASURING === #


def _measure(registry, place):
    return measured(registry, STEPS[place][2], OFFICER)[0].busy


def _plan(registry, prefix):
    """Return how PostgreSQL finds the customers whose number begins so."""
    from odoo.tools import SQL  # noqa: PLC0415

    def explain(env):
        query = env["res.partner"]._query_prefix(prefix, 8).select()
        return [row for (row,) in env.execute_query(SQL("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) %s", query))]

    return transaction(registry, explain, OFFICER)[0]


def run():
    with databases(), processes(PLAIN, OURS) as (plain, ours):
        for odoo in (plain, ours):
            odoo.call(_fill, CUSTOMERS)
        times = [[] for __ in STEPS]
        for number in range(ROUNDS + WARM_UP):
            for place, (is_ours, __, ___) in enumerate(STEPS):
                took = (ours if is_ours else plain).call(_measure, place)
                if number >= WARM_UP:
                    times[place].append(took)
        plans = {prefix: ours.call(_plan, prefix) for prefix in ("+628150123456", "+6281501", "+62815")}
    medians = [median(values) for values in times]
    rows = [
        ("ours" if step[0] else "plain", step[1], f"{took:,.1f}", f"{max(values):,.1f}")
        for step, took, values in zip(STEPS, medians, times, strict=True)
    ]
    table(f"Among {CUSTOMERS:,} customers, median of {ROUNDS}", ("", "what", "ms", "longest"), rows)
    for prefix, plan in plans.items():
        print("\n".join([f"\n{prefix}…", *(f"  {row}" for row in plan)]))
    return verdict(
        *(
            (
                f"{prefix}… is found by the index",
                any(INDEX in row for row in plan) and not any("Seq Scan on res_partner" in row for row in plan),
            )
            for prefix, plan in plans.items()
        ),
        *((f"{rows[place][1]}: {rows[place][2]} ms (goal: {GOAL})", medians[place] <= GOAL) for place in (1, 2, 3)),
    )


if __name__ == "__main__":
    main(run)
