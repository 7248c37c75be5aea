"""From a visit at Kraków to the first invoice: offer, consent, contract, signature, manager, headquarters."""

import re

import pypdf
from playwright.sync_api import expect

from .browser import SCREENSHOTS
from .points_of_sale import ANIA, APP, CONTRACTS, HALINA, MAREK, MENU, Books, krakow, money

#: Who visits: name → street, postal code, phone.
JOLANTA, ADAM = "Jolanta Wilczek", "Adam Rybak"
VISITORS = {JOLANTA: ("ul. Szlak 14/3", "31-153", "512 700 101"), ADAM: ("ul. Topolowa 8", "31-512", "512 700 102")}
TARIFFS, FORM = "Cennik abonamentów", "Abonament komórkowy, 24 miesiące"
PRICE, GROSS = 55, 67.65  # a month; with 23 % VAT
#: One pixel.
SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
UNREADABLE, CITY = "Brak numeru mieszkania, proszę uzupełnić", "Kraków"


def end_of_yesterday(server):
    """What the officer had signed before is handed in."""
    officer = server.api(ANIA)
    mine = [["user_id", "=", officer.user], ["state", "=", "open"], ["contract_ids", "!=", False]]
    if officer.call("crm.contract.bundle", "search_count", mine):
        officer.call("crm.contract.bundle", "action_submit_mine")


def open_opportunity(officer, name):
    """The customer comes in: an opportunity of the pipeline, with no more than a name."""
    officer.menu("crm.crm_menu_root")
    with officer.turning():
        officer.page.click(".o_switch_view.o_list")
    officer.new()
    officer.form.fill("name", f"Abonament, {name}")
    officer.form.input("partner_id").fill(name)
    officer.page.locator(".o-autocomplete--dropdown-item:visible", has_text=f'Create "{name}"').first.click()
    officer.form.save()
    expect(officer.form.button("action_prepare_contract")).to_be_visible()


def present_offer(officer):
    """Only the tariffs in force are there to be shown, and what was shown is noted (BR-2)."""
    officer.form.find("button", has_text="Present Offer").click()
    tariffs = officer.dialog.find(".o_data_row", has_text=TARIFFS)
    expect(officer.dialog.root.locator(".o_data_row", has_text=TARIFFS)).to_have_count(1)
    officer.tick(tariffs, "version_id", "presented")
    officer.snap("journey-contract-offer")
    officer.dialog.click("action_save")
    expect(officer.page.locator(".modal")).to_have_count(0)
    expect(officer.form.button("action_view_offers_presented")).to_contain_text("1")


def take_consent(officer):
    """Nothing is prepared before the customer agrees: the wording is read, and the tick is the consent (BR-3)."""
    officer.form.click("action_prepare_contract")
    expect(officer.dialog.root).to_contain_text("hasn’t consented")
    officer.snap("journey-contract-no-consent")
    officer.dialog.find("button", has_text="Take Consents").click()
    purpose = officer.dialog.find(".o_data_row", has_text="Contract preparation")
    officer.tick(purpose, "wording", "given")
    officer.snap("journey-contract-consent")
    officer.dialog.click("action_save")
    expect(officer.page.locator(".modal")).to_have_count(0)


def fill_in_customer(officer, name):
    """The form says what of the customer is missing; filled in, it is no longer (BR-4)."""
    expect(officer.form.field("missing")).to_contain_text("Street")
    officer.snap("journey-contract-missing")
    with officer.turning():
        officer.form.field("partner_id").hover()
        officer.form.field("partner_id").locator(".o_external_button").click()
    street, zip_code, phone = VISITORS[name]
    for field, value in (("street", street), ("zip", zip_code), ("city", CITY), ("phone", phone)):
        officer.form.fill(field, value)
    officer.form.save()
    with officer.turning():
        officer.page.locator(".o_breadcrumb a, .breadcrumb a").last.click()
    expect(officer.form.field("missing")).not_to_contain_text("Street")


