from odoo.tests import HttpCase, tagged

from .test_telephony_event import TelephonyCase


@tagged("post_install", "-at_install")
class TestDialButton(TelephonyCase, HttpCase):
    """CC-1: click to dial on phone fields, for agents who have a telephone."""

    def _open(self, user, code, ready):
        path = f"/odoo/res.partner/{self.customer.id}"
        self.browser_js(path, code, ready, login=user.login, timeout=120)

    def test_dial(self):
        """CC-1: the button says what it does, also to who can't see it; a click is a command to the own telephone."""
        self._open(
            self.agent_1.user_id,
            """
            const button = document.querySelector(".o_field_phone .o_dial");
            const label = button.getAttribute("aria-label");
            if (!label.includes("0812") && !label.includes("62")) throw new Error("no name: " + label);
            button.click();
            const until = setInterval(() => {
                if (document.querySelector(".o_notification")) {
                    clearInterval(until);
                    console.log("test successful");
                }
            }, 50);
            """,
            "!!document.querySelector('.o_field_phone .o_dial')",
        )
        command = self.commands.search([])
        self.assertEqual((command.kind, command.extension, command.number), ("dial", "201", "+6281234567890"))

    def test_no_telephone(self):
        """CC-1: who isn't an agent, or has no telephone, sees no button."""
        self._open(
            self.officer_a,
            """
            if (document.querySelector(".o_dial")) throw new Error("a button without a telephone");
            console.log("test successful");
            """,
            "!!document.querySelector('.o_field_phone a, .o_field_phone input')",
        )
