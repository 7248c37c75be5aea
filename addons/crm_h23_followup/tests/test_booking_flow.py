from datetime import timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .booking_common import BookingCase


@tagged("post_install", "-at_install")
class TestBookingFlow(BookingCase):
    def _today_booking(self, case=None, user=None):
        """Return a booking for earlier today, or for yesterday where today has only begun."""
        booking = self._book(case, user)
        self._date_back(booking, 0)
        if booking.starts_at > self._now():
            self._date_back(booking, 1)
        return booking

    def test_arrived_and_done(self):
        """H23-4.5.4: booked → arrived → done; done settles the free service, as a success counted from bookings."""
        booking = self._today_booking()
        with self.assertRaises(UserError):
            booking.action_finish()
        booking.action_arrive()
        booking.action_finish()
        self.assertEqual((booking.state, booking.done_on), ("done", self.today))
        self.assertTrue(booking.arrived_at)
        self.assertEqual((self.case.state, self.case.service_source), ("serviced", "booking"))
        self.assertEqual((self.case.is_success, self.case.serviced_on), (True, self.today))
        steps = [(name, source, target, user) for name, source, target, user, __ in self._history(booking)]
        self.assertEqual(
            steps, [("arrive", "booked", "arrived", self.admin_1), ("finish", "arrived", "done", self.admin_1)]
        )

    def test_done_noted_the_next_day(self):
        """H23-4.5.4: the service was done on the day of the arrival, whenever it is noted."""
        booking = self._today_booking()
        booking.action_arrive()
        with freeze_time(self._now() + timedelta(days=1)):
            booking.action_finish()
        self.assertEqual(booking.done_on, self.today)

    def test_nobody_arrives_before_the_day(self):
        """H23-4.5.4: who is expected another day doesn't arrive today, and can't have stayed away."""
        booking = self._book(**self._at(2))
        with self.assertRaisesRegex(UserError, "still to come"):
            booking.action_arrive()
        with self.assertRaisesRegex(UserError, "hasn’t begun"):
            booking.action_miss()

    def test_no_show(self):
        """H23-4.2.5: who doesn't come is in follow-up again: the next follow-up comes on its day."""
        booking = self._today_booking()
        booking.action_miss()
        self.assertEqual((booking.state, self.case.state, self.case.next_step), ("no_show", "open", "3"))
        self.assertFalse(booking.activity_ids)
        self._generate(8)
        self.assertEqual(self.case.followup_ids[-1].step, "3")

    def test_no_follow_up_left(self):
        """H23-4.5.4: where no follow-up comes by itself any more, the admin is asked to call."""
        case = self._due("3", 2).sudo().case_id
        self._today_booking(case).action_miss()
        booking = case.booking_ids
        self.assertEqual((booking.activity_ids.user_id, case.state), (self.admin_1, "open"))
        self.assertEqual(booking.activity_ids.summary, "Agree on another day")

    def test_cancel_with_reason(self):
        """H23-4.2.5: a booking is cancelled with a reason, by the house's window; its seat is free again."""
        booking = self._book()
        wizards = self.env["crm.workflow.reason"].with_user(self.admin_1)
        vals = {"res_model": booking._name, "res_ids": booking.ids, "transition": "cancel"}
        with self.assertRaises(UserError):
            wizards.create({**vals, "reason": " "}).action_confirm()
        wizards.create({**vals, "reason": "Ill"}).action_confirm()
        self.assertEqual((booking.state, self.case.state), ("cancelled", "open"))
        self.assertEqual(self._history(booking)[-1][-1], "Ill")
        self.assertEqual(self._book(self._case(2)).seat, 1)
        for act in (booking.action_arrive, booking.action_finish, booking.action_miss):
            with self.assertRaises(UserError):
                act()

    def test_reschedule(self):
        """H23-4.2.5: another day is a new booking linked to the old one, by the button; the old seat is free."""
        booking = self._book(note="Brakes", customer_name="Asep", **self._at(1))
        wizard = self.env["crm.service.book"].with_user(self.admin_1)
        action = booking.action_reschedule()
        wizard = wizard.with_context(**action["context"]).create({"booking_day": self._day(2)})
        wizard.time_id = self.env["crm.service.time"].search(
            [("day", "=", self._day(2)), ("slot_id", "=", self._slot(2).id)]
        )
        moved = self.bookings.browse(wizard.action_book()["res_id"])
        self.assertEqual((booking.state, moved.state, self.case.state), ("rescheduled", "booked", "booked"))
        self.assertEqual((moved.rescheduled_from_id, booking.rescheduled_to_ids), (booking, moved))
        self.assertEqual((moved.customer_name, moved.day), ("Asep", self._day(2)))
        self.assertEqual(self._book(self._case(2), **self._at(1)).seat, 1)

    def test_reschedule_to_what_is_full(self):
        """H23-4.2.5: where the other time is full, the old booking stands."""
        booking = self._book(**self._at(1))
        slot = self._slot(2)
        slot.capacity = 1
        self._book(self._case(2), **self._at(2))
        with self.assertRaisesRegex(UserError, "is full"), self.cr.savepoint():
            booking._reschedule(self._at(2))
        self.assertEqual(booking.state, "booked")

    def test_reschedule_to_the_weekend(self):
        """H23-4.2.6: the weekend needs the tick there too, and the tick is kept as an offer with who made sure."""
        booking = self._book(**self._at(1))
        with self.assertRaisesRegex(UserError, "Saturday and Sunday"), self.cr.savepoint():
            booking._reschedule(self._at(5))
        wizards = self.env["crm.service.book"].with_user(self.admin_1)
        wizard = wizards.create(
            {
                "case_id": self.case.id,
                "booking_id": booking.id,
                "weekdays_impossible": True,
                "booking_day": self._day(5),
                "time_id": self.env["crm.service.time"]
                .search([("day", "=", self._day(5)), ("slot_id", "=", self._slot(5).id)])
                .id,
            }
        )
        wizard.action_book()
        offer = self.case.offer_ids
        self.assertEqual((offer.weekdays_impossible, offer.user_id, offer.answer), (True, self.admin_1, "accepted"))
        self.assertEqual(self.case.booking_id.day, self._day(5))

    def test_what_is_locked(self):
        """H23-4.5.4: what is over doesn't change any more; what lives takes corrections of name, number and address."""
        booking = self._book()
        booking.write({"customer_name": "Asep", "note": "Brakes"})
        booking._workflow_do("cancel", "Ill")
        for vals in ({"customer_name": "Budi"}, {"note": "x"}, {"street": "x"}, {"user_id": self.admin_2.id}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                booking.write(vals)

    # === SERVICE KNOWN FROM ELSEWHERE === #

    def test_a2_closes_the_booking(self):
        """H23-4.1.1, H23-4.5.4: the report of a later import closes what is booked as done; the seat is free."""
        booking = self._book()
        rows = SQL("SELECT %s AS vehicle_id, '1' AS kpb, %s AS day", self.case.vehicle_id.id, self._days_ago(2))
        self.assertEqual(self.cases._serviced_rows(rows, "a2"), 1)
        self.assertEqual((booking.state, booking.done_on), ("done", self._days_ago(2)))
        self.assertEqual(self.case.state, "serviced")
        self.assertEqual(self._book(self._case(2)).seat, 1)

    def test_service_done_by_hand(self):
        """H23-4.5.4: an admin notes a service by hand, once; the booking is closed, the vehicle has the service."""
        booking = self._book()
        action = self.case.with_user(self.admin_1).action_service_done()
        wizards = self.env["crm.service.done"].with_user(self.admin_1).with_context(**action["context"])
        for day in (self._days_ago(-1), self._days_ago(400)):
            with self.assertRaises(UserError):
                wizards.create({"day": day}).action_confirm()
        wizard = wizards.create({"day": self._days_ago(1)})
        self.assertEqual(wizard.dealer, self.branch_a.name)
        self.assertEqual(wizards.create({}).day, self.branch_a._today())
        self.assertIn(booking.display_name, wizard.warning)
        wizard.action_confirm()
        self.assertEqual((booking.state, self.case.state), ("done", "serviced"))
        self.assertEqual((self.case.service_source, self.case.is_success), ("hand", True))
        service = self.case.vehicle_id.service_ids
        self.assertEqual((service.day, service.kpb, service.dealer), (self._days_ago(1), 1, self.branch_a.name))
        with self.assertRaisesRegex(UserError, "done already"):
            wizards.create({"day": self.today}).action_confirm()

    def test_service_done_of_another_branch(self):
        """H23-2: nobody notes a service of another branch's customer."""
        wizards = self.env["crm.service.done"].with_user(self.officer_b)
        with self.assertRaises(AccessError):
            wizards.create({"case_id": self.case.id}).action_confirm()
        self.assertEqual(self.case.state, "open")

    def test_opt_out_leaves_the_booking(self):
        """H23-4.2.3: who wants no follow-up, or whose vehicle is stopped, keeps what they have booked."""
        booking = self._today_booking()
        self.case.vehicle_id._stop_follow_up("opt_out")
        self.assertEqual((self.case.state, booking.state), ("opted_out", "booked"))
        booking.action_arrive()
        booking.action_finish()
        self.assertEqual((self.case.state, self.case.is_success), ("serviced", True))
        other = self._today_booking(self._case(2))
        other.sudo().case_id.vehicle_id._stop_follow_up("sold")
        other.action_miss()
        self.assertEqual((other.case_id.state, other.state), ("stopped", "no_show"))

    def test_booked_again_after_refusal(self):
        """H23-4.2.5: who refused, and calls by themselves, is booked from their free service."""
        self._refuse(self.followup)
        self.assertEqual((self.case.state, self.case.may_book), ("refused", True))
        self._book()
        self.assertEqual((self.case.state, self.case.may_book, self.case.booking_count), ("booked", False, 1))

    def test_after_the_free_service(self):
        """H23-1.3: a day after the window may be booked; it says that the service isn't free then."""
        slot = self._slot(0)
        day = self._day(0, 8)
        with freeze_time(self.branch_a._moment(day - timedelta(days=3), 9)):
            booking = self._book(slot_id=slot.id, day=day)
            self.assertTrue(booking.is_late)

    def test_the_workshops_list(self):
        """H23-4.5.4: the day's list names time, customer, motorcycle, address and promotion; nothing called off."""
        promo = self.env.ref("crm_h23_followup.crm_service_promo_booking")
        promo.benefit = "Free wash"
        at = self._at(0)
        self._refuse(self.followup, "other_dealer", "accepted", **at)
        first = self.case.booking_id
        gone = self._book(self._case(2), customer_name="Gone", **at)
        gone._workflow_do("cancel", "Ill")
        self._book(self._case(3), **self._at(0, "home"), street="Jl. Kopo 12", customer_name="Home")
        action = first.action_print_day()
        self.assertEqual(len(action["context"]["active_ids"]), 3)
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("crm_h23_followup.crm_service_booking_document", action["context"]["active_ids"])[0]
            .decode()
        )
        for words in (
            self.branch_a.name,
            self.company.name,
            first.customer_name,
            "Free wash",
            "Jl. Kopo 12",
            first.hours,
        ):
            self.assertIn(words, html)
        self.assertNotIn("Gone", html)
