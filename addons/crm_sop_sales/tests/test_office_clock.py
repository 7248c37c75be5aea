from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .complaint_common import ComplaintCase

NOW = datetime(2026, 12, 31, 17, 30)  # 0:30 of the new year in Jakarta


@tagged("post_install", "-at_install")
class TestOfficeClock(ComplaintCase):
    """Odoo notes when a record was made to the microsecond, and everything else to the second; days begin locally."""

    def setUp(self):
        super().setUp()
        self.patch(fields.Datetime, "now", lambda: NOW)

    def _make_at(self, record, moment):
        """Let the record have been made at that moment, whatever the test's own time."""
        record.flush_recordset()
        self.cr.execute(f"UPDATE {record._table} SET create_date = %s WHERE id = %s", [moment, record.id])  # noqa: S608
        record.invalidate_recordset()

    def test_same_second(self):
        """SOP-G4: a complaint that came and was answered within a second is neither younger than new nor negative."""
        complaint = self._create_complaint()
        self._make_at(complaint, NOW + timedelta(microseconds=999_999))
        complaint.action_register()
        complaint.write({"decision_id": self.decision.id, "decision_reason": "x", "solution": "y"})
        complaint.action_solve()
        self.assertEqual((complaint.age_days, complaint.days_to_solve), (0, 0))
        self.assertFalse(complaint.deadline.microsecond)

    def test_whole_days(self):
        """SOP-G4: after exactly a day a complaint is a day old."""
        complaint = self._create_registered()
        self._make_at(complaint, NOW - timedelta(days=1) + timedelta(microseconds=1))
        self.assertEqual(complaint.age_days, 1)

    def test_reopened_later(self):
        """SOP-G3, SOP-G4: a complaint that closed weeks ago is reopened with a deadline of its own."""
        complaint = self._create_solved()
        self._tell(complaint, self.satisfied)
        self.assertEqual(complaint.complaint_state, "closed")
        later = NOW + timedelta(days=21)
        self.patch(fields.Datetime, "now", lambda: later)
        complaint.with_user(self.manager)._workflow_do("reopen", "The same fault came back")
        self.assertEqual(complaint.complaint_state, "in_progress")
        self.assertGreater(complaint.deadline, later)

    def test_new_opportunity(self):
        """FL-6: what was just made isn't idle since minus one day."""
        lead = self.env["crm.lead"].create({"name": "x", "type": "opportunity", "user_id": self.officer.id})
        lead.date_last_stage_update = False
        self._make_at(lead, NOW + timedelta(microseconds=999_999))
        self.assertEqual(lead.idle_days, 0)

    def test_ring_of_telephone_system(self):
        """SOP-1: a telephone system says the moment to the microsecond: the running second isn't the future."""
        contact = self._log()
        contact._ring(NOW + timedelta(microseconds=999_999))
        self.assertTrue(contact.ringing_at)

    def test_timeline_at_midnight(self):
        """SOP-15: on the first half hour of a day the invoice isn't shown after what followed it."""
        self.officer.tz = "Asia/Jakarta"
        self._create_units(self.phone, 1)
        order = self._create_approved()
        order.action_confirm()
        self._deliver(order)
        with patch.object(fields.Date, "context_today", lambda *_: date(2027, 1, 1)):
            invoice = order.with_user(self.accountant)._create_invoices()
            invoice.invoice_date = date(2027, 1, 1)
            invoice.action_post()
        self._make_at(invoice, NOW)
        theirs = order.with_user(self.officer)
        self.assertEqual(theirs._day_begins(date(2027, 1, 1)), datetime(2026, 12, 31, 17))
        self.assertEqual([event["date"] for event in theirs._invoice_events(theirs.sudo())], [NOW])

    def test_timeline_within_a_second(self):
        """SOP-15: what happened within one second is shown in the order of the procedure."""
        order = self._create_order()
        self._make_at(order, NOW + timedelta(microseconds=900_000))
        events = [*order._timeline_events(), order._event(NOW, "Submitted")]
        self.assertEqual([event["what"] for event in sorted(events, key=lambda event: event["date"])][-1], "Submitted")
