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


def seen_as_bad(dialog):
    """Return the text of the red lines, on all pages of the list."""
    rows, following = dialog.find(".o_data_row.text-danger"), dialog.root.locator(".o_pager_next")
    expect(rows).to_be_visible()
    bad = dialog.root.locator(".o_data_row.text-danger").all_inner_texts()
    if following.count():
        following.click()
        expect(dialog.find(".o_pager_value")).to_contain_text(str(UNITS + 1))
        bad += dialog.root.locator(".o_data_row.text-danger").all_inner_texts()
    return bad


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
    bad = seen_as_bad(dialog)
    expected = (f"{misread}: its check digit is wrong", f"{short}: it has 14 digits", f"{good[7]} is in line 8 already")
    assert [[text in line for line in bad].count(True) for text in expected] == [1, 1, 1], bad
    assert len(bad) == 3
    logistics.snap("journey-receipt-bad-lines")
    dialog.input("leave_out").check()
    dialog.click("action_receive")
    expect(logistics.page.locator(".modal")).to_have_count(0)
    form.click("button_validate")
    expect(form.field("state").locator("[aria-checked=true]")).to_have_text("Done")


def add_customer(officer):
    """FL-1: a customer with a profile."""
    officer.menu("sale.sale_menu_root", "sale.sale_order_menu", "sale.res_partner_menu")
    officer.new()
    form = officer.form
    form.field("company_type").get_by_label("Person").check()
    form.fill("name", CUSTOMER)
    form.fill("phone", "+62 812 7000 1234")
    form.fill("street", "Jl. HR Rasuna Said 1")
    form.fill("city", "Jakarta Selatan")
    form.fill("zip", "12940")
    form.choose("country_id", "Indonesia")
    form.choose("state_id", "Jakarta")
    form.tab("profile")
    form.choose("segment_id", "Private customers")
    form.fill("profile_values", VALUES)
    form.save()


def enter_lead(officer):
    """FL-2: a lead with that customer, and a memo of what is wanted."""
    officer.menu("crm.crm_menu_root", "crm.crm_menu_leads")
    officer.new()
    form = officer.form
    form.fill("name", LEAD)
    form.choose("partner_id", CUSTOMER)
    form.tab("internal_notes")
    form.fill("description", MEMO)
    form.save()


def convert(officer):
    """FL-3: the lead becomes an opportunity of the customer that it has."""
    officer.form.find("button", has_text="Convert to Opportunity").click()
    officer.dialog.click("action_apply")
    expect(officer.page.locator(".modal")).to_have_count(0)
    expect(officer.form.field("expected_revenue")).to_be_visible()


def estimate(officer):
    """FL-4: expected revenue and probability."""
    officer.form.fill("expected_revenue", ORDERED * PRICE)
    officer.form.fill("probability", 60)
    officer.form.save()


def call(journey, officer):
    """FL-5: a call is planned, its preparation read, and its outcome logged."""
    officer.page.click(".o-mail-Chatter-activity")
    dialog = officer.dialog
    dialog.find("[name=activity_type_id] [value], [name=activity_type_id] *", has_text=re.compile("^Call$")).click()
    dialog.fill("summary", "Which colours?")
    preparation = dialog.field("call_preparation")
    expect(preparation).to_contain_text(MEMO)
    expect(preparation).to_contain_text(VALUES)
    officer.snap("journey-call-planned")
    dialog.click("action_schedule_activities")
    planned = officer.page.locator(".o-mail-Activity")
    expect(planned.locator(".o-crm-callPreparation")).to_contain_text(MEMO)
    planned.locator(".o-mail-Activity-markDone").click()
    popover = officer.page.locator(".o-mail-ActivityMarkAsDone")
    popover.locator(".o-crm-callOutcome").select_option(index=1)
    popover.locator("textarea").fill("Black, all three.")
    popover.get_by_label("Done", exact=True).click()
    expect(planned).to_have_count(0)


def see_pipeline(officer):
    """FL-6: the kanban shows the opportunity in its stage, with revenue and probability. FL-7: its form shows all."""
    officer.menu("crm.crm_menu_root", "crm.crm_menu_sales", "crm.menu_crm_opportunities")
    card = officer.page.locator(".o_kanban_group", has_text="New").locator(".o_kanban_record", has_text=LEAD)
    expect(card).to_contain_text("9,990,000")
    expect(card).to_contain_text("60 %")
    officer.snap("journey-pipeline")
    with officer.turning():
        card.click()
    form = officer.form
    expect(form.input("partner_id")).to_have_value(re.compile(CUSTOMER))
    expect(form.field("stage_id").locator("[aria-checked=true]")).to_contain_text("New")
    expect(form.field("description")).to_contain_text(MEMO)
    expect(officer.page.locator(".o-mail-Chatter")).to_contain_text("Which colours?")
    officer.snap("journey-opportunity")


