from odoo import api, fields, models
from odoo.tools import SQL

#: Up to which recommendation (0 to 10) one is called what.
RECOMMENDS = ((6, "detractor"), (8, "passive"), (10, "promoter"))


class CrmSurveyRequest(models.Model):
    """What customers answered, on their page, and whom somebody calls about it (CC-5)."""

    _inherit = "crm.survey.request"

    @api.model
    def _note_answers(self, sheets):
        """Note what was answered on these sheets: each request once, whatever is answered again. Of two answers at the
        same moment the database lets one be, and Odoo tries the other again, which finds it answered.
        """
        requests = self.sudo().search([("user_input_id", "in", sheets.ids), ("state", "!=", "answered")])
        for request in requests:
            request.write(request._prepare_answer_vals())
        requests.partner_id._refresh_satisfaction()
        requests.filtered("is_dissatisfied")._plan_calls()

    def _prepare_answer_vals(self):
        self.ensure_one()
        lines = self.user_input_id.sudo().user_input_line_ids.filtered(lambda line: not line.skipped)
        rule = self.rule_id
        score = self._score_of(lines, rule.score_question_id)
        recommends = self._score_of(lines, rule.nps_question_id)
        words = [text for line in lines for text in (line.value_text_box, line.value_char_box) if text]
        return {
            "state": "answered",
            "reason": False,
            "failure": False,
            "answered_at": fields.Datetime.now(),
            "is_scored": score is not None,
            "score": score or 0,
            "recommends": recommends is not None and next(name for limit, name in RECOMMENDS if recommends <= limit),
            "words": "\n".join(words)[:10_000] or False,
            "is_dissatisfied": score is not None and score < rule.threshold,
        }

    @staticmethod
    def _score_of(lines, question):
        """Return what was answered to the question, as 0 to 10; None where it wasn't."""
        line = lines.filtered(lambda line: line.question_id == question)[:1] if question else None
        if not line:
            return None
        value = line.value_scale if question.question_type == "scale" else line.value_numerical_box
        most = question.scale_max if question.question_type == "scale" else question.validation_max_float_value
        return min(10.0, max(0.0, value * 10 / (most or 10)))

    def _plan_calls(self):
        """Give whoever answers for the branch the task to call these customers."""
        for request in self:
            user = request._responsible()
            request.partner_id.activity_schedule(
                "crm_contact_center.activity_dissatisfied",
                date_deadline=fields.Date.add(request.branch_id._today(), days=1),
                summary=self.env._("%(score)s of 10: ask what went wrong", score=round(request.score, 1)),
                note=request.words,
                user_id=user.id,
            )

    def _responsible(self):
        """Return who answers for it: the branch's, the queue's, else who made the rule."""
        self.ensure_one()
        branch = self.branch_id
        people = (branch.pic_id, branch.head_id, self.queue_id.user_id, self.rule_id.create_uid)
        return next((user for user in people if user.active and not user.share), self.env.user)


class ResPartner(models.Model):
    """How satisfied a customer is: what the contact's page shows."""

    _inherit = "res.partner"

    def _refresh_satisfaction(self):
        """Compute the scores of these customers anew: one statement."""
        if not self:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE res_partner partner
                      SET satisfaction_count = known.count, satisfaction_average = known.average,
                          satisfaction_last = known.last, satisfaction_at = known.at
                     FROM (SELECT partner_id, COUNT(*) AS count, ROUND(AVG(score)::numeric, 2) AS average,
                                  (ARRAY_AGG(score ORDER BY answered_at DESC, id DESC))[1] AS last,
                                  MAX(answered_at) AS at
                             FROM crm_survey_request
                            WHERE state = 'answered' AND is_scored AND partner_id = ANY(%s)
                         GROUP BY partner_id) known
                    WHERE partner.id = known.partner_id""",
                list(self.ids),
            )
        )
        self.invalidate_recordset(
            ["satisfaction_count", "satisfaction_average", "satisfaction_last", "satisfaction_at"], flush=False
        )
