import json
import re

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .survey_common import SurveyCase


@tagged("post_install", "-at_install")
class TestSurveyAnswer(SurveyCase):
    """CC-5: what customers answer, and what follows."""

    def test_on_the_page(self):
        """CC-5: the score is on the request and on the customer's page, with last, average and number."""
        request = self._request()
        self._answer(request, score=8, recommends=10, words="Fast")
        self.assertEqual(
            (request.state, request.score, request.recommends, request.words, request.is_dissatisfied),
            ("answered", 8, "promoter", "Fast", False),
        )
        self._answer(self._request(), score=3, recommends=2)
        self._answer(self._request(), score=7, recommends=None)
        customer = self.customer
        self.assertEqual(
            (customer.satisfaction_count, customer.satisfaction_last, customer.satisfaction_average), (3, 7, 6)
        )

    def test_no_score(self):
        """CC-5: who leaves the score out counts as answered, and not in the average."""
        request = self._request()
        self._answer(request, score=None, recommends=None, words="Hello")
        self.assertEqual((request.state, request.is_scored, request.recommends), ("answered", False, False))
        self.assertEqual((self.customer.satisfaction_count, request.is_dissatisfied), (0, False))

    def test_other_scales(self):
        """CC-5: scores of other scales are kept as 0 to 10."""
        question = self.env["survey.question"].create(
            {"title": "Stars", "question_type": "scale", "scale_min": 0, "scale_max": 5, "survey_id": self.survey.id}
        )
        self.rule.score_question_id = question
        request = self._request()
        request.user_input_id._save_lines(question, 4)
        request.user_input_id._mark_done()
        self.assertEqual(request.score, 8)

    def test_dissatisfied(self):
        """CC-5: somebody has the task to call, once; who is satisfied isn't called."""
        self.branch_a.pic_id = self.manager_a
        request = self._request()
        self._answer(request, score=5)
        kind = self.env.ref("crm_contact_center.activity_dissatisfied")
        activities = self.customer.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)
        self.assertEqual((len(activities), activities.user_id), (1, self.manager_a))
        self.assertTrue(request.is_dissatisfied)
        request.user_input_id._mark_done()
        self._answer(self._request(), score=6)
        self.assertEqual(len(self.customer.activity_ids), 1)

    def test_responsible(self):
        """CC-5: without anybody in charge at the branch, the queue's responsible is told."""
        self.branch_a.write({"pic_id": False, "head_id": False})
        self._answer(self._request(), score=1)
        self.assertEqual(self.customer.activity_ids.user_id, self.queue.user_id)

    def test_nobody_types_scores(self):
        """CC-5: a score isn't written by hand."""
        for values in ({"satisfaction_average": 10}, {"satisfaction_last": 10.0}, {"satisfaction_count": 5}):
            with self.assertRaises(UserError):
                self.customer.with_user(self.officer_a).write(values)
            with self.assertRaises(UserError):
                self.env["res.partner"].with_user(self.officer_a).create({"name": "New", **values})

    def test_merged(self):
        """CC-5: two contacts that become one bring their answers with them, and what they don't want."""
        self._answer(self._request(), score=10)
        double = self.env["res.partner"].create({"name": "Budi S.", "email": "bs@example.com", "survey_opt_out": True})
        request = self._request(partner_id=double.id)
        self.assertEqual(request.state, "skipped")
        double.survey_opt_out = False
        self._answer(self._request(partner_id=double.id), score=4)
        double.survey_opt_out = True
        self.env.flush_all()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.customer.id, double.id], self.customer, extra_checks=False)
        customer = self.customer
        self.assertEqual((customer.satisfaction_count, customer.satisfaction_average), (2, 7))
        self.assertTrue(customer.survey_opt_out)

    def test_analysis(self):
        """CC-5: average and NPS by agent; who didn't answer isn't in them."""
        self._answer(self._request(), score=10, recommends=10)
        self._answer(self._request(), score=4, recommends=5)
        self._answer(self._request(), score=7, recommends=8)
        self._answer(self._request(), score=9, recommends=9)
        self._request()
        report = self.env["crm.survey.report"].with_user(self.supervisor)
        ((agent, score, nps, sent, answers),) = report._read_group(
            [("rule_id", "=", self.rule.id)],
            ["agent_id"],
            ["score:avg", "nps:avg", "sent_count:sum", "answer_count:sum"],
        )
        self.assertEqual((agent, score, nps, sent, answers), (self.agent_1, 7.5, 25, 5, 4))
        self.assertTrue(report._read_group([], ["segment"], ["score:avg"]))

    def test_personal_data(self):
        """CC-5: what somebody wrote is among their data."""
        request = self._request()
        self._answer(request, words="My words")
        documents = self.customer.sudo()._more_person_documents()
        self.assertIn(request, [records for records, _names in documents.values()])


