"""A person at a screen: opens menus, fills fields, presses buttons. Waits for what is to be seen, never for a time."""

import contextlib

from playwright.sync_api import expect, sync_playwright

from tools.paths import HOME

from .server import PATIENCE

SCREENSHOTS = HOME / "screenshots"
SCREEN = {"width": 1400, "height": 900}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# A tooltip may have opened where the mouse rests, over the place that is clicked next: people move the mouse away.
THROUGH_TOOLTIPS = """
    addEventListener("DOMContentLoaded", () => {
        const style = document.createElement("style");
        style.textContent = ".o-tooltip { pointer-events: none; }";
        document.head.append(style);
    });
"""


class Form:
    """A form on the screen or in a dialog: fields by name, as they are seen."""

    def __init__(self, page, root):
        self.page, self.root = page, root

    def find(self, selector, **options):
        """Return what is visible of a selector, first match first."""
        return self.root.locator(selector, **options).locator("visible=true").first

    def field(self, name):
        """Return a field's whole widget."""
        return self.find(f".o_field_widget[name='{name}']")

    def input(self, name):
        """Return where a field's value is typed."""
        kinds = ("input", "textarea", "select", "[contenteditable=true]")
        return self.field(name).locator(", ".join(kinds)).locator("visible=true").first

    def fill(self, name, value):
        """Type a value."""
        self.input(name).fill(str(value))

    def choose(self, name, value):
        """Type the beginning of a record's name and pick it from what is proposed."""
        self.input(name).fill(value)
        self.page.locator(".o-autocomplete--dropdown-item:visible", has_text=value).first.click()

    def select(self, name, text):
        """Pick from a drop-down list."""
        self.input(name).select_option(label=text)

    def pick(self, name, text):
        """Pick from the menu that a selection opens."""
        self.input(name).click()
        self.page.locator(".o_select_menu_item:visible", has_text=text).first.click()

    def tab(self, name):
        """Open a page of the notebook."""
        self.find(f".o_notebook .nav-link[name='{name}']").click()

    def button(self, name):
        """Return the visible button of that name."""
        return self.find(f"button[name='{name}']")

    def click(self, name):
        """Press a button by its name in the view."""
        self.button(name).click()

    def add_line(self, name):
        """Add a line to a list in the form; return it."""
        lines = self.field(name)
        lines.locator(".o_field_x2many_list_row_add a").first.click()
        return Form(self.page, lines.locator(".o_selected_row"))

    def save(self):
        """Press Save and wait until it is done; once more where a closing editor swallowed the click, as people do."""
        button = self.root.locator(".o_form_button_save")
        self.find(".o_form_button_save").click()
        with contextlib.suppress(AssertionError):
            expect(button).not_to_be_visible(timeout=PATIENCE * 1000 / 12)
        if button.is_visible():
            button.click()
        expect(button).not_to_be_visible()


class Person:
    """One user's browser window on the server."""

    device = {"viewport": SCREEN}
    zone = "Asia/Jakarta"

    def __init__(self, browser, server, login):
        self.login, self.server, self.errors = login, server, []
        self.context = browser.new_context(locale="en-US", timezone_id=self.zone, base_url=server.url, **self.device)
        self.context.set_default_timeout(PATIENCE * 1000 / 4)
        self.context.add_init_script(THROUGH_TOOLTIPS)
        self.page = self.context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(f"{login}: {error}"))
        self.page.goto("/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", login)
        self.page.click(".oe_login_form button[type=submit]")
        # The first one who opens the client has the server put its assets together.
        expect(self.page.locator(".o_action_manager > *").first).to_be_visible(timeout=PATIENCE * 1000)

    def _note(self, message):
        if message.type == "error":
            self.errors.append(f"{self.login}: {message.text} {message.location.get('url', '')}")

    @property
    def form(self):
        """The form behind any dialog."""
        return Form(self.page, self.page.locator(".o_action_manager"))

    @property
    def dialog(self):
        """The dialog on top."""
        return Form(self.page, self.page.locator(".modal:visible").last)

    @contextlib.contextmanager
    def turning(self):
        """Do something that opens another screen or a dialog, and wait until that is there.

        While a screen loads, a bar alone is shown.
        """
        self.page.locator(".o_action_manager > *").evaluate_all("all => all.map(one => (one.dataset.left = 1))")
        yield
        opened = self.page.locator(".o_action_manager > :not([data-left], .o_control_panel), .modal")
        expect(opened.first).to_be_visible()

    def menu(self, app, *entries):
        """Open an app and, in its menu bar, one entry after the other."""
        with self.turning():
            self.page.click(".o_navbar_apps_menu button")
            self.page.click(f".o_app[data-menu-xmlid='{app}']")
        with self.turning() if entries else contextlib.nullcontext():
            for entry in entries:
                self.page.locator(f"[data-menu-xmlid='{entry}']:visible").first.click()

    def search(self, text):
        """Type into the search bar, press Enter once it proposes what to search for, wait until that is shown."""
        proposals = self.page.locator(".o_searchview_autocomplete")
        self.page.fill(".o_searchview_input", text)
        expect(proposals).to_be_visible()
        records = self.page.locator(".o_action_manager .o_data_row, .o_action_manager .o_kanban_record")
        records.evaluate_all("all => all.map(one => (one.dataset.left = 1))")
        self.page.press(".o_searchview_input", "Enter")
        expect(proposals).not_to_be_visible()
        expect(self.page.locator(".o_searchview_facet", has_text=text)).to_be_visible()
        expect(self.page.locator(".o_action_manager [data-left]")).to_have_count(0)

    def new(self):
        """Press New."""
        with self.turning():
            self.page.click(".o_list_button_add:visible, .o-kanban-button-new:visible")

    def snap(self, name):
        """Keep a picture of the screen, once nothing is loading any more."""
        expect(self.page.locator(".o_loading_indicator")).to_have_count(0)
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def leave_evidence(self, failure):
        """Keep a picture, and say with the failure what stands in the way."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"failed-{self.login}.png")
        for text in [*self.page.locator(".modal:visible").all_inner_texts(), *self.errors]:
            failure.add_note(f"{self.login} sees: {text[:1000]}")


class Shop:
    """All who are at work: each gets a window when first asked for."""

    def __init__(self, browser, server, kind=Person):
        self.browser, self.server, self.kind, self.people = browser, server, kind, {}

    def __getitem__(self, login):
        if login not in self.people:
            self.people[login] = self.kind(self.browser, self.server, login)
        return self.people[login]

    def errors(self):
        return [error for person in self.people.values() for error in person.errors]


@contextlib.contextmanager
def opened(server, kind=Person):
    """Have a browser until the block ends, for people of a kind; if that fails, keep pictures of all windows."""
    expect.set_options(timeout=PATIENCE * 1000 / 4)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        shop = Shop(browser, server, kind)
        try:
            yield shop
        except BaseException as failure:
            for person in shop.people.values():
                person.leave_evidence(failure)
            raise
        finally:
            browser.close()
