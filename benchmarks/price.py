"""The price of being there: Odoo's own screens with all our addons installed and without, among 100,000 documents.

100,000 opportunities, orders, deliveries and invoices of 1,000 customers, copied by SQL from ones that Odoo made, in
both databases. A person with all rights of sales, stock and accounting opens the pipeline, lists, and forms; the calls
are those of the web client for the views as they are there, fields that our addons add included. Views are loaded
already, as in a browser that was there before. Both databases take turns, each time with another document.

``COUNT=3000`` makes it short. Goal: no screen takes more than 1.1 × plain Odoo, in time or in queries.
"""

import os
import random
import sys
from functools import partial

from tools.paths import PROJECT, our_addons

from .common import databases, main, measured, median, processes, table, transaction, verdict, PLAIN, OURS  # isort: skip
from .shop import create_order, make_shop

COUNT, CUSTOMERS, ROUNDS, GOAL = int(os.environ.get("COUNT", "100000")), 1_000, 15, 1.1
LOGIN = "viewer"
GROUPS = ("sales_team.group_sale_manager", "stock.group_stock_manager", "account.group_account_manager")
#: Screen → model, kind of view, action.
SCREENS = {
    "pipeline": ("crm.lead", "kanban", "crm.crm_lead_action_pipeline"),
    "opportunity": ("crm.lead", "form", "crm.crm_lead_action_pipeline"),
    "orders": ("sale.order", "list", "sale.action_orders"),
    "order": ("sale.order", "form", "sale.action_orders"),
    "transfers": ("stock.picking", "list", "stock.action_picking_tree_all"),
    "transfer": ("stock.picking", "form", "stock.action_picking_tree_all"),
    "invoices": ("account.move", "list", "account.action_move_out_invoice_type"),
    "invoice": ("account.move", "form", "account.action_move_out_invoice_type"),
}
GROUPED = "stage_id"  # of the pipeline


# === INSIDE AN ODOO PROCESS: WHAT THERE IS === #


def make_documents(registry):
    """Make one document of each kind as Odoo does, and copy it; a user who may see them."""
    customer = make_shop(registry)
    transaction(registry, lambda env: env["delivery.carrier"].search([]).write({"active": False}))
    order = transaction(registry, partial(_make_order, partner=customer))[0]
    for login, step in _steps(registry):
        transaction(registry, partial(step, order=order), login)
    transaction(registry, partial(_copy_all, order=order))


def _make_order(env, partner):
    product = {"name": "Case", "list_price": 150_000, "is_storable": True, "invoice_policy": "order", "taxes_id": False}
    product = env["product.product"].create(product)
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    env["stock.quant"]._update_available_quantity(product, warehouse.lot_stock_id, 100)
    seller = env["res.users"].search([("login", "=", "seller0")]).id
    lead = {"name": "Cases", "partner_id": partner, "type": "opportunity", "user_id": seller}
    groups = [env.ref(name).id for name in ("base.group_user", *GROUPS)]
    viewer = {"name": "Viewer", "login": LOGIN, "group_ids": [(6, 0, groups)]}
    viewer = env["res.users"].with_context(no_reset_password=True).create(viewer)
    if "crm.branch" in env:
        env["crm.branch"].search([]).user_ids |= viewer
    order = create_order(env(user=seller), partner, product.id)
    order.sudo().opportunity_id = env["crm.lead"].create(lead)
    return order.id


def _steps(registry):
    """Yield who does what until there is an order with a delivery and an invoice."""
    if "crm.imei.hold" in registry:
        yield "seller0", lambda env, order: env["sale.order"].browse(order).action_submit()
        yield "manager0", lambda env, order: env["sale.order"].browse(order).action_approve()
    yield "seller0", lambda env, order: env["sale.order"].browse(order).action_confirm()
    yield "accountant0", lambda env, order: env["sale.order"].browse(order)._create_invoices().action_post()