@tagged("post_install", "-at_install")
class TestSurveyPages(SurveyCase, HttpCase):
    """CC-5: the customer's own pages, without logging in."""

    def _post(self, path, **values):
        answer = self.url_open(path, data=json.dumps({"params": values}), headers={"Content-Type": "application/json"})
        return answer.json()["result"]

    def test_answered_once(self):
        """CC-5: by the link; again, it isn't: neither the same page nor a new one changes the score."""
        request = self._request()
        sheet = request.user_input_id
        self.env.flush_all()
        page = self.url_open(sheet.get_start_url())
        self.assertIn("How was your contact with us?", page.text)
        path = f"{self.survey.access_token}/{sheet.access_token}"
        self._post(f"/survey/begin/{path}")
        question = self.rule.score_question_id
        self._post(f"/survey/submit/{path}", **{str(question.id): "4"})
        self.env.invalidate_all()
        self.assertEqual((request.state, request.score, sheet.state), ("answered", 4, "done"))
        self._post(f"/survey/submit/{path}", **{str(question.id): "10"})
        self.url_open(f"/survey/retry/{path}")
        self.env.invalidate_all()
        self.assertEqual((request.score, self.customer.satisfaction_count), (4, 1))
        self.assertEqual(len(self.customer.activity_ids), 1)
        self.assertEqual(self.env["survey.user_input"].search_count([("partner_id", "=", self.customer.id)]), 1)

    def test_off_the_scale(self):
        """CC-5: what no button of the page says is refused in words, and counts as nothing."""
        request = self._request()
        sheet = request.user_input_id
        self.env.flush_all()
        path = f"{self.survey.access_token}/{sheet.access_token}"
        self.url_open(sheet.get_start_url())
        self._post(f"/survey/begin/{path}")
        question = self.rule.score_question_id
        answer = self._post(f"/survey/submit/{path}", **{str(question.id): "99"})
        self.assertIn("Choose a number from 1 to 10.", str(answer))
        self.env.invalidate_all()
        self.assertEqual(request.state, "sent")
        self.assertNotIn(question, sheet.user_input_line_ids.question_id)
        for bad in ("0", "11", "-1", "abc", "4.5", "٣", ["4"], {"a": 1}):
            self.assertTrue(question.validate_question(bad), bad)
        self.assertFalse(question.validate_question(" 10 "))

    def test_no_more_questions(self):
        """CC-5: a mail program that follows the link changes nothing; the customer's click does."""
        request = self._request()
        self.env.flush_all()
        path = f"/crm_contact_center/no_more_questions/{request.user_input_id.access_token}"
        page = self.url_open(path)
        self.assertFalse(self.customer.survey_opt_out)
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
        self.assertIn("ask any more", self.url_open(path, data={"csrf_token": csrf}).text)
        self.env.invalidate_all()
        self.assertTrue(self.customer.survey_opt_out)
        for token in ("0", "x" * 36):
            self.assertEqual(self.url_open(f"/crm_contact_center/no_more_questions/{token}").status_code, 404)