def prepare_contract(officer, name):
    """The form of headquarters fills in services, price and duration (BR-4); return the contract's number."""
    with officer.turning():
        officer.form.click("action_prepare_contract")
    expect(officer.form.input("partner_id")).to_have_value(name)
    officer.form.choose("contract_template_id", FORM)
    expect(officer.form.field("amount_period")).to_contain_text(money(PRICE))
    officer.form.save()
    fill_in_customer(officer, name)
    expect(officer.form.field("missing")).to_contain_text("signature")
    officer.snap("journey-contract-draft")
    return officer.form.field("code").inner_text()


def have_signed(officer):
    """The papers are there, and the customer signs on the screen (BR-4)."""
    officer.tick_check_list()
    expect(officer.form.field("missing")).to_have_text(re.compile("^The customer’s signature[^\n]*$"))
    officer.snap("journey-contract-papers")
    officer.form.tab("signature")
    officer.draw_signature()
    officer.snap("journey-contract-drawing")
    officer.confirm()
    expect(officer.form.find("button.btn-primary", has_text="Sign")).to_be_visible()
    officer.snap("journey-contract-drawn")
    officer.form.click("action_sign")
    officer.expect_state("Signed")
    officer.snap("journey-contract-signed")


def print_contract(officer, number, name):
    """The contract prints filled in, with the signature and what it costs (BR-4)."""
    with officer.page.expect_download() as download:
        officer.form.find("button", has_text="Print").click()
    path = SCREENSHOTS / "journey-contract.pdf"
    download.value.save_as(path)
    text = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(path).pages).split())
    for part in (number, name, VISITORS[name][0], FORM, "55"):
        assert part in text, f"{part}: {text}"


def visit_unseen(officer, name):
    """The same visit without a screen, by what the screens call; return the contract's number."""
    street, zip_code, phone = VISITORS[name]
    address = {"street": street, "zip": zip_code, "city": CITY}
    customer = officer.create("res.partner", name=name, phone=phone, **address)
    purpose = officer.find("crm.consent.purpose", {"name": "Contract preparation"}, "id")
    asked = officer.call("res.partner", "action_take_consents", [customer])
    window = officer.call("crm.consent.take", "create", [{}], context=asked["context"])
    line = officer.find("crm.consent.take.line", {"wizard_id": window[0], "purpose_id": purpose["id"]}, "id")
    officer.call("crm.consent.take.line", "write", [line["id"]], {"given": True})
    officer.call("crm.consent.take", "action_save", window)
    form = officer.find("contract.template", {"name": FORM, "is_form_in_force": True}, "id")
    contract = officer.create("contract.contract", partner_id=customer, contract_template_id=form["id"])
    checks = officer.call("crm.contract.check", "search", [["contract_id", "=", contract]])
    officer.call("crm.contract.check", "write", checks, {"is_present": True})
    officer.call("contract.contract", "write", [contract], {"signature": SIGNATURE})
    officer.call("contract.contract", "action_sign", [contract])
    return officer.read("contract.contract", [contract], "code")[0]["code"]


def visit(officer, name):
    """A customer comes, is shown the offer, consents, and signs; return the contract's number."""
    open_opportunity(officer, name)
    present_offer(officer)
    take_consent(officer)
    number = prepare_contract(officer, name)
    have_signed(officer)
    return number


def hand_in(officer, *numbers):
    """The day's signed contracts go to the manager together (BR-5)."""
    officer.menu(APP, CONTRACTS, MENU + "crm_contract_menu_hand_in")
    officer.expect_state("Handed In")
    for number in numbers:
        expect(officer.row(number)).to_contain_text("Submitted")
    officer.snap("journey-contract-bundle")


def open_bundle(manager, number):
    """The manager sees what waits, and opens a contract of it."""
    manager.menu(APP, CONTRACTS, MENU + "crm_contract_menu_check")
    manager.snap("journey-contract-to-check")
    with manager.turning():
        manager.page.locator(".o_data_row td[name=day]").first.click()
    with manager.turning():
        manager.row(number).locator("button[name=action_view]").click()
    manager.expect_state("Submitted")


