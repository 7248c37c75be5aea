from datetime import timedelta

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_whatsapp.tests.common import WhatsappCase

from .booking_common import BookingCase


@tagged("post_install", "-at_install")
class TestBookingRemind(WhatsappCase, BookingCase):
    """The reminder against the stub server of crm_whatsapp's tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.service_reminder_template_id = cls._create_template(
            name="booking_reminder",
            model_id=cls.env["ir.model"]._get("crm.service.booking").id,
            body="Hello {{1}}, we expect you on {{2}}, {{3}}.",
            variable_ids=[
                Command.create({"number": 1, "field_path": "customer_name"}),
                Command.create({"number": 2, "field_path": "day"}),
                Command.create({"number": 3, "field_path": "hours"}),
            ],
        )
        cls.booking = cls._book(**cls._at(2))
        cls.eve = cls.branch_a._moment(cls._day(1), 10)

    def _remind(self, moment=None):
        with freeze_time(moment or self.eve):
            return self.bookings._remind(self.company)

    def test_the_day_before_once(self):
        """H23-4.2.5: the customer is reminded the day before, by the branch's calendar, once."""
        self.assertFalse(self._remind(self.branch_a._moment(self._day(0), 23.9)))
        self.assertEqual(self._remind(self.branch_a._moment(self._day(1), 0.1)), self.booking)
        self.assertTrue(self.booking.reminded_at)
        self.assertFalse(self._remind())
        message = self.booking.whatsapp_message_ids
        self.assertEqual((len(message), message.state, message.phone), (1, "queued", self.booking.phone))
        self.assertIn("08:00–10:00", message.body)
        # the sender's threads know no frozen clock
        self.env.flush_all()
        self.cr.execute("UPDATE crm_whatsapp_message SET due_at = now() AT TIME ZONE 'UTC' WHERE id = %s", message.ids)
        self._run()
        self.assertEqual(len(self.stub.accepted), 1)

    def test_days_of_the_company(self):
        """H23-4.2.5: how many days before is the company's to say."""
        self.company.service_reminder_days = 3
        self.assertEqual(self._remind(self.eve - timedelta(days=2)), self.booking)

    def test_who_is_not_reminded(self):
        """H23-4.2.5: not who has cancelled, arrived or whose time has begun, nor without an approved template."""
        self.assertFalse(self._remind(self.branch_a._moment(self._day(2), 8.1)))
        template = self.company.service_reminder_template_id
        template.with_user(self.admin).action_withdraw()
        self.assertFalse(self._remind())
        template.with_user(self.admin).action_redraft()
        template.with_user(self.admin).action_approve()
        self.booking._workflow_do("cancel", "Ill")
        self.assertFalse(self._remind())

    def test_opted_out(self):
        """H23-4.2.3: who opted out of WhatsApp isn't written to; the booking says so."""
        self.env["crm.whatsapp.consent"].sudo()._note(self.booking.phone, "out", "customer")
        self._remind()
        self.assertEqual(self.booking.whatsapp_message_ids.state, "left_out")
        self.assertEqual(len(self.stub.accepted), 0)

    def test_query_count(self):
        """H23-4.2.5: ten reminders cost no more queries than two."""
        self.slots.write({"capacity": 30})
        counts = []
        for first, last in ((2, 4), (10, 20)):
            for number in range(first, last):
                self._book(self._case(number), **self._at(3))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._remind(self.eve + timedelta(days=1))
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_cron(self):
        """H23-4.2.5: the hourly run reminds, again and again without doing it twice."""
        with freeze_time(self.eve), self.enter_registry_test_mode():
            self.env.ref("crm_h23_followup.ir_cron_remind").method_direct_trigger()
            self.env.ref("crm_h23_followup.ir_cron_remind").method_direct_trigger()
        self.assertEqual(len(self.booking.whatsapp_message_ids), 1)
