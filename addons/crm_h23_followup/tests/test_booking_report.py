from odoo.exceptions import RedirectWarning
from odoo.tests import tagged

from .booking_common import BookingCase
from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestBookingReport(BookingCase, ReportCase):
    """Where bookings meet what is promised, the free service's state and the day's report."""

    def _wizard(self, **values):
        """Return the window that books at the first Saturday, ticked, as an admin."""
        saturday = self._at(5)
        time = self.env["crm.service.time"].search(
            [("day", "=", saturday["day"]), ("slot_id", "=", saturday["slot_id"])]
        )
        values = {"weekdays_impossible": True, "booking_day": time.day, "time_id": time.id, **values}
        return self.env["crm.service.book"].with_user(self.admin_1).create({"case_id": self.case.id, **values})

    def test_promotion_outlives_the_weekend(self):
        """H23-4.2.7b: who accepted a promotion, stayed away and then needs the weekend, still has the promotion."""
        self._refuse(self.followup, "other_dealer", "accepted", sure=False)
        promo = self.case.booking_id.promo_id
        self.case.booking_id._workflow_do("cancel", "Ill")
        self._wizard().action_book()
        self.assertTrue(promo)
        self.assertEqual(self.case.booking_id.promo_id, promo)
        self.assertTrue(self.case.booking_id.offer_id.weekdays_impossible)

    def test_rescheduled_after_opting_out(self):
        """H23-4.2.5: who wants no follow-up keeps the booking, and may take another day; the wish stands."""
        booking = self._book(**self._at(1))
        self.case.vehicle_id._stop_follow_up("opt_out")
        moved = booking._reschedule(self._at(2))
        self.assertEqual((booking.state, moved.state, self.case.state), ("rescheduled", "booked", "opted_out"))

    def test_resumed_while_booked(self):
        """H23-4.2.5: who is followed up again and is still booked is booked: no follow-up comes."""
        self._book()
        first = self.case.booked_at
        self.case.vehicle_id._stop_follow_up("sold")
        self.case.vehicle_id.write({"follow_up_stopped": False, "follow_up_stop_reason": False})
        self.assertEqual((self.case.state, self.case.booked_at), ("booked", first))
        self.case._resume()
        self.assertEqual(self.case.state, "booked")
        self._generate(9)
        self.assertNotIn("todo", self.case.followup_ids.mapped("state"))

    def _missed(self, number):
        booking = self._book(self._due("3", number).sudo().case_id)
        self._date_back(booking, number)
        return booking

    def test_who_agrees_on_another_day(self):
        """H23-4.2.5: whom to call after a no-show is asked of somebody who still sees the branch."""
        moved, gone = self._missed(2), self._missed(3)
        self.branch_b.user_ids += self.admin_2
        moved.sudo().user_id = self.admin_2
        self.branch_a.user_ids -= self.admin_2
        moved.action_miss()
        self.assertEqual(moved.activity_ids.user_id, self.admin_1)
        gone.sudo().user_id = False
        gone.case_id._note({"user_id": False})
        self.branch_a.pic_id = self.pic
        gone.action_miss()
        self.assertEqual(gone.activity_ids.user_id, self.pic)

    def test_a_call_about_a_booking_blocks_the_report(self):
        """H23-4.5.1: a call about a booking that was begun and not closed keeps the day's report, and is listed."""
        booking = self._book()
        contact = self._create_interaction(self.admin_1, res_model=booking._name, res_id=booking.id)
        report = self._report()
        with self.assertRaises(RedirectWarning) as refused:
            report.action_send()
        self.assertEqual(refused.exception.args[1]["domain"], [("id", "in", contact.ids)])
        contact.write({"outcome_id": self.outcome.id})
        contact.action_close()
        report.action_send()
        self.assertEqual(report.state, "sent")

    def test_figures_of_a_booking(self):
        """H23-4.5.4: a free service is booked once, whatever becomes of the day; done, it is serviced on that day."""
        booking = self._book(**self._at(1))
        moved = booking._reschedule(self._at(2))
        self._date_back(moved, 1)
        moved.action_miss()
        again = self._book(**self._at(3))
        self._date_back(again, 0)
        report = self._report()
        report.action_count()
        self.assertEqual(self._figures(report, "booked", "serviced"), (1, 0))
        again.action_arrive()
        again.action_finish()
        report.action_count()
        self.assertEqual(self._figures(report, "booked", "serviced"), (1, 1))
        self.assertEqual(self.case.state, "serviced")
