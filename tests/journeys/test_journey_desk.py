"""A call from ringing to wrap-up at an agent's desk, and a supervisor who watches: CC-1, CC-2e, CC-3a, CC-3b."""

import os
import time

from playwright.sync_api import expect

from .browser import opened
from .call_center import AGENT, SUPERVISOR, Center
from .server import serving

APP, DESK, WALL = "crm_contact_center.menu_root", "crm_contact_center.menu_desk", "crm_contact_center.menu_wall"
CUSTOMER, NUMBER = "Ibu Melati Anggraini", "0812 7000 4321"
STRANGER = "Pak Joko"
WORDS = "My parcel hasn't come."
SOON = 1000  # ms from a call that is reported to the page on the agent's screen


def watch(supervisor):
    """CC-2e: the supervisor's wall is open, and stays so: whether it was loaded again would be seen."""
    supervisor.menu(APP, WALL)
    expect(queue(supervisor)).to_contain_text("No contacts yet")
    supervisor.page.evaluate("window.neverLoadedAgain = true")


def queue(supervisor):
    return supervisor.page.locator(".o_crm_wall_queues tbody tr", has_text="Sales line")


def cell(supervisor, number):
    """Return a cell of the queue's row: 0 waiting, 1 longest wait, 2 in contact …"""
    return queue(supervisor).locator("td").nth(number)


def at(supervisor, status):
    """Return the wall's list of agents who are in that status."""
    return supervisor.page.locator(f".o_crm_wall_group.o_{status}")


def come(agent, supervisor):
    """CC-3: the app opens on the desk; the agent comes, and the wall knows."""
    agent.menu(APP)
    expect(agent.page.locator(".o_crm_desk_idle")).to_contain_text("You are offline")
    agent.page.get_by_role("button", name="Start: I’m Available").click()
    expect(agent.page.locator(".o_crm_desk_idle")).to_contain_text("Ready for the next contact")
    expect(agent.page.locator(".o_crm_desk_menu")).to_contain_text("Available")
    expect(at(supervisor, "available")).to_contain_text("Rani")


def ring(center, agent, supervisor):
    """CC-3a: who it is, and what is open with them, before the agent answers; the title says that it rings."""
    call = center.ring(NUMBER, words=WORDS)
    began = time.monotonic()
    who = agent.page.locator(".o_crm_desk_who")
    expect(who).to_contain_text("By the number: ask")
    seconds = time.monotonic() - began
    assert seconds < 5 * SOON / 1000, f"{seconds:.1f} s from the call to the page"
    for text in (CUSTOMER, "Bandung", WORDS, "Ringing", "Pick up the telephone"):
        expect(who).to_contain_text(text)
    expect(agent.page.locator(".o_crm_desk_sections")).to_contain_text("Quotation")
    expect(agent.page.locator(".o_crm_desk [role=alert]").first).to_contain_text(f"Ringing: {CUSTOMER}")
    expect(agent.page).to_have_title(f"(1) My Desk - {CUSTOMER} is waiting for you")
    expect(cell(supervisor, 0)).to_have_text("1")
    agent.snap("journey-desk-ringing")
    return call


def talk(center, agent, supervisor, call):
    """CC-1, CC-3b: the telephone is picked up; the agent asks who it is."""
    center.answer(call)
    expect(agent.page.locator(".o_crm_desk_end")).to_be_visible()
    expect(agent.page).to_have_title("My Desk")
    agent.page.get_by_role("button", name="It Is Them").click()
    expect(agent.page.locator(".o_crm_desk_who")).to_contain_text("Certain")
    expect(cell(supervisor, 0)).to_have_text("0")
    expect(cell(supervisor, 2)).to_have_text("1")
    expect(at(supervisor, "busy")).to_contain_text("Rani")
    agent.page.fill("#o_crm_desk_note", "Will look it up.")


def by_script(agent):
    """CC-6a: the script that fits, with the customer's name; by the mouse or the keys; its answers fill the wrap-up."""
    panel = agent.page.locator(".o_script_panel")
    expect(panel).to_contain_text(f"Am I speaking with {CUSTOMER}?")
    panel.get_by_role("button", name="Yes, that is me").click()
    expect(panel).to_contain_text("How can I help you today?")
    agent.page.keyboard.press("1")
    expect(panel).to_contain_text("Reason: A question")
    expect(agent.page.locator("#o_crm_desk_purpose option:checked")).to_have_text("Question")
    panel.get_by_role("button", name="One step back").click()
    expect(panel).to_contain_text("How can I help you today?")


def refuse_to_skip(center, agent, supervisor, call):
    """CC-3: after the talk nothing new comes until it is wrapped up; going and leaving the page are refused."""
    center.hang_up(call)
    form = agent.page.locator(".o_crm_desk_wrap_up")
    expect(form).to_contain_text("left")
    expect(at(supervisor, "wrapup")).to_contain_text("Rani")
    waiting = center.ring("0899 1111 2222", name=STRANGER)
    agent.page.click(".o_crm_desk_save")
    expect(form).to_be_visible()
    agent.page.locator(".o_crm_desk [role=group]").get_by_role("button", name="Offline").click()
    expect(agent.dialog.root).to_contain_text("wrap-up")
    agent.dialog.find("button", has_text="Close").click()
    agent.page.once("dialog", lambda dialog: dialog.accept())
    agent.page.reload()
    expect(form).to_contain_text("Wrap up")
    expect(agent.page.locator("#o_crm_desk_note")).to_have_value("Will look it up.")
    expect(agent.page.locator(".o_crm_desk_item")).to_have_count(1)
    expect(cell(supervisor, 0)).to_have_text("1")
    agent.snap("journey-desk-wrap-up")
    return waiting


