"""The phone shop with which all test classes begin: its people, a phone, a customer (see crm_base's)."""

from odoo.tests.common import new_test_user

from odoo.addons.crm_base.tests.fixtures import keep

PEOPLE = {
    "officer": "crm_base.group_officer",
    "other_officer": "crm_base.group_officer",
    "manager": "crm_base.group_manager",
    "sales_manager": "sales_team.group_sale_manager",
    "logistics": "stock.group_stock_user",
    "accountant": "account.group_account_invoice",
}
CONTEXT = {"tracking_disable": True, "no_reset_password": True}


def commit(env):
    keep(env, "shop", make)
    keep(env, "firm", make_firm)


def make(world):
    env = world.env(context={**world.env.context, **CONTEXT})
    env.user.group_ids += env.ref("product.group_product_pricelist")
    people = {name: create_user(env, name, groups) for name, groups in PEOPLE.items()}
    phone, partner = create_phone(env, "Phone One", 3_000_000), create_customer(env, "Rina Kartika")
    return {**people, "phone": phone, "partner": partner}


def make_firm(world):
    """Make a company with accounts in rupiah, and an accountant who isn't in it yet."""
    env = world.env(context={**world.env.context, **CONTEXT})
    rupiah = env.ref("base.IDR")
    rupiah.active = True
    country = env.ref("base.id")
    firm = env["res.company"].create({"name": "PT Dua Solusi", "currency_id": rupiah.id, "country_id": country.id})
    env["account.chart.template"].try_loading("generic_coa", company=firm, install_demo=False)
    firm.currency_id = rupiah
    # products that were there before would have its taxes, which the people of other companies can't read
    taxes = env["account.tax"].search([("company_id", "=", firm.id)])
    env["product.template"].search([("taxes_id", "in", taxes.ids)]).taxes_id -= taxes
    env["product.template"].search([("supplier_taxes_id", "in", taxes.ids)]).supplier_taxes_id -= taxes
    return {"firm": firm, "other_accountant": create_user(env, "other_accountant", "account.group_account_invoice")}


def create_user(env, login, groups, **values):
    return new_test_user(env, login=f"sop_{login}", groups=f"base.group_user,{groups}", **values)


def create_customer(env, name, **values):
    address = {"street": "Jl. HR Rasuna Said 1", "city": "Jakarta Selatan", "zip": "12940"}
    address |= {"state_id": env.ref("base.state_id_jk").id, "country_id": env.ref("base.id").id}
    return env["res.partner"].create({"name": name, **address, **values})


def create_phone(env, name, price, **values):
    product = {"name": name, "list_price": price, "is_storable": True, "tracking": "serial", "taxes_id": False}
    return env["product.product"].create({**product, "invoice_policy": "order", **values})
