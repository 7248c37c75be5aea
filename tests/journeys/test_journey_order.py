"""From the first contact to the invoice: FL-1 to FL-11 of the CRM flow, with the phone shop's procedure in between."""

import os
import re

import pypdf
from playwright.sync_api import expect

from .browser import SCREENSHOTS, opened
from .phone_shop import (
    ANSWER,
    CUSTOMER,
    LEAD,
    MEMO,
    ORDERED,
    PHONE,
    PRICE,
    RAISED,
    RECEIVED,
    TOTAL,
    VALUES,
    Journey,
    check_books,
    hire,
    imei,
    number,
    offer,
    order_elsewhere,
)
from .server import serving


def checked(form, name):
    """Return the option of a status bar that the record is at."""
    return form.field(name).locator("[aria-checked=true]")


def card(person, column, text):
    """Return a card in a column of the kanban."""
    columns = person.page.locator(".o_kanban_group")
    return columns.filter(has=person.page.locator(".o_kanban_header", has_text=column)).locator(
        ".o_kanban_record", has_text=text
    )


def seen_as_bad(dialog):
    """Return the texts of the red lines, turning the list's pages until all are seen."""
    red, shown = dialog.root.locator(".o_data_row.text-danger"), dialog.root.locator(".o_pager_value")
    count = int(dialog.field("bad_count").inner_text())
    expect(dialog.find(".o_data_row")).to_be_visible()
    texts = red.all_inner_texts()
    while len(texts) < count:
        page = shown.inner_text()
        dialog.find(".o_pager_next").click()
        expect(shown).not_to_have_text(page)
        texts += red.all_inner_texts()
    return texts


def receive(journey, logistics):
    """SOP-4b: logistics receives 200 phones from a pasted list of 203 lines, of which three are bad and left out."""
    good = journey.numbers = [imei(serial) for serial in range(RECEIVED)]
    misread = f"{good[0][:-1]}{(int(good[0][-1]) + 1) % 10}"
    short, twice = imei(RECEIVED)[:-1], good[7]
    logistics.menu("stock.menu_stock_root", "stock.menu_stock_warehouse_mgmt", "stock.in_picking")
    logistics.new()
    form = logistics.form
    line = form.add_line("move_ids")
    line.choose("product_id", PHONE)
    line.fill("product_uom_qty", RECEIVED)
    form.click("action_confirm")
    form.click("action_receive_imei")
    dialog = logistics.dialog
    dialog.fill("text", "\n".join([*good[:50], misread, *good[50:120], short, *good[120:], twice]))
    dialog.click("action_check")
    expect(dialog.field("good_count")).to_have_text(str(RECEIVED))
    bad = seen_as_bad(dialog)
    problems = (f"{misread}: its check digit is wrong", f"{short}: it has 14 digits", f"{twice} is in line 8 already")
    assert [[problem in text for text in bad].count(True) for problem in problems] == [1, 1, 1], bad
    assert len(bad) == len(problems)
    dialog.input("leave_out").scroll_into_view_if_needed()
    logistics.snap("journey-receipt-bad-lines")
    dialog.input("leave_out").check()
    dialog.click("action_receive")
    expect(logistics.page.locator(".modal")).to_have_count(0)
    form.click("button_validate")
    expect(checked(form, "state")).to_have_text("Done")


def add_customer(officer):
    """FL-1: a customer with a profile."""
    officer.menu("sale.sale_menu_root", "sale.sale_order_menu", "sale.res_partner_menu")
    officer.new()
    form = officer.form
    form.field("company_type").get_by_label("Person").check()
    expect(form.field("function")).to_be_visible()  # until then the name is another widget: a company's
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
    """FL-3: the lead becomes an opportunity, linked to the customer."""
    officer.form.find("button", has_text="Convert to Opportunity").click()
    officer.dialog.click("action_apply")
    expect(officer.page.locator(".modal")).to_have_count(0)
    expect(officer.form.input("partner_id")).to_have_value(re.compile(CUSTOMER))


