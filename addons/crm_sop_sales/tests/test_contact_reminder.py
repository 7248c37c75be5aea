from freezegun import freeze_time

from odoo.tests import tagged

from .contact_common import ContactCase

AFTERNOON = "2026-03-02 09:30:00"  # 16:30 in Jakarta
MORNING = "2026-03-02 02:00:00"  # 09:00


@tagged("post_install", "-at_install")
class TestContactReminder(ContactCase):
    """No contact stays without an outcome (SOP-G2)."""

    def setUp(self):
        super().setUp()
        self.type = self.env.ref("crm_sop_sales.mail_activity_type_open_contacts")
        self.env["crm.interaction"].search([("state", "=", "open")]).user_id = self.manager

    def _run(self, moment=AFTERNOON):
        with freeze_time(moment):
            self.env["crm.interaction"]._cron_remind_open()
        return self._reminders()

    def _reminders(self):
        return self.env["mail.activity"].search(
            [("activity_type_id", "=", self.type.id), ("user_id", "in", (self.officer + self.other_officer).ids)]
        )

    def _log_at(self, moment=MORNING, **values):
        return self._log(began_at=moment, **values)

    def test_one_reminder(self):
        """SOP-G2: an officer with open contacts has one activity that counts them; another run adds none."""
        self._log_at()
        self._log_at()
        reminder = self._run()
        self.assertEqual(reminder.user_id, self.officer)
        self.assertIn("2", reminder.summary)
        self.assertEqual(str(reminder.date_deadline), "2026-03-02")
        self._log_at()
        self.assertEqual(self._run(), reminder)
        self.assertIn("3", reminder.summary)

    def test_hour(self):
        """SOP-G2: before the company's hour, by the branch's clock, nobody is disturbed."""
        self._log_at()
        self.assertFalse(self._run("2026-03-02 08:59:00"))
        self.shop.tz = "Europe/Warsaw"
        self.assertFalse(self._run("2026-03-02 14:59:00"))
        self.assertTrue(self._run("2026-03-02 15:00:00"))

    def test_hour_is_a_setting(self):
        """SOP-G2: the hour is the company's."""
        self.env.company.open_contact_hour = 9
        self._log_at("2026-03-02 01:00:00")
        self.assertTrue(self._run(MORNING))

    def test_closed(self):
        """SOP-G2: the last outcome takes the reminder away, the one before it doesn't."""
        first, second = self._log_at(outcome_id=self.outcome.id), self._log_at(outcome_id=self.outcome.id)
        self._run()
        first.action_close()
        self.assertTrue(self._reminders())
        second.action_close()
        self.assertFalse(self._reminders())

    def test_handed_on(self):
        """SOP-G2: what is handed to a colleague is the colleague's reminder."""
        self.shop.user_ids += self.other_officer
        contact = self._log_at()
        self._run()
        contact.user_id = self.other_officer
        self.assertEqual(self._run().user_id, self.other_officer)

    def test_officer_has_left(self):
        """SOP-G2: what an officer leaves behind is the duty of the branch's person in charge; nothing is forgotten."""
        self._log_at()
        self.shop.pic_id = self.other_officer
        self.officer.active = False
        self.assertEqual(self._run().user_id, self.other_officer)

    def test_marked_done(self):
        """SOP-G2: marked done it comes back, with what is open, the next day and not the next hour."""
        self._log_at()
        with freeze_time(AFTERNOON):
            reminder = self._run()
            self.env.cr.execute("UPDATE mail_activity SET create_date = %s WHERE id = %s", [AFTERNOON, reminder.id])
            reminder.invalidate_recordset(["create_date"])
            reminder.with_user(self.officer).action_done()
        self.assertFalse(self._run("2026-03-02 10:30:00"))
        self.assertTrue(self._run("2026-03-03 09:30:00"))

    def test_planned(self):
        """SOP-G2: a call that is planned for tomorrow needs no outcome today."""
        self._log_at("2026-03-03 02:00:00")
        self.assertFalse(self._run())

    def test_deleted_type(self):
        """SOP-G2: without the kind of activity nobody is reminded, and contacts are closed as before."""
        contact = self._log_at(outcome_id=self.outcome.id)
        self.type.unlink()
        self.env["crm.interaction"]._cron_remind_open()
        contact.action_close()
        self.assertEqual(contact.state, "done")

    def test_list(self):
        """SOP-G2: open contacts are on a list."""
        contact = self._log_at()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.crm_interaction_action_open")
        self.assertIn("filter_open", action["context"])
        self.assertIn(contact, self.contacts.search([("state", "=", "open")]))

    def test_queries(self):
        """SOP-G2: the job costs no more for many contacts than for few."""

        def cost():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._run()
            return self.cr.sql_log_count - before

        self._log_at()
        self._run()
        few = cost()
        self.contacts.create([{"caller_name": f"Caller {i}", "began_at": MORNING} for i in range(100)])
        self.env.flush_all()
        self._run()
        self.assertLessEqual(cost(), few)
