"""Customers book the free service (KPB) of their motorcycle on the portal: CC-4, H23-4.2.5, H23-4.2.6."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_contact_center.models.selfservice_kpb import TURNS
from odoo.addons.crm_contact_center.tests.portal_common import PortalCase
from odoo.addons.crm_h23_followup.tests.booking_common import BookingCase


class KpbCase(BookingCase, PortalCase, HttpCase):
    """Ani rides the motorcycle whose free service is due; Budi rides another one of the same branch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.times = cls.env["crm.service.time"]
        cls.case.vehicle_id.write({"partner_id": cls.ani.partner_id.id, "plate": "D 1234 ANI"})
        cls.theirs = cls._case(2)
        cls.theirs.vehicle_id.write({"partner_id": cls.budi.partner_id.id, "plate": "D 5678 BUD"})
        cls.path = f"/my/service/{cls.case.id}"

    def setUp(self):
        super().setUp()
        self._login(self.ani)

    def _moment(self, weekday=0, kind="workshop", hour=8, weeks=1, slot=None):
        slot = slot or self._slot(weekday, kind, hour)
        return self.times.search([("slot_id", "=", slot.id), ("day", "=", self._day(weekday, weeks))])

    def _choose(self, moment, case=None, instead=0, **values):
        """Send the form of the page on which a time is chosen."""
        time = getattr(moment, "id", moment)
        form = {"csrf_token": self._token(), "time": time, "instead": instead, **values}
        answer = self.url_open(f"/my/service/{(case or self.case).id}", data=form)
        self.env.invalidate_all()
        return answer

    def _cancel(self, booking, /, **forged):
        page = f"/my/service/{booking.case_id.id}/cancel"
        form = {"csrf_token": self._token(), "booking": booking.id} | forged
        answer = self.url_open(page, data=form)
        self.env.invalidate_all()
        return answer

    def _token(self):
        return self.url_open("/my/service").text.split('name="csrf_token" value="')[1].split('"')[0]

    def _live(self, case=None):
        return (case or self.case).booking_ids.filtered(lambda booking: booking.state == "booked")

    def assertRefused(self, answer, words=""):
        """The page says why, and stays usable; nothing is booked."""
        self.assertEqual(answer.status_code, 200)
        self.assertIn("alert-danger", answer.text)
        self.assertIn(words, answer.text)
        self.assertFalse((self.case | self.theirs).booking_ids)


