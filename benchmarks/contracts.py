"""The nights of :mod:`crm_branch`: ending, invoicing, what isn't handed in, replenishment, late receipts; the notice.

- among 100,000 contracts OCA's scheduled invoicing of 500 due ones runs in a database with OCA's addon alone and in one
  with ours, in turns: as drafts, and posted. Goal: at most 1.1 times the queries of OCA's for each contract;
- contracts whose last day is over are ended, 500 and 2,500 of them: a query less than for each tenth contract more;
- bundles not handed in, goods below their norms and late receipts of materials are found and told: seconds and queries;
- the notice on opening the client, as one of a branch's retention officers. Goal: one query, less than 50 ms.

The environment's ``CONTRACTS`` and ``DUE`` set other numbers of them.
"""

import contextlib
import os
import time

from tools import database, postgres, templates
from tools.console import step

from .common import main, measured, median, processes, table, transaction, verdict

ADDON = "crm_branch"
NAMES = ("bench_contracts_oca", "bench_contracts")
CONTRACTS = int(os.environ.get("CONTRACTS", "100000"))
BRANCHES, OFFICERS = 10, 5
#: Contracts that come due on each day of which the scheduled action is run: drafts and posted in turns.
DUE, ROUNDS = int(os.environ.get("DUE", "500")), 2
DAYS = 2 * ROUNDS
ENDING, MORE_ENDING = 500, 2500
NORMS, SHORT = 50, 10
BUNDLES, RECEIPTS = 100, 200
NOTICES = 15
INVOICING_GOAL, ENDING_GOAL, NOTICE_GOAL = 1.1, 0.1, 50


@contextlib.contextmanager
def _databases():
    with postgres.running("pg-test", throw_away=True):
        template = templates.template([ADDON])
        try:
            with step("Databases"):
                for name in NAMES:
                    database.drop(name)
                    database.clone(template, name)
                database.run_odoo(NAMES[1], "-i", ADDON, log="bench-install.log")
            yield
        finally:
            for name in NAMES:
                database.drop(name)


# === INSIDE AN ODOO PROCESS: WHAT THERE IS === #


def _multiply(env, record, source, **values):
    """Insert the record's row once for each row ``many`` of the source, with other values, which are SQL."""
    record.flush_recordset()
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s",
        [record._table],
    )
    columns = {name: f'template."{name}"' for (name,) in env.cr.fetchall() if name != "id"}
    columns |= {name: value for name, value in values.items() if name in columns}
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(columns.values())
    env.cr.execute(
        f"INSERT INTO {record._table} ({names}) SELECT {values} FROM {record._table} template CROSS JOIN {source} "  # noqa: S608
        f"WHERE template.id = {record.id}"
    )


