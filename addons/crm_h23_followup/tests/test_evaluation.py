import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestEvaluation(ReportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.summary = cls._sent()
        cls.vals = {"evaluation": "Too many rang out", "rating": "watch"}

    def test_the_head_evaluates(self):
        """H23-4.5.4: the head records words, rating and what is to be done; that becomes the PIC's activity."""
        summary = self.summary.with_user(self.head)
        summary.write({**self.vals, "action": "Call again after four", "action_user_id": self.pic.id})
        summary.action_evaluate()
        self.assertEqual((summary.state, summary.evaluated_by_id), ("evaluated", self.head))
        self.assertTrue(summary.evaluated_at)
        self.assertEqual(self._activities(summary, "action"), self.pic)
        self.assertFalse(self._activities(summary, "evaluate"))
        with self.assertRaises(UserError):
            summary.write({"evaluation": "On second thoughts"})

    def test_the_person_in_charge_is_proposed(self):
        """H23-4.5.4: on the head's form an action is proposed for the person in charge."""
        with Form(self.summary.with_user(self.head)) as form:
            form.action = "Call again"
            self.assertEqual(form.action_user_id, self.pic)

    def test_words_and_rating_are_a_must(self):
        """H23-4.5.4: no evaluation without words and rating, nor in the database."""
        summary = self.summary.with_user(self.head)
        for vals in (
            {},
            {"rating": "good"},
            {"rating": "good", "evaluation": "  "},
            {"rating": False, "evaluation": "x"},
        ):
            summary.write({"evaluation": False, "rating": False, **vals})
            with self.subTest(vals=vals), self.assertRaises(UserError):
                summary.action_evaluate()
        self.env.flush_all()
        refused = self.assertRaises(psycopg2.errors.CheckViolation)
        with mute_logger("odoo.sql_db"), refused, self.cr.savepoint():
            self.cr.execute("UPDATE crm_followup_summary SET state = 'evaluated' WHERE id = %s", summary.ids)

    def test_nobody_else_evaluates(self):
        """H23-4.5.4: PIC, coordinator, admins and other heads don't evaluate, by no path; headquarters may."""
        self.summary.with_user(self.head).write(self.vals)
        for user in (self.pic, self.coordinator, self.admin_1, self.manager_b, self.officer_b):
            theirs = self.summary.with_user(user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                theirs.action_evaluate()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                theirs._workflow_do("evaluate")
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                theirs.write({"evaluation": "All went well", "rating": "good"})
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                theirs.sudo().write({"rating": "good"})
        self.assertEqual((self.summary.state, self.summary.rating), ("sent", "watch"))
        self.summary.with_user(self.manager_hq).action_evaluate()
        self.assertEqual(self.summary.evaluated_by_id, self.manager_hq)

    def test_not_before_it_was_sent(self):
        """H23-4.5.4: a draft isn't evaluated."""
        draft = self._summary(self._days_ago(3)).with_user(self.head)
        with self.assertRaises(UserError):
            draft.write(self.vals)
        with self.assertRaises(UserError):
            draft.action_evaluate()

    def test_an_action_has_somebody(self):
        """H23-4.5.4: what is to be done has somebody who does it and may see why."""
        summary = self.summary.with_user(self.head)
        summary.write({**self.vals, "action": "Call again"})
        with self.assertRaisesRegex(UserError, "who does it"):
            summary.action_evaluate()
        summary.action_user_id = self.admin_1
        with self.assertRaisesRegex(UserError, "can't see"):
            summary.action_evaluate()
        self.assertEqual(summary.state, "sent")

    def test_evaluated_once(self):
        """H23-4.5.4: an evaluation is recorded once."""
        summary = self.summary.with_user(self.head)
        summary.write(self.vals)
        summary.action_evaluate()
        with self.assertRaises(UserError):
            summary.action_evaluate()
        self.assertEqual([line[0] for line in self._history(summary)], ["send", "evaluate"])