def quote(journey, officer):
    """FL-8: a quotation makes the opportunity won. FL-9: items are added and saved. SOP-3c3: it is submitted."""
    with officer.turning():
        officer.form.click("action_sale_quotations_new")
    form = officer.form
    line = form.add_line("order_line")
    line.choose("product_template_id", PHONE)
    line.fill("product_uom_qty", ORDERED)
    form.save()
    journey.order = form.field("name").inner_text()
    form.click("action_submit")
    expect(form.field("price_locked_at")).to_be_visible()
    expect(form.field("lot_ids").locator(".o_tag")).to_have_count(ORDERED)
    journey.imeis = form.field("lot_ids").locator(".o_tag").all_inner_texts()
    officer.snap("journey-order-locked")
    with officer.turning():
        officer.page.locator(".o_breadcrumb a", has_text=LEAD).click()
    expect(form.root.locator(".ribbon")).to_contain_text("Won")


def raise_price(manager):
    """Between submission and approval the manager raises the price list by 10 % (SOP-4a)."""
    manager.menu("sale.sale_menu_root", "sale.product_menu_catalog", "sale.menu_product_pricelist_main")
    with manager.turning():
        manager.page.locator(".o_data_row", has_text="Counter").click()
    form = manager.form
    form.find(".o_data_row", has_text=PHONE).locator("td").first.click()
    manager.dialog.fill("fixed_price", RAISED)
    manager.dialog.find(".o_form_button_save").click()
    form.save()
    expect(form.find(".o_data_row", has_text=PHONE)).to_contain_text("3,663,000")


def approve(journey, manager):
    """SOP-3c3: the manager approves what somebody else submitted, at the locked price."""
    manager.menu("sale.sale_menu_root", "sale.sale_order_menu", "crm_sop_sales.sale_order_menu_to_approve")
    with manager.turning():
        manager.page.locator(".o_data_row", has_text=journey.order).click()
    form = manager.form
    expect(form.field("tax_totals")).to_contain_text("9,990,000")
    form.click("action_approve")
    expect(form.field("approval_state")).to_have_text("Approved")


def confirm(journey, officer):
    """FL-10: the approved quotation becomes a sales order."""
    officer.menu("sale.sale_menu_root", "sale.sale_order_menu", "crm_sop_sales.sale_order_menu_procedure")
    column = officer.page.locator(".o_kanban_group", has_text="Approved")
    with officer.turning():
        column.locator(".o_kanban_record", has_text=journey.order).click()
    form = officer.form
    form.click("action_confirm")
    expect(form.field("state").locator("[aria-checked=true]")).to_have_text("Sales Order")
    officer.snap("journey-order-confirmed")


def deliver(journey, logistics):
    """SOP-4b: logistics delivers the very units that the order holds."""
    logistics.menu("stock.menu_stock_root", "stock.menu_stock_warehouse_mgmt", "stock.out_picking")
    logistics.search(journey.order)
    with logistics.turning():
        logistics.page.locator(".o_data_row", has_text=journey.order).click()
    form = logistics.form
    logistics.snap("journey-delivery")
    form.click("button_validate")
    expect(form.field("state").locator("[aria-checked=true]")).to_have_text("Done")


def invoice(journey, accountant):
    """FL-11: the accountant invoices the order; the PDF says what the customer was told, and which phones."""
    accountant.menu("sale.sale_menu_root", "sale.sale_order_menu", "crm_sop_sales.sale_order_menu_procedure")
    card = accountant.page.locator(".o_kanban_group", has_text="To Invoice").locator(
        ".o_kanban_record", has_text=journey.order
    )
    expect(card).to_be_visible()
    accountant.snap("journey-orders-by-procedure")
    with accountant.turning():
        card.click()
    accountant.form.find("button", has_text="Create Invoice").click()
    with accountant.turning():
        accountant.dialog.click("create_invoices")
    form = accountant.form
    form.click("action_post")
    expect(form.field("state").locator("[aria-checked=true]")).to_have_text("Posted")
    accountant.snap("journey-invoice")
    with accountant.page.expect_download() as download:
        form.click("action_print_pdf")
    pages = pypdf.PdfReader(download.value.path()).pages
    return "\n".join(page.extract_text() for page in pages)