def wrap_up(center, agent):
    """CC-3: reason and outcome; then the next one rings at once."""
    agent.page.select_option("#o_crm_desk_purpose", label="Asks for a delivery")
    agent.page.select_option("#o_crm_desk_outcome", label="Was told the day")
    agent.page.click(".o_crm_desk_save")
    expect(agent.page.locator(".o_crm_desk_who")).to_contain_text(STRANGER)
    contact = center.admin.find("crm.queue.contact", {"purpose_id": center.purpose}, "state", "note", "is_certain")
    assert (contact["state"], contact["note"], contact["is_certain"]) == ("done", "Will look it up.", True)


def become_customer(center, agent, call):
    """CC-3b: somebody unknown becomes a customer on the same page."""
    center.answer(call)
    agent.page.locator(".o_crm_desk_identify").click()
    agent.dialog.find("input").fill(STRANGER)
    expect(agent.dialog.root).to_contain_text("Nobody is known by that.")
    agent.dialog.find("button", has_text="New Customer").click()
    expect(agent.page.locator("#o_crm_desk_name")).to_have_value(STRANGER)
    agent.dialog.find("button", has_text="Create").click()
    expect(agent.page.locator(".o_crm_desk_who")).to_contain_text("Certain")
    (contact,) = center.admin.call(
        "crm.queue.contact", "search_read", [["state", "=", "active"]], fields=["partner_id", "phone"]
    )
    assert contact["partner_id"][1] == STRANGER
    assert contact["phone"] == "+6289911112222"


def notice_elsewhere(center, agent, call):
    """CC-3a: on any other page a notice says that it rings, and leads to the desk."""
    center.hang_up(call)
    agent.page.select_option("#o_crm_desk_purpose", label="Asks for a delivery")
    agent.page.select_option("#o_crm_desk_outcome", label="Was told the day")
    agent.page.click(".o_crm_desk_save")
    expect(agent.page.locator(".o_crm_desk_idle")).to_contain_text("Ready")
    agent.menu("crm.crm_menu_root")
    call = center.ring(NUMBER)
    notice = agent.page.locator(".o_crm_desk_notice")
    expect(notice).to_contain_text(CUSTOMER)
    agent.snap("journey-desk-notice")
    with agent.turning():
        notice.get_by_role("button", name="Show").click()
    expect(agent.page.locator(".o_crm_desk_who")).to_contain_text(CUSTOMER)
    expect(notice).to_have_count(0)
    return call


def belong_to_two(center, agent, call):
    """CC-3: an agent of two companies who shows the other one only has the call all the same, to its wrap-up."""
    other = center.admin.create("res.company", name="Showroom Dua")
    center.admin.call("res.users", "write", [center.people[AGENT]], {"company_ids": [[4, other]]})
    agent.context.add_cookies([{"name": "cids", "value": str(other), "url": center.server.url}])
    agent.page.reload()
    expect(agent.page.locator(".o_switch_company_menu")).to_contain_text("Showroom Dua")
    who = agent.page.locator(".o_crm_desk_who")
    expect(who).to_contain_text(CUSTOMER)
    center.answer(call)
    agent.page.get_by_role("button", name="It Is Them").click()
    expect(who).to_contain_text("Certain")
    center.hang_up(call)
    agent.page.select_option("#o_crm_desk_purpose", label="Asks for a delivery")
    agent.page.select_option("#o_crm_desk_outcome", label="Was told the day")
    agent.page.click(".o_crm_desk_save")
    expect(agent.page.locator(".o_crm_desk_idle")).to_contain_text("Ready")


def test_desk():
    """CC-1, CC-2e, CC-3a, CC-3b: rings, is known, answered, can't be left, wrapped up; the wall shows it live."""
    with serving(os.environ["DATABASE"]) as server, opened(server) as shop:
        center = Center(server)
        center.create_customer(CUSTOMER, "+62 812 7000 4321", city="Bandung")
        supervisor, agent = shop[SUPERVISOR], shop[AGENT]
        watch(supervisor)
        come(agent, supervisor)
        call = ring(center, agent, supervisor)
        talk(center, agent, supervisor, call)
        by_script(agent)
        waiting = refuse_to_skip(center, agent, supervisor, call)
        wrap_up(center, agent)
        become_customer(center, agent, waiting)
        call = notice_elsewhere(center, agent, waiting)
        belong_to_two(center, agent, call)
        expect(queue(supervisor)).to_contain_text("On target")
        assert supervisor.page.evaluate("window.neverLoadedAgain")
        supervisor.snap("journey-desk-wall")
        assert [error for error in shop.errors() if "beforeunload" not in error] == []