def _make_contracts(registry, ours):
    """Make customers with one contract each, a few of them due on each of the last days."""

    def make(env):
        env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
        branches = _make_branches(env) if ours else [0]
        partner = env["res.partner"].create({"name": "Customer"})
        product = env["product.product"].create({"name": "Subscription", "type": "service"})
        # A supplier's contract needs neither consent nor point of sale: its row is made the customers' by SQL.
        contract = env["contract.contract"].create(
            {
                "name": "Contract",
                "contract_type": "purchase",
                "partner_id": partner.id,
                "line_recurrence": True,
                "contract_line_ids": [
                    (0, 0, {"name": "Subscription", "product_id": product.id, "specific_price": 50.0, "quantity": 1})
                ],
            }
        )
        line = contract.contract_line_ids
        line.flush_recordset()
        many = f"generate_series(1, {CONTRACTS}) AS many(n)"
        env.cr.execute("SELECT nextval('res_partner_id_seq')")
        first = env.cr.fetchone()[0]
        _multiply(
            env,
            partner,
            many,
            name="'Customer ' || n",
            complete_name="'Customer ' || n",
            commercial_partner_id=f"{first} + n",
        )
        env.cr.execute("ANALYZE res_partner")  # otherwise its rows are looked for one after the other
        journal = env["account.journal"].search([("type", "=", "sale"), ("company_id", "=", env.company.id)], limit=1)
        due = f"CASE WHEN n <= {DUE * DAYS} THEN CURRENT_DATE - {DAYS - 1} + (n - 1) / {DUE} ELSE CURRENT_DATE + 9 END"
        begun = f"CASE WHEN over THEN CURRENT_DATE - 1700 ELSE (({due}) - interval '6 months')::date END"
        _multiply(
            env,
            contract,
            f"(SELECT *, n % 2 = 1 AND n > {DUE * DAYS} AS over FROM {many}) many",  # noqa: S608
            code="'C' || n",
            name="'Contract ' || n",
            contract_type="'sale'",
            partner_id=f"{first} + n",
            invoice_partner_id=f"{first} + n",
            commercial_partner_id=f"{first} + n",
            journal_id=str(journal.id),
            branch_id=f"({'ARRAY' + str(list(branches))})[1 + n % {len(branches)}]",
            approval_state="CASE WHEN over THEN 'ended' ELSE 'active' END",
            activated_at="now() - interval '6 months'",
            signed_at="now() - interval '6 months'",
            date_start=begun,
            last_date_invoiced=f"({due}) - 1",
            recurring_next_date=f"CASE WHEN NOT over THEN {due} END",
            date_end="CASE WHEN over THEN CURRENT_DATE - 30 - n % 900 ELSE CURRENT_DATE + 30 + n % 900 END",
        )
        env.cr.execute("ANALYZE contract_contract")
        _multiply(
            env,
            line,
            f"(SELECT * FROM contract_contract WHERE id > {contract.id}) many",  # noqa: S608
            contract_id="many.id",
            **{
                name: f"many.{name}"
                for name in ("company_id", "date_end", "date_start", "last_date_invoiced", "recurring_next_date")
            },
        )
        env.cr.execute("UPDATE contract_contract SET active = FALSE WHERE id = %s", [contract.id])
        if ours:
            _make_night(env)

    transaction(registry, make)
    with registry.cursor() as cr:
        cr._cnx.autocommit = True
        cr.execute("VACUUM ANALYZE")


def _make_branches(env):
    """Make branches with a head, officers and a warehouse, supplied by the headquarters; return their ids."""
    env = env(context={"no_reset_password": True})
    groups = [env.ref("crm_branch.group_branch_manager")] + [env.ref("crm_branch.group_retention_officer")] * OFFICERS
    for number in range(BRANCHES + 1):
        users = env["res.users"].create(
            [
                {"name": f"User {number}.{place}", "login": f"user{number}_{place}", "group_ids": [(6, 0, group.ids)]}
                for place, group in enumerate(groups)
            ]
        )
        warehouse = env["stock.warehouse"].create({"name": f"Warehouse {number}", "code": f"W{number}"})
        env["crm.branch"].create(
            {
                "name": f"Branch {number}",
                "code": f"B{number}",
                "kind": "point_of_sale" if number else "headquarters",
                "sequence": number,
                "tz": "UTC",
                "head_id": users[0].id,
                "user_ids": [(6, 0, users.ids)],
                "warehouse_id": warehouse.id,
                "order_nightly": bool(number),
            }
        )
    return env["crm.branch"].search([("code", "=like", "B%"), ("kind", "=", "point_of_sale")]).ids


