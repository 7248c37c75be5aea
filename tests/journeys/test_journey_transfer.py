"""A phone that is paid by bank transfer: SOP-11, from the call to the goods that may leave."""

import os
import re

from playwright.sync_api import expect

from .browser import SCREENSHOTS, opened
from .phone_shop import Journey, hire, imei, number, offer
from .server import serving

CUSTOMER, PHONE, ORDERED = "Melati Anggraini", "Garuda Y2 64 GB", 1
PRICE = "3,330,000"
LARGE = 11 * 2**20  # more than the setting's 10 MB
ACCOUNT = "0060001234567"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
MANDIRI = (
    "Account No,Date,Val. Date,Transaction Code,Description,Description,Reference No.,Debit,Credit\n"
    '{account},{day},{day},6902,"TRF DARI MELATI ANGGRAINI {order}","MCM/MELATI/JKT        ",,".00","{amount}.00"\n'
)


def stock(journey, admin):
    """Logistics has one phone of the kind."""
    (warehouse,) = admin.call("stock.warehouse", "search_read", [], fields=["lot_stock_id"], limit=1, order="id")
    lot = admin.create("stock.lot", name=imei(900_001), product_id=journey.product)
    place = warehouse["lot_stock_id"][0]
    quant = admin.create("stock.quant", product_id=journey.product, location_id=place, lot_id=lot, inventory_quantity=1)
    admin.call("stock.quant", "action_apply_inventory", [quant])


def open_accounts(admin):
    """The shop's account at Mandiri takes transfers (SOP-11a)."""
    known = admin.call("account.journal", "search", [["bank_account_id.sanitized_acc_number", "=", ACCOUNT]])
    if known:
        return known[0]
    mapping = admin.ref("crm_sop_sales.mapping_mandiri")
    return admin.create(
        "account.journal",
        name="Mandiri",
        code="MDRJ",
        type="bank",
        bank_acc_number=ACCOUNT,
        is_for_transfers=True,
        default_sheet_mapping_id=mapping,
    )


def call_and_order(journey, officer):
    """SOP-1, SOP-11a: the customer calls and wants to transfer: the choice is on the quotation."""
    officer.menu("sale.sale_menu_root", "sale.sale_order_menu", "sale.menu_sale_quotations")
    officer.new()
    form = officer.form
    form.choose("partner_id", CUSTOMER)
    form.input("payment_choice").click()
    officer.page.locator(".o_select_menu_item:visible", has_text="Bank Transfer").click()
    form.choose("transfer_account_id", ACCOUNT)
    line = form.add_line("order_line")
    line.choose("product_template_id", PHONE)
    line.fill("product_uom_qty", ORDERED)
    form.save()
    journey.order = form.field("name").inner_text()
    form.click("action_submit")
    expect(form.field("price_locked_at")).to_be_visible()


def approve_and_confirm(journey, manager, officer):
    """SOP-3c3: approved by the manager, confirmed by the officer."""
    manager.menu("sale.sale_menu_root", "sale.sale_order_menu", "crm_sop_sales.sale_order_menu_to_approve")
    with manager.turning():
        manager.page.locator(".o_data_row", has_text=journey.order).locator("td[name=partner_id]").click()
    manager.form.click("action_approve")
    expect(manager.form.field("approval_state")).to_have_text("Approved")
    officer.page.reload()
    officer.form.click("action_confirm")
    expect(officer.form.field("state").locator("[aria-checked=true]")).to_have_text("Sales Order")
    officer.form.tab("transfer")
    expect(officer.form.field("transfer_state")).to_have_text("Waiting for Proof")
    officer.snap("journey-transfer-waiting")


def open_delivery(journey, logistics):
    logistics.menu("stock.menu_stock_root", "stock.menu_stock_warehouse_mgmt", "stock.out_picking")
    logistics.search(journey.order)
    with logistics.turning():
        logistics.page.locator(".o_data_row", has_text=journey.order).click()


def refused(logistics, text, shown):
    """SOP-11b, SOP-11c: the delivery says why it waits, and validating is refused with the reason."""
    expect(logistics.form.field("transfer_wait")).to_have_text(shown)
    logistics.form.click("button_validate")
    expect(logistics.dialog.root).to_contain_text(text)
    logistics.snap(f"journey-transfer-refused-{shown.split()[-1]}")
    logistics.dialog.find("button", has_text="Close").click()
    expect(logistics.page.locator(".modal")).to_have_count(0)


