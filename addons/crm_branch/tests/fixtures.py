"""Everybody of branches A and B, and companies with accounts: with these the test classes begin (see crm_base's)."""

from functools import partial

from odoo.addons.crm_base.tests.fixtures import create_user, keep

#: Who works at a point of sale, and the group that each has.
ROLES = ("service_officer", "retention_officer", "cashier", "branch_manager")


def commit(env):
    keep(env, "branch", make, "base")
    for currency in ("PLN", "IDR"):
        keep(env, f"books_{currency}", partial(make_books, currency=currency))


def make(world):
    branches = {"a": world.branch_a, "b": world.branch_b}
    people = {
        f"{role}_{letter}": create_user(world.env, f"test_{role}_{letter}", f"crm_branch.group_{role}", branch)
        for letter, branch in branches.items()
        for role in ROLES
    }
    headquarters = world.env.ref("crm_base.crm_branch_headquarters")
    return {**people, "clerk": create_user(world.env, "test_clerk", "crm_branch.group_headquarters", headquarters)}


def make_books(world, currency):
    """Make a company with accounts in the currency, whatever the database had."""
    money = world.env.ref(f"base.{currency}")
    money.active = True
    books = world.env["res.company"].create({"name": f"Test Telekom {currency}", "currency_id": money.id})
    world.env["account.chart.template"].try_loading("generic_coa", books, install_demo=False)
    books.write({"currency_id": money.id, "contract_invoice_post": False})
    return {"books": books}
