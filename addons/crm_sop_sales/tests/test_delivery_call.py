from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.crm_interaction_delivery_call import BAD_GOODS
from .common import PhoneShopCase


@tagged("post_install", "-at_install")
class TestDeliveryCall(PhoneShopCase):
    """SOP-14: CRM calls the customer who got the goods; what they say closes the order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_units(cls.phone, 6)
        cls.branch = cls.env["crm.branch"].search([("company_id", "=", cls.env.company.id)], limit=1)
        cls.branch.user_ids += cls.officer + cls.manager
        cls.good = cls.env.ref("crm_sop_sales.crm_interaction_outcome_received")
        cls.bad = cls.env.ref("crm_sop_sales.crm_interaction_outcome_bad_goods")
        cls.unheard = cls.env.ref("crm_base.crm_interaction_outcome_no_answer")

    def _delivered(self, quantity=1, **values):
        order = self._create_approved(quantity, **values)
        order.action_confirm()
        self._deliver(order)
        return order

    def _answer(self, order, outcome):
        call = order.delivery_call_ids.filtered(lambda call: call.state == "open").with_user(self.officer)
        call.outcome_id = outcome
        call.action_close()
        return call

    def test_the_delivery_plans_the_call(self):
        """SOP-14: on delivery, by whom sold the order, after the company's hours; nothing before."""
        self.env.company.delivery_call_hours = 3
        self.env.company.resource_calendar_id = False
        order = self._create_approved()
        order.action_confirm()
        self.assertFalse(order.delivery_call_ids)
        self._deliver(order)
        call = order.delivery_call_ids
        self.assertEqual((call.state, call.user_id, call.partner_id), ("open", self.officer, self.partner))
        self.assertEqual((call.about, call.branch_id), (order, self.officer.branch_id))
        self.assertAlmostEqual(call.began_at, fields.Datetime.now() + timedelta(hours=3), delta=timedelta(minutes=5))
        self.assertEqual(order.delivery_call_state, "to_call")

    def test_nobody_is_called_at_night(self):
        """SOP-14: a call that would fall outside the working hours, by the branch's clock, waits for the next ones."""
        company = self.env.company
        company.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Office",
                "tz": "Europe/Warsaw",
                "company_id": company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create({"name": day, "dayofweek": day, "hour_from": 9, "hour_to": 17})
                        for day in "01234"
                    ),
                ],
            }
        )
        holiday = datetime(2026, 3, 3, 17), datetime(2026, 3, 4, 17)  # Wednesday in Jakarta
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Nyepi",
                "calendar_id": company.resource_calendar_id.id,
                "date_from": holiday[0],
                "date_to": holiday[1],
            }
        )
        self.branch.tz = "Asia/Jakarta"
        for now, hours, expected in (
            (datetime(2026, 3, 2, 3, 20), 2, datetime(2026, 3, 2, 5, 20)),  # Monday 10:20 → 12:20
            (datetime(2026, 3, 2, 8, 30), 2, datetime(2026, 3, 3, 2, 0)),  # Monday 15:30 → Tuesday 9:00
            (datetime(2026, 3, 2, 20, 0), 0, datetime(2026, 3, 3, 2, 0)),  # Tuesday 3:00 → 9:00
            (datetime(2026, 3, 6, 14, 0), 2, datetime(2026, 3, 9, 2, 0)),  # Friday 21:00 → Monday 9:00
            (datetime(2026, 3, 3, 14, 0), 2, datetime(2026, 3, 5, 2, 0)),  # Tuesday 21:00 → after the holiday
        ):
            company.delivery_call_hours = hours
            with patch.object(fields.Datetime, "now", lambda now=now: now):
                self.assertEqual(self.branch._delivery_call_moment(), expected, (now, hours))
                self.assertEqual(self.branch._delivery_call_moment(timedelta()), now, "who calls now, calls now")

    def test_good_condition_closes_the_order(self):
        """SOP-14: a paid order is done when its customer has said so, and not before."""
        order = self._delivered()
        invoice = order.with_user(self.accountant)._create_invoices()
        invoice.action_post()
        self.env["account.payment.register"].with_user(self.accountant).with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.assertEqual(order.procedure_stage, "to_call")
        self._answer(order, self.good)
        self.assertEqual((order.delivery_call_state, order.procedure_stage), ("closed", "done"))
        self.assertIn("Received in good condition", order.timeline)

    def test_bad_condition_is_taken_up(self):
        """SOP-14: goods in bad condition leave the order open, and the officer with something to do."""
        order = self._delivered()
        self._answer(order, self.bad)
        self.assertEqual(order.delivery_call_state, "bad")
        self.assertEqual(order.activity_ids.user_id, self.officer)
        order.with_user(self.officer).action_call_after_delivery()
        self.assertEqual(order.delivery_call_state, "to_call")
        self._answer(order, self.good)
        self.assertEqual(order.delivery_call_state, "closed")

    def test_one_click_says_that_all_is_well(self):
        """SOP-14: the officer reads out what to ask; a click notes the answer, the time and the outcome."""
        order = self._delivered()
        call = order.delivery_call_ids.with_user(self.officer)
        self.assertIn(order.name, call.greeting)
        call.action_goods_good()
        self.assertEqual((call.state, call.outcome_id, order.delivery_call_state), ("done", self.good, "closed"))
        self.assertTrue(call.answered_at)

    def test_other_contacts_have_no_goods(self):
        """SOP-14: the buttons of the call after a delivery close no other contact."""
        contact = self.env["crm.interaction"].with_user(self.officer).create({"partner_id": self.partner.id})
        for click in (contact.action_goods_good, contact.action_goods_bad):
            with self.assertRaisesRegex(UserError, "no delivery"):
                click()
        self.assertEqual(contact.state, "open")

    def test_complaint_is_due_once(self):
        """SOP-14, SOP-G3: “Register Complaint” is offered until it is registered, and opens that one later."""
        order = self._delivered().with_user(self.officer)
        self.assertFalse(order.complaint_due)
        action = order.delivery_call_ids.action_goods_bad()
        self.assertTrue(order.complaint_due)
        tickets = self.env["helpdesk.ticket"].with_user(self.officer).with_context(**action["context"])
        complaint = tickets.create(tickets.default_get(list(tickets._fields)) | {"description": "<p>Scratched</p>"})
        complaint.action_register()
        order.invalidate_recordset(["complaint_due"])
        self.assertFalse(order.complaint_due)
        decision = self.env.ref("crm_sop_sales.crm_complaint_decision_exchange")
        complaint.write({"decision_id": decision.id, "decision_reason": "Scratched", "solution": "Another one"})
        complaint.action_solve()
        order.invalidate_recordset(["complaint_due"])
        self.assertFalse(order.complaint_due)
        self.assertEqual(order.action_register_complaint()["res_id"], complaint.id)

    def test_bad_goods_lead_to_their_complaint(self):
        """SOP-14, SOP-G3: one click opens the complaint with what is known; registering it does the activity."""
        order = self._delivered()
        call = order.delivery_call_ids.with_user(self.officer)
        call.note = "<p>A line across the screen.</p>"
        action = call.action_goods_bad()
        self.assertEqual((call.outcome_id, order.delivery_call_state), (self.bad, "bad"))
        self.assertEqual(order.activity_ids.activity_type_id, self.env.ref(BAD_GOODS))
        tickets = self.env["helpdesk.ticket"].with_user(self.officer).with_context(**action["context"])
        complaint = tickets.create(tickets.default_get(list(tickets._fields)))
        self.assertEqual((complaint.order_id, complaint.partner_id), (order, self.partner))
        self.assertIn("A line across", complaint.description)
        complaint.action_register()
        self.assertFalse(order.activity_ids)
        self.assertEqual(call.action_complaint()["res_id"], complaint.id)
        self.assertEqual(order.with_user(self.officer).action_register_complaint()["res_id"], complaint.id)

    def test_a_closed_complaint_makes_good(self):
        """SOP-14, SOP-T7: a customer who is content with the solution isn't called once more; the order is closed."""
        order = self._delivered()
        action = order.delivery_call_ids.with_user(self.officer).action_goods_bad()
        tickets = self.env["helpdesk.ticket"].with_user(self.officer).with_context(**action["context"])
        complaint = tickets.create(tickets.default_get(list(tickets._fields)) | {"description": "<p>Scratched</p>"})
        complaint.action_register()
        decision = self.env.ref("crm_sop_sales.crm_complaint_decision_exchange")
        complaint.write({"decision_id": decision.id, "decision_reason": "Scratched", "solution": "Another one"})
        complaint.action_solve()
        self.assertEqual(order.delivery_call_state, "bad")
        asked = complaint.follow_up_id
        asked.outcome_id = self.env.ref("crm_base.crm_interaction_outcome_satisfied")
        asked.action_close()
        self.assertEqual((complaint.complaint_state, order.delivery_call_state), ("closed", "closed"))
        complaint.with_user(self.manager)._workflow_do("reopen", "Broken again")
        self.assertEqual(order.delivery_call_state, "bad")

    def test_no_purpose_and_outcome_of_ours(self):
        """SOP-14: where a manager has deleted our outcome, another one that says the same is taken."""
        other = self.good.copy({"name": "Fine"})
        self.good.unlink()
        order = self._delivered()
        order.delivery_call_ids.with_user(self.officer).action_goods_good()
        self.assertEqual(order.delivery_call_ids.outcome_id.satisfaction, other.satisfaction)
        self.assertEqual(order.delivery_call_state, "closed")

    def test_who_is_not_reached_is_called_again(self):
        """SOP-14: no answer and a cancelled call close nothing; the next one is planned."""
        order = self._delivered()
        self._answer(order, self.unheard)
        again = order.delivery_call_ids.filtered(lambda call: call.state == "open")
        self.assertGreater(again.began_at, fields.Datetime.now() + timedelta(hours=20))
        again.with_user(self.officer)._workflow_do("cancel", "Not today")
        self.assertEqual(order.delivery_call_state, "to_call")
        self.assertEqual(len(order.delivery_call_ids.filtered(lambda call: call.state == "open")), 1)

    def test_reopened_call_reopens_the_order(self):
        """SOP-14: a manager who reopens the call takes the customer's word back."""
        order = self._delivered()
        call = self._answer(order, self.good)
        call.with_user(self.manager)._workflow_do("reopen", "It was another customer")
        self.assertEqual(order.delivery_call_state, "to_call")

    def test_nobody_gets_around_the_call(self):
        """SOP-14: the call isn't deleted, moved, made up or linked by hand, and the state isn't written."""
        order, other = self._delivered(), self._create_order()
        call = order.delivery_call_ids
        for user in (self.officer, self.manager):
            own = call.with_user(user)
            for attack in (
                own.unlink,
                lambda own=own: own.write({"res_id": other.id}),
                lambda own=own: own.write({"partner_id": self.manager.partner_id.id}),
                lambda own=own: own.write({"delivered_order_id": other.id}),
                lambda own=own: own.write({"delivered_order_id": False}),
                lambda own=own: own.create({"caller_name": "X", "delivered_order_id": other.id}),
                lambda own=own: own.with_context(default_delivered_order_id=other.id).create({"caller_name": "X"}),
            ):
                with self.assertRaises(UserError):
                    attack()
            with self.assertRaises(UserError):
                order.with_user(user).write({"delivery_call_state": "closed"})
            self.assertEqual(order.delivery_call_state, "to_call")

    def test_what_needs_no_call(self):
        """SOP-14: what the customer picks up, and what isn't delivered, is asked about by nobody."""
        carrier = self.env.ref("crm_sop_sales.delivery_carrier_pickup")
        order = self._create_order()
        order.set_delivery_line(carrier, 0)
        order.action_submit()
        order.with_user(self.manager).action_approve()
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "isn't delivered yet"):
            order.with_user(self.officer).action_call_after_delivery()
        self._deliver(order)
        self.assertFalse(order.delivery_call_ids)

    def test_many_deliveries_at_once(self):
        """SOP-14: calls of many deliveries cost no queries each but their own rows."""
        orders = self._delivered() + self._delivered()

        def queries(records):
            records.delivery_call_ids.sudo().with_context(active_test=False)._write({"state": "cancelled"})
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records._plan_delivery_calls()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(orders[:1])
        self.assertLessEqual(queries(orders), queries(orders[:1]) + 2)
