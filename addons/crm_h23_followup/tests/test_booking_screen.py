from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .booking_common import BookingCase


@tagged("post_install", "-at_install")
class TestBookingScreen(BookingCase):
    def _screen(self, followup=None, **values):
        screens = self.env["crm.followup.call"].with_user(self.admin_1)
        return Form(screens.with_context(default_followup_id=(followup or self.followup).id, **values))

    def _time_of(self, at):
        return self.env["crm.service.time"].search([("slot_id", "=", at["slot_id"]), ("day", "=", at["day"])])

    def test_willing_is_asked_for_a_time(self):
        """H23-4.2.5: the call screen proposes the first free day; without a time nothing is saved."""
        screen = self._screen()
        self.assertFalse(screen.comes)
        screen.result = "willing"
        self.assertTrue(screen.comes)
        self.assertEqual((screen.kind, screen.booking_day), ("workshop", self._time()["day"]))
        self.assertFalse(screen.choice_hint)
        screen.feedback = "Comes"
        with self.assertRaisesRegex(UserError, "Choose the day and time"):
            screen.save().action_save()
        at = self._at(2)
        screen.booking_day = at["day"]
        screen.time_id = self._time_of(at)
        screen.booking_note = "Brakes"
        screen.save().action_save()
        booking = self.case.booking_id
        self.assertEqual((booking.day, booking.slot_id.id, booking.note), (at["day"], at["slot_id"], "Brakes"))
        self.assertEqual((self.followup.state, self.followup.result), ("done", "willing"))

    def test_full_is_not_to_be_chosen(self):
        """H23-4.2.5: only free times can be chosen; where a day has none the next ones are named."""
        at = self._at(1)
        self.slots.write({"capacity": 1})
        for number, hour in ((2, 8), (3, 13)):
            self._book(self._case(number), **self._at(1, hour=hour))
        screen = self._screen()
        screen.result = "willing"
        screen.booking_day = at["day"]
        self.assertIn("Nothing is free on this day. Free next:", screen.choice_hint)
        domain = self.env["crm.service.time"]._free_domain(self.branch_a, "workshop", weekend=True)
        self.assertFalse(self.env["crm.service.time"].search([*domain, ("day", "=", at["day"])]))

    def test_weekend_on_the_screen(self):
        """H23-4.2.6: a plain “willing” has no times at the weekend, and is told what to do."""
        screen = self._screen()
        screen.result = "willing"
        screen.booking_day = self._day(5)
        self.assertFalse(screen.choosable_day)
        self.assertIn("choose “Refused” and its reason", screen.choice_hint)
        screen.result = "refused"
        screen.reason_id = self.reasons["time"]
        screen.offer_answer = "accepted"
        self.assertNotEqual(screen.booking_day.weekday(), 5)
        screen.weekdays_impossible = True
        self.assertEqual(screen.booking_day.weekday(), 5)
        self.assertEqual(screen.choosable_day, screen.booking_day)

    def test_home_service_on_the_screen(self):
        """H23-4.2.7a: who accepts home service is asked for the address, and offered home service's own times."""
        self.followup.sudo().vehicle_id.owner_street = "Jl. Kopo 12"
        screen = self._screen()
        screen.result = "refused"
        screen.reason_id = self.reasons["distance"]
        screen.offer_answer = "accepted"
        self.assertEqual((screen.kind, screen.street), ("home", "Jl. Kopo 12"))
        screen.street = "Jl. Buah Batu 3"
        screen.time_id = self._time_of(self._time(kind="home"))
        screen.feedback = "Please come"
        screen.save().action_save()
        self.assertEqual((self.case.booking_id.kind, self.case.booking_id.street), ("home", "Jl. Buah Batu 3"))

    def test_promotion_on_the_screen(self):
        """H23-4.2.7b: who accepts the promotion sees it on the screen; it goes with the booking."""
        screen = self._screen()
        screen.result = "refused"
        screen.reason_id = self.reasons["disappointed"]
        self.assertFalse(screen.promo_id)
        screen.offer_answer = "accepted"
        promo = self.env.ref("crm_h23_followup.crm_service_promo_booking")
        self.assertEqual(screen.promo_id, promo)
        screen.time_id = self._time_of(self._time())
        screen.feedback = "Once more, then"
        screen.save().action_save()
        self.assertEqual(self.case.booking_id.promo_id, promo)
        self.assertTrue(self.followup.sudo().ticket_id)

    def test_other_results_book_nothing(self):
        """H23-4.2.5: who refuses or isn't reached has no booking, whatever was chosen before."""
        screen = self._screen()
        screen.result = "willing"
        screen.time_id = self._time_of(self._time())
        screen.result = "no_response"
        self.assertFalse(screen.booking_day or screen.time_id)
        screen.feedback = "Rang out"
        screen.save().action_save()
        self.assertFalse(self.case.booking_ids)

    def test_book_from_the_free_service(self):
        """H23-4.2.5: an admin books from the free service; another branch's admin doesn't."""
        action = self.case.with_user(self.admin_1).action_book()
        form = Form(self.env["crm.service.book"].with_user(self.admin_1).with_context(**action["context"]))
        self.assertEqual(form.owner_name, self.case.owner_name)
        form.booking_day = self._day(1)
        form.time_id = self._time_of(self._at(1))
        form.save().action_book()
        self.assertEqual(self.case.booking_id.day, self._day(1))
        with self.assertRaises(AccessError):
            self.case.with_user(self.officer_b).action_book()
        other = self._case(2)
        with self.assertRaises(AccessError):
            self.env["crm.service.book"].with_user(self.officer_b).create({"case_id": other.id}).read(["street"])

    def test_choose_whom(self):
        """H23-4.2.5: “Book a Service” asks for whom; nothing is proposed before."""
        form = Form(self.env["crm.service.book"].with_user(self.admin_1))
        self.assertFalse(form.booking_day or form.choice_hint)
        form.case_id = self.case
        self.assertTrue(form.booking_day)

    def test_smart_buttons(self):
        """H23-4.5.4: free service, vehicle and contact lead to their bookings, counted by one query."""
        booking = self._book()
        self.assertEqual((self.case.booking_count, self.case.vehicle_id.booking_count), (1, 1))
        self.assertEqual(booking.partner_id.service_booking_count, 1)
        for record in (self.case, self.case.vehicle_id):
            self.assertEqual(self.bookings.search(record.action_view_bookings()["domain"]), booking)
        self.assertEqual(self.bookings.search(booking.partner_id.action_view_service_bookings()["domain"]), booking)
