from odoo.tests import HttpCase, tagged

from .contract_common import ContractCase

SHOWN = """
const buttons = [...document.querySelectorAll(".o_notification_buttons button, .o_notification button")];
buttons.find((button) => button.textContent.includes("Show Them")).click();
const wait = setInterval(() => {
    if (document.querySelector(".o_list_view .o_data_row td[name=days_left]")) {
        clearInterval(wait);
        const badge = document.querySelector(".o_crm_branch_ending .badge").textContent;
        console.log(badge === "1" ? "test successful" : badge);
    }
}, 100);
"""


@tagged("post_install", "-at_install")
class TestContractNotice(ContractCase, HttpCase):
    """What a retention officer sees on opening the client."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ending = cls._active(date_start=cls._day(months=-11), date_end=cls._day(days=20))

    def _session(self, user):
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request("/web/session/get_session_info", {})

    def test_session(self):
        """BR-8: the figures come with the session of retention officers, and of nobody else."""
        self.assertEqual(self._session(self.retention_officer_a)["crm_branch_ending"], {"count": 1, "overdue": 0})
        self.assertEqual(self._session(self.retention_officer_b)["crm_branch_ending"]["count"], 0)
        self.assertNotIn("crm_branch_ending", self._session(self.service_officer_a))

    def test_on_opening_the_client(self):
        """BR-8: a notice with a button to the list, and the number beside the clock."""
        ready = (
            "['.o_notification button', '.o_crm_branch_ending'].every((css) => document.querySelector(css) !== null)"
        )
        self.browser_js("/odoo", SHOWN, ready, login=self.retention_officer_a.login)
