from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .transfer_common import TransferCase

PAID = "2026-03-02 02:00:00"
NEXT_DAY_EARLY, NEXT_DAY, DAY_AFTER = "2026-03-04 01:30:00", "2026-03-04 02:30:00", "2026-03-05 02:30:00"


@tagged("post_install", "-at_install")
class TestTransferLate(TransferCase):
    """Who answers for a late delivery is reminded, once a day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type = cls.env.ref("crm_sop_sales.mail_activity_type_transfer_late")
        cls.shop = cls.officer.branch_id or cls.env["crm.branch"].create(
            {"name": "Shop", "code": "LATE", "tz": "Asia/Jakarta", "company_id": cls.company.id}
        )
        cls.shop.write({"tz": "Asia/Jakarta", "head_id": cls.manager.id, "pic_id": False})
        for user in (cls.officer, cls.manager):
            user.write({"branch_ids": [Command.set(cls.shop.ids)]})
        with freeze_time(PAID):
            cls.order = cls._create_transfer_order()
            cls._confirm(cls._create_proof(cls.order))

    def _run(self, moment):
        with freeze_time(moment):
            self.env["sale.order"]._cron_remind_transfer_late()
        return self.env["mail.activity"].search([("activity_type_id", "=", self.type.id)])

    def _mine(self, moment):
        return self._run(moment).filtered(lambda reminder: reminder.user_id in self.officer + self.manager)

    def test_once_a_day(self):
        """SOP-11c: not while it is in time, nor before the hour; then one activity that counts and leads there."""
        self.assertFalse(self._mine("2026-03-02 03:00:00"))
        self.assertFalse(self._mine(NEXT_DAY_EARLY))
        reminder = self._mine(NEXT_DAY)
        self.assertEqual(reminder.user_id, self.officer)
        self.assertIn("1", reminder.summary)
        self.assertIn("/odoo/transfer-late", reminder.note)
        self.assertEqual(self._mine(NEXT_DAY), reminder)
        with freeze_time(NEXT_DAY):
            self.env.cr.execute("UPDATE mail_activity SET create_date = %s WHERE id = %s", [NEXT_DAY, reminder.id])
            reminder.invalidate_recordset(["create_date"])
            reminder.action_done()
        self.assertFalse(self._mine("2026-03-04 09:00:00"))
        self.assertTrue(self._mine(DAY_AFTER))

    def test_delivered(self):
        """SOP-11c: what is delivered isn't late any more, and the reminder goes."""
        self.assertTrue(self._mine(NEXT_DAY))
        self._deliver(self.order)
        self.assertFalse(self._mine("2026-03-04 03:30:00"))

    def test_an_officer_who_left(self):
        """SOP-11c: the head of their branch answers for it, or who is in charge there."""
        self.officer.active = False
        self.assertEqual(self._mine(NEXT_DAY).user_id, self.manager)

    def test_the_hour_is_a_setting(self):
        """SOP-11c: by the branch's clock."""
        self.company.transfer_late_hour = 8
        self.shop.company_id.transfer_late_hour = 8
        self.assertTrue(self._mine(NEXT_DAY_EARLY))

    def test_the_number_of_queries_doesnt_grow(self):
        """SOP-11c: late orders are counted in one query, however many."""
        with freeze_time(PAID):
            for __ in range(3):
                self._confirm(self._create_proof(self._create_transfer_order()))
        self._run(NEXT_DAY)
        self.env.flush_all()
        with freeze_time(NEXT_DAY), self.assertQueryCount(3):
            counts = self.env["sale.order"]._count_transfer_late()
        self.assertEqual(counts[self.officer], 4)
