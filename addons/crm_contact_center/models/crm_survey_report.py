from odoo import api, fields, models
from odoo.tools import SQL

from .crm_survey_request import STATES
from .res_partner_channel import CHANNELS


class CrmSurveyReport(models.Model):
    """How satisfied customers are, by who served them, and who they are (CC-5). NPS: the average of ±100."""

    _name = "crm.survey.report"
    _description = "Satisfaction Analysis"
    _auto = False
    _order = "happened_at desc, id desc"
    _depends = {
        "crm.survey.request": [
            "happened_at",
            "company_id",
            "branch_id",
            "rule_id",
            "queue_id",
            "agent_id",
            "partner_id",
            "state",
            "channel",
            "sent_at",
            "is_dissatisfied",
            "is_scored",
            "score",
            "recommends",
        ]
    }

    happened_at = fields.Datetime("Date", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    branch_id = fields.Many2one("crm.branch", readonly=True)
    rule_id = fields.Many2one("crm.survey.rule", readonly=True)
    queue_id = fields.Many2one("crm.queue", readonly=True)
    agent_id = fields.Many2one("crm.agent", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    segment = fields.Char("Customers' Segment", readonly=True)
    state = fields.Selection(STATES, "Status", readonly=True)
    channel = fields.Selection(CHANNELS, "Sent By", readonly=True)
    sent_count = fields.Integer("Sent", readonly=True)
    answer_count = fields.Integer("Answers", readonly=True)
    dissatisfied_count = fields.Integer("Dissatisfied", readonly=True)
    answer_percent = fields.Float("Answered (%)", readonly=True, aggregator="avg", digits=(5, 1))
    score = fields.Float("Average Score", readonly=True, aggregator="avg", digits=(4, 2))
    nps = fields.Float("NPS", readonly=True, aggregator="avg", digits=(5, 1))

    @property
    def _table_query(self):
        return SQL("%s %s", self._select(), self._from())

    @api.model
    def _select(self):
        return SQL(
            """SELECT request.id, request.happened_at, request.company_id, request.branch_id, request.rule_id,
                      request.queue_id, request.agent_id, request.partner_id, request.state, request.channel,
                      %s AS segment,
                      CASE WHEN request.sent_at IS NULL THEN 0 ELSE 1 END AS sent_count,
                      CASE WHEN request.state = 'answered' THEN 1 ELSE 0 END AS answer_count,
                      CASE WHEN request.is_dissatisfied THEN 1 ELSE 0 END AS dissatisfied_count,
                      CASE WHEN request.state = 'answered' THEN 100.0 WHEN request.sent_at IS NOT NULL THEN 0 END
                          AS answer_percent,
                      CASE WHEN request.is_scored THEN request.score END AS score,
                      CASE request.recommends WHEN 'promoter' THEN 100 WHEN 'passive' THEN 0 WHEN 'detractor' THEN -100
                          END AS nps""",
            self._segment_sql(),
        )

    @api.model
    def _from(self):
        if self._segments() is None:
            return SQL("FROM crm_survey_request request")
        return SQL(
            """FROM crm_survey_request request
               JOIN res_partner partner ON partner.id = request.partner_id
          LEFT JOIN %s segment ON segment.id = partner.customer_segment_id""",
            SQL.identifier(self._segments()._table),
        )

    @api.model
    def _segment_sql(self):
        segments = self._segments()
        if segments is None:
            return SQL("NULL::varchar")
        if segments._fields["name"].translate:
            return SQL("COALESCE(segment.name->>%s, segment.name->>'en_US')", self.env.lang or "en_US")
        return SQL("segment.name")

    @api.model
    def _segments(self):
        """Return the model of the customers' segments, None where there are none (CC-6c)."""
        field = self.env["res.partner"]._fields.get("customer_segment_id")
        return self.env[field.comodel_name] if field and field.store else None
