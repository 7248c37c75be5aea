import io
from base64 import b64decode
from datetime import date, datetime, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError
from python_calamine import CalamineWorkbook

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .shop_common import ShopCase

#: A Sunday; the last Friday of that November is the 27th.
NOW = "2026-11-22 10:00:00"


@tagged("post_install", "-at_install")
class TestSalesMeeting(ShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch_a.head_id = cls.branch_manager_a
        cls.meetings = cls.env["crm.sales.meeting"]
        cls.headquarters.user_ids = cls.clerk
        cls.env["crm.branch"].search(
            [("id", "not in", (cls.branch_a + cls.branch_b + cls.headquarters).ids)]
        ).active = False
        with freeze_time(NOW):
            cls.meetings._cron_meetings()
        cls.meeting = cls.meetings.search([("branch_id", "=", cls.branch_a.id)])

    def _sell(self, product, quantity, day, user=None):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "user_id": (user or self.service_officer_a).id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": quantity, "price_unit": 100})
                ],
            }
        )
        self._stock(product, order.warehouse_id, quantity)
        order.action_confirm()
        order.date_order = day
        return order

    def _cells(self):
        content = b64decode(self.meeting.sudo().attachment_id.datas)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}

    def _hold(self):
        meeting = self.meeting.with_user(self.branch_manager_a)
        with freeze_time("2026-11-27 10:00:00"):
            meeting.action_everybody_came()
            meeting.action_hold()
        return meeting

    def test_last_friday(self):
        """BR-1: the meeting is on the last Friday of the month, at the set hour of the branch."""
        self.assertEqual(self.meeting.start, datetime(2026, 11, 27, 8, 0))  # 15:00 in Jakarta
        company = self.company
        days = {month: company._meeting_day(date(2027, month, 1)) for month in range(1, 13)}
        for month, day in days.items():
            self.assertEqual(day.weekday(), 4)
            self.assertNotEqual((day + timedelta(days=7)).month, month)
        company.write({"meeting_week": "2", "meeting_weekday": "0"})
        self.assertEqual(company._meeting_day(date(2027, 2, 1)), date(2027, 2, 8))

    def test_public_holiday(self):
        """BR-1: where the Friday is a public holiday, the meeting is on the working day before."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Christmas",
                "company_id": self.company.id,
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": "2026-12-24 17:00:00",
                "date_to": "2026-12-25 17:00:00",
            }
        )
        self.assertEqual(self.company._meeting_day(date(2026, 12, 1)), date(2026, 12, 24))

    def test_in_the_calendars(self):
        """BR-1: it is in the calendars of manager and staff by itself, once, however often the scheduler runs."""
        staff = self.service_officer_a + self.retention_officer_a + self.cashier_a + self.branch_manager_a
        self.assertLessEqual(staff, self.meeting.invited_ids)
        self.assertEqual(self.meeting.event_id.partner_ids, self.meeting.invited_ids.partner_id)
        self.assertEqual(self.meeting.event_id.user_id, self.branch_manager_a)
        self.assertNotIn(self.service_officer_b, self.meeting.invited_ids)
        with freeze_time(NOW):
            self.meetings._cron_meetings()
        self.assertEqual(self.meetings.search_count([("branch_id", "=", self.branch_a.id)]), 1)
        self.assertFalse(self.meetings.search([("branch_id", "=", self.headquarters.id)]))

    def test_catching_up(self):
        """BR-1: a scheduler that was down for weeks makes the month's meeting as long as its day hasn't passed."""
        with freeze_time("2027-01-29 01:00:00"):
            self.meetings._cron_meetings()
        months = self.meetings.search([("branch_id", "=", self.branch_a.id)]).mapped("month")
        self.assertEqual(sorted(months), [date(2026, 11, 1), date(2027, 1, 1), date(2027, 2, 1)])

    def test_moved(self):
        """BR-1: moved in the meeting or in the calendar, the other one follows."""
        later = datetime(2026, 11, 26, 9, 0)
        self.meeting.with_user(self.branch_manager_a).start = later
        self.assertEqual((self.meeting.event_id.start, self.meeting.event_id.stop), (later, later + timedelta(hours=1)))
        self.meeting.event_id.write({"start": datetime(2026, 11, 25, 9, 0), "stop": datetime(2026, 11, 25, 10, 0)})
        self.assertEqual(self.meeting.start, datetime(2026, 11, 25, 9, 0))
        self._hold()
        with self.assertRaisesRegex(UserError, "Held"):
            self.meeting.start = later

    def test_report(self):
        """BR-1: plan and actual of the last period, by person and product, are attached, one click away."""
        plans = self.env["crm.sales.plan"].with_user(self.branch_manager_a)
        person = self.service_officer_a
        plans.create({"month": "2026-10-15", "user_id": person.id, "product_id": self.router.id, "target": 10})
        plans.create({"month": "2026-10-01", "user_id": person.id, "measure": "amount", "target": 1000})
        self._sell(self.router, 4, "2026-10-31 16:59:00")  # still October in Jakarta
        self._sell(self.router, 1, "2026-10-31 17:01:00")  # November there
        self._sell(self.case, 2, "2026-10-10 08:00:00")
        self._sell(self.router, 50, "2026-10-10 08:00:00", self.service_officer_b)
        with freeze_time(NOW):
            action = self.meeting.with_user(self.branch_manager_a).action_report()
        self.assertIn(str(self.meeting.attachment_id.id), action["url"])
        cells = self._cells()
        october = cells["2026-10"]
        self.assertIn([person.name, self.router.display_name, 10, 4, 0.4, 0, 400, ""], october)
        self.assertIn([person.name, self.case.display_name, 0, 2, "", 0, 200, ""], october)
        self.assertIn([person.name, "All products", 0, 0, "", 1000, 0, 0], october)
        self.assertIn([person.name, self.router.display_name, 0, 1, "", 0, 100, ""], cells["2026-11"])
        self.assertFalse([row for row in october if 50 in row])

    def test_report_comes_by_itself(self):
        """BR-1: the report is attached from the beginning, and made anew on the day before."""
        first = self.meeting.attachment_id
        self.assertTrue(first)
        self._sell(self.router, 3, "2026-11-24 08:00:00")
        with freeze_time("2026-11-26 12:00:00"):
            self.meetings._cron_meetings()
        self.assertNotEqual(self.meeting.attachment_id, first)
        self.assertTrue([row for row in self._cells()["2026-11"] if 3 in row])

    def test_formulas_stay_text(self):
        """BR-1: a product called like a formula is text in the report."""
        self.router.name = "=HYPERLINK(1)"
        self._sell(self.router, 1, "2026-10-10 08:00:00")
        self.meeting._attach_report()
        rows = self._cells()["2026-10"]
        self.assertTrue([row for row in rows if "=HYPERLINK(1)" in row])

    def test_workflow(self):
        """BR-1: planned, held with those who came, closed with what was decided."""
        meeting = self.meeting.with_user(self.branch_manager_a)
        with freeze_time("2026-11-27 10:00:00"), self.assertRaisesRegex(UserError, "Attended"):
            meeting.action_hold()
        meeting.action_everybody_came()
        with freeze_time("2026-11-25 10:00:00"), self.assertRaisesRegex(UserError, "still to come"):
            meeting.action_hold()
        self._hold()
        with self.assertRaisesRegex(UserError, "Decisions"):
            meeting.action_close()
        meeting.decisions = "<p>Two routers more a week</p>"
        meeting.action_close()
        self.assertEqual(meeting.state, "closed")
        with self.assertRaises(UserError):
            meeting.decisions = "<p>None</p>"
        self.assertEqual([step[0] for step in self._history(meeting)], ["hold", "close"])

    def test_everybody_is_informed(self):
        """BR-1: staff and headquarters get the decisions with the report (BR-18: I I I)."""
        meeting = self._hold()
        meeting.decisions = "<p>Two routers more a week</p>"
        meeting.action_close()
        message = meeting.message_ids.sorted("id")[-1:]
        message = meeting.message_ids.filtered(lambda message: "Two routers" in (message.body or ""))
        staff = self.service_officer_a + self.retention_officer_a + self.cashier_a + self.clerk
        self.assertLessEqual(staff.partner_id, message.notified_partner_ids)
        self.assertNotIn(self.service_officer_b.partner_id, message.notified_partner_ids)
        self.assertEqual(message.attachment_ids.mapped("name"), [self.meeting.attachment_id.name])

    def test_results_at_any_time(self):
        """BR-1: the manager informs staff and headquarters of the results whenever there is need."""
        meeting = self.meeting.with_user(self.branch_manager_a)
        meeting.action_send_results()
        self.assertTrue(meeting.message_ids.filtered(lambda message: message.attachment_ids))
        with self.assertRaises(UserError):
            self.meeting.with_user(self.service_officer_a).action_send_results()

    def test_facts_are_not_typed(self):
        """BR-1: neither month, branch, report nor state is typed; nobody makes or deletes a meeting."""
        meeting = self.meeting.with_user(self.branch_manager_a)
        other = self.env["ir.attachment"].create({"name": "x"})
        for vals in (
            {"state": "closed"},
            {"month": "2026-01-01"},
            {"attachment_id": other.id},
            {"reported_at": "2020-01-01 00:00:00"},
            {"branch_id": self.branch_b.id},
        ):
            with self.assertRaises(UserError, msg=str(vals)):
                meeting.write(vals)
        for attack in (
            lambda: meeting.create({"month": "2027-01-01", "start": NOW}),
            meeting.unlink,
            lambda: meeting.attachment_id.write({"datas": "eA=="}),
            meeting.attachment_id.unlink,
        ):
            with self.assertRaises(UserError):
                attack()

    def test_branches_and_roles(self):
        """BR-17: the manager leads the meeting; staff read it; another branch doesn't."""
        for user in (self.service_officer_a, self.retention_officer_a, self.cashier_a, self.clerk):
            self.assertTrue(self.meeting.with_user(user).read(["start"]))
            with self.assertRaises(AccessError, msg=user.login):
                self.meeting.with_user(user).write({"decisions": "x"})
            with self.assertRaises(AccessError, msg=user.login):
                self.meeting.with_user(user).action_hold()
        for user in (self.branch_manager_b, self.service_officer_b, self.internal, self.portal):
            with self.assertRaises(AccessError, msg=user.login):
                self.meeting.with_user(user).read(["start"])
        with self.assertRaises(AccessError):
            self.meeting.attachment_id.with_user(self.branch_manager_b).read(["datas"])
        self.assertTrue(self.meeting.attachment_id.with_user(self.branch_manager_a).read(["datas"]))

    def test_plan_rights(self):
        """BR-17: the manager has access to the plan of the branch, not to another's; officers have none."""
        plan = self.env["crm.sales.plan"].with_user(self.branch_manager_a).create({"target": 5})
        self.assertEqual(plan.branch_id, self.branch_a)
        with self.assertRaises(AccessError):
            plan.with_user(self.branch_manager_b).read(["target"])
        with self.assertRaises(AccessError):
            self.env["crm.sales.plan"].with_user(self.branch_manager_a).create(
                {"branch_id": self.branch_b.id, "target": 5}
            )
        for model in ("crm.sales.plan", "crm.sales.performance"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.service_officer_a).search([])
            self.env[model].with_user(self.clerk).search([])
        self.assertNotIn(
            self.branch_a, self.env["crm.sales.performance"].with_user(self.branch_manager_b).search([]).branch_id
        )

    def test_plan_once(self):
        """BR-1: one target per branch, month, person, product and measure; none of nothing."""
        plans = self.env["crm.sales.plan"].with_user(self.branch_manager_a)
        plans.create({"month": "2026-10-02", "target": 5})
        for vals in ({"month": "2026-10-30", "target": 6}, {"month": "2026-11-30", "target": 0}):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                plans.create(vals)