def return_contract(manager, number):
    """What lacks something goes back, with the reason (BR-6)."""
    open_bundle(manager, number)
    manager.form.find("button", has_text="Return").click()
    manager.give_reason(UNREADABLE)
    manager.expect_state("Returned")
    manager.snap("journey-contract-returned")


def approve(manager, number):
    """Nothing is approved before its check list is ticked off (BR-6)."""
    open_bundle(manager, number)
    manager.form.click("action_approve")
    expect(manager.dialog.root).to_contain_text("check first")
    manager.dialog.find("footer button.btn-primary").click()
    manager.tick_check_list("is_checked")
    manager.snap("journey-contract-checked")
    manager.form.click("action_approve")
    manager.expect_state("Approved")


def rework(officer, number, name):
    """The officer is told why, mends it, and has it signed anew: the old signature is void (BR-6)."""
    officer.menu(APP, CONTRACTS, MENU + "crm_contract_menu_all")
    officer.search(number)
    officer.open_row(number, "code")
    expect(officer.form.find(".alert-danger")).to_contain_text(UNREADABLE)
    officer.snap("journey-contract-why")
    officer.form.click("action_rework")
    officer.confirm()
    officer.expect_state("Draft")
    officer.form.fill("note", f"{VISITORS[name][0]} m. 2")
    officer.sign()


def send(officer, *numbers):
    """The approved ones go to headquarters as one package (BR-7); return its number."""
    officer.menu(APP, CONTRACTS, MENU + "crm_contract_menu_all")
    for number in numbers:
        officer.row(number).locator(".o_list_record_selector input").check()
    with officer.turning():
        officer.page.locator(".o_control_panel button[name=action_pack]").click()
    for number in numbers:
        expect(officer.row(number)).to_be_visible()
    officer.form.click("action_send")
    officer.expect_state("Sent")
    officer.snap("journey-contract-package")
    return officer.form.field("name").inner_text()


def finalise(headquarters, package, *numbers):
    """Headquarters accepts each contract: it is active (BR-7)."""
    headquarters.menu(APP, CONTRACTS, MENU + "crm_contract_menu_finalise")
    headquarters.open_row(package, "name")
    headquarters.snap("journey-contract-finalise")
    for number in numbers:
        row = headquarters.row(number)
        row.locator("button[name=action_accept]").click()
        expect(row.locator("td[name=approval_state]")).to_have_text("Active")
    headquarters.snap("journey-contract-active")


def check_invoices(books, *numbers):
    """The first invoice is there and posted, in złoty, of the right amount (BR-7)."""
    books.run_job("contract.contract_cron_for_invoice")
    for number in numbers:
        contract = books.find("contract.contract", {"code": number}, "approval_state", "lead_id", "partner_id")
        assert contract["approval_state"] == "active"
        invoice = books.find(
            "account.move",
            {"invoice_line_ids.contract_line_id.contract_id": contract["id"]},
            "state",
            "amount_untaxed",
            "amount_total",
            "currency_id",
            "partner_id",
            "name",
        )
        assert (invoice["state"], invoice["amount_untaxed"], invoice["amount_total"]) == ("posted", PRICE, GROSS)
        assert invoice["currency_id"][1] == "PLN"
        assert invoice["partner_id"] == contract["partner_id"]
        assert re.search(r"\d", invoice["name"])


def test_contract_from_visit_to_invoice():
    """BR-2, BR-3, BR-4, BR-5, BR-6, BR-7: two visits, one contract returned and signed anew; both are invoiced."""
    with krakow() as (server, shop):
        end_of_yesterday(server)
        officer, manager = shop[ANIA], shop[MAREK]
        first = visit(officer, JOLANTA)
        print_contract(officer, first, JOLANTA)
        second = visit_unseen(server.api(ANIA), ADAM)
        hand_in(officer, first, second)
        return_contract(manager, first)
        approve(manager, second)
        rework(officer, first, JOLANTA)
        hand_in(officer, first)
        approve(manager, first)
        package = send(officer, first, second)
        finalise(shop[HALINA], package, first, second)
        check_invoices(Books(server), first, second)
