"""The retention officer's day: told of ending contracts, calls, and notes what each customer says; one is renewed."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from .points_of_sale import ANIA, APP, CONTRACTS, MENU, PIOTREK, Books, krakow, today

EXTENDS, LEAVES, THINKS = "Katarzyna Dudek", "Tadeusz Bąk", "Piotr Gajda"
COMPETITOR, STORY, LATER = "Offer of a competitor", "Sąsiad ma u nich taniej.", "Chce zapytać żonę."
WAIT = 6  # days until the undecided one is called again


def notice(officer):
    """The client opens with how many there are to tell, and keeps the number beside the clock (BR-8)."""
    told = officer.page.locator(".o_notification", has_text="Customers’ contracts are ending")
    expect(told).to_be_visible()
    number = counter(officer)
    expect(told).to_contain_text(f"{number} to tell")
    officer.snap("journey-retention-notice")
    with officer.turning():
        told.get_by_role("button", name="Show Them").click()
    expect(told).to_have_count(0)
    expect(officer.page.locator(".o_menu_brand")).to_have_text("Branches")
    expect(officer.row(EXTENDS)).to_be_visible()
    officer.snap("journey-retention-list")
    return number


def counter(officer):
    """Return the number in the systray."""
    return int(officer.page.locator(".o_crm_branch_ending .badge").inner_text())


def call(officer, customer):
    """Call the customer from the list; return the window in which the call is noted."""
    officer.row(customer).locator("button[name=action_contact]").click()
    expect(officer.dialog.field("partner_id")).to_contain_text(customer)
    return officer.dialog


def extends(officer):
    """One extends: the renewal is there at once, from the day after, for a service officer to complete (BR-9)."""
    window = call(officer, EXTENDS)
    window.field("outcome").get_by_label("Extends").check()
    officer.snap("journey-retention-extends")
    with officer.turning():
        window.click("action_confirm")
    officer.expect_state("Draft")
    expect(officer.form.find("button", has_text=re.compile("^Sign$"))).to_have_count(0)
    officer.snap("journey-retention-renewal")


def leaves(officer):
    """One doesn't: without a reason nothing is noted (BR-9)."""
    officer.menu(APP, CONTRACTS, MENU + "crm_contract_menu_ending")
    window = call(officer, LEAVES)
    window.field("outcome").get_by_label("Does Not Extend").check()
    window.fill("note", STORY)
    window.click("action_confirm")
    expect(window.field("lost_reason_id")).to_have_class(re.compile("o_field_invalid"))
    officer.snap("journey-retention-reason")
    window.choose("lost_reason_id", COMPETITOR)
    window.click("action_confirm")
    expect(officer.page.locator(".modal")).to_have_count(0)
    expect(officer.row(LEAVES).locator("td[name=renewal_outcome]")).to_have_text("Does Not Extend")


def thinks(officer):
    """One is undecided: the day of the next call is asked for, and shown (BR-9)."""
    window = call(officer, THINKS)
    window.field("outcome").get_by_label("Undecided").check()
    window.fill("note", LATER)
    window.click("action_confirm")
    expect(window.field("call_on")).to_have_class(re.compile("o_field_invalid"))
    window.fill("call_on", f"{today() + timedelta(days=WAIT):%m/%d/%Y}")
    officer.snap("journey-retention-undecided")
    window.click("action_confirm")
    expect(officer.page.locator(".modal")).to_have_count(0)
    expect(officer.row(THINKS).locator("td[name=renewal_outcome]")).to_have_text("Undecided")
    expect(officer.row(THINKS).locator("td[name=call_on]")).to_have_text(f"In {WAIT} days")
    officer.snap("journey-retention-noted")


def fewer(officer, number):
    """Who was told is no longer counted, at once."""
    expect(officer.page.locator(".o_crm_branch_ending .badge")).to_have_text(str(number - 3))


def complete(officer):
    """The service officer is asked to prepare it, and has it signed (BR-4, BR-17)."""
    officer.menu(APP, CONTRACTS, MENU + "crm_contract_menu_all")
    officer.search(EXTENDS)
    officer.open_row("Draft", "code")
    expect(officer.form.field("renewed_from_id")).to_be_visible()
    expect(officer.page.locator(".o-mail-Activity", has_text="Prepare the Renewal")).to_be_visible()
    officer.snap("journey-retention-complete")
    officer.tick_check_list()
    officer.sign()
    expect(officer.page.locator(".o-mail-Activity", has_text="Prepare the Renewal")).to_have_count(0)
    officer.snap("journey-retention-signed")


def check_books(books):
    """The database says the same as the screens, and no day is without a contract."""
    names = ("renewal_outcome", "lost_reason_id", "call_on", "date_end", "renewal_id", "company_id")
    contracts = {
        name: books.find("contract.contract", {"partner_id.name": name, "approval_state": "active"}, *names)
        for name in (EXTENDS, LEAVES, THINKS)
    }
    assert [one["renewal_outcome"] for one in contracts.values()] == ["extend", "not_extend", "undecided"]
    assert contracts[LEAVES]["lost_reason_id"][1] == COMPETITOR
    assert contracts[THINKS]["call_on"] == str(today() + timedelta(days=WAIT))
    (renewal,) = books.read(
        "contract.contract", [contracts[EXTENDS]["renewal_id"][0]], "approval_state", "date_start", "officer_id"
    )
    assert renewal["approval_state"] == "signed"
    day_after = date.fromisoformat(contracts[EXTENDS]["date_end"]) + timedelta(days=1)
    assert renewal["date_start"] == str(day_after)
    for name, note in ((LEAVES, STORY), (THINKS, LATER)):
        values = {"res_model": "contract.contract", "res_id": contracts[name]["id"], "state": "done"}
        domain = [[key, "=", value] for key, value in values.items()]
        contacts = books.call("crm.interaction", "search_read", domain, fields=["note"], order="id desc", limit=1)
        assert note in contacts[0]["note"]


def test_ending_contracts():
    """BR-8, BR-9: the officer is told, calls, and each outcome has what it must have; the renewal joins on."""
    with krakow() as (server, shop):
        officer = shop[PIOTREK]
        number = notice(officer)
        extends(officer)
        leaves(officer)
        thinks(officer)
        fewer(officer, number)
        complete(shop[ANIA])
        check_books(Books(server))
