"""Finance imports the banks' own files, unchanged, and settles what is in them: SOP-11d on the demo shop's data."""

import os
import re

from playwright.sync_api import expect

from tools.paths import ADDONS

from .browser import opened
from .server import serving

STATEMENTS = ADDONS / "crm_sop_sales" / "tests" / "statements"
EXACT, SHORT, SURPLUS = "S00042", "S00043", "S00041"
RECEIVABLES = ("account.menu_finance", "account.menu_finance_receivables")


def choose_file(finance, name, bank=None):
    """Open the import by its menu and choose the file; the bank only where it is to be another one than the file's."""
    for entry in (RECEIVABLES[-1], "crm_sop_sales.account_statement_import_menu_transfer"):
        finance.page.locator(f"[data-menu-xmlid='{entry}']:visible").first.click()
    dialog = finance.dialog
    if bank:
        dialog.choose("journal_id", bank)
        expect(dialog.input("sheet_mapping_id")).not_to_have_value("")
    dialog.field("statement_file").locator("input[type=file]").set_input_files(STATEMENTS / f"{name}.csv")
    return dialog


def import_file(finance, name, bank, mapping, note=None):
    """The file says which bank and format it is; afterwards the transfers to confirm are shown."""
    dialog = choose_file(finance, name)
    expect(dialog.input("journal_id")).to_have_value(bank)
    expect(dialog.input("sheet_mapping_id")).to_have_value(mapping)
    finance.snap(f"journey-statement-{name}")
    with finance.turning():
        dialog.click("import_file_button")
    expect(finance.page.locator(".o_breadcrumb")).to_contain_text("Transfers to Confirm")
    if note:
        told = finance.page.locator(".o_notification", has_text=note)
        expect(told).to_be_visible()
        told.locator(".o_notification_close").click()


def refuse_file(finance):
    """A file of another bank is refused as soon as it is chosen, and on import."""
    choose_file(finance, "mandiri", bank="BCA")
    expect(finance.dialog.root).to_contain_text("a file of Mandiri, but you chose BCA")
    finance.snap("journey-statement-refused")
    finance.dialog.find("button", has_text="Close").click()
    expect(finance.page.locator(".modal:visible")).to_have_count(1)
    finance.dialog.click("import_file_button")
    expect(finance.dialog.root).to_contain_text("a file of Mandiri, but you chose BCA")
    finance.dialog.find("button", has_text="Close").click()
    finance.dialog.find("button", has_text="Cancel").click()
    expect(finance.page.locator(".modal")).to_have_count(0)


def row(finance, text, verdict):
    """Return the row of the list that has the text and this verdict."""
    found = finance.page.locator(".o_data_row", has_text=text)
    expect(found).to_have_count(1)
    expect(found).to_contain_text(verdict)
    return found


def read_order(admin, name):
    fields = ("transfer_state", "transfer_received", "transfer_missing", "transfer_surplus", "transfer_promised_at")
    order = admin.find("sale.order", {"name": name}, *fields, "payment_ids")
    payments = admin.read("account.payment", order["payment_ids"], "amount", "state", "is_matched", "payment_type")
    return order, payments


def exact(finance, admin):
    """Number and amount agree: one click, and the goods are promised."""
    found = row(finance, EXACT, "Exact")
    found.get_by_role("button", name="Confirm").click()
    expect(found).to_have_count(0)
    order, (payment,) = read_order(admin, EXACT)
    assert (order["transfer_state"], order["transfer_received"]) == ("received", 3_150_000)
    assert order["transfer_promised_at"]
    assert (payment["amount"], payment["state"], payment["is_matched"]) == (3_150_000, "paid", True)


def short(finance, admin):
    """Too little: the dialog says what will be missing; the order goes on waiting."""
    found = row(finance, SHORT, "Short")
    found.get_by_role("button", name="Confirm Short").click()
    dialog = finance.dialog
    expect(dialog.root).to_contain_text("will still be missing")
    expect(dialog.root).to_contain_text("10,000")
    finance.snap("journey-statement-short")
    dialog.find("button", has_text="Confirm Short").click()
    expect(found).to_have_count(0)
    order, (payment,) = read_order(admin, SHORT)
    assert (order["transfer_state"], order["transfer_missing"]) == ("short", 10_000)
    assert not order["transfer_promised_at"]
    assert (payment["amount"], payment["is_matched"]) == (2_749_000, True)


