"""A courier at customers' doors with a phone: SOP-7 … SOP-14, with cards, damage, and a network that is lost."""

import json
import os
import re

import pytest
from playwright.sync_api import expect

from .browser import opened
from .courier_shop import PRICE, Office, Phone, is_jpeg
from .server import serving

PAPERS = {"draft", "invoice", "invoice_copy", "delivery_note"}
CARD_NUMBER = "4111 1111 1111 1111"


@pytest.fixture(scope="module")
def office_and_shop():
    with serving(os.environ["DATABASE"]) as server, opened(server) as shop:
        yield Office(server), shop


@pytest.fixture
def road(office_and_shop):
    """The office, and the phone of a courier whom no other test has on the road."""
    office, shop = office_and_shop
    login = f"bambang{len(shop.people)}"
    office.hire_courier(login)
    shop.people[login] = phone = Phone(shop.browser, office.server, login)
    yield office, phone
    phone.context.close()
    unexpected = [error for error in phone.errors if not re.search(r"status of|favicon|ERR_INTERNET", error)]
    assert not unexpected, unexpected


def start(road, customer, **order):
    """Sell, send out, and stand at the door; return the run."""
    office, phone = road
    office.receive(order.get("quantity", 1))
    run = office.send_out(office.sell(customer, **order))
    phone.begin()
    phone.open_stop(customer)
    return run


def signed(office, run):
    stop = office.stop(run, "signature_ids")
    return [one["document"] for one in office.admin.read("crm.courier.signature", stop["signature_ids"], "document")]


def test_card_above_two_million(road):
    """SOP-12d, SOP-12e, SOP-12f, SOP-12g, SOP-12i: verified, authorised, approved, signed, delivered, and booked."""
    office, phone = road
    run = start(road, "Ayu Card", card=True)
    phone.snap("journey-courier-stop")
    phone.everything_fits()
    phone.check_ok()
    phone.verify_card()
    expect(phone.page.locator("input[name=authorisation_code]")).to_be_visible()
    phone.snap("journey-courier-swipe")
    phone.swipe("approved", PRICE - 1, authorisation_code="AB1234", approval_code="A1B2C3", last_four="4821")
    expect(phone.step("payment").locator(".alert-danger")).to_contain_text("is to be paid")
    expect(phone.page.locator("input[name=approval_code]")).to_have_value("A1B2C3")  # to be corrected, not typed anew
    phone.swipe("approved", PRICE, authorisation_code="AB1234", approval_code="A1B2C3", last_four="4821")
    phone.sign_all()
    phone.say("delivered")
    phone.is_over("Delivered")
    phone.snap("journey-courier-delivered")
    phone.all_sent()
    assert not json.loads(phone.kept())["queue"]
    stop = office.stop(run, "outcome", "card_state", "picking_id", "order_id")
    assert (stop["outcome"], stop["card_state"]) == ("delivered", "approved")
    assert set(signed(office, run)) == PAPERS
    assert office.state("stock.picking", stop["picking_id"][0]) == "done"
    card = office.admin.find("crm.courier.card", {"stop_id": stop["id"]}, "amount", "payment_id", "is_booked")
    assert (card["amount"], card["is_booked"]) == (PRICE, True)
    phone.come_back()
    office.count(run)


def test_declined_goes_back(road):
    """SOP-12h: declined, declined again after the bank was asked: nothing is handed over, and the goods come back."""
    office, phone = road
    run = start(road, "Bayu Declined", card=True)
    phone.check_ok()
    phone.verify_card()
    for result in ("declined", "do_not_honor"):
        phone.swipe(result, PRICE)
        expect(phone.step("payment")).to_contain_text("Ask the card's holder to call")
        phone.all_sent()
    phone.snap("journey-courier-declined")
    phone.step("outcome").locator(".o_courier_step_head").click()
    phone.page.locator("[data-outcome=delivered]").click()
    expect(phone.page.locator(".o_courier_done")).to_be_disabled()
    expect(phone.step("outcome")).to_contain_text("Still missing: Payment, Signatures.")
    phone.say("brought_back", f"The bank says no {CARD_NUMBER}")
    expect(phone.page.locator(".o_notification")).to_contain_text("card's number")
    assert "4111" not in phone.kept()
    phone.say("brought_back", "The bank says no")
    phone.is_over("Brought back")
    expect(phone.step("payment")).to_have_count(0)  # nothing is to be paid any more
    phone.come_back()
    office.count(run, units_back=1)
    stop = office.stop(run, "outcome", "picking_id", "unit_ids")
    assert stop["outcome"] == "brought_back"
    assert office.state("stock.picking", stop["picking_id"][0]) == "assigned"
    units = office.admin.read("crm.courier.unit", stop["unit_ids"], "is_handed_over")
    assert not any(unit["is_handed_over"] for unit in units)
    assert not office.admin.call("account.payment", "search", [["partner_id.name", "=", "Bayu Declined"]])