def _copy_all(env, order):
    from .copies import FIRST, SQL, copied, copy, renamed  # noqa: PLC0415 - Odoo is set up by now

    order = env["sale.order"].browse(order)
    partner, lead, picking, invoice = order.partner_id, order.opportunity_id, order.picking_ids, order.invoice_ids
    copy(env, partner, CUSTOMERS, commercial_partner_id=copied(), name=renamed("Customer "))
    customer = SQL("%s + 10 * (1 + n %% %s)", FIRST, CUSTOMERS)
    whose = {"partner_id": customer, "access_token": SQL("NULL")}
    addresses = {"partner_invoice_id": customer, "partner_shipping_id": customer, "commercial_partner_id": customer}
    copy(env, lead, COUNT, partner_id=customer, name=renamed("Cases "))
    copy(env, order, COUNT, name=renamed("SC"), opportunity_id=copied(), **whose, **addresses)
    copy(env, order.order_line, COUNT, order_id=copied())
    copy(env, picking, COUNT, name=renamed("WH/OUT/C"), sale_id=copied(), **whose)
    copy(env, picking.move_ids, COUNT, picking_id=copied(), sale_line_id=copied())
    copy(env, picking.move_line_ids, COUNT, picking_id=copied(), move_id=copied())
    named = {"name": renamed("INV/C/"), "sequence_number": SQL("n"), "sequence_prefix": SQL("'INV/C/'")}
    copy(env, invoice, COUNT, payment_reference=renamed("C"), **named, **whose, **addresses)
    copy(env, invoice.line_ids, COUNT, move_id=copied(), partner_id=customer, move_name=renamed("INV/C/"))
    env.cr.execute(
        """INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id)
           SELECT %s + 10 * n, %s + 10 * n FROM generate_series(1, %s) n""",
        [FIRST, FIRST, COUNT],
    )


# === INSIDE AN ODOO PROCESS: A SCREEN === #


def _client():
    sys.path.insert(0, str(PROJECT / "tests"))
    from generic import client  # noqa: PLC0415

    return client


def _open(env, screen, views):
    """Return (model, architecture, domain) of a screen, its views loaded once."""
    client = _client()
    name, kind, xml_id = SCREENS[screen]
    action = env.ref(xml_id).sudo()
    model = env[name].with_context(**client.action_context(env, action))
    if screen not in views:
        views[screen] = client.get_views(model, action.views, action)[kind]
    return model, views[screen], client.action_domain(env, action)


def _look(env, screen, number, views):
    """Do what the client does to show the screen."""
    from .copies import FIRST  # noqa: PLC0415

    client = _client()
    model, arch, domain = _open(env, screen, views)
    if arch.tag == "form":
        return model.browse(FIRST + 10 * number).web_read(client.specification(model, arch))
    if arch.tag == "kanban":
        return model.web_read_group(
            domain,
            [GROUPED],
            client.aggregates(model, arch),
            auto_unfold=True,
            unfold_read_specification=client.specification(model, arch),
            unfold_read_default_limit=20,
        )
    return client.read_page(model, arch, domain)


def look(registry, screen, numbers):
    """Open a screen, once for each number and once before; return what each time cost."""
    views = {}
    transaction(registry, partial(_look, screen=screen, number=COUNT, views=views), LOGIN)
    return [
        measured(registry, partial(_look, screen=screen, number=number, views=views), LOGIN)[0] for number in numbers
    ]


# === BOTH === #


def _compare(odoos, screen):
    """Return the medians of both: milliseconds, queries."""
    costs = [[], []]
    for numbers in _numbers():
        for odoo, found in zip(odoos, costs, strict=True):
            found.extend(odoo.call(look, screen, numbers))
    return [[median([getattr(cost, what) for cost in found]) for found in costs] for what in ("busy", "queries")]


def _numbers():
    """Return the documents of each turn: others each time, the same for both."""
    drawn = random.Random(19).sample(range(1, COUNT), ROUNDS)
    return [drawn[start : start + 5] for start in range(0, ROUNDS, 5)]


def run():
    rows, goals = [], []
    with databases(addons=our_addons()), processes(PLAIN, OURS) as odoos:
        for odoo in odoos:
            odoo.call(make_documents)
        for screen in SCREENS:
            (plain, ours), (few, many) = _compare(odoos, screen)
            rows.append([screen, *(f"{v:.0f}" for v in (plain, ours)), f"{ours / plain:.2f}"])
            rows[-1] += [f"{few:.0f}", f"{many:.0f}", f"{many / few:.2f}"]
            goals.append((f"{screen}: {ours / plain:.2f} × the time", ours <= GOAL * plain))
            goals.append((f"{screen}: {many / few:.2f} × the queries", many <= GOAL * few))
    header = ("screen", "ms: plain", "ours", "ratio", "queries: plain", "ours", "ratio")
    table(f"Among {COUNT:,} documents of each kind: median of {ROUNDS}", header, rows)
    return verdict(*goals)


if __name__ == "__main__":
    main(run)
