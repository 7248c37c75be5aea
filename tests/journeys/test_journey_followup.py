"""H23 from the main dealer's files to the head's evaluation: import, blast, replies, calls, bookings, reports."""

import os
import re
from datetime import date

from playwright.sync_api import expect

from .browser import opened
from .dealer import A2_HEADER, ADMIN, CDB_HEADER, HEAD, PIC, Motorcycle, dealer, upload
from .server import serving

APP = "crm_h23_followup.crm_h23_followup_menu_root"
MENU = "crm_h23_followup."

AGUS, BELA = Motorcycle(1, "Agus Salim", 30), Motorcycle(2, "Bela Safitri", 30)
CICI, DEDI, FAJAR = (
    Motorcycle(3, "Cici Lestari", 45),
    Motorcycle(4, "Dedi Kurnia", 45),
    Motorcycle(6, "Fajar Putra", 45),
)
EUIS = Motorcycle(5, "Euis Komala", 53)
ALL = (AGUS, BELA, CICI, DEDI, EUIS, FAJAR)


def import_file(pic, kind, file, new):
    """Choose the file, look at what would happen, take it over."""
    pic.menu(APP, MENU + "crm_h23_followup_menu_vehicles", MENU + "crm_vehicle_import_menu")
    pic.new()
    pic.form.field("kind").get_by_label(kind).check()
    pic.form.field("file").locator("input[type=file]").set_input_files(file)
    pic.form.click("action_read")
    expect(pic.form.button("action_apply")).to_be_visible()
    expect(pic.form.find("button[name='action_view_rows']", has_text="New")).to_contain_text(str(new))
    pic.snap(f"journey-followup-{kind[:3].strip()}")
    pic.form.click("action_apply")
    pic.dialog.find("button", has_text="Ok").click()
    expect(pic.form.find(".o_statusbar_status .o_arrow_button_current")).to_have_text("Done")


def open_day(pic):
    """Open today's follow-ups of the branch."""
    pic.menu(APP, MENU + "crm_followup_menu", MENU + "crm_followup_menu_days")
    with pic.turning():
        pic.page.locator(".o_data_row", has_text="Padalarang").first.locator("td[name=day]").click()


def blast(place, pic):
    """The night makes what is due; in the morning the PIC sends FU-1, and the stub takes it."""
    place.run_job(MENU + "ir_cron_generate")
    open_day(pic)
    expect(pic.form.field("due_count").first).to_contain_text("5")
    pic.form.click("action_send_blast")
    pic.dialog.find("button", has_text="Ok").click()
    expect(pic.form.button("action_send_blast")).not_to_be_visible()
    place.send()
    assert sorted(call["body"]["to"] for call in place.stub.calls) == sorted(one.wa_id for one in (AGUS, BELA))
    assert place.stub.duplicates() == []
    pic.snap("journey-followup-blast")


def followup(place, motorcycle, step):
    """Return the follow-up of the motorcycle as the database has it."""
    values = {"vehicle_id.frame_number": motorcycle.frame, "step": step}
    return place.admin.find("crm.followup", values, "state", "result", "feedback", "delivery_state", "user_id")


def answers(place):
    """One writes that they come; the other's number can't be reached: that one waits for FU-2."""
    place.reply(AGUS, "Ya, hari kerja bisa")
    place.fail(BELA, 131026)
    assert followup(place, AGUS, "1")["state"] == "todo"
    assert followup(place, BELA, "1")["result"] == "not_delivered"


# === THE ADMIN AT THE TELEPHONE === #


def book(dialog, kind):
    """The first free times are proposed; take one."""
    expect(dialog.field("kind").get_by_label(kind)).to_be_checked()
    dialog.field("time_id").locator("input[type=radio]").first.check()


def comes(dialog, admin):
    """Willing: booked at once."""
    dialog.field("result").get_by_label("Willing").check()
    dialog.fill("feedback", "Tuesday suits her.")
    book(dialog, "Workshop")
    admin.snap("journey-followup-willing")


def takes_saturday(dialog, admin):
    """No time on weekdays: without the offer, its answer and the tick nothing is saved."""
    dialog.field("result").get_by_label("Refused").check()
    dialog.field("reason_id").get_by_label("time", exact=False).first.check()
    dialog.fill("feedback", "She works from Monday to Friday.")
    dialog.field("offer_answer").get_by_label("Accepted").check()
    dialog.field("weekdays_impossible").locator("input").check()
    expect(dialog.field("time_id")).to_contain_text("Sat")
    book(dialog, "Workshop")
    admin.snap("journey-followup-saturday")


def wants_home_service(dialog, admin):
    """Too far: the mechanic comes."""
    dialog.field("result").get_by_label("Refused").check()
    dialog.field("reason_id").get_by_label("far", exact=False).first.check()
    dialog.fill("feedback", "It is an hour on the road.")
    dialog.field("offer_answer").get_by_label("Accepted").check()
    book(dialog, "Home Service")
    expect(dialog.input("street")).to_have_value("Jl. Raya Padalarang 1")
    admin.snap("journey-followup-home")


def is_silent(dialog, admin):
    """Nobody answers the third time either."""
    dialog.field("result").get_by_label("No Response").check()
    dialog.fill("feedback", "Rang for a minute.")


CALLS = {AGUS: comes, CICI: takes_saturday, DEDI: wants_home_service, EUIS: is_silent}