@tagged("post_install", "-at_install")
class TestPortalKpb(KpbCase):
    def test_services(self):
        """CC-4: what is due stands on the page, with its motorcycle and its last day; nobody else's does."""
        page = self._get("/my/service").text
        for words in ("KPB 1", "D 1234 ANI", "BeAT Sporty CBS", f'href="{self.path}"', "Is something else to be done?"):
            self.assertIn(words, page)
        self.assertNotIn("D 5678 BUD", page)
        self.case._note({"expires_on": fields.Date.subtract(self.today, days=1)})
        page = self._get("/my/service").text
        self.assertNotIn("D 1234 ANI", page)
        self.assertIn("A new appointment", page)

    def test_two_clicks(self):
        """CC-4: a next free time leads to the page on which it is chosen already; one button books it."""
        page = self._get("/my/service").text
        picked = page.split(f'href="{self.path}?time=')[1].split('"')[0]
        form = self._get(f"{self.path}?time={picked}").text
        self.assertRegex(form, f'id="time_{picked}"[^>]*checked')
        self.assertEqual(form.count("checked="), 1)
        self.assertFalse(self.case.booking_ids)
        answer = self._choose(int(picked))
        self.assertIn("Booked:", answer.text)
        self.assertEqual(len(self._live()), 1)

    def test_book(self):
        """CC-4, H23-4.2.5: booked by the customer, looked after by the case's admin; day, hours and branch are told."""
        self.ani.tz = "America/New_York"
        moment = self._moment()
        page = self._get(self.path).text
        self.assertIn("08:00–10:00", page)
        answer = self._choose(moment, note="Brakes squeal")
        booking = self._live()
        self.assertEqual((booking.slot_id, booking.day, booking.kind), (moment.slot_id, moment.day, "workshop"))
        self.assertEqual((booking.partner_id, booking.create_uid), (self.ani.partner_id, self.ani))
        self.assertEqual((booking.note, booking.customer_name), ("Brakes squeal", self.case.vehicle_id.owner_name))
        self.assertEqual(booking.user_id, self.case.user_id)
        self.assertFalse(booking.user_id.share)
        self.assertEqual(self.case.state, "booked")
        for words in ("Booked:", "08:00–10:00", self.branch_a.name, "Choose another time", "Brakes squeal"):
            self.assertIn(words, answer.text)
        self.assertNotIn("alert-danger", answer.text)
        self.assertNotIn(self.ani.partner_id, booking.message_partner_ids)

    def test_nobody_looks_after(self):
        """CC-4: where the case has no admin any more, the booking has none; never the customer."""
        self.case._note({"user_id": False})
        self._choose(self._moment())
        self.assertEqual(len(self._live()), 1)
        self.assertFalse(self._live().user_id)
        self.case._note({"user_id": self.manager_b.id})  # sees another branch alone
        self._choose(self._moment(1), instead=self._live().id)
        self.assertFalse(self._live().user_id)
        self.assertEqual(self._live().day, self._day(1))

    def test_pressed_twice(self):
        """CC-4: the button pressed twice books once, and nobody is frightened."""
        self._choose(self._moment())
        answer = self._choose(self._moment())
        self.assertNotIn("alert-danger", answer.text)
        self.assertEqual(len(self.case.booking_ids), 1)
        answer = self._choose(self._moment(1))  # another tab, from before
        self.assertIn("booked already", answer.text)
        self.assertEqual(len(self.case.booking_ids), 1)

    def test_another_time(self):
        """CC-4: another time is taken instead, and the first one is free again."""
        self._choose(self._moment())
        first = self._live()
        page = self._get(self.path).text
        self.assertIn("Choose another time", page)
        self.assertNotIn("checked=", page)  # nothing is changed by an idle click
        answer = self._choose(self._moment(2, "home", 13), instead=first.id, street="Jl. Kopo 12", city="Bandung")
        second = self._live()
        self.assertEqual((first.state, second.rescheduled_from_id, second.kind), ("rescheduled", first, "home"))
        self.assertEqual(second.user_id, self.case.user_id)
        self.assertEqual(self._moment().taken, 0)
        for words in ("Jl. Kopo 12", "13:00–15:00"):
            self.assertIn(words, answer.text)
        self.assertIn("changed meanwhile", self._cancel(second, booking=first.id).text)
        self.assertIn("booked already", self._choose(self._moment(3), instead=first.id).text)
        self.assertEqual(self._live(), second)

    def test_cancel(self):
        """CC-4: a cancelled booking gives its seat back; the free service is in follow-up again, with the reason."""
        self._choose(self._moment())
        booking = self._live()
        self.assertEqual(self.url_open(f"{self.path}/cancel").status_code, 405)  # it isn't done by a link
        self.assertEqual(self._live(), booking)
        answer = self._cancel(booking)
        self.assertIn("is cancelled", answer.text)
        self.assertEqual((booking.state, self.case.state), ("cancelled", "open"))
        log = booking.workflow_log_ids.filtered(lambda log: log.transition == "cancel")
        self.assertEqual((log.user_id, log.reason), (self.ani, "Cancelled by the customer on the portal."))
        self.assertIn("changed meanwhile", self._cancel(booking).text)
        self.assertIn("cancelled meanwhile", self._choose(self._moment(1), instead=booking.id).text)
        self.assertFalse(self._live())
        self._choose(self._moment(1))
        self.assertEqual(len(self._live()), 1)

    def test_until_it_begins(self):
        """CC-4: what has begun, or where the customer is already, is neither cancelled nor put off here."""
        self._choose(self._moment())
        booking = self._live()
        self._date_back(booking, 1)
        for answer in (self._cancel(booking), self._choose(self._moment(1), instead=booking.id)):
            self.assertIn("call us", answer.text)
            self.assertIn("alert-danger", answer.text)
        self.assertEqual(booking.state, "booked")
        self.assertEqual(self._get(self.path).status_code, 303)
        booking.with_user(self.admin_1).action_arrive()
        self.assertIn("alert-danger", self._cancel(booking).text)
        self.assertEqual(booking.state, "arrived")

    def test_home(self):
        """CC-4, H23-4.2.7a: home service asks for the street, and begins with the contact's."""
        self.ani.partner_id.write({"street": "Jl. Pasteur 9", "city": "Bandung"})
        moment = self._moment(1, "home")
        page = self._get(f"{self.path}?kind=home&time={moment.id}").text
        self.assertIn('value="Jl. Pasteur 9"', page)
        self.assertIn(f'value="{moment.id}"', page)
        self.assertRefused(self._choose(moment, kind="home", street="  ", note="Blue gate"), "Write the street")
        answer = self._choose(moment, kind="home", street="", note="Blue gate")
        self.assertRefused(answer)
        self.assertIn("Blue gate", answer.text)  # what was typed and chosen is still there
        self.assertRegex(answer.text, f'id="time_{moment.id}"[^>]*checked')
        self.assertRefused(self._choose(moment))
        self._choose(moment, kind="home", street="Jl. Kopo 12", city="Bandung")
        booking = self._live()
        self.assertEqual((booking.kind, booking.street, booking.city), ("home", "Jl. Kopo 12", "Bandung"))

    def test_weekend(self):
        """H23-4.2.6: Saturday and Sunday are offered and booked only where an admin has made sure of the weekdays."""
        saturday = self._moment(5)
        self.assertNotIn(f'value="{saturday.id}"', self._get(f"{self.path}?time={saturday.id}").text)
        self.assertRefused(self._choose(saturday, weekdays_impossible="1", weekend="1"), "taken meanwhile")
        self._sure()
        self.env.flush_all()
        self.assertIn(f'value="{saturday.id}"', self._get(f"{self.path}?time={saturday.id}").text)
        self._choose(saturday)
        self.assertEqual(self._live().day, self._day(5))

    def test_promo(self):
        """H23-4.2.7b: what was promised comes with the booking and stays; where it does not hold, that is told."""
        self.patch(type(self.case), "_is_promo_promised", lambda self: True)
        promos = self.env["crm.service.promo"].search([])
        promos.active = False
        self.assertRefused(self._choose(self._moment()), "Your promotion doesn")
        promo = promos.create({"name": "Free wash", "valid_to": self._day(0)})
        self._choose(self._moment())
        self.assertEqual(self._live().promo_id, promo)
        self._choose(self._moment(2), instead=self._live().id)
        self.assertEqual((self._live().promo_id, self._live().day), (promo, self._day(2)))

    def test_late(self):
        """H23-4.2.5: on days after the free service it is said that it has to be paid, as admins are told to say."""
        self.case._note({"expires_on": self._day(0)})
        self.assertNotIn("To be paid", self._get(f"{self.path}?time={self._moment(0).id}").text.split("fieldset")[1])
        self.assertIn("To be paid", self._get(self.path).text)
        self.assertIn("To be paid", self._choose(self._moment(1)).text)

    def test_pages(self):
        """CC-4: later days are a click away; a page that isn't there is the last one."""
        first, later = self._get(self.path).text, self._get(f"{self.path}?page=1").text
        self.assertIn("Later days", first)
        self.assertNotIn("Earlier days", first)
        self.assertIn("Earlier days", later)
        self.assertNotIn("Later days", self._get(f"{self.path}?page=999").text)
        for strange in ("page=-1", "page=x", "kind=x", "time=x", "page=99999999999", "time=" + "9" * 5000, "kind=%00"):
            self.assertEqual(self._get(f"{self.path}?{strange}").status_code, 200, strange)

    def test_nothing_free(self):
        """CC-4: where nothing is free the page says so, and offers a call."""
        self.slots.valid_to = fields.Date.subtract(self.today, days=1)
        page = self._get(self.path).text
        self.assertIn("No time is free", page)
        self.assertNotIn("Book this time", page)
        self.assertEqual(self._get("/my/service").status_code, 200)

    def test_stopped(self):
        """CC-4: a free service that is done, or that nobody follows up any more, isn't booked by an old form."""
        self.case._serviced(self.today, "hand")
        self.assertRefused(self._choose(self._moment()), "call us")
        self.assertEqual(self._get(self.path).status_code, 303)


