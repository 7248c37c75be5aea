"""Kaktus Telekom of the demo data: its people of Kraków at their screens, and what the database says of their work."""

import contextlib
import os
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from .browser import Person, opened
from .server import Api, serving

#: Logins of the demo: headquarters, manager, service officer, retention officer, cashier.
HALINA, MAREK, ANIA, PIOTREK, ZOFIA = "halina", "marek", "ania", "piotrek", "zofia"
ZONE = "Europe/Warsaw"
APP, MENU = "crm_branch.crm_branch_menu_root", "crm_branch."
CONTRACTS, CASH = MENU + "crm_branch_menu_contracts", MENU + "crm_branch_menu_cash"


def today():
    """Return Kraków's calendar date."""
    return datetime.now(ZoneInfo(ZONE)).date()


def money(amount):
    """Return a pattern of an amount as screens show it in złoty: rows of the list have them with hard spaces."""
    return re.compile(re.escape(f"{amount:,.2f}") + r"\s*zł")


class Colleague(Person):
    """One of the people, at a notebook computer."""

    device = {"viewport": {"width": 1366, "height": 768}}
    zone = ZONE

    def row(self, text):
        """Return the row of the list behind any dialog."""
        return self.page.locator(".o_action_manager .o_data_row", has_text=text).first

    def open_row(self, text, column):
        """Open a record by a click on one of its cells."""
        with self.turning():
            self.row(text).locator(f"td[name={column}]").click()

    def confirm(self):
        """Agree to what a question says."""
        self.dialog.find("button.btn-primary").click()
        expect(self.page.locator(".modal")).to_have_count(0)

    def give_reason(self, text):
        """Say why, in the window that asks for it."""
        self.dialog.fill("reason", text)
        self.dialog.find("footer button.btn-primary").click()
        expect(self.page.locator(".modal")).to_have_count(0)

    def expect_state(self, label):
        """See in the status bar where it stands."""
        expect(self.form.find(".o_statusbar_status .o_arrow_button_current")).to_have_text(label)

    def draw_signature(self):
        """Let the customer draw their name in the window that opens."""
        self.form.field("signature").locator("img, .o_signature").first.click()
        canvas = self.dialog.find("canvas.o_web_sign_signature")
        expect(canvas).to_be_visible()
        box = canvas.bounding_box()
        mouse = self.page.mouse
        at = [(0.15, 0.6), (0.25, 0.3), (0.32, 0.7), (0.45, 0.35), (0.55, 0.65), (0.7, 0.4), (0.85, 0.5)]
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in at]
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point, steps=5)
        mouse.up()
        expect(self.dialog.find("footer .btn-primary")).to_be_enabled()

    def tick(self, row, shown, name):
        """Tick a box of a row in the dialog's list, once a click on what is shown there lets the row be edited."""
        row.locator(f"td[name={shown}]").click()
        edited = self.dialog.root.locator(".o_data_row.o_selected_row")
        expect(edited.locator(f"td[name={name}] input")).to_be_enabled()
        edited.locator(f"td[name={name}] input").check()

    def tick_check_list(self, column="is_present"):
        """Tick what of the check list isn't ticked yet."""
        self.form.tab("checks")
        for toggle in self.form.field("check_ids").locator(f"td[name={column}] input").all():
            toggle.check()

    def sign(self):
        """Have the contract signed on the screen (BR-4)."""
        self.form.tab("signature")
        self.draw_signature()
        self.confirm()
        self.form.click("action_sign")
        self.expect_state("Signed")


@contextlib.contextmanager
def krakow():
    """Have the server with its people until the block ends; nobody's browser may have had an error."""
    with serving(os.environ["DATABASE"]) as server, opened(server, Colleague) as shop:
        yield server, shop
        unexpected = [error for error in shop.errors() if not re.search(r"favicon", error)]
        assert not unexpected, unexpected


class Books(Api):
    """The administrator's session, with Kaktus Telekom's books open, by Kraków's calendar."""

    def __init__(self, server):
        super().__init__(server.url, server.name, "admin", "admin")
        self.company = self.ref("crm_branch.company_kaktus")
        super().call("res.users", "write", [self.user], {"company_ids": [[4, self.company]]})

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model."""
        if company := getattr(self, "company", None):
            kwargs["context"] = {"allowed_company_ids": [company], "tz": ZONE}
        return super().call(model, method, *args, **kwargs)

    def run_job(self, xml_id):
        """Run a scheduled job, as the scheduler does."""
        self.call("ir.cron", "method_direct_trigger", [self.ref(xml_id)])