def call(admin):
    """Call one after the other, as the software leads, until nobody is left."""
    admin.menu(APP)
    admin.page.locator(f"[data-menu-xmlid='{MENU}crm_followup_menu']:visible").first.click()
    admin.page.locator(f"[data-menu-xmlid='{MENU}crm_followup_menu_next']:visible").first.click()
    left, first = dict(CALLS), True
    while left:
        name = admin.dialog.field("owner_name")
        expect(name).to_have_text(re.compile("|".join(one.buyer for one in left)))
        motorcycle = next(one for one in left if one.buyer == name.inner_text().strip())
        assert not first or motorcycle is AGUS, "who wrote is called first"
        left.pop(motorcycle)(admin.dialog, admin)
        admin.dialog.click("action_save_next")
        first = False
    expect(admin.page.locator(".modal")).to_have_count(0)
    expect(admin.page.locator(".o_data_row")).to_have_count(0)


def check_bookings(place):
    """What was agreed is what is booked."""
    booked = {}
    for motorcycle in (AGUS, CICI, DEDI):
        values = {"vehicle_id.frame_number": motorcycle.frame}
        booked[motorcycle] = place.admin.find("crm.service.booking", values, "state", "kind", "day", "street")
    assert {one["state"] for one in booked.values()} == {"booked"}
    assert [booked[one]["kind"] for one in (AGUS, CICI, DEDI)] == ["workshop", "workshop", "home"]
    weekdays = [date.fromisoformat(booked[one]["day"]).weekday() for one in (AGUS, CICI, DEDI)]
    assert weekdays[0] < 5, weekdays
    assert weekdays[1] == 5, weekdays
    assert case(place, EUIS)["state"] == "unreachable"


def case(place, motorcycle):
    """Return the free service of the motorcycle as the database has it."""
    values = {"vehicle_id.frame_number": motorcycle.frame, "kpb": "1"}
    return place.admin.find("crm.followup.case", values, "state", "serviced_on")


def service(place, pic):
    """One came: the main dealer's next report says so, and the booking is done by itself."""
    import_file(pic, "A2", upload("A2 later.xlsx", A2_HEADER, AGUS.a2(1, 0)), 1)
    assert case(place, AGUS)["state"] == "serviced"
    values = {"vehicle_id.frame_number": AGUS.frame}
    assert place.admin.find("crm.service.booking", values, "state")["state"] == "done"


# === THE END OF THE DAY === #


def report(place, admin, pic):
    """The admin sends the day's report at a click, the PIC the summary to the head; figures are those of the rows."""
    admin.menu(APP, MENU + "crm_followup_menu", MENU + "crm_followup_menu_send_report")
    expect(admin.page.locator(".o_statusbar_status .o_arrow_button_current, .o_data_row").first).to_contain_text("Sent")
    admin.snap("journey-followup-report")
    pic.menu(APP, MENU + "crm_followup_report_menu", MENU + "crm_followup_summary_menu_today")
    expect(pic.form.button("action_send")).to_be_visible()
    pic.form.click("action_send")
    pic.dialog.find("button", has_text="Ok").click()
    expect(pic.form.find(".o_statusbar_status .o_arrow_button_current")).to_have_text("Sent")
    pic.snap("journey-followup-summary")
    names = [
        f"{name}_count" for name in ("willing", "no_response", "not_delivered", "unreachable", "booked", "serviced")
    ]
    summary = place.admin.find("crm.followup.summary", {"branch_id": place.branch}, *names)
    counted = {"willing": 3, "no_response": 1, "not_delivered": 1, "unreachable": 1, "booked": 3, "serviced": 1}
    assert {name: summary[f"{name}_count"] for name in counted} == counted
    for name in ("willing", "no_response", "not_delivered"):
        domain = [["branch_id", "=", place.branch], ["result", "=", name]]
        assert place.admin.call("crm.followup", "search_count", domain) == counted[name]
    mail = place.admin.call(
        "mail.mail",
        "search_read",
        [["model", "=", "crm.followup.summary"], ["res_id", "=", summary["id"]]],
        fields=["email_cc", "recipient_ids", "email_to", "attachment_ids"],
    )
    assert len(mail) == 1, mail
    assert len(mail[0]["attachment_ids"]) == 1, mail


def evaluate(place, head):
    """The head reads it and says what comes of it."""
    head.menu(APP, MENU + "crm_followup_report_menu", MENU + "crm_followup_summary_menu_evaluate")
    with head.turning():
        head.page.locator(".o_data_row", has_text="Padalarang").locator("td[name=day]").click()
    head.form.field("rating").locator("input[type=radio]").first.check()
    head.form.fill("evaluation", "Three of five came round. Find out why messages don't arrive.")
    head.form.click("action_evaluate")
    head.dialog.find("button", has_text="Ok").click()
    expect(head.form.find(".o_statusbar_status .o_arrow_button_current")).to_have_text("Evaluated")
    head.snap("journey-followup-evaluation")


def test_followup_of_a_day():
    """H23-4.1.1 … 4.5.4: nobody of the files is forgotten, and the figures are those of the rows."""
    with serving(os.environ["DATABASE"]) as server, dealer(server) as place, opened(server) as shop:
        pic = shop[PIC]
        import_file(pic, "CDB", upload("CDB.xlsx", CDB_HEADER, *(one.cdb() for one in ALL)), len(ALL))
        import_file(pic, "A2", upload("A2.xlsx", A2_HEADER, FAJAR.a2(1, 5)), 1)
        blast(place, pic)
        answers(place)
        call(shop[ADMIN])
        check_bookings(place)
        service(place, pic)
        report(place, shop[ADMIN], pic)
        evaluate(place, shop[HEAD])
        unexpected = [error for error in shop.errors() if not re.search(r"favicon", error)]
        assert not unexpected, unexpected
