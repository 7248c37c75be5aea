from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .contact_common import ContactCase


@tagged("post_install", "-at_install")
class TestContactClock(ContactCase):
    """Ring and answer times are the clock's (SOP-1)."""

    def test_two_clicks(self):
        """SOP-1: one click logs a ringing call, the second its answer; nothing has to be typed before."""
        with freeze_time("2026-03-02 03:00:00"):
            action = self.contacts.action_ring()
            contact = self.contacts.browse(action["res_id"])
            self.assertEqual(contact.ringing_at, fields.Datetime.now())
            self.assertEqual((contact.channel, contact.direction, contact.state), ("call", "incoming", "open"))
        with freeze_time("2026-03-02 03:00:42"):
            contact.action_answer()
        self.assertEqual((contact.ring_seconds, contact.answered_in_time), (42, True))
        self.assertEqual(contact.answered_by_id, self.officer)

    def test_limit(self):
        """SOP-1: 60 s is in time, 61 s is late; the limit is the company's, as it was when it rang."""
        self.assertEqual(self.env.company.answer_limit, 60)
        on_time, late = self._call(300, 60), self._call(300, 61)
        self.assertEqual((on_time.answered_in_time, late.answered_in_time), (True, False))
        self.env.company.answer_limit = 20
        self.assertTrue(on_time.answered_in_time, "measured against the limit of its day")
        self.assertFalse(self._call(300, 21).answered_in_time)

    def test_second_click_changes_nothing(self):
        """SOP-1: a click too many doesn't move a time."""
        contact = self._call(120, 30)
        before = contact.read(["ringing_at", "answered_at", "began_at"])
        contact.action_ringing()
        contact.action_answer()
        self.assertEqual(contact.read(["ringing_at", "answered_at", "began_at"]), before)

    def test_times_cannot_be_written(self):
        """SOP-1: no officer, manager or superuser mode rewrites what the clock said; the form, RPC, import alike."""
        contact = self._call(120, 90)
        earlier = contact.ringing_at - timedelta(seconds=5)
        for values in (
            {"ringing_at": earlier},
            {"ringing_at": False},
            {"answered_at": earlier + timedelta(seconds=6)},
            {"answered_at": False},
            {"began_at": earlier},
            {"answer_limit": 1000},
            {"ring_seconds": 1},
            {"answered_in_time": True},
            {"answered_by_id": self.other_officer.id},
            {"day": "2020-01-01"},
        ):
            for hand in (contact, contact.with_user(self.manager), contact.sudo()):
                with self.subTest(values=values, user=hand.env.user.login), self.assertRaises(UserError):
                    hand.write(values)
        self.assertFalse(contact.answered_in_time)

    def test_times_cannot_be_created(self):
        """SOP-1: nor is a contact created with them: by values, by defaults of the context, by import, by copy."""
        with self.assertRaises(UserError):
            self._log(ringing_at="2026-01-01 00:00:00")
        with self.assertRaises(UserError):
            self._log(answered_in_time=True)
        context = {
            "default_ringing_at": "2026-01-01 00:00:00",
            "default_answer_limit": 9000,
            "default_answered_in_time": True,
        }
        contact = self.contacts.with_context(**context).create({"partner_id": self.partner.id})
        self.assertFalse(contact.ringing_at or contact.answer_limit or contact.answered_in_time)
        result = self.contacts.load(["caller_name", "ringing_at"], [["Import", "2026-01-01 00:00:00"]])
        self.assertFalse(result["ids"])
        copy = self._call(100, 30).copy()
        self.assertFalse(copy.ringing_at or copy.answered_by_id or copy.answer_limit)
        with self.assertRaises(UserError):
            self._call(100, 30).copy({"ringing_at": "2026-01-01 00:00:00"})

    def test_no_context_opens_the_guard(self):
        """SOP-1: what a client can put into the context opens nothing."""
        contact = self._call(120, 90)
        for key in ("workflow_permit", "install_mode", "import_file", "clock_permit", "tracking_disable"):
            with self.subTest(key=key), self.assertRaises(UserError):
                contact.with_context(**{key: True}).write({"ringing_at": "2026-01-01 00:00:00"})

    def test_repeating_a_time_is_no_change(self):
        """SOP-1: an import that says what is there already isn't stopped."""
        contact = self._call(120, 30)
        contact.write({"ringing_at": contact.ringing_at, "caller_name": "Rina"})
        self.assertEqual(contact.caller_name, "Rina")

    def test_order_of_times(self):
        """SOP-1: nothing is answered before it rang, nothing rings after it was answered or in the future."""
        now = fields.Datetime.now()
        contact = self._log()
        with self.assertRaises(UserError):
            contact._ring(now + timedelta(minutes=5))
        contact._ring(now)
        with self.assertRaises(UserError):
            contact._answer(now - timedelta(seconds=1))
        with self.assertRaises(UserError):
            contact._answer(now + timedelta(minutes=5))
        answered = self._log()
        answered.action_answer()
        with self.assertRaises(UserError):
            answered.action_ringing()

    def test_only_incoming_calls_ring(self):
        """SOP-1: a visit and a call of ours don't ring."""
        for values in ({"channel": "visit"}, {"direction": "outgoing"}):
            with self.subTest(values=values), self.assertRaises(UserError):
                self._log(**values).action_ringing()

    def test_done_contact_rings_no_more(self):
        """SOP-1: what is done isn't measured afterwards."""
        contact = self._log(outcome_id=self.outcome.id)
        contact.action_close()
        with self.assertRaises(UserError):
            contact.action_ringing()

    def test_visit_keeps_typed_times(self):
        """SOP-E3: a visit that is entered later has the times that are typed, and isn't measured."""
        now = fields.Datetime.now()
        visit = self._log(channel="visit", began_at=now - timedelta(hours=2))
        visit.answered_at = now - timedelta(hours=1)
        self.assertFalse(visit.ringing_at or visit.ring_seconds or visit.answered_in_time)

    def test_colleague_answers(self):
        """SOP-1: the call belongs to who takes it, and handing it on later doesn't change who was measured."""
        self.shop.user_ids += self.other_officer
        contact = self._call(120)
        contact.with_user(self.other_officer).action_answer()
        self.assertEqual((contact.user_id, contact.answered_by_id), (self.other_officer,) * 2)
        contact.user_id = self.officer
        self.assertEqual(contact.answered_by_id, self.other_officer)

    def test_day_is_the_branchs(self):
        """SOP-E3: shortly before midnight in London it is tomorrow in Jakarta."""
        contact = self._log(began_at="2026-03-01 23:30:00")
        self.assertEqual(str(contact.day), "2026-03-02")
        warsaw = self._create_branch("Warsaw", "WAW", self.officer, tz="Europe/Warsaw")
        self.assertEqual(str(self._log(began_at="2026-03-01 22:30:00", branch_id=warsaw.id).day), "2026-03-01")
        self.assertEqual(str(self._log(began_at="2026-03-01 23:30:00", branch_id=warsaw.id).day), "2026-03-02")

    def test_rights(self):
        """SOP-E3: officers write in the log of their own branch; a manager of the headquarters sees all."""
        contact = self._log()
        for act in ("action_ringing", "action_answer", "action_buying", "action_create_customer"):
            with self.subTest(act=act), self.assertRaises(AccessError):
                getattr(contact.with_user(self.other_officer), act)()
        with self.assertRaises(AccessError):
            contact.with_user(self.other_officer).read(["greeting"])
        contact.with_user(self.manager).action_ringing()
        self.assertTrue(contact.ringing_at)

    def test_deletion(self):
        """SOP-G2, SOP-E3: nobody deletes a contact that has an outcome or that rang; officers delete none."""
        plain, settled, rang = self._log(), self._log(outcome_id=self.outcome.id), self._call(100, 30)
        with self.assertRaises(AccessError):
            plain.unlink()
        for contact in (settled, rang):
            for hand in (contact.with_user(self.manager), contact.sudo()):
                with self.subTest(contact=contact), self.assertRaises(UserError):
                    hand.unlink()
                with self.assertRaises(UserError):
                    hand.with_context(_force_unlink=True).unlink()
        plain.with_user(self.manager).unlink()
        self.assertFalse(plain.exists())

    def test_form(self):
        """SOP-T1: the form opens for an officer, is saved with a number alone, and shows what was measured."""
        with Form(self.contacts) as form:
            form.phone = "0812 5555 6666"
        contact = form.record
        self.assertEqual(contact.phone, "+6281255556666")
        contact.action_ringing()
        contact.action_answer()
        with Form(contact) as form:
            form.caller_name = "Dedi"
        self.assertTrue(contact.answered_in_time)

    def test_batch_queries(self):
        """SOP-E3: to ring, answer and log a hundred contacts takes hardly more queries than ten."""

        def cost(count):
            before = self.cr.sql_log_count if hasattr(self.cr, "sql_log_count") else 0
            contacts = self.contacts.create([{"caller_name": f"Caller {i}"} for i in range(count)])
            contacts.action_ringing()
            contacts.action_answer()
            contacts.outcome_id = self.outcome
            contacts.action_close()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        cost(3)
        self.assertLessEqual(cost(100), cost(10) + 5)


