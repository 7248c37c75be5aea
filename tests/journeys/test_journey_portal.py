"""A customer helps themself on the portal, at a desk and on a telephone: CC-4, CC-5."""

import os
import re
import time

from playwright.sync_api import expect

from .browser import SCREENSHOTS, opened
from .server import serving

CUSTOMER, LOGIN, PHONE = "Sekar Ayuningtyas", "sekar", "0812 7000 4711"
BY_PHONE, BY_WEB = 93, 17  # seconds of a look-up, by the document
SCREENS = {"desktop": {"width": 1400, "height": 900}, "telephone": {"width": 390, "height": 844}}


class Visitor:
    """A customer's browser window: counts what they click."""

    def __init__(self, browser, server, screen):
        context = browser.new_context(
            base_url=server.url, locale="en-US", timezone_id="Asia/Jakarta", viewport=SCREENS[screen]
        )
        self.screen, self.clicks, self.errors = screen, 0, []
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto("/web/login")
        self.page.fill("input[name=login]", LOGIN)
        self.page.fill("input[name=password]", LOGIN)
        self.page.click(".oe_login_form button[type=submit]")
        expect(self.page.locator(".o_portal_my_home")).to_be_visible(timeout=120_000)

    def home(self):
        """Open the start page, and wait until it has counted what there is: until then its cards move about."""
        self.page.goto("/my")
        expect(self.page.locator(".o_portal_doc_spinner")).not_to_be_visible()

    def click(self, name, role="link"):
        """Click what has this name, once it is in sight."""
        self.clicks += 1
        self.page.get_by_role(role, name=name).locator("visible=true").first.click()

    def snap(self, name):
        """Keep a picture; nothing may stick out to the side."""
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= SCREENS[self.screen]["width"], f"{name}: {width} pixels wide on the {self.screen}"
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"journey-portal-{self.screen}-{name}.png", full_page=True)


def prepare(admin):
    """A customer with a portal user, and a delivery that is packed; a queue for call-backs."""
    partner = admin.create("res.partner", name=CUSTOMER, email="sekar@example.com", phone=PHONE, lang="en_US")
    user = admin.create(
        "res.users", name=CUSTOMER, login=LOGIN, partner_id=partner, group_ids=[[6, 0, [portal(admin)]]]
    )
    admin.call("res.users", "write", [user], {"password": LOGIN, "tz": "Asia/Jakarta"})
    (warehouse,) = admin.call(
        "stock.warehouse", "search_read", [], fields=["lot_stock_id", "out_type_id"], limit=1, order="id"
    )
    product = admin.create("product.product", name="Merapi headset", is_storable=True)
    stock, out = warehouse["lot_stock_id"][0], admin.ref("stock.stock_location_customers")
    quant = admin.create("stock.quant", product_id=product, location_id=stock, inventory_quantity=2)
    admin.call("stock.quant", "action_apply_inventory", [quant])
    move = {"product_id": product, "product_uom_qty": 1, "location_id": stock, "location_dest_id": out}
    delivery = admin.create(
        "stock.picking",
        partner_id=partner,
        picking_type_id=warehouse["out_type_id"][0],
        location_id=stock,
        location_dest_id=out,
        move_ids=[[0, 0, move]],
    )
    admin.call("stock.picking", "action_confirm", [delivery])
    admin.call("stock.picking", "action_assign", [delivery])
    queue = admin.create("crm.queue", name="Customer care", code="JCARE", branch_id=headquarters(admin))
    (company,) = admin.call("res.company", "search", [], limit=1, order="id")
    admin.call("res.company", "write", [company], {"callback_queue_id": queue})
    return partner, admin.read("stock.picking", [delivery], "name")[0]["name"]


def portal(admin):
    return admin.ref("base.group_portal")


def headquarters(admin):
    return admin.ref("crm_base.crm_branch_headquarters")


def track(visitor, number):
    """CC-4: from the start page to where the delivery is, in fewer than three clicks."""
    visitor.home()
    visitor.snap("home")
    visitor.clicks, began = 0, time.monotonic()
    visitor.home()
    visitor.click("Track a Delivery")
    card = visitor.page.locator(".card", has_text=number)
    expect(card).to_contain_text("Your goods are packed and leave soon.")
    expect(card).to_contain_text("Expected:")
    seconds = time.monotonic() - began
    assert visitor.clicks < 3
    assert seconds < BY_WEB
    visitor.snap("track")
    visitor.click(number)
    expect(visitor.page.locator("#wrap")).to_contain_text("Merapi headset")
    visitor.snap("delivery")
    assert visitor.clicks < 3
    return seconds


def prefer(visitor, channel):
    """CC-5: the customer says how they like to be reached; it is kept."""
    visitor.home()
    visitor.clicks = 0
    visitor.click("Contact Preferences")
    visitor.page.get_by_label("How do you like us to reach you?").select_option(label=channel)
    visitor.page.get_by_label("You may ask me how satisfied I am").uncheck()
    visitor.click("Save", "button")
    expect(visitor.page.get_by_role("status")).to_have_text("Saved.")
    expect(visitor.page.get_by_label("How do you like us to reach you?")).to_have_value(channel.lower())
    assert visitor.clicks < 3
    visitor.snap("preferences")


def ask_for_call(visitor):
    """CC-4: no waiting in line."""
    visitor.home()
    visitor.clicks = 0
    visitor.click("Ask To Be Called")
    expect(visitor.page.get_by_label("At which number?")).to_have_value(re.compile(r"812[- ]?7000[- ]?4711"))
    visitor.page.get_by_label("What is it about?").fill("My headset crackles.")
    visitor.snap("callback-form")
    visitor.click("Call me", "button")
    expect(visitor.page.get_by_text("Thank you: we will call you.")).to_be_visible()
    visitor.snap("callback")
    assert visitor.clicks < 3


def test_portal(capsys):
    """CC-4, CC-5: tracking, preferences and a call-back, by fingers and by mouse, each within three clicks."""
    with serving(os.environ["DATABASE"]) as server, opened(server) as shop:
        admin = server.api("admin")
        partner, number = prepare(admin)
        visitors = {screen: Visitor(shop.browser, server, screen) for screen in SCREENS}
        for screen, visitor in visitors.items():
            seconds = track(visitor, number)
            with capsys.disabled():
                print(f"\nCC-4: tracking a delivery on the {screen}: {seconds:.1f} s, of {BY_PHONE} s by telephone")
        prefer(visitors["desktop"], "WhatsApp")
        prefer(visitors["telephone"], "Email")
        ask_for_call(visitors["telephone"])
        for path in ("devices", "service"):
            for visitor in visitors.values():
                visitor.page.goto(f"/my/{path}")
                visitor.snap(path)

        (kept,) = admin.read("res.partner", [partner], "channel_choice", "preferred_channel", "survey_opt_out")
        assert (kept["channel_choice"], kept["preferred_channel"], kept["survey_opt_out"]) == ("email", "email", True)
        contact = admin.find("crm.queue.contact", {"partner_id": partner}, "state", "phone", "words")
        assert (contact["state"], contact["phone"]) == ("callback", "+6281270004711")
        errors = [error for visitor in visitors.values() for error in visitor.errors]
        assert not errors, errors