def _make_night(env):
    """Make what the other scheduled actions find."""
    branches = env["crm.branch"].search([("code", "=like", "B%"), ("kind", "=", "point_of_sale")])
    products = env["product.product"].create([{"name": f"Product {n}", "is_storable": True} for n in range(NORMS)])
    env["stock.warehouse.orderpoint"].create(
        [
            {
                "product_id": product.id,
                "warehouse_id": branch.warehouse_id.id,
                "location_id": branch.warehouse_id.lot_stock_id.id,
                "product_min_qty": 5,
                "product_max_qty": 5,
                "trigger": "manual",
            }
            for branch in branches
            for product in products
        ]
    )
    for branch in branches:
        for product in products[SHORT:]:
            env["stock.quant"]._update_available_quantity(product, branch.warehouse_id.lot_stock_id, 5)
    env.flush_all()
    values = {"branches": branches.ids, "company": env.company.id, "bundles": BUNDLES}
    env.cr.execute(
        """
        INSERT INTO crm_contract_bundle (branch_id, company_id, user_id, day, state, create_uid, write_uid)
        SELECT branch_id, %(company)s, user_id, CURRENT_DATE - day, 'open', 1, 1
          FROM crm_branch_users_rel, generate_series(1, %(bundles)s) day WHERE branch_id = ANY(%(branches)s)
         ORDER BY day LIMIT %(bundles)s
        """,
        values,
    )
    env.cr.execute(
        """
        UPDATE contract_contract SET approval_state = 'signed', bundle_id = bundle.id, activated_at = NULL
          FROM (SELECT id, row_number() OVER () AS place FROM crm_contract_bundle) bundle
         WHERE contract_contract.code = 'C' || (%s - 2 * bundle.place)
        """,
        [CONTRACTS],
    )
    material = env["crm.material"].create({"name": "Price list", "kind": "price_list"})
    version = env["crm.material.version"].create({"material_id": material.id})
    _multiply(
        env,
        version,
        f"generate_series(1, {RECEIPTS // BRANCHES}) AS many(n)",
        state="'withdrawn'",
        number="1 + n",
        published_at="now()",
        valid_from="CURRENT_DATE",
    )
    env.cr.execute(
        """
        INSERT INTO crm_material_receipt (version_id, material_id, branch_id, company_id, kind, state, sent_at, due_at,
                                          create_uid, write_uid)
        SELECT version.id, version.material_id, branch_id, %(company)s, 'price_list', 'waiting', now() - interval '1 d',
               now() - interval '23 h', 1, 1
          FROM crm_material_version version, unnest(%(branches)s) branch_id WHERE version.state = 'withdrawn'
        """,
        values,
    )


# === INSIDE AN ODOO PROCESS: THE NIGHT === #


def _invoice(registry, ours, day, post):
    """Run OCA's scheduled action on the so-many-th of the days; return (milliseconds at work, queries, invoices)."""
    from datetime import date, timedelta  # noqa: PLC0415

    when = date.today() - timedelta(days=DAYS - 1 - day)  # noqa: DTZ011 - the day of the database, which is here

    def run(env):
        if ours:
            env.company.contract_invoice_post = post
        before = env["account.move"].search([], order="id desc", limit=1).id or 0
        env["contract.contract"].cron_recurring_create_invoice(when)
        made = env["account.move"].search([("id", ">", before)])
        if post and not ours:
            made.action_post()
        assert set(made.mapped("state")) == {"posted" if post else "draft"}, made.mapped("state")
        return len(made)

    cost, made = measured(registry, run)
    return cost.busy, cost.queries, made


def _end(registry, more):
    """Let the last day of so many contracts be over, and end them; return (milliseconds at work, queries, ended)."""
    with registry.cursor() as cr:
        cr.execute(
            """
            WITH chosen AS (
                SELECT id FROM contract_contract
                 WHERE approval_state = 'active' AND recurring_next_date > CURRENT_DATE ORDER BY id DESC LIMIT %s
            ), lines AS (
                UPDATE contract_line SET recurring_next_date = NULL, date_end = CURRENT_DATE - 1
                  FROM chosen WHERE contract_id = chosen.id
            )
            UPDATE contract_contract SET recurring_next_date = NULL, date_end = CURRENT_DATE - 1
              FROM chosen WHERE contract_contract.id = chosen.id
            """,
            [more],
        )
    cost, __ = measured(registry, lambda env: env["contract.contract"]._cron_end())
    with registry.cursor() as cr:
        cr.execute("SELECT count(*) FROM crm_workflow_log WHERE res_model = 'contract.contract' AND transition = 'end'")
        return cost.busy, cost.queries, cr.fetchone()[0]


NIGHT = (
    ("bundles not handed in", "crm.contract.bundle", "_cron_unsubmitted", [("is_late", "=", True)]),
    ("goods below their norms", "stock.warehouse.orderpoint", "_cron_order_missing", [("ordered_at", "!=", False)]),
    ("late receipts", "crm.material.receipt", "_cron_escalate", [("escalated_at", "!=", False)]),
)


def _night(registry, place):
    """Run one of the scheduled actions twice: return (milliseconds at work, queries) of both, and what it found."""
    __, model, method, domain = NIGHT[place]
    first, __ = measured(registry, lambda env: getattr(env[model], method)())
    again, found = measured(registry, lambda env: (getattr(env[model], method)(), env[model].search_count(domain))[1])
    return (first.busy, first.queries), (again.busy, again.queries), found


