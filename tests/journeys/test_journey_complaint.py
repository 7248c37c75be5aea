"""A complaint from the call to the customer who is satisfied again: SOP-2c, SOP-2d, SOP-G3, SOP-G4, SOP-T7."""

import os
import re

from playwright.sync_api import expect

from .browser import opened
from .phone_shop import imei
from .server import serving

OFFICER = "laras"
CUSTOMER, NUMBER = "Ibu Kartini Handayani", "0812 7000 9876"
PHONE = "Garuda C5 64 GB"
SERIAL = 900_001
PROBLEM = "The screen stays black since this morning; it wasn't dropped."
REASON, SOLUTION = "A fault of the display within the warranty.", "New display, tested together with her."


def at(form, name):
    """Return the option of a status bar that the record is at."""
    return form.field(name).locator("[aria-checked=true]")


def hire(admin):
    """An officer of the headquarters."""
    groups = [admin.ref("base.group_user"), admin.ref("crm_base.group_officer")]
    branches = [admin.ref("crm_base.crm_branch_headquarters")]
    access = {"group_ids": [[6, 0, groups]], "branch_ids": [[6, 0, branches]]}
    admin.create("res.users", name="Laras, officer", login=OFFICER, password=OFFICER, tz="Asia/Jakarta", **access)


def sell(admin, officer):
    """The customer has bought a handset; return the order's name."""
    address = {"street": "Jl. Kartini 8", "city": "Jakarta Selatan", "zip": "12430"}
    address |= {"state_id": admin.ref("base.state_id_jk"), "country_id": admin.ref("base.id")}
    customer = admin.create("res.partner", name=CUSTOMER, phone="+62 812 7000 9876", **address)
    product = admin.create("product.product", name=PHONE, list_price=2_000_000, is_imei=True, warranty_months=12)
    lot = admin.create("stock.lot", name=imei(SERIAL), product_id=product)
    (warehouse,) = admin.read("stock.warehouse", [admin.ref("stock.warehouse0")], "lot_stock_id")
    quant = {"product_id": product, "lot_id": lot, "location_id": warehouse["lot_stock_id"][0]}
    context = {"inventory_mode": True}
    (counted,) = admin.call("stock.quant", "create", [{**quant, "inventory_quantity": 1}], context=context)
    admin.call("stock.quant", "action_apply_inventory", [counted])
    line = {"product_id": product, "product_uom_qty": 1}
    warehouse_id = admin.ref("stock.warehouse0")
    order = officer.create("sale.order", partner_id=customer, warehouse_id=warehouse_id, order_line=[[0, 0, line]])
    officer.call("sale.order", "action_submit", [order])
    admin.call("sale.order", "action_approve", [order])
    officer.call("sale.order", "action_confirm", [order])
    (sold,) = admin.read("sale.order", [order], "picking_ids", "name")
    moves = admin.call("stock.move", "search", [["picking_id", "in", sold["picking_ids"]]])
    admin.call("stock.move", "write", moves, {"picked": True})
    admin.call("stock.picking", "button_validate", sold["picking_ids"], context={"skip_backorder": True})
    return sold["name"]


def call(officer):
    """SOP-2c: the phone rings, the number finds the customer, and it is about something bought."""
    officer.menu("crm.crm_menu_root", "crm_base.crm_interaction_menu", "crm_sop_sales.crm_contact_log_menu_today")
    with officer.turning():
        officer.page.click("button[name='action_ring']")
    form = officer.form
    form.click("action_answer")
    expect(form.button("action_close")).to_be_visible()
    form.input("phone").click()
    form.input("phone").press_sequentially(NUMBER)
    officer.page.locator(".o-autocomplete--dropdown-item:visible", has_text=CUSTOMER).first.click()
    expect(form.input("partner_id")).to_have_value(re.compile(CUSTOMER))
    with officer.turning():
        form.click("action_complaint")
    expect(at(form, "complaint_state")).to_have_text("New")


def register(officer, order):
    """SOP-2d: the IMEI fills product, day and shop; without the problem nothing is registered. SOP-G3: it is due."""
    form = officer.form
    form.fill("name", "Screen stays black")
    form.fill("imei", imei(SERIAL))
    form.input("imei").press("Tab")
    expect(form.input("product_id")).to_have_value(re.compile(PHONE))
    expect(form.input("order_id")).to_have_value(re.compile(order))
    expect(form.root.get_by_text("Under warranty")).to_be_visible()
    form.click("action_register")
    expect(officer.dialog.root).to_contain_text("Problem in Full")
    officer.snap("journey-complaint-refused")
    officer.dialog.find("button", has_text="Close").click()
    form.fill("description", PROBLEM)
    form.click("action_register")
    expect(at(form, "complaint_state")).to_have_text("Registered")
    expect(form.field("deadline")).not_to_be_empty()
    officer.snap("journey-complaint-registered")


def solve(officer):
    """SOP-G4: what was decided and why; SOP-T7: the customer will be asked."""
    form = officer.form
    form.click("action_start")
    expect(at(form, "complaint_state")).to_have_text("In Progress")
    form.tab("solution")
    form.choose("decision_id", "Repair under warranty")
    form.fill("decision_reason", REASON)
    form.fill("solution", SOLUTION)
    form.click("action_solve")
    expect(at(form, "complaint_state")).to_have_text("Solved")
    expect(form.field("follow_up_at")).to_be_visible()
    officer.snap("journey-complaint-solved")


def refuse_to_close(officer):
    """SOP-T7: nobody has said yet that they are satisfied."""
    officer.form.click("action_close")
    expect(officer.dialog.root).to_contain_text("record that contact first")
    officer.dialog.find("button", has_text="Close").click()


def ask(officer):
    """SOP-T7: the customer is satisfied, and that closes the complaint."""
    with officer.turning():
        officer.form.click("action_ask_satisfaction")
    form = officer.form
    form.choose("outcome_id", "Satisfied")
    form.click("action_close")
    expect(at(form, "state")).to_have_text("Done")
    with officer.turning():
        officer.page.locator(".breadcrumb-item a, .o_breadcrumb a", has_text="Screen stays black").first.click()
    expect(at(officer.form, "complaint_state")).to_have_text("Closed")
    officer.snap("journey-complaint-closed")


def check(admin, order):
    """The database says the same as the screens."""
    complaint = admin.find(
        "helpdesk.ticket",
        {"imei": imei(SERIAL)},
        *("complaint_state", "order_id", "answered_by_id", "closed_date", "description", "interaction_ids"),
    )
    assert (complaint["complaint_state"], complaint["order_id"][1]) == ("closed", order)
    assert complaint["answered_by_id"][1].startswith("Laras")
    assert complaint["closed_date"]
    assert PROBLEM in complaint["description"]
    contacts = admin.read("crm.interaction", complaint["interaction_ids"], "direction", "outcome_id")
    outcomes = {contact["direction"]: contact["outcome_id"][1] for contact in contacts}
    assert outcomes == {"incoming": "Complaint registered", "outgoing": "Satisfied"}


def test_complaint():
    """SOP-2d, SOP-G3, SOP-G4, SOP-T7: call, complaint with IMEI, solution, still satisfied, closed."""
    with serving(os.environ["DATABASE"]) as server, opened(server) as shop:
        admin = server.api("admin")
        hire(admin)
        order = sell(admin, server.api(OFFICER))
        officer = shop[OFFICER]
        call(officer)
        register(officer, order)
        solve(officer)
        refuse_to_close(officer)
        ask(officer)
        check(admin, order)
        assert shop.errors() == []