@tagged("post_install", "-at_install")
class TestAnswerReport(ContactCase):
    """The share answered in time, per day and officer (SOP-1)."""

    def _shares(self, user):
        report = self.env["crm.answer.report"].with_user(user)
        shares = report._read_group(
            [("branch_id", "=", self.shop.id)], ["day:day", "user_id"], ["in_time_percent:avg", "__count"]
        )
        return {(str(day), officer): (share, count) for day, officer, share, count in shares}

    def test_share(self):
        """SOP-1: of four calls two were in time, one late, one missed; what rings just now isn't judged yet."""
        with freeze_time("2026-03-02 05:00:00"):
            self._call(900, 10)
            self._call(800, 60)
            self._call(700, 61)
            self._call(600)
            self._log(channel="visit")
        self._call(0)
        self.env.flush_all()
        self.assertEqual(self._shares(self.officer), {("2026-03-02", self.officer): (50.0, 4)})

    def test_rights(self):
        """SOP-1: another branch's officer sees none of it, a manager of the headquarters does; nobody writes it."""
        self._call(900, 10)
        self.assertEqual(len(self._shares(self.manager)), 1)
        self.assertEqual(self._shares(self.other_officer), {})
        with self.assertRaises(AccessError):
            self.env["crm.answer.report"].with_user(self.manager).create({"in_time_percent": 100})