def estimate(officer):
    """FL-4: expected revenue and probability."""
    officer.form.fill("expected_revenue", number(TOTAL))
    officer.form.fill("probability", 60)
    officer.form.save()


def call(officer):
    """FL-5: a call is planned with memo and profile in view; it is made, and its outcome logged."""
    officer.page.click(".o-mail-Chatter-activity")
    dialog = officer.dialog
    dialog.field("activity_type_id").get_by_text("Call", exact=True).click()
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
    popover.locator("textarea").fill(ANSWER)
    popover.get_by_label("Done", exact=True).click()
    expect(planned).to_have_count(0)


def see_pipeline(person, menu):
    """FL-6: the kanban has the opportunity in its stage, with revenue and probability."""
    person.menu("crm.crm_menu_root", "crm.crm_menu_sales", menu)
    opportunity = card(person, "New", LEAD)
    expect(opportunity).to_contain_text(TOTAL)
    expect(opportunity).to_contain_text("60 %")
    person.snap(f"journey-pipeline-{person.login}")
    return opportunity


def see_opportunity(officer):
    """FL-7: customer, requirements, follow-ups and stage are on one screen."""
    with officer.turning():
        see_pipeline(officer, "crm.menu_crm_opportunities").click()
    form = officer.form
    expect(form.input("partner_id")).to_have_value(re.compile(CUSTOMER))
    expect(checked(form, "stage_id")).to_contain_text("New")
    form.tab("internal_notes")
    expect(form.field("description")).to_contain_text(MEMO)
    expect(officer.page.locator(".o-mail-Chatter")).to_contain_text(ANSWER)
    officer.snap("journey-opportunity")


def quote(journey, officer):
    """FL-8: a quotation makes the opportunity won. FL-9: an item is added and saved. SOP-4a: it is submitted."""
    with officer.turning():
        officer.form.click("action_sale_quotations_new")
    form = officer.form
    line = form.add_line("order_line")
    line.choose("product_template_id", PHONE)
    line.fill("product_uom_qty", ORDERED)
    form.save()
    expect(form.field("pricelist_id").locator("input")).to_have_value(re.compile("Counter"))
    journey.order = form.field("name").inner_text()
    form.click("action_submit")
    expect(form.field("price_locked_at")).to_be_visible()
    tags = form.field("lot_ids").locator(".o_tag")
    expect(tags).to_have_count(ORDERED)
    journey.imeis = tags.all_inner_texts()
    officer.snap("journey-order-locked")
    with officer.turning():
        officer.page.locator(".breadcrumb-item a, .o_breadcrumb a", has_text=LEAD).first.click()
    expect(form.root.locator(".ribbon")).to_contain_text("Won")


def raise_price(manager):
    """SOP-4a: after submission and before approval the price list rises by 10 %."""
    manager.menu("sale.sale_menu_root", "sale.product_menu_catalog", "sale.menu_product_pricelist_main")
    with manager.turning():
        manager.page.locator(".o_data_row", has_text="Counter").click()
    rule = manager.form.find(".o_data_row", has_text=PHONE)
    rule.locator("td").first.click()
    manager.dialog.fill("fixed_price", number(RAISED))
    manager.dialog.find(".o_form_button_save").click()
    manager.form.save()
    expect(rule).to_contain_text(RAISED)


def approve(journey, manager):
    """SOP-3c3: the manager approves what somebody else submitted, at the price told to the customer."""
    manager.menu("sale.sale_menu_root", "sale.sale_order_menu", "crm_sop_sales.sale_order_menu_to_approve")
    with manager.turning():
        manager.page.locator(".o_data_row", has_text=journey.order).locator("td[name=name]").click()
    expect(manager.form.field("tax_totals")).to_contain_text(TOTAL)
    manager.form.click("action_approve")
    expect(manager.form.field("approval_state")).to_have_text("Approved")


def confirm(journey, officer):
    """FL-10: the approved quotation becomes a sales order."""
    officer.menu("sale.sale_menu_root", "sale.sale_order_menu", "crm_sop_sales.sale_order_menu_procedure")
    with officer.turning():
        card(officer, "Approved", journey.order).click()
    officer.form.click("action_confirm")
    expect(checked(officer.form, "state")).to_have_text("Sales Order")
    officer.snap("journey-order-confirmed")


