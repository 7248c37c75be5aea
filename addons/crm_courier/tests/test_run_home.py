from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestRunHome(HttpCase):
    """Where a courier begins."""

    def _home(self, login, groups):
        new_test_user(self.env, login=login, groups=f"base.group_user,{groups}")
        self.authenticate(login, login)
        return self.make_jsonrpc_request("/web/session/get_session_info", {})["home_action_id"]

    def test_courier_begins_with_their_runs(self):
        """SOP-7: who only delivers opens Odoo on today's deliveries; who has other work too begins where they did."""
        mine = self.env.ref("crm_courier.crm_courier_door_action").id
        self.assertEqual(self._home("home_courier", "crm_courier.group_courier"), mine)
        self.assertFalse(self._home("home_both", "crm_courier.group_courier,stock.group_stock_user"))
        self.assertFalse(self._home("home_officer", "crm_base.group_officer"))
