from datetime import date, datetime, timedelta

import psycopg2.errors
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .booking_common import BookingCase


@tagged("post_install", "-at_install")
class TestBooking(BookingCase):
    def test_willing_is_booked_at_once(self):
        """H23-4.2.5, H23-4.3.2, H23-4.4.2: at every step, who is willing is booked for the day and time agreed."""
        for number, step in enumerate("123", start=2):
            with self.subTest(step=step):
                followup = self._due(step, number)
                chosen = self._at(number - 2)
                self._willing(followup, **chosen)
                booking = followup.case_id.booking_id
                self.assertEqual((booking.slot_id.id, booking.day, booking.state), (*chosen.values(), "booked"))
                self.assertEqual((booking.vehicle_id, booking.branch_id), (followup.vehicle_id, self.branch_a))
                self.assertEqual(booking.user_id, self.admin_1)
                self.assertEqual((booking.customer_name, booking.phone), (followup.owner_name, followup.owner_phone))
                self.assertTrue(booking.partner_id)
                self.assertEqual(followup.case_id.state, "booked")

    def test_a_bad_booking_saves_nothing(self):
        """H23-4.2.5: where the time can't be booked, result and offer aren't saved either."""
        followup = self.followup
        with self.assertRaises(UserError), self.cr.savepoint():
            self._willing(followup, **{**self._at(1), "day": self._day(2)})
        self.assertEqual((followup.state, followup.result), ("todo", False))
        with self.assertRaises(UserError), self.cr.savepoint():
            followup._answer("willing", "Comes", booking={"note": "?"})
        self.assertFalse(self.case.booking_ids)

    def test_the_lowest_free_seat(self):
        """H23-4.2.5: seats are given from the first on; one that comes free is the next one's."""
        at = self._at(0)
        first, second, third = (self._book(self._case(number), **at) for number in (2, 3, 4))
        self.assertEqual([first.seat, second.seat, third.seat], [1, 2, 3])
        second._workflow_do("cancel", "Ill")
        self.assertEqual(self._book(self._case(5), **at).seat, 2)

    def test_no_overbooking(self):
        """H23-4.2.5: what is full is refused, with the next free times; the database refuses a seat taken twice."""
        at = self._at(1)
        slot = self.slots.browse(at["slot_id"])
        slot.capacity = 1
        booking = self._book(**at)
        other = self._case(2)
        with self.assertRaisesRegex(UserError, "is full. Free next: .*free"):
            self._book(other, **at)
        twin = self._book(other, **self._at(2))
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation), self.cr.savepoint():
            self.cr.execute(
                "UPDATE crm_service_booking SET slot_id = %s, day = %s WHERE id = %s", [slot.id, booking.day, twin.id]
            )
        self.assertFalse(self.env["crm.service.time"].search([("slot_id", "=", slot.id), ("day", "=", at["day"])]).free)

    def test_many_at_once(self):
        """H23-4.2.5: a batch takes one seat each, or nothing at all."""
        at = self._at(3)
        self.slots.browse(at["slot_id"]).capacity = 3
        cases = [self._case(number) for number in range(2, 6)]
        bookings = self.bookings.with_user(self.admin_1)
        with self.assertRaisesRegex(UserError, "is full"), self.cr.savepoint():
            bookings.create([{"case_id": case.id, **at} for case in cases])
        self.assertFalse(bookings.search([]))
        made = bookings.create([{"case_id": case.id, **at} for case in cases[:3]])
        self.assertEqual(made.mapped("seat"), [1, 2, 3])

    def test_query_count(self):
        """H23-4.2.5: a booking costs no more queries in a batch of six than in one of three, but for its own rows."""
        cases = [self._case(number) for number in range(2, 13)]
        at, bookings = self._at(4), self.bookings.with_user(self.admin_1)
        counts = []
        for part in (cases[:1], cases[1:4], cases[4:10]):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            bookings.create([{"case_id": case.id, **at} for case in part])
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        self.assertLess((counts[2] - counts[1]) / 3, 20)

    def test_one_live_booking_of_a_free_service(self):
        """H23-4.2.5: a free service is booked once; the database says so too."""
        first = self._book()
        with self.assertRaisesRegex(UserError, "booked already"):
            self._book(**self._at(2))
        first._workflow_do("cancel", "Ill")
        second = self._book(**self._at(2))
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation), self.cr.savepoint():
            self.cr.execute("UPDATE crm_service_booking SET state = 'booked' WHERE id = %s", [first.id])
        self.assertEqual(self.case.booking_id, second)

    def test_not_in_the_past_nor_outside(self):
        """H23-4.2.5: nobody is booked for what has passed, isn't in the week's plan, or isn't valid then."""
        slot = self._slot(0)
        late = slot.copy({"hour_from": 17, "hour_to": 18, "valid_from": self._day(0, 3), "valid_to": self._day(0, 4)})
        for slot_id, day in (
            (slot, self._day(0, -1)),
            (slot, self._day(1)),
            (late, self._day(0, 2)),
            (late, self._day(0, 5)),
        ):
            with self.subTest(day=day), self.assertRaises(UserError), self.cr.savepoint():
                self._book(slot_id=slot_id.id, day=day)
        self.assertEqual(self._book(slot_id=late.id, day=self._day(0, 3)).day, self._day(0, 3))

    def test_today_until_it_begins(self):
        """H23-4.2.5: today's time can be booked until it begins, by the branch's clock."""
        monday = self._day(0)
        with freeze_time(self.branch_a._moment(monday, 7.9)):
            booking = self._book(slot_id=self._slot(0).id, day=monday)
            booking._workflow_do("cancel", "Ill")
        with freeze_time(self.branch_a._moment(monday, 8.1)):
            self.env.invalidate_all()
            self.assertFalse(
                self.env["crm.service.time"].search([("slot_id", "=", self._slot(0).id), ("day", "=", monday)]).is_ahead
            )
            with self.assertRaisesRegex(UserError, "has passed"):
                self._book(slot_id=self._slot(0).id, day=monday)

    def test_closing_days(self):
        """H23-4.2.5: nobody is booked on the branch's closing days and public holidays, nor shown such a time."""
        day, holiday = self._day(1), self._day(2)
        self.env["crm.service.closing"].with_user(self.manager_a).create(
            {"name": "Stock-taking", "branch_id": self.branch_a.id, "date_from": day}
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Public holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "date_from": self.branch_a._moment(holiday, 0),
                "date_to": self.branch_a._moment(holiday, 23.98),
            }
        )
        for weekday in (1, 2):
            with self.assertRaisesRegex(UserError, "is closed on .* Free next"), self.cr.savepoint():
                self._book(**self._at(weekday))
        times = self.env["crm.service.time"].search([("branch_id", "=", self.branch_a.id)])
        self.assertFalse({day, holiday} & set(times.mapped("day")))
        self.assertEqual(self._book(**self._at(0)).state, "booked")

    def test_no_closing_over_bookings(self):
        """H23-4.2.5: a day on which customers have booked isn't closed before they are told."""
        booking = self._book()
        closings = self.env["crm.service.closing"].with_user(self.manager_a)
        with self.assertRaisesRegex(ValidationError, r"booked on these days \(1, the first"):
            closings.create({"name": "x", "branch_id": self.branch_a.id, "date_from": booking.day})

    def test_the_customers_branch(self):
        """H23-2: a customer is booked at their branch."""
        foreign = self._create_week(self.branch_b, ("workshop",))
        slot = foreign.filtered(lambda slot: slot.weekday == "1")[0]
        with self.assertRaisesRegex(UserError, "not of the customer’s branch"):
            self._book(user=self.manager_hq, slot_id=slot.id, day=self._day(1))

    # === WHERE AND FOR WHOM === #

    def test_weekend_needs_the_tick(self):
        """H23-4.2.6, H23-4.3.3, H23-4.4.3: Saturday and Sunday are for who can't come on weekdays: on every path."""
        for weekday in (5, 6):
            with self.assertRaisesRegex(UserError, "Saturday and Sunday"), self.cr.savepoint():
                self._book(**self._at(weekday))
            with self.assertRaisesRegex(UserError, "Saturday and Sunday"), self.cr.savepoint():
                self._willing(self.followup, **self._at(weekday))
        rows = [[str(self.case.id), str(self._slot(5).id), str(self._day(5))]]
        loaded = self.bookings.with_user(self.admin_1).load(["case_id/.id", "slot_id/.id", "day"], rows)
        self.assertFalse(loaded["ids"])
        self.assertIn("Saturday and Sunday", loaded["messages"][0]["message"])
        offer = {"answer": "accepted", "weekdays_impossible": True}
        self.followup._answer(
            "refused", "Works on weekdays", reason=self.reasons["time"], offer=offer, booking=self._at(5)
        )
        self.assertEqual((self.case.booking_id.day, self.followup.result), (self._day(5), "willing"))
        self.assertTrue(self.case.booking_id.offer_id.weekdays_impossible)

    def test_import(self):
        """H23-4.2.5: an import books by the same rules, and takes seats."""
        loaded = self.bookings.with_user(self.admin_1).load(
            ["case_id/.id", "slot_id/.id", "day"], [[str(self.case.id), str(self._slot(1).id), str(self._day(1))]]
        )
        self.assertEqual(self.bookings.browse(loaded["ids"]).seat, 1)
        self.assertEqual(self.case.state, "booked")

    def test_home_service_has_an_address(self):
        """H23-4.2.7a, H23-4.3.4, H23-4.4.4: a mechanic needs an address, in the database too."""
        at = self._at(1, "home")
        with self.assertRaisesRegex(UserError, "enter the street"), self.cr.savepoint():
            self._book(**at)
        booking = self._book(**at, street="Jl. Kopo 12", city="Bandung")
        self.assertEqual((booking.kind, booking.street, booking.city), ("home", "Jl. Kopo 12", "Bandung"))
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.CheckViolation), self.cr.savepoint():
            booking.street = " "
            booking.flush_recordset()

    def test_home_service_accepted_is_home_service(self):
        """H23-4.2.7a: who accepts home service isn't booked at the workshop; the owner's address is proposed."""
        self.followup.sudo().vehicle_id.write({"owner_street": "Jl. Kopo 12", "owner_city": "Bandung"})
        reason, offer = self.reasons["distance"], {"answer": "accepted"}
        with self.assertRaisesRegex(UserError, "accepted home service"), self.cr.savepoint():
            self.followup._answer("refused", "Too far", reason=reason, offer=offer, booking=self._at(1))
        self.followup._answer("refused", "Too far", reason=reason, offer=offer, booking=self._at(1, "home"))
        self.assertEqual((self.case.booking_id.kind, self.case.booking_id.street), ("home", "Jl. Kopo 12"))

    def test_promotion_goes_with_the_booking(self):
        """H23-4.2.7b, H23-4.3.5, H23-4.4.5: who accepts the promotion has it with the booking, rescheduled too."""
        promo = self.env.ref("crm_h23_followup.crm_service_promo_booking")
        self._refuse(self.followup, "other_dealer", "accepted")
        booking = self.case.booking_id
        self.assertEqual((booking.promo_id, booking.offer_id), (promo, self.followup.offer_id))
        promo.active = False
        moved = booking.with_user(self.admin_1)._reschedule(self._at(3))
        self.assertEqual(moved.promo_id, promo)

    def test_promotion_needs_its_offer(self):
        """H23-4.2.7b: nobody gets a promotion who wasn't offered one; none in force, none promised."""
        promo = self.env.ref("crm_h23_followup.crm_service_promo_booking")
        with self.assertRaisesRegex(UserError, "offered one after a refusal"), self.cr.savepoint():
            self._book(promo_id=promo.id)
        promo.valid_to = self._days_ago(1)
        with self.assertRaisesRegex(UserError, "Booking Promotions"), self.cr.savepoint():
            self._refuse(self.followup, "other_dealer", "accepted")
        spring = promo.create({"name": "Spring", "company_id": self.company.id})
        other = promo.create({"name": "Gloves", "sequence": 20})
        self._refuse(self.followup, "other_dealer", "accepted")
        self.assertEqual(self.case.booking_id.promo_id, spring)
        self.case.booking_id._workflow_do("cancel", "Ill")
        self.assertEqual(self._book(promo_id=other.id).promo_id, other)

    def test_phone_in_one_form(self):
        """H23-4.2.5: the number of who comes is kept with its country code."""
        booking = self._book(phone="0812-3456-7890", customer_name="Asep")
        self.assertEqual((booking.phone, booking.customer_name), ("+6281234567890", "Asep"))
        booking.phone = "0813 2222 3333"
        self.assertEqual(booking.phone, "+6281322223333")

    # === TIME ZONES === #

    def test_time_zones(self):
        """H23-4.2.5: a time is of the branch's clock: in Jakarta, and in Warsaw before and after the clocks change."""
        self.assertEqual(self.branch_a._moment(date(2026, 3, 2), 8.5), datetime(2026, 3, 2, 1, 30))
        self.branch_a.tz = "Europe/Warsaw"
        times = self.env["crm.service.time"]
        with freeze_time("2026-03-20 12:00:00"):
            slot = self._slot(0)
            slot.valid_from = "2026-01-01"
            for day, hour in ((date(2026, 3, 23), 7), (date(2026, 3, 30), 6)):
                self.assertEqual(slot._span(day)[0], datetime(2026, 3, day.day, hour))
                found = times.search([("slot_id", "=", slot.id), ("day", "=", day)])
                self.assertEqual((found.starts_at, found.ends_at), slot._span(day))
            booking = self._book(slot_id=slot.id, day="2026-03-30")
            self.assertEqual((booking.starts_at, booking.hours), (datetime(2026, 3, 30, 6), "08:00–10:00"))

    def test_night_of_the_change(self):
        """H23-4.2.5: in the night of the change the list of times and the booking agree, hour by hour."""
        self.branch_a.tz = "Europe/Warsaw"
        self.slots.filtered(lambda slot: slot.weekday == "6").unlink()
        for day in ("2026-03-29", "2026-10-25"):
            slots = self.env["crm.service.slot"].create(
                [
                    {
                        "branch_id": self.branch_a.id,
                        "weekday": "6",
                        "hour_from": half / 2,
                        "hour_to": half / 2 + 0.5,
                        "valid_from": day,
                        "valid_to": day,
                    }
                    for half in range(8)
                ]
            )
            with freeze_time(datetime.fromisoformat(day) - timedelta(days=9)):
                found = self.env["crm.service.time"].search([("slot_id", "in", slots.ids)])
                self.assertEqual(len(found), 8)
                for time in found:
                    self.assertEqual((time.starts_at, time.ends_at), time.slot_id._span(time.day))

    # === RIGHTS === #

    def test_roles(self):
        """H23-2: a branch sees and books its own; headquarters all; others nothing."""
        booking = self._book()
        for user in (self.officer_b, self.manager_b):
            self.assertFalse(self.bookings.with_user(user).search([]))
            self.assertFalse(self.env["crm.service.time"].with_user(user).search([]))
            with self.assertRaises(AccessError):
                self._book(self._case(2), user=user)
            for act in ("action_arrive", "action_finish", "action_miss"):
                with self.assertRaises(AccessError):
                    getattr(booking.with_user(user), act)()
        self.assertTrue(self.bookings.with_user(self.manager_hq).search([]))
        for user in (self.internal, self.portal):
            with self.assertRaises(AccessError):
                self.bookings.with_user(user).search([])
            with self.assertRaises(AccessError):
                self._book(self.case, user=user)

    def test_facts_by_rpc(self):
        """H23-4.2.5: state, seat, day and time aren't written by RPC or the context, by nobody."""
        booking = self._book()
        other = self._case(2)
        promo = self.env.ref("crm_h23_followup.crm_service_promo_booking")
        hostile = [
            {"state": "done"},
            {"seat": 7},
            {"day": self._day(3)},
            {"slot_id": self._slot(3).id},
            {"starts_at": "2030-01-01 00:00:00"},
            {"case_id": other.id},
            {"branch_id": self.branch_b.id},
            {"promo_id": promo.id},
            {"done_on": self.today},
            {"reminded_at": self._now()},
            {"kind": "home"},
            {"rescheduled_from_id": booking.id},
        ]
        contexts = ({}, {"booking_step": True, "followup_step": "STEP", "workflow_permit": True})
        for user in (self.admin_1, self.manager_a, self.manager_hq, self.admin):
            theirs = booking.with_user(user)
            for vals in hostile:
                for context in contexts:
                    with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                        theirs.with_context(**context).write(vals)
            for vals in hostile:
                if vals.keys() & {"case_id", "day", "slot_id"}:
                    continue
                with self.subTest(user=user.login, made=vals), self.assertRaises(UserError), self.cr.savepoint():
                    self._book(other, user=user, **vals)
            with self.assertRaises(UserError):
                theirs.copy()
            with self.assertRaises(UserError):
                theirs.unlink()
        defaults = {f"default_{name}": value for vals in hostile for name, value in vals.items()}
        made = (
            self.bookings.with_user(self.admin_1)
            .with_context(**defaults)
            .create([{"case_id": other.id, **self._at(1)}])
        )
        self.assertEqual((made.state, made.seat, made.kind, made.promo_id), ("booked", 1, "workshop", promo.browse()))
        self.assertFalse(made.done_on or made.reminded_at or made.rescheduled_from_id)

    def test_whose_booking(self):
        """H23-2: nobody is put down for a booking, and told the customer's name, who doesn't see the branch."""
        booking = self._book()
        for user in (self.officer_b, self.internal, self.portal):
            with self.subTest(user=user.login), self.assertRaises(UserError), self.cr.savepoint():
                booking.with_user(self.admin_1).user_id = user
            with self.subTest(user=user.login), self.assertRaises(UserError), self.cr.savepoint():
                self._book(self._case(2), user_id=user.id)
            self.assertNotIn(user.partner_id, booking.message_partner_ids)
        booking.with_user(self.admin_1).user_id = self.manager_hq
        other = self._due("2", 3).sudo()
        other._note({"user_id": self.officer_b.id})  # works elsewhere by now
        self._willing(other.with_user(self.admin_1))
        self.assertEqual(other.case_id.booking_id.user_id, self.admin_1)

    def test_another_company(self):
        """H23-2: a booking is of its branch's company; who doesn't work in that company sees none of it."""
        self._book()
        other = self.env["res.company"].create({"name": "Other dealer"})
        user = self._create_user(
            "test_other", "crm_base.group_manager", self.branch_a, company_id=other.id, company_ids=[(6, 0, other.ids)]
        )
        for model in ("crm.service.booking", "crm.service.slot", "crm.service.time", "crm.service.closing"):
            self.assertFalse(self.env[model].with_user(user).search([]), model)