def _notice(registry):
    """Return (milliseconds by the clock, milliseconds at work, queries, how many contracts) of one notice."""
    from odoo import sql_db  # noqa: PLC0415

    def work(env):
        contracts = env["contract.contract"]
        assert env.companies  # the session's information has read them before
        queries, began = sql_db.sql_counter, time.perf_counter()
        notice = contracts._notice()
        return (time.perf_counter() - began) * 1000, sql_db.sql_counter - queries, notice["count"]

    cost, (wall, queries, count) = measured(registry, work, "user1_1")
    return wall, cost.busy, queries, count


# === MEASURING === #


def _measure_invoicing(oca, ours):
    rows, goals = [], []
    for place, what in enumerate(("drafts", "posted")):
        costs = {odoo: [] for odoo in (oca, ours)}
        for number in range(ROUNDS):
            for odoo, values in costs.items():
                day = place * ROUNDS + number
                busy, queries, made = odoo.call(_invoice, odoo is ours, day, bool(place))
                assert made == DUE, made
                values.append((busy, queries))
        (busy, queries), (our_busy, our_queries) = (
            [median(column) for column in zip(*values, strict=True)] for values in costs.values()
        )
        rows.append(
            (what, f"{busy / 1000:.1f}", f"{our_busy / 1000:.1f}", f"{queries / DUE:.2f}", f"{our_queries / DUE:.2f}")
        )
        ratio = our_queries / queries
        words = f"invoices, {what}: {ratio:.2f} × OCA's queries (goal: {INVOICING_GOAL})"
        goals.append((words, ratio <= INVOICING_GOAL))
    header = ("", "OCA: s", "ours: s", "OCA: queries each", "ours")
    table(f"{DUE} invoices among {CONTRACTS:,} contracts, median of {ROUNDS}", header, rows)
    return goals


def _measure_ending(ours):
    none = ours.call(_end, 0)
    few = ours.call(_end, ENDING)
    many = ours.call(_end, MORE_ENDING)
    assert (none[2], few[2], many[2]) == (0, ENDING, ENDING + MORE_ENDING), (none, few, many)
    rows = [
        (f"{count:,} contracts", f"{cost[0] / 1000:.2f}", f"{cost[1]}")
        for count, cost in ((0, none), (ENDING, few), (MORE_ENDING, many))
    ]
    table(f"Ended among {CONTRACTS:,} contracts", ("", "s", "queries"), rows)
    each = (many[1] - few[1]) / (MORE_ENDING - ENDING)
    return f"ending: {each:.2f} queries for each contract more (goal: {ENDING_GOAL})", each <= ENDING_GOAL


def _measure_night(ours):
    rows = []
    for place, (name, *__) in enumerate(NIGHT):
        first, again, found = ours.call(_night, place)
        assert found, name
        rows.append((name, found, f"{first[0] / 1000:.2f}", first[1], f"{again[0] / 1000:.2f}", again[1]))
    table(f"The rest of the night at {BRANCHES} branches", ("", "found", "s", "queries", "again: s", "queries"), rows)


def _measure_notice(ours):
    walls, works, queries, counts = zip(*(ours.call(_notice) for __ in range(NOTICES)), strict=True)
    table(
        f"Notice of a retention officer among {CONTRACTS:,} contracts, median of {NOTICES}",
        ("", "ms", "ms with its request", "queries", "ending"),
        [("notice", f"{median(walls):.1f}", f"{median(works):.1f}", max(queries), max(counts))],
    )
    words = f"notice: {median(walls):.1f} ms, {max(queries)} query (goal: {NOTICE_GOAL} ms, 1)"
    return words, median(walls) < NOTICE_GOAL and max(queries) == 1 and min(counts) > 0


def run():
    with _databases(), processes(*NAMES) as (oca, ours):
        with step("Contracts"):
            oca.call(_make_contracts, False)
            ours.call(_make_contracts, True)
        notice = _measure_notice(ours)
        goals = _measure_invoicing(oca, ours)
        ending = _measure_ending(ours)
        _measure_night(ours)
        return verdict(notice, *goals, ending)


if __name__ == "__main__":
    main(run)
