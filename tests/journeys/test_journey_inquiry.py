"""A call that ends without a sale: need, proposal, refusal, offer, refusal, the last question, lost (SOP-3a to 3b2)."""

import os
import re

from playwright.sync_api import expect

from .browser import Form, opened
from .phone_shop import hire
from .server import serving

CALLER, NUMBER = "Dedi Mulyana", "0812 7700 4321"
ASKED, OFFERED = "Galaxy A56 5G 256 GB", "Galaxy A55 5G 256 GB"
WHY, WHY_AGAIN, ANSWER = "Waits until its price falls", "Wants another colour", "No, thank you"
REASON = "Too expensive"
REFUSED = "can't be given up yet"


def take_call(officer):
    """SOP-1, SOP-T1: two clicks note the call; the cursor is in the phone field, and the caller becomes a customer."""
    officer.menu("crm.crm_menu_root", "crm_base.crm_interaction_menu", "crm_sop_sales.crm_contact_log_menu_ring")
    form = officer.form
    expect(form.input("phone")).to_be_focused()
    form.click("action_answer")
    expect(form.find(".badge", has_text="Answered in Time")).to_be_visible()
    form.fill("phone", NUMBER)
    form.fill("caller_name", CALLER)
    form.click("action_create_customer")
    expect(form.input("partner_id")).to_have_value(CALLER)


def tell(officer):
    """SOP-T6: the officer tells of a promotion; from then on the screen says so."""
    form = officer.form
    form.tab("promotions")
    promotion = form.find(".o_data_row", has_text="Phone Week")
    promotion.locator("button[name=action_told]").click()
    expect(promotion).to_contain_text("Told on")
    expect(promotion).to_contain_text("Wulan")
    officer.snap("journey-inquiry-told")


def line_of(form, product):
    """Return the line of a product of interest."""
    return form.field("product_line_ids").locator(".o_data_row", has_text=product)


def ask(officer):
    """SOP-T3, SOP-3a: need and budget propose products with stock and price; one click adds one."""
    with officer.turning():
        officer.form.click("action_buying")
    form = officer.form
    form.tab("inquiry")
    form.fill("interest", "Photographs of food")
    form.choose("use_ids", "Camera")
    form.fill("budget_from", 4_000_000)
    form.fill("budget_to", 8_000_000)
    form.save()
    proposed = form.field("matching_product_ids").locator(".o_data_row", has_text=ASKED)
    expect(proposed).to_contain_text("6,199,000")
    proposed.locator("button[name=action_add_to_opportunity]").click()
    expect(line_of(form, ASKED)).to_contain_text("Asked For")
    expect(proposed).to_have_count(0)
    officer.snap("journey-inquiry-need")


def refuse(officer, product, why):
    """SOP-3b1: the customer isn't willing; why is noted."""
    form = officer.form
    line_of(form, product).locator("td[name=answer]").click()
    line = Form(form.page, form.field("product_line_ids").locator(".o_selected_row"))
    line.pick("answer", "Not Willing")
    line.fill("refusal_reason", why)
    form.save()
    expect(line_of(form, product)).to_contain_text("Not Willing")


def give_up(officer, asked):
    """SOP-3b2: press Lost and choose the reason; say that the last question was asked, or not."""
    officer.form.find("button", has_text="Lost").click()
    dialog = officer.dialog
    dialog.field("lost_reason_id").get_by_text(REASON).click()
    if asked:
        dialog.input("anything_else_asked").check()
        dialog.fill("anything_else_answer", ANSWER)
    return dialog


def give_up_too_early(officer):
    """SOP-3b1, SOP-3b2: neither offered nor asked: the server refuses, and says what is missing."""
    dialog = give_up(officer, asked=False)
    expect(dialog.find(".alert-warning")).to_contain_text("Nothing else was offered yet")
    officer.snap("journey-inquiry-lost-dialog")
    dialog.click("action_lost_reason_apply")
    refusal = officer.page.locator(".o_error_dialog")
    expect(refusal).to_contain_text(REFUSED)
    expect(refusal).to_contain_text("Offer something else")
    expect(refusal).to_contain_text("anything else")
    officer.snap("journey-inquiry-refused")
    refusal.locator("footer button").first.click()
    dialog.find("button[special=cancel], .btn-secondary", has_text="Discard").click()
    expect(officer.page.locator(".modal")).to_have_count(0)


def offer_another(officer):
    """SOP-3b1: what is on promotion is offered with one click."""
    form = officer.form
    form.tab("inquiry")
    promoted = form.field("promoted_product_ids").locator(".o_data_row", has_text=OFFERED)
    expect(promoted).to_contain_text("earphones free")
    promoted.locator("button[name=action_offer]").click()
    expect(line_of(form, OFFERED)).to_contain_text("Offered")
    officer.snap("journey-inquiry-offered")


def lose(officer):
    """SOP-3b2: after offer and question it is lost."""
    give_up(officer, asked=True).click("action_lost_reason_apply")
    expect(officer.form.find(".ribbon")).to_contain_text("Lost")
    officer.snap("journey-inquiry-lost")


def analyse(manager):
    """SOP-3b2: the manager sees what was lost, by reason and product."""
    manager.menu("crm.crm_menu_root", "crm.crm_menu_report", "crm_sop_sales.crm_lead_product_menu_lost")
    expect(manager.page.locator("div.o_pivot")).to_contain_text(OFFERED)
    manager.snap("journey-inquiry-lost-products")


def check_books(admin):
    """The database says the same as the screens."""
    customer = admin.find("res.partner", {"name": CALLER}, "phone_sanitized", "told_ids")
    assert customer["phone_sanitized"] == "+6281277004321"
    assert len(customer["told_ids"]) == 1
    values = {"partner_id": customer["id"], "active": False}
    lead = admin.find("crm.lead", values, "won_status", "lost_reason_id", "anything_else_answer", "product_line_ids")
    assert (lead["won_status"], lead["lost_reason_id"][1], lead["anything_else_answer"]) == ("lost", REASON, ANSWER)
    lines = admin.read("crm.lead.product", lead["product_line_ids"], "kind", "answer", "refusal_reason")
    noted = [(line["kind"], line["answer"], line["refusal_reason"]) for line in lines]
    assert noted == [("asked", "refused", WHY), ("offered", "refused", WHY_AGAIN)]


def test_inquiry():
    """A customer who doesn't buy, from the ringing phone to the lost opportunity; each step as the procedure says.

    SOP-1 answered, SOP-T1 customer, SOP-T6 told of a promotion, SOP-T3 need and proposal, SOP-3a product of interest,
    SOP-3b1 refusal and offer, SOP-3b2 the last question. In between the opportunity is given up too early, in vain.
    """
    with serving(os.environ["DATABASE"]) as server, opened(server) as shop:
        admin = server.api("admin")
        hire(admin)
        officer = shop["wulan"]
        take_call(officer)
        tell(officer)
        ask(officer)
        refuse(officer, ASKED, WHY)
        give_up_too_early(officer)
        offer_another(officer)
        refuse(officer, OFFERED, WHY_AGAIN)
        lose(officer)
        analyse(shop["rudi"])
        check_books(admin)
        assert shop.errors() == []
        assert [bool(re.search(REFUSED, line)) for line in server.refusals()] == [True]
