"""From the first contact to the invoice: FL-1 to FL-11 of the CRM flow, with the phone shop's procedure in between."""

import io
import os
import re
from dataclasses import dataclass, field

import pypdf
import pytest
from playwright.sync_api import expect
from stdnum import luhn

from .browser import opened
from .server import serving

DATABASE = os.environ["DATABASE"]
PEOPLE = {
    "j_officer": ("Wulan Officer", "crm_base.group_officer"),
    "j_colleague": ("Tono Officer", "crm_base.group_officer"),
    "j_manager": ("Rudi Manager", "crm_base.group_manager"),
    "j_logistics": ("Slamet Logistics", "stock.group_stock_user"),
    "j_accountant": ("Ningsih Accountant", "account.group_account_invoice"),
}
PHONE = "Garuda X1 128 GB"
PRICE, RAISED = 3_330_000, 3_663_000  # 10 % more
UNITS, ORDERED = 200, 3
TAC = "86999901"
CUSTOMER, MEMO, VALUES = "Lestari Wijayanti", "Three phones for her sons, before school begins.", "A warranty that is honoured."
LEAD = "Phones for three sons"


@dataclass
class Journey:
    """What one step finds out and a later one needs."""

    admin: object = None
    product: int = 0
    pricelist: int = 0
    numbers: list = field(default_factory=list)
    order: str = ""
    imeis: list = field(default_factory=list)
    others: list = field(default_factory=list)


def imei(serial):
    body = f"{TAC}{serial:06d}"
    return body + luhn.calc_check_digit(body)


def prepare(journey, server):
    """People, a phone, its price list, tax included: what a shop has before its day begins."""
    admin = journey.admin = server.api("admin")
    branch = admin.ref("crm_base.crm_branch_headquarters")
    groups = [admin.ref("base.group_user"), admin.ref("product.group_product_pricelist")]
    for login, (name, group) in PEOPLE.items():
        roles = [*groups, admin.ref(group)]
        admin.create(
            "res.users", name=name, login=login, password=login, tz="Asia/Jakarta", group_ids=[[6, 0, roles]],
            branch_ids=[[6, 0, [branch]]],
        )
    company = admin.ref("base.main_company")
    (values,) = admin.read("res.company", [company], "account_sale_tax_id")
    (tax,) = admin.call(
        "account.tax", "copy", [values["account_sale_tax_id"][0]], {"name": "Journey", "price_include_override": "tax_included"}
    ),
    tax = tax if isinstance(tax, int) else tax[0]
    journey.product = admin.create(
        "product.product", name=PHONE, is_imei=True, is_storable=True, tracking="serial", list_price=PRICE, taxes_id=[[6, 0, [tax]]]
    )
    (product,) = admin.read("product.product", [journey.product], "product_tmpl_id")
    rule = {
        "applied_on": "1_product",
        "product_tmpl_id": product["product_tmpl_id"][0],
        "compute_price": "fixed",
        "fixed_price": PRICE,
    }
    journey.pricelist = admin.create("product.pricelist", name="Counter", sequence=0, item_ids=[[0, 0, rule]])


def receive(journey, logistics):
    """Logistics receives 200 phones: a pasted list of 203 lines, of which three are bad and left out (SOP-4b)."""
    logistics.menu("stock.menu_stock_root", "stock.menu_stock_warehouse_mgmt", "stock.in_picking")
    logistics.new()
    form = logistics.form
    line = form.add_line("move_ids")
    line.choose("product_id", PHONE)
    line.fill("product_uom_qty", UNITS)
    form.click("action_confirm")
    good = [imei(serial) for serial in range(UNITS)]
    misread = good[0][:-1] + str((int(good[0][-1]) + 1) % 10)
    short = imei(UNITS)[:-1]
    journey.numbers = good
    form.click("action_receive_imei")
    dialog = logistics.dialog
    dialog.fill("text", "\n".join([*good[:50], misread, *good[50:120], short, *good[120:], good[7]]))
    dialog.click("action_check")
    bad = dialog.root.locator(".o_list_view tr.text-danger, .o_list_view .o_data_row.text-danger")
    expect(bad).to_have_count(3)
    for text in (f"{misread}: its check digit is wrong", f"{short}: it has 14 digits", f"{good[7]} is in line 8 already"):
        expect(bad.filter(has_text=text)).to_have_count(1)
    logistics.snap("journey-receipt-bad-lines")
    dialog.input("leave_out").check()
    dialog.click("action_receive")
    expect(logistics.page.locator(".modal")).to_have_count(0)
    form.click("button_validate")
    expect(form.field("state").locator("[aria-checked=true]")).to_have_text("Done")