def surplus(finance, admin):
    """Too much: found by the customer's name, and finance says that it is refunded."""
    found = row(finance, SURPLUS, "Surplus")
    found.get_by_role("button", name="Confirm Surplus").click()
    dialog = finance.dialog
    expect(dialog.root).to_contain_text("76,000")
    dialog.field("surplus_choice").get_by_label("Refund").check()
    finance.snap("journey-statement-surplus")
    dialog.click("action_confirm")
    expect(found).to_have_count(0)
    order, (payment,) = read_order(admin, SURPLUS)
    assert (order["transfer_state"], order["transfer_surplus"]) == ("received", 76_000)
    assert (payment["amount"], payment["state"]) == (5_499_000, "paid")


def unknown(finance, admin):
    """Nobody knows whose: it asks for the order, and stays on the list until it is said to be nobody's."""
    found = row(finance, "DEWI LESTARI", "Unknown")
    found.get_by_role("button", name="Choose Order").click()
    dialog = finance.dialog
    expect(dialog.input("order_id")).to_be_visible()
    expect(dialog.input("order_id")).to_have_value("")
    finance.snap("journey-statement-unknown")
    dialog.find("button", has_text="Cancel").click()
    expect(finance.page.locator(".modal")).to_have_count(0)
    with finance.turning():
        found.locator("td[name=label]").click()
    finance.form.click("action_not_ours")
    with finance.turning():
        finance.dialog.find("button", has_text="Ok").click()
    expect(finance.page.locator(".o_data_row", has_text="SETORAN TUNAI").first).to_be_visible()
    expect(finance.page.locator(".o_data_row", has_text="DEWI LESTARI")).to_have_count(0)
    line = admin.find("account.bank.statement.line", {"amount": 5_499_000, "journal_id.name": "Mandiri"}, "is_not_ours")
    assert line["is_not_ours"]


def reject(finance, admin):
    """A proof is rejected on the form of its transfer, with a reason, and the list comes back."""
    proof = admin.find("crm.transfer.proof", {"state": "received"}, "order_id")
    found = row(finance, proof["order_id"][1], "Exact")
    with finance.turning():
        found.locator("td[name=label]").click()
    finance.form.click("action_reject_proof")
    finance.dialog.fill("reason", "Nothing has arrived at the bank.")
    with finance.turning():
        finance.dialog.click("action_confirm")
    expect(finance.page.locator(".o_data_row", has_text="SETORAN TUNAI").first).to_be_visible()
    expect(finance.page.locator(".o_data_row", has_text=proof["order_id"][1])).to_have_count(0)
    (after,) = admin.read("crm.transfer.proof", [proof["id"]], "state")
    assert after["state"] == "rejected"


def refund(finance, other, admin):
    """Who confirmed the surplus doesn't pay it back; somebody else of finance does, at a click and a look."""
    finance.menu(*RECEIVABLES, "crm_sop_sales.account_payment_menu_surplus")
    row(finance, SURPLUS, "76,000").get_by_role("button", name="Refund Surplus").click()
    expect(finance.dialog.root).to_contain_text("somebody else of finance")
    finance.dialog.find("button", has_text="Close").click()
    other.menu(*RECEIVABLES, "crm_sop_sales.account_payment_menu_surplus")
    found = row(other, SURPLUS, "76,000")
    found.get_by_role("button", name="Refund Surplus").click()
    expect(other.dialog.input("journal_id")).to_have_value("BCA")
    other.snap("journey-statement-refund")
    other.dialog.click("action_confirm")
    expect(found).to_have_count(0)
    order, payments = read_order(admin, SURPLUS)
    assert (order["transfer_received"], order["transfer_surplus"]) == (5_423_000, 0)
    assert sorted((one["payment_type"], one["amount"]) for one in payments) == [
        ("inbound", 5_499_000),
        ("outbound", 76_000),
    ]


def test_statements_of_three_files():
    """SOP-11d: the three files as the banks give them; exact, short, surplus and unknown each end as they should."""
    with serving(os.environ["DATABASE"]) as server, opened(server) as shop:
        admin, finance = server.api("admin"), shop["ratna"]
        finance.menu(*RECEIVABLES, "crm_sop_sales.crm_transfer_review_menu")
        refuse_file(finance)
        import_file(finance, "bca_personal", "BCA", "BCA Personal", "pending with the bank were skipped: 1.")
        import_file(finance, "bca_business", "BCA", "BCA Business", "1 transaction had already been imported")
        import_file(finance, "mandiri", "Mandiri", "Mandiri")
        finance.snap("journey-statement-list")
        exact(finance, admin)
        short(finance, admin)
        surplus(finance, admin)
        unknown(finance, admin)
        reject(finance, admin)
        refund(finance, shop["hasan"], admin)
        unexpected = [error for error in shop.errors() if not re.search(r"status of|favicon", error)]
        assert not unexpected, unexpected
