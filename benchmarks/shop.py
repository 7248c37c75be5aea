"""A phone shop in a benchmark's database: its people, a customer, phones in stock. Runs inside an Odoo process."""

from stdnum import luhn

from .common import transaction

PASSWORD = "benchmark"  # noqa: S105 - of users that live as long as the benchmark
ROLES = {
    "seller": ("sales_team.group_sale_salesman", "crm_base.group_officer"),
    "manager": ("sales_team.group_sale_manager", "crm_base.group_manager"),
    "logistics": ("stock.group_stock_user",),
    "accountant": ("account.group_account_invoice",),
}


def make_shop(registry, clients=1):
    """Make the users of each role and a customer; return the customer's id."""
    return transaction(registry, lambda env: _make_shop(env, clients))[0]


def _make_shop(env, clients):
    env = env(context={"no_reset_password": True})
    for role, groups in ROLES.items():
        known = [group for group in (env.ref(name, False) for name in ("base.group_user", *groups)) if group]
        for number in range(clients):
            login = f"{role}{number}"
            user = {"name": login.title(), "login": login, "email": f"{login}@example.com", "password": PASSWORD}
            env["res.users"].create({**user, "group_ids": [(6, 0, [group.id for group in known])]})
    return _create_customer(env)


def make_customer(registry):
    return transaction(registry, _create_customer)[0]


def _create_customer(env):
    address = {"street": "Jl. HR Rasuna Said 1", "city": "Jakarta Selatan", "zip": "12940"}
    state = env.ref("base.state_id_jk")
    address |= {"state_id": state.id, "country_id": state.country_id.id}
    return env["res.partner"].create({"name": "Rina Kartika", **address}).id


def make_stock(registry, count):
    """Make a product with that many units in stock, by SQL, the first being the oldest; return its id."""
    return transaction(registry, lambda env: _make_stock(env, count))[0]


def _make_stock(env, count):
    product = {"name": "Phone", "list_price": 3_000_000, "is_storable": True, "tracking": "serial", "taxes_id": False}
    if "is_imei" in env["product.product"]._fields:
        product["is_imei"] = True
    product = env["product.product"].create({**product, "invoice_policy": "order"})
    env.flush_all()
    warehouse = env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1)
    bodies = [f"35{product.id:05d}{number:07d}" for number in range(count)]
    _insert_units(env.cr, product, warehouse.lot_stock_id, [body + luhn.calc_check_digit(body) for body in bodies])
    return product.id


def _insert_units(cr, product, location, names):
    cr.execute(
        """
        WITH lot AS (
            INSERT INTO stock_lot (name, product_id, location_id, create_uid, write_uid, create_date, write_date)
            SELECT name, %s, %s, 1, 1, now(), now() FROM unnest(%s::text[]) AS name RETURNING id
        )
        INSERT INTO stock_quant (product_id, location_id, company_id, lot_id, quantity, reserved_quantity, in_date,
                                 create_uid, write_uid, create_date, write_date)
        SELECT %s, %s, %s, id, 1, 0, now() - interval '1 day' + id * interval '1 ms', 1, 1, now(), now()
          FROM lot
        """,
        [product.id, location.id, names, product.id, location.id, location.company_id.id],
    )
    if "is_imei" in product._fields:
        cr.execute(
            "INSERT INTO crm_imei (number, lot_id, position) SELECT name, id, 1 FROM stock_lot WHERE product_id = %s",
            [product.id],
        )
    for name in ("stock_lot", "stock_quant"):
        cr.execute(f"ANALYZE {name}")


def create_order(env, partner, product, quantity=1):
    line = {"product_id": product, "product_uom_qty": quantity}
    return env["sale.order"].create({"partner_id": partner, "order_line": [(0, 0, line)]})


def deliver(order):
    """Validate the order's delivery in full."""
    order.picking_ids.move_ids.picked = True
    return order.picking_ids.with_context(skip_backorder=True).button_validate()