def upload(journey, admin, shop):
    """SOP-11b: the customer opens the order by its link, sees the account and sends the proof."""
    order = admin.find("sale.order", {"name": journey.order}, "id")["id"]
    url = admin.call("sale.order", "get_portal_url", [order])
    context = shop.browser.new_context(base_url=shop.server.url, locale="en-US", timezone_id="Asia/Jakarta")
    page = context.new_page()
    page.goto(url)
    box = page.locator("#transfer")
    expect(box).to_contain_text(ACCOUNT)
    expect(box).to_contain_text(journey.order)
    day = admin.call("sale.order", "read", [order], ["date_order"])[0]["date_order"][:10]
    page.fill("#proof_date", day)
    page.fill("#proof_amount", PRICE.replace(",", "."))
    large = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": PDF + b"0" * LARGE}
    page.set_input_files("#proof_file", large)
    expect(page.locator("#proof_file_too_large")).to_be_visible()
    page.screenshot(path=SCREENSHOTS / "journey-transfer-too-large.png")
    box.get_by_text("Send Proof", exact=True).click()
    expect(page.locator("#proof_file:invalid")).to_be_visible()  # it wasn't sent: the server reads no such file
    page.set_input_files("#proof_file", {"name": "bukti.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(page.locator("#proof_file_too_large")).not_to_be_visible()
    box.get_by_text("Send Proof", exact=True).click()
    expect(box).to_contain_text("Waiting for Finance")
    context.close()
    return day


def import_statement(journey, finance, day):
    """SOP-11d: finance imports the bank's file and sees the transfer next to its order."""
    year, month, date = day.split("-")
    file = MANDIRI.format(account=ACCOUNT, day=f"{date}/{month}/{year[2:]}", order=journey.order, amount=PRICE)
    finance.menu(
        "account.menu_finance",
        "account.menu_finance_receivables",
        "crm_sop_sales.account_statement_import_menu_transfer",
    )
    dialog = finance.dialog
    dialog.choose("journal_id", "Mandiri")
    expect(dialog.input("sheet_mapping_id")).to_have_value("Mandiri")
    dialog.field("statement_file").locator("input[type=file]").set_input_files(
        {"name": "mandiri.csv", "mimeType": "text/csv", "buffer": file.encode()}
    )
    with finance.turning():
        dialog.click("import_file_button")
    row = finance.page.locator(".o_data_row", has_text=journey.order)
    expect(row).to_contain_text("Exact")
    finance.snap("journey-transfer-list")
    row.get_by_role("button", name="Confirm").click()
    expect(row).to_have_count(0)


def test_paid_by_transfer():
    """SOP-11a, SOP-11b, SOP-11c, SOP-11d: the goods wait for the proof, then for finance, and then leave."""
    with serving(os.environ["DATABASE"]) as server, opened(server) as shop:
        admin = server.api("admin")
        hire(admin)
        journey = Journey(admin, offer(admin, PHONE))
        stock(journey, admin)
        open_accounts(admin)
        country, state = admin.ref("base.id"), admin.ref("base.state_id_jk")
        address = {"street": "Jl. HR Rasuna Said 1", "city": "Jakarta Selatan", "zip": "12940"}
        admin.create("res.partner", name=CUSTOMER, country_id=country, state_id=state, **address)

        call_and_order(journey, shop["wulan"])
        approve_and_confirm(journey, shop["rudi"], shop["wulan"])
        logistics = shop["slamet"]
        open_delivery(journey, logistics)
        refused(logistics, "no proof of transfer yet", "Waiting for proof of transfer")
        day = upload(journey, admin, shop)
        logistics.page.reload()
        refused(logistics, "finance has confirmed", "Waiting for finance")
        import_statement(journey, shop["ningsih"], day)
        logistics.page.reload()
        expect(logistics.form.field("transfer_promised_at")).to_be_visible()
        logistics.form.click("button_validate")
        expect(logistics.form.field("state").locator("[aria-checked=true]")).to_have_text("Done")

        order = admin.find(
            "sale.order", {"name": journey.order}, "transfer_state", "transfer_received", "payment_ids", "proof_ids"
        )
        assert (order["transfer_state"], order["transfer_received"]) == ("received", number(PRICE) * ORDERED)
        assert len(order["payment_ids"]) == len(order["proof_ids"]) == 1
        (payment,) = admin.read("account.payment", order["payment_ids"], "state", "is_matched")
        assert (payment["state"], payment["is_matched"]) == ("paid", True)
        unexpected = [error for error in shop.errors() if not re.search(r"status of|favicon", error)]
        assert not unexpected, unexpected
