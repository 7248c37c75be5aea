"""Nothing that a person opens leaves an error: not in the server's log, not in the browser's console."""

import json

from generic.findings import assert_none

from odoo.tests import HttpCase, tagged

from .ours import window_actions
from .test_demo import ErrorLog

READY = "odoo.isReady && !!document.querySelector('.o_action_manager > *')"

# Opens actions one after another in the web client itself, in each of their views. A view that can't be drawn is an
# error in the console, which ends the test at once.
OPEN_ACTIONS = """
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    (async () => {
        for (const [name, id, viewType] of %s) {
            try {
                await action.doAction(id, { clearBreadcrumbs: true, viewType });
            } catch (error) {
                console.error(`${name}, ${viewType}: ${error.data?.message || error.cause || error}`);
                return;
            }
        }
        console.log("test successful");
    })();
"""


def drawable(actions):
    """Return name, id and view type of each view of the actions that need no record to start from.

    Nor a form where nobody makes new records.
    """
    admin = actions.env.ref("base.user_admin")
    alone = actions.filtered(lambda action: "active_id" not in f"{action.context}{action.domain}")
    return [
        (action.xml_id, action.id, kind)
        for action in alone
        if action.target != "new"
        for kind in action.view_mode.split(",")
        if kind != "form" or action.env[action.res_model].with_user(admin).has_access("create")
    ]


@tagged("post_install", "-at_install")
class TestPages(HttpCase):
    def _problems(self, *urls):
        """Return the pages that aren't served, and what the server logged as errors meanwhile."""
        with ErrorLog() as errors:
            answers = {url: self.url_open(url).status_code for url in urls}
        return [f"{url}: {status}" for url, status in answers.items() if status != 200] + errors

    def test_pages_for_visitors(self):
        assert_none(self._problems("/web/health", "/web/login"))

    def test_client_is_served(self):
        self.authenticate("admin", "admin")
        assert_none(self._problems("/odoo"))

    def test_missing_page_is_found(self):
        self.assertEqual(self._problems("/web/no-such-page"), ["/web/no-such-page: 404"])


@tagged("post_install", "-at_install")
class TestBrowser(HttpCase):
    def _open(self, actions):
        self.browser_js("/odoo", OPEN_ACTIONS % json.dumps(actions), READY, login="admin", timeout=300)

    def test_client_starts_and_draws_our_actions(self):
        actions = drawable(window_actions(self.env))
        self.assertTrue(actions)
        with ErrorLog() as errors:
            self._open(actions)
        assert_none(errors)

    def test_action_that_cannot_be_drawn_is_found(self):
        with self.assertRaisesRegex(AssertionError, "no such action, list"), self.assertLogs(level="ERROR"):
            self._open([("no such action", 2**31 - 1, "list")])
