"""The phone shop with which all test classes begin: its people, a phone, a customer.

``make test`` commits them once into a lane's database (see ``tools/lane.py``) and the classes find them there; in
another database each class makes its own.
"""

from odoo.tests.common import new_test_user

PEOPLE = {
    "officer": "crm_base.group_officer",
    "other_officer": "crm_base.group_officer",
    "manager": "crm_base.group_manager",
    "sales_manager": "sales_team.group_sale_manager",
    "logistics": "stock.group_stock_user",
    "accountant": "account.group_account_invoice",
}
CONTEXT = {"tracking_disable": True, "no_reset_password": True}
#: Where the XML ids of the committed shop are.
MODULE = "__test__"


def commit(env):
    """Make the shop for all classes; whoever calls commits."""
    records = _make_shop(env)
    env["ir.model.data"]._update_xmlids(
        [{"xml_id": f"{MODULE}.sop_{name}", "record": record, "noupdate": True} for name, record in records.items()]
    )


def shop(env):
    """Return name → record of the shop: the committed one, or else a new one."""
    known = {name: env.ref(f"{MODULE}.sop_{name}", raise_if_not_found=False) for name in [*PEOPLE, "phone", "partner"]}
    return known if all(known.values()) else _make_shop(env)


def _make_shop(env):
    env = env(context={**env.context, **CONTEXT})
    env.user.group_ids += env.ref("product.group_product_pricelist")
    people = {name: create_user(env, name, groups) for name, groups in PEOPLE.items()}
    phone, partner = create_phone(env, "Phone One", 3_000_000), create_customer(env, "Rina Kartika")
    return {**people, "phone": phone, "partner": partner}


def create_user(env, login, groups, **values):
    return new_test_user(env, login=f"sop_{login}", groups=f"base.group_user,{groups}", **values)


def create_customer(env, name, **values):
    address = {"street": "Jl. HR Rasuna Said 1", "city": "Jakarta Selatan", "zip": "12940"}
    address |= {"state_id": env.ref("base.state_id_jk").id, "country_id": env.ref("base.id").id}
    return env["res.partner"].create({"name": name, **address, **values})


def create_phone(env, name, price, **values):
    product = {"name": name, "list_price": price, "is_storable": True, "tracking": "serial", "taxes_id": False}
    return env["product.product"].create({**product, "invoice_policy": "order", **values})
