from datetime import datetime
from unittest.mock import patch

from odoo import fields

from .common import CourierCase


class TestRunCall(CourierCase):
    """SOP-14: CRM calls the customer; the order is closed by what they say."""

    def _deliver_by_run(self):
        picking = self._create_delivery()
        self._say(self._create_on_road(picking).stop_ids, "delivered")
        return picking.sale_id

    def _answer(self, order, outcome):
        call = order.courier_stop_ids.call_id.with_user(self.officer)
        call.outcome_id = outcome
        call.action_close()
        order.invalidate_recordset()
        return call

    def test_call_is_planned(self):
        """SOP-14: a call to the customer is planned on delivery, for the order's officer, about the order."""
        order = self._deliver_by_run()
        call = order.courier_stop_ids.call_id
        opened = order.courier_stop_ids.with_user(self.officer).action_open_call()
        self.assertEqual((opened["res_model"], opened["res_id"]), ("crm.interaction", call.id))
        self.assertEqual((call.state, call.channel, call.direction), ("open", "call", "outgoing"))
        self.assertEqual((call.user_id, call.about, call.partner_id), (self.officer, order, order.partner_id))
        self.assertEqual(call.purpose_id, self.env.ref("crm_courier.crm_interaction_purpose_received"))
        self.assertGreaterEqual(call.began_at, fields.Datetime.now())
        self.assertEqual(order.delivery_call_state, "to_call")
        self.assertIn(order, order.search([("delivery_call_state", "=", "to_call")]))

    def test_good_closes_the_order(self):
        """SOP-14: “received in good condition” closes the order, with the time of the call."""
        order = self._deliver_by_run()
        self.assertFalse(order.closed_by_call_at)
        call = self._answer(order, self.env.ref("crm_courier.crm_interaction_outcome_good"))
        self.assertEqual((order.delivery_call_state, order.closed_by_call_at), ("closed", call.ended_at))
        self.assertIn(order, order.search([("delivery_call_state", "=", "closed")]))
        self.assertNotIn(order, order.search([("delivery_call_state", "=", "to_call")]))

    def test_not_good(self):
        """SOP-14: “not in good condition” doesn't close it: a complaint is to be registered."""
        order = self._deliver_by_run()
        self._answer(order, self.env.ref("crm_courier.crm_interaction_outcome_bad"))
        self.assertEqual((order.delivery_call_state, order.closed_by_call_at), ("bad", False))
        self.assertEqual(order.activity_ids.filtered(lambda a: "complaint" in (a.summary or "")).user_id, self.officer)
        self.assertIn(order, order.search([("delivery_call_state", "=", "bad")]))

    def test_no_answer_is_called_again(self):
        """SOP-14: who couldn't be reached is called again; the order stays open."""
        order = self._deliver_by_run()
        first = self._answer(order, self.env.ref("crm_base.crm_interaction_outcome_no_answer"))
        self.assertEqual(order.delivery_call_state, "to_call")
        second = order.courier_stop_ids.call_id
        self.assertNotEqual(first, second)
        self.assertEqual(second.state, "open")

    def test_reopened_call(self):
        """SOP-14: a manager who reopens the call opens the order again."""
        order = self._deliver_by_run()
        call = self._answer(order, self.env.ref("crm_courier.crm_interaction_outcome_good"))
        call.with_user(self.manager)._workflow_do("reopen", "It was another customer")
        order.invalidate_recordset()
        self.assertEqual(order.delivery_call_state, "to_call")
        self.assertEqual(order.courier_stop_ids.call_id, call)

    def test_order_without_delivery_by_courier(self):
        """SOP-14: what no courier delivered waits for no call."""
        order = self._create_delivery().sale_id
        self.assertFalse(order.delivery_call_state)
        self.assertNotIn(order, order.search([("delivery_call_state", "in", ["to_call", "bad", "closed"])]))
        self.assertIn(order, order.search([("delivery_call_state", "=", False)]))

    def test_next_working_hour(self):
        """SOP-14: the call is in the next working hour, or after the company's number of days."""
        company = self.env.company
        company.resource_calendar_id.tz = "Asia/Jakarta"
        for now, days, expected in (
            (datetime(2026, 3, 2, 3, 0), 0, datetime(2026, 3, 2, 4, 0)),  # Monday 10:00 → 11:00
            (datetime(2026, 3, 2, 14, 0), 0, datetime(2026, 3, 3, 2, 0)),  # Monday 21:00 → Tuesday 9:00
            (datetime(2026, 3, 6, 14, 0), 0, datetime(2026, 3, 9, 2, 0)),  # Friday 21:00 → Monday 9:00
            (datetime(2026, 3, 2, 3, 0), 2, datetime(2026, 3, 4, 2, 0)),  # Wednesday 9:00
        ):
            company.courier_call_days = days
            with patch.object(fields.Datetime, "now", lambda now=now: now):
                self.assertEqual(company._courier_call_moment(self.branch), expected, (now, days))