def deliver(journey, logistics):
    """SOP-4b: logistics sees and delivers the very units that the order holds."""
    logistics.menu("stock.menu_stock_root", "stock.menu_stock_warehouse_mgmt", "stock.out_picking")
    logistics.search(journey.order)
    with logistics.turning():
        logistics.page.locator(".o_data_row", has_text=journey.order).click()
    form = logistics.form
    form.click("action_show_details")
    for shown in journey.imeis:
        expect(logistics.dialog.root).to_contain_text(shown)
    logistics.snap("journey-delivery-units")
    logistics.dialog.find(".btn-close, [special=cancel], .o_form_button_cancel").click()
    form.click("button_validate")
    expect(checked(form, "state")).to_have_text("Done")


def invoice(journey, accountant):
    """FL-11: the accountant makes the invoice from the order, posts and prints it; return the PDF's text."""
    accountant.menu(
        "account.menu_finance", "account.menu_finance_receivables", "crm_sop_sales.sale_order_menu_accountant"
    )
    accountant.search(journey.order)
    with accountant.turning():
        accountant.page.locator(".o_data_row", has_text=journey.order).click()
    accountant.form.find("button", has_text="Create Invoice").click()
    with accountant.turning():
        accountant.dialog.click("create_invoices")
    form = accountant.form
    form.click("action_post")
    expect(checked(form, "state")).to_have_text("Posted")
    accountant.snap("journey-invoice")
    with accountant.page.expect_download() as download:
        form.click("action_print_pdf")
    download.value.save_as(SCREENSHOTS / "journey-invoice.pdf")
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(SCREENSHOTS / "journey-invoice.pdf").pages)


def follow(journey, manager):
    """SOP-15: the kanban shows the manager where the order stands now."""
    manager.menu("sale.sale_menu_root", "sale.sale_order_menu", "crm_sop_sales.sale_order_menu_procedure")
    expect(card(manager, "To Pay", journey.order)).to_contain_text(TOTAL)
    manager.snap("journey-orders-by-procedure")
    with manager.turning():
        card(manager, "To Pay", journey.order).click()
    manager.form.tab("timeline")
    expect(manager.form.find(".o_order_timeline")).to_contain_text("To Approve → Approved")
    manager.snap("journey-order-timeline")


def test_order():
    """A customer's way from FL-1 to FL-11, each step by the one whose work it is.

    FL-1 customer with profile, FL-2 lead with memo, FL-3 conversion, FL-4 revenue and probability, FL-5 call, FL-6
    kanban, FL-7 form, FL-8 quotation wins, FL-9 items, FL-10 sales order, FL-11 invoice. In between: 200 IMEIs are
    received, the price list rises by 10 % between submission and approval, and the units are delivered. The invoice's
    PDF has the price of the submission, and these three IMEIs and nobody else's.
    """
    with serving(os.environ["DATABASE"]) as server, opened(server) as shop:
        admin = server.api("admin")
        hire(admin)
        journey = Journey(admin, offer(admin))
        officer, manager, logistics = shop["wulan"], shop["rudi"], shop["slamet"]
        receive(journey, logistics)
        add_customer(officer)
        order_elsewhere(journey, server.api("tono"))
        enter_lead(officer)
        convert(officer)
        estimate(officer)
        call(officer)
        see_pipeline(manager, "crm_sop_sales.crm_lead_menu_team_pipeline")
        see_opportunity(officer)
        quote(journey, officer)
        raise_price(manager)
        approve(journey, manager)
        confirm(journey, officer)
        deliver(journey, logistics)
        text = invoice(journey, shop["ningsih"])
        assert set(re.findall(r"\d{15}", text)) == set(journey.imeis)
        assert not set(journey.imeis) & set(journey.others)
        assert [shown in text for shown in (PRICE, TOTAL, RAISED)] == [True, True, False], text
        follow(journey, manager)
        check_books(journey, admin)
        assert shop.errors() == []
        assert server.refusals() == []
