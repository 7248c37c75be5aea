"""A customer changes their mind: from the approved order to the fee's invoice, the printed form and the free phones."""

import os
import re

import pypdf
from playwright.sync_api import expect

from .browser import SCREENSHOTS, opened
from .phone_shop import CUSTOMER, PHONE, PRICE, hire, imei, number, offer
from .server import serving

FEE, BASE, ORDERED = "666,000", "6,660,000", 2
STORY = "Her sons would rather have bicycles."


def stock(admin, product, count):
    """Have units in stock; return their IMEIs."""
    warehouse = admin.call("stock.warehouse", "search_read", [], fields=["lot_stock_id"], limit=1)[0]
    for serial in range(count):
        lot = admin.create("stock.lot", name=imei(serial), product_id=product)
        quant = {"product_id": product, "lot_id": lot, "location_id": warehouse["lot_stock_id"][0]}
        quant = admin.call(
            "stock.quant", "create", [{**quant, "inventory_quantity": 1}], context={"inventory_mode": True}
        )
        admin.call("stock.quant", "action_apply_inventory", quant)


def order(admin, officer, manager):
    """SOP-4a, SOP-3c3: an order of two phones, submitted with 10 % off the list price, and approved; return its id."""
    address = {"street": "Jl. HR Rasuna Said 1", "city": "Jakarta Selatan", "zip": "12940"}
    address |= {"country_id": admin.ref("base.id"), "state_id": admin.ref("base.state_id_jk")}
    customer = officer.create("res.partner", name=CUSTOMER, **address)
    product = officer.find("product.product", {"name": PHONE}, "id")["id"]
    line = {"product_id": product, "product_uom_qty": ORDERED, "discount": 10}
    made = officer.create("sale.order", partner_id=customer, order_line=[[0, 0, line]])
    officer.call("sale.order", "action_submit", [made])
    manager.call("sale.order", "action_approve", [made])
    return made


def open_order(person, name):
    person.menu("sale.sale_menu_root", "sale.sale_order_menu", "sale.menu_sale_quotations")
    person.search(name)
    with person.turning():
        person.page.locator(".o_data_row", has_text=name).locator("td[name=name]").click()


def fill_form(officer, imeis):
    """SOP-10: Cancel opens the form, which says what it will cost before anything is done."""
    with officer.turning():
        officer.form.find("#action_cancel_by_form, button[name=action_cancel]").click()
    form = officer.form
    form.choose("reason_id", "Changed my mind")
    form.fill("note", STORY)
    form.save()
    expect(form.field("outcome")).to_contain_text(FEE)
    for shown in imeis:
        expect(form.field("order_lot_ids")).to_contain_text(shown)
    officer.snap("journey-cancel-form")


def confirm_form(officer):
    """SOP-6: the question names the fee; confirming cancels the order and makes the invoice."""
    officer.form.find("button", has_text="Cancel the Order").click()
    expect(officer.dialog.field("outcome")).to_contain_text(f"{FEE}")
    expect(officer.dialog.root).to_contain_text("can't be undone")
    officer.snap("journey-cancel-question")
    officer.dialog.click("action_confirm")
    state = officer.form.field("state").locator("[aria-checked=true]")
    expect(state).to_have_text("Order Cancelled")
    expect(officer.form.field("fee_base")).to_contain_text(BASE)
    officer.snap("journey-cancel-done")


def print_form(officer):
    """SOP-10: the form as a document to sign; return its text."""
    with officer.page.expect_download() as download:
        officer.form.find("button", has_text="Print").click()
    download.value.save_as(SCREENSHOTS / "journey-cancel-form.pdf")
    pages = pypdf.PdfReader(SCREENSHOTS / "journey-cancel-form.pdf").pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def see_invoice(officer):
    """SOP-6: the fee's invoice, which the officer sees and can't change."""
    with officer.turning():
        officer.form.click("action_view_invoice")
    expect(officer.form.field("tax_totals")).to_contain_text(FEE)
    officer.snap("journey-cancel-invoice")


def test_cancel():
    """SOP-6, SOP-10: an approved order is cancelled by its form.

    The question says the fee, 10 % of the list price and not of the discounted one; the invoice is posted for it, the
    printed form has company, order, IMEIs, reason and fee, and the phones are free for the next customer.
    """
    with serving(os.environ["DATABASE"]) as server, opened(server) as shop:
        admin = server.api("admin")
        hire(admin)
        stock(admin, offer(admin), ORDERED)
        made = order(admin, server.api("wulan"), server.api("rudi"))
        (sold,) = admin.read("sale.order", [made], "name", "amount_total")
        assert sold["amount_total"] == number(PRICE) * ORDERED * 0.9
        imeis = [imei(serial) for serial in range(ORDERED)]
        officer = shop["wulan"]
        open_order(officer, sold["name"])
        fill_form(officer, imeis)
        confirm_form(officer)
        text = print_form(officer)
        assert set(re.findall(r"\d{15}", text)) == set(imeis), text
        for words in (sold["name"], CUSTOMER, PHONE, "Changed my mind", STORY, FEE, BASE, "Cancellation Form"):
            assert words in text, text
        see_invoice(officer)
        form = admin.find("crm.cancellation", {"order_id": made}, "invoice_id", "fee_amount", "state")
        (bill,) = admin.read("account.move", [form["invoice_id"][0]], "state", "amount_total")
        assert (form["fee_amount"], bill["state"], bill["amount_total"]) == (number(FEE), "posted", number(FEE))
        (again,) = admin.read("sale.order", [made], "state", "approval_state")
        assert (again["state"], again["approval_state"]) == ("cancel", "draft")
        next_order = admin.call("sale.order", "copy", [made])[0]
        server.api("rudi").call("sale.order", "action_submit", [next_order])
        held = admin.call("crm.imei.hold", "search_read", [["order_id", "=", next_order]], fields=["lot_id"])
        assert {hold["lot_id"][1] for hold in held} == set(imeis)
        assert shop.errors() == []
        assert server.refusals() == []