@tagged("post_install", "-at_install")
class TestPortalKpbAttacks(KpbCase):
    """CC-4: what isn't theirs or isn't offered gets a clear answer, and never a booking."""

    def test_others(self):
        """CC-4: somebody else's free service isn't there, nor is their booking."""
        page = f"/my/service/{self.theirs.id}"
        self.assertEqual(self._get(page).status_code, 404)
        self.assertEqual(self._choose(self._moment(), self.theirs).status_code, 404)
        booking = self._book(self.theirs)
        self.assertEqual(self._cancel(booking).status_code, 404)
        answer = self.url_open(f"{self.path}/cancel", data={"csrf_token": self._token(), "booking": booking.id})
        self.assertIn("alert-danger", answer.text)
        self.assertIn("alert-danger", self._choose(self._moment(), instead=booking.id).text)
        self.assertEqual((booking.state, len(self.theirs.booking_ids)), ("booked", 1))
        self.assertFalse(self.case.booking_ids)

    def test_ids(self):
        """CC-4: ids that are none."""
        token = self._token()
        for strange in ("0", "-1", "abc", "1.5", "99999999999", "9" * 5000, "2147483648", "١", "1e3", "None"):
            for path in (f"/my/service/{strange}", f"/my/service/{strange}/cancel"):
                with self.subTest(path=path[:40]):
                    self.assertIn(self._get(path).status_code, (404, 405))
                    answer = self.url_open(path, data={"csrf_token": token, "time": "1", "booking": "1"})
                    self.assertEqual(answer.status_code, 404)
            with self.subTest(time=strange[:20]):
                self.assertRefused(self._choose(strange))

    def test_anonymous(self):
        """CC-4: who isn't logged in is asked to."""
        self.logout()
        for path in (self.path, "/my/service"):
            answer = self._get(path)
            self.assertEqual(answer.status_code, 303)
            self.assertIn("/web/login", answer.headers["Location"])

    def test_by_post_alone(self):
        """CC-4: an address changes nothing, and neither does a form without its token."""
        moment = self._moment()
        self._get(f"{self.path}?time={moment.id}&instead=0&street=x")
        answer = self.url_open(self.path, data={"time": moment.id, "instead": 0})
        self.assertEqual(answer.status_code, 400)
        self.env.invalidate_all()
        self.assertFalse(self.case.booking_ids)
        booking = self._book()
        self.assertEqual(self.url_open(f"{self.path}/cancel", data={"booking": booking.id}).status_code, 400)
        self.env.invalidate_all()
        self.assertEqual(booking.state, "booked")

    def test_other_branch(self):
        """CC-4: a time of another branch, and one of another company, isn't this customer's."""
        company = self.env["res.company"].create({"name": "Another dealer"})
        elsewhere = self.env["crm.branch"].create({"name": "Elsewhere", "code": "ELSW", "company_id": company.id})
        for branch in (self.branch_b, elsewhere):
            slots = self._create_week(branch)
            moment = self._moment(slot=slots.filtered(lambda slot: slot.weekday == "0" and slot.kind == "workshop")[0])
            self.assertTrue(moment)
            self.assertRefused(self._choose(moment), "taken meanwhile")

    def test_time_that_is_none(self):
        """CC-4: a past day, a closed day, a time that is full, one beyond the plan, one that was taken off."""
        past = self.times.search([("slot_id", "in", self.slots.ids), ("is_ahead", "=", False)], limit=1)
        self.assertTrue(past)
        self.assertRefused(self._choose(past), "taken meanwhile")
        closed, day = self._moment(1), self._day(1)
        self.env["crm.service.closing"].create(
            {"branch_id": self.branch_a.id, "name": "Stock-taking", "date_from": day, "date_to": day}
        )
        self.assertRefused(self._choose(closed.id), "taken meanwhile")
        moment = self._moment(2)
        self.assertRefused(self._choose(moment.id + 300), "taken meanwhile")
        moment.slot_id.valid_to = fields.Date.subtract(moment.day, days=1)
        self.assertRefused(self._choose(moment.id), "taken meanwhile")

    def test_full(self):
        """CC-4: a time that is full isn't offered; who has its page open still is told, and chooses another one."""
        self._slot(0).capacity = 1
        moment = self._moment()
        self.assertIn(f'value="{moment.id}"', self._get(f"{self.path}?time={moment.id}").text)
        self._book(self.theirs, **self._at(0))
        self.env.flush_all()
        self.assertNotIn(f'value="{moment.id}"', self._get(f"{self.path}?time={moment.id}").text)
        answer = self._choose(moment)
        self.assertIn("taken meanwhile", answer.text)
        self.assertIn("Book this time", answer.text)
        self.assertFalse(self.case.booking_ids)

    @mute_logger("odoo.sql_db")
    def test_last_seat(self):
        """H23-4.2.5: two take the last seat at the same moment: the database refuses one, who reads why and goes on."""
        self._slot(0).capacity = 1
        moment = self._moment()
        self._book(self.theirs, **self._at(0))
        # What this request sees is what was true before the other one was done
        self.patch(type(self.env["res.partner"]), "_times_domain", lambda *args: Domain("id", "!=", 0))
        self.patch(type(self.bookings), "_free_seats", lambda self, pairs: {pair: [1] for pair in pairs})
        answer = self._choose(moment)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("is full. Free next", answer.text)
        self.assertIn("Book this time", answer.text)
        self.assertFalse(self.case.booking_ids)
        self.assertEqual(self.case.state, "open")

    def test_long_words(self):
        """CC-4: 10 kB of text, and letters that no database keeps."""
        moment = self._moment(1, "home")
        for name in ("street", "city", "note"):
            values = {"street": "Jl. Kopo 12", name: "x" * 10_000}
            self.assertRefused(self._choose(moment, kind="home", **values), "Write less")
        self._choose(moment, kind="home", street="Jl.\0 Kopo <b>12</b>", note="<script>alert(1)</script>")
        self.assertEqual(self._live().street, "Jl. Kopo <b>12</b>")
        self.assertNotIn("<script>alert(1)", self._get("/my/service").text)

    def test_forged_fields(self):
        """CC-4: whatever else a form says, the booking says what follows from case and time."""
        moment = self._moment()
        forged = {"user_id": self.ani.id, "promo_id": 1, "state": "done", "case_id": self.theirs.id, "seat": 9}
        self._choose(moment, kind="home", street="Elsewhere", customer_name="Mallory", **forged)
        booking = self._live()
        self.assertEqual((booking.case_id, booking.state, booking.seat), (self.case, "booked", 1))
        self.assertEqual(booking.kind, "workshop")
        self.assertNotIn(booking.user_id, self.ani)
        self.assertFalse(booking.promo_id)
        self.assertEqual(booking.customer_name, self.case.vehicle_id.owner_name)
        self.assertFalse(self.theirs.booking_ids)

    def test_too_often(self):
        """CC-4: who chooses anew all the time is asked to call."""
        for number in range(TURNS):
            self._choose(self._moment(number % 5, hour=(8, 13)[number // 5]), instead=self._live().id or 0)
        self.assertEqual(len(self.case.booking_ids), TURNS)
        last = self._live()
        answer = self._choose(self._moment(3, hour=13), instead=last.id)
        self.assertIn("call us", answer.text)
        self.assertEqual(self._live(), last)

    def test_sold(self):
        """CC-4: who has bought the motorcycle reads nothing of the former owner's booking, and neither changes it."""
        self._choose(self._moment(1, "home"), kind="home", street="Jl. Rahasia 7")
        booking = self._live()
        self.case.vehicle_id.partner_id = self.budi.partner_id
        self.assertEqual(self._cancel(booking).status_code, 404)
        self.assertEqual(self._get(self.path).status_code, 404)
        self._login(self.budi)
        page = self._get("/my/service").text
        self.assertIn("D 1234 ANI", page)
        self.assertNotIn("Jl. Rahasia 7", page)
        self.assertEqual(self._get(self.path).status_code, 303)
        self.assertIn("call us", self._cancel(booking).text)
        self.assertEqual(booking.state, "booked")

    def test_colleague(self):
        """CC-4: a company's people book for its motorcycles."""
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        (self.ani | self.budi).partner_id.parent_id = firm
        self.assertEqual(self._get(f"/my/service/{self.theirs.id}").status_code, 200)
        self._choose(self._moment(), self.theirs)
        self.assertEqual(self._live(self.theirs).create_uid, self.ani)

    def test_queries(self):
        """CC-4: five motorcycles cost as many queries as one."""

        def count():
            customer = self.env["res.partner"].with_user(self.ani).browse(self.ani.partner_id.id)
            customer._free_services()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            services = customer._free_services()
            return len(services), self.env.cr.sql_log_count - before

        self._book(self.theirs)
        self.theirs.vehicle_id.partner_id = self.ani.partner_id
        number, few = count()
        self.assertEqual(number, 2)
        for other in range(3, 9):
            case = self._case(other)
            case.vehicle_id.partner_id = self.ani.partner_id
            if other % 2:
                self._book(case)
        number, many = count()
        self.assertEqual(number, 8)
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 25)
        self.assertEqual(self._get("/my/service").status_code, 200)

    def test_branch_clock(self):
        """CC-4: hours are the branch's, and so is the day on which a service ends."""
        self.branch_a.tz = "Pacific/Kiritimati"
        moment = self._moment()
        self._choose(moment)
        self.assertIn("08:00–10:00", self._get("/my/service").text)
        self.assertEqual(self._live().day, moment.day)
        self.assertEqual(moment.starts_at.hour, 18)
        self.assertEqual(moment.starts_at.date(), moment.day - timedelta(days=1))