def test_one_of_two_damaged(road):
    """SOP-8a, SOP-8b, SOP-8c, SOP-9: one is handed over and paid, the other's replacement comes the next day."""
    office, phone = road
    run = start(road, "Citra Two", quantity=2)
    phone.check_ok(0)
    phone.check_damaged("Screen is cracked", 1)
    phone.press("Ask CRM for a replacement")
    expect(phone.step("check")).to_contain_text("Nothing moves before the answer")
    phone.snap("journey-courier-asked")
    phone.all_sent()
    office.receive(1)
    office.answer(run, "action_answer")
    phone.read_answer()
    expect(phone.step("payment").locator("input")).to_be_visible()
    phone.step("check").locator(".o_courier_step_head").click()
    expect(phone.step("check")).to_contain_text("Delivery on")
    phone.snap("journey-courier-answer")
    stop = office.stop(run, "unit_ids", "picking_id", "order_id")
    checks = office.admin.read("crm.courier.unit", stop["unit_ids"], "condition", "photo")
    assert sorted(check["condition"] for check in checks) == ["damaged", "ok"]
    assert all(is_jpeg(check["photo"]) for check in checks if check["condition"] == "damaged")
    phone.step("payment").locator(".o_courier_step_head").click()
    expect(phone.step("payment").locator("input")).to_have_value(f"{PRICE:,}")
    phone.press("I have the cash")
    phone.sign_all()
    phone.say("partly")
    phone.is_over("Partly delivered")
    phone.come_back()
    office.count(run, cash=PRICE, units_back=1)
    assert office.state("stock.picking", stop["picking_id"][0]) == "done"

    office.logistics.call("crm.courier.replacement", "action_exchange", [office.question(run)])
    second = office.send_out(stop["order_id"][0])
    phone.begin()
    phone.open_stop("Citra Two")
    phone.check_ok()
    expect(phone.step("payment").locator("input")).to_have_value(f"{PRICE:,}")
    phone.press("I have the cash")
    phone.sign_all()
    phone.say("delivered")
    phone.is_over("Delivered")
    phone.come_back()
    office.count(second, cash=PRICE)
    assert office.stop(second, "outcome")["outcome"] == "delivered"
    assert office.state("crm.courier.replacement", office.question(run)) == "closed"


def test_damaged_and_none(road):
    """SOP-8c, SOP-10: damaged, and CRM has none: it comes back, and the order is cancelled without a fee."""
    office, phone = road
    run = start(road, "Dedi None")
    phone.check_damaged("Doesn't switch on")
    phone.press("Ask CRM for a replacement")
    expect(phone.step("check")).to_contain_text("Nothing moves before the answer")
    phone.all_sent()
    office.answer(run, "action_none")
    phone.read_answer()
    expect(phone.step("outcome").locator("[data-outcome=brought_back]")).to_be_visible()
    expect(phone.page.locator("[data-outcome=delivered]")).to_have_count(0)
    phone.snap("journey-courier-none")
    phone.say("brought_back")
    phone.is_over("Brought back")
    phone.come_back()
    office.count(run, units_back=1)
    question = office.question(run)
    office.logistics.call("crm.courier.replacement", "action_exchange", [question])
    action = office.officer.call("crm.courier.replacement", "action_cancel_order", [question])
    form = action["res_id"]
    office.officer.call("crm.cancellation", "action_confirm", [form])
    order = office.stop(run, "order_id")["order_id"][0]
    assert office.state("sale.order", order) == "cancel"
    (cancelled,) = office.admin.read("crm.cancellation", [form], "waiver", "fee_amount")
    assert (cancelled["waiver"], cancelled["fee_amount"]) == ("facts", 0)


def test_network_is_lost_in_between(road):
    """SOP-8a, SOP-12i: the network is cut between check and signature: nothing is lost, and nothing is done twice."""
    office, phone = road
    run = start(road, "Eka Offline")
    page, context = phone.page, phone.context
    with page.expect_response("**/courier_send"):
        phone.check_ok()
    phone.all_sent()
    context.set_offline(True)
    phone.press("I have the cash")
    phone.sign_all()
    phone.say("delivered")
    expect(page.locator(".o_courier_network")).to_contain_text("6 waiting to be sent")
    expect(page.locator(".o_courier_offline")).to_contain_text("No network")
    expect(page.locator(".o_courier_stop")).to_contain_text("isn't done before the server has taken it")
    phone.snap("journey-courier-offline")
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator(".o_courier_card", has_text="Eka Offline")).to_contain_text("Waiting to be sent")
    phone.snap("journey-courier-offline-list")
    assert office.stop(run, "outcome")["outcome"] is False
    assert len(json.loads(phone.kept())["queue"]) == 6

    # The tab is closed and opened again; then the first answer is lost: the server did it, the phone can't know.
    page.close()
    context.set_offline(False)
    lost = []

    def lose_answer(route):
        if lost or "courier_send" not in route.request.url:
            return route.continue_()
        route.fetch()
        lost.append(route.request.post_data_json["params"]["args"][0])
        return route.abort("connectionreset")

    context.route("**/web/dataset/call_kw/**", lose_answer)
    phone.page = page = context.new_page()
    page.on("pageerror", lambda error: phone.errors.append(str(error)))
    page.goto("/odoo/deliver")
    expect(page.locator(".o_courier_card", has_text="Eka Offline").locator(".badge")).to_have_text("Delivered")
    phone.all_sent()
    assert len(lost) == 1
    phone.snap("journey-courier-restored")
    assert sorted(signed(office, run)) == sorted(PAPERS)
    stop = office.stop(run, "outcome", "attempts", "picking_id", "entry_ids")
    assert (stop["outcome"], stop["attempts"]) == ("delivered", 1)
    entries = office.admin.read("crm.courier.entry", stop["entry_ids"], "uuid", "kind", "status")
    assert sorted(entry["kind"] for entry in entries) == ["cash", "check", "outcome", "sign", "sign", "sign", "sign"]
    assert {entry["status"] for entry in entries} == {"done"}
    assert len({entry["uuid"] for entry in entries}) == len(entries)
    assert office.state("stock.picking", stop["picking_id"][0]) == "done"
    assert not json.loads(phone.kept())["queue"]
    phone.press("I am back at the office")
    phone.press("I am back", page.locator(".modal:visible"))
    expect(page.get_by_text("No run on the road")).to_be_visible()
