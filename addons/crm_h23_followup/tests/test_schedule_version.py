from datetime import timedelta

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.crm_followup_schedule import REVIEW
from .followup_common import BASES, OFFSETS, ScheduleCase


@tagged("post_install", "-at_install")
class TestScheduleVersion(ScheduleCase):
    def _draft(self, **values):
        schedule = self.schedule.with_user(self.manager_hq)
        return schedule.copy({"name": "Rev. 1", "valid_from": self.today, **values})

    def test_the_documents_values(self):
        """H23-4.2.3, H23-4.3.1, H23-4.4.1: the days of the document are there as data, in force and published."""
        self.assertEqual({line.kpb: line.base_days for line in self.schedule.line_ids}, BASES)
        self.assertEqual({step.step: step.offset_days for step in self.schedule.step_ids}, OFFSETS)
        self.assertEqual(self.schedule.step_ids.sorted("step").mapped("channel"), ["whatsapp", "call", "call"])
        self.assertEqual((self.schedule.state, str(self.schedule.valid_from)), ("published", "2022-09-12"))
        self.assertTrue(self.schedule.is_in_force)

    def test_a_published_version_never_changes(self):
        """H23-6: neither the version nor its lines, texts, translations and offers, by nobody."""
        version = self.schedule
        for user in (self.manager_a, self.manager_hq, self.admin):
            mine = version.with_user(user)
            attacks = [
                lambda v=mine: v.write({"valid_from": "2030-01-01"}),
                lambda v=mine: v.write({"line_ids": [Command.update(v.line_ids[0].id, {"base_days": 1})]}),
                lambda v=mine: v.line_ids[0].write({"base_days": 1}),
                lambda v=mine: v.line_ids[0].unlink(),
                lambda v=mine: v.step_ids[0].write({"offset_days": 1}),
                lambda v=mine: v.step_ids[0].update_field_translations("script", {"en_US": "x"}),
                lambda v=mine: v.reason_ids[0].write({"offer": "promo"}),
                lambda v=mine: v.reason_ids.create({"schedule_id": v.id, "code": "x", "name": "x", "offer": "promo"}),
                lambda v=mine: v.unlink(),
                lambda v=mine: v.write({"state": "draft"}),
            ]
            for number, attack in enumerate(attacks):
                with self.subTest(user=user.login, number=number), self.assertRaises(UserError):
                    attack()

    def test_moving_lines_into_a_published_version(self):
        """H23-6: a draft's line doesn't slip into a published version."""
        draft = self._draft()
        with self.assertRaises(UserError):
            draft.reason_ids[0].schedule_id = self.schedule

    def test_a_new_version_takes_over(self):
        """H23-6: KPBs that come due from the first day on follow the new version; running ones keep theirs."""
        running, due = self._bought(30, 1), self._bought(24, 2)
        self._generate()
        draft = self._draft(valid_from=self.today + timedelta(days=1))
        draft.line_ids.filtered(lambda line: line.kpb == "1").base_days = 25
        draft.step_ids.filtered(lambda step: step.step == "2").offset_days = 10
        draft.action_publish()
        self._generate(1)
        self.assertEqual(due.case_ids.schedule_id, draft.sudo())
        self.assertEqual(due.case_ids.due_date, due.purchase_date + timedelta(days=25))
        running.case_ids.followup_ids._answer("no_response", "-")
        due.case_ids.followup_ids._answer("no_response", "-")
        self._generate(11)
        self.assertEqual((len(running.case_ids.followup_ids), len(due.case_ids.followup_ids)), (1, 2))
        self.assertEqual(running.case_ids.next_date, running.purchase_date + timedelta(days=45))

    def test_a_longer_schedule_repeats_nobody(self):
        """H23-4.2.3: who was followed up by the old version isn't again by the new one."""
        vehicle = self._bought(30)
        self._generate()
        draft = self._draft()
        draft.line_ids.filtered(lambda line: line.kpb == "1").base_days = 33
        draft.action_publish()
        self._generate(3)
        self.assertEqual(len(vehicle.case_ids), 1)

    def test_publishing_checks(self):
        """H23-6: a version that couldn't be followed, or rewrites the past, isn't published."""
        cases = [
            lambda d: d.write({"valid_from": self.today - timedelta(days=1)}),
            lambda d: d.step_ids.filtered(lambda step: step.step == "2").write({"offset_days": 30}),
            lambda d: d.step_ids.filtered(lambda step: step.step == "1").unlink(),
            lambda d: d.line_ids.unlink(),
            lambda d: d.line_ids[0].write({"window_days": 10}),
            lambda d: d.write({"user_id": False}),
        ]
        for number, spoil in enumerate(cases):
            with self.subTest(number=number):
                draft = self._draft()
                spoil(draft)
                with self.assertRaises(UserError):
                    draft.action_publish()
        self._draft().action_publish()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation), self.cr.savepoint():
            self._draft().action_publish()
            self.env.flush_all()

    def test_who_sees_all_branches_publishes(self):
        """H23-2, H23-6: the head of one branch doesn't change how the others work."""
        draft = self._draft()
        with self.assertRaisesRegex(AccessError, "headquarters"):
            draft.with_user(self.manager_a).action_publish()
        with self.assertRaisesRegex(AccessError, "headquarters"):
            self.schedule.with_user(self.manager_a)._workflow_do("withdraw", "I like mine better")
        draft.with_user(self.manager_hq).action_publish()

    def test_officers_only_read(self):
        """H23-6: admins read the procedure, managers write it."""
        mine = self.schedule.with_user(self.officer_a)
        self.assertTrue(mine.step_ids[0].script)
        for attack in (
            mine.action_new_version,
            mine.action_reviewed,
            lambda: mine.create({"name": "x", "valid_from": self.today}),
        ):
            with self.assertRaises(AccessError):
                attack()

    def test_review_is_reminded_of_every_year(self):
        """H23-6: a month before the review date who is responsible gets an activity, until the review is noted."""
        self.schedule.write({"review_date": self.today + timedelta(days=31), "user_id": self.manager_hq.id})
        schedules = self.env["crm.followup.schedule"]
        schedules._cron_remind_review()
        self.assertFalse(self.schedule.activity_search([REVIEW]))
        with freeze_time(self._in(days=2)):
            schedules._cron_remind_review()
            schedules._cron_remind_review()
        activity = self.schedule.activity_search([REVIEW], only_automated=False)
        self.assertEqual(
            (len(activity), activity.user_id, activity.date_deadline), (1, self.manager_hq, self.schedule.review_date)
        )
        activity.with_user(self.manager_hq).action_done()
        schedules.search([]).filtered("activity_ids").activity_unlink([REVIEW])
        self.schedule.review_date = self.today
        schedules._cron_remind_review()
        self.assertTrue(self.schedule.activity_search([REVIEW], only_automated=False), "ticked off isn't reviewed")
        self.schedule.with_user(self.manager_hq).action_reviewed()
        self.assertFalse(self.schedule.activity_search([REVIEW], only_automated=False))
        self.assertGreater(self.schedule.review_date, self.today + timedelta(days=360))

    def test_a_companys_own_version_comes_first(self):
        """H23-6: a company's own version counts for it, that for all for the others."""
        other = self.env["res.company"].create({"name": "Other dealer"})
        own = self.schedule.copy({"company_id": self.company.id, "valid_from": self.today})
        own.with_user(self.admin).action_publish()
        schedules = self.env["crm.followup.schedule"]
        self.assertEqual(schedules._in_force(self.company, self.today), own)
        self.assertEqual(schedules._in_force(other, self.today), self.schedule)
