from odoo import fields, models
from odoo.tools import SQL


class CrmAnswerReport(models.Model):
    """How quickly the phone was answered, by day and officer (SOP-1).

    Of each call that rang: those still ringing within their limit aren't judged yet, one that nobody answered counts
    as late. A call that was logged without its ring time isn't here.
    """

    _name = "crm.answer.report"
    _description = "Answered in Time"
    _auto = False
    _order = "day desc, id desc"
    _depends = {
        "crm.interaction": [
            *("ringing_at", "answered_at", "answered_by_id", "answer_limit", "ring_seconds", "answered_in_time"),
            *("day", "user_id", "branch_id", "company_id"),
        ]
    }

    interaction_id = fields.Many2one("crm.interaction", "Contact", readonly=True)
    day = fields.Date(readonly=True)
    user_id = fields.Many2one("res.users", "Officer", readonly=True)
    branch_id = fields.Many2one("crm.branch", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    ring_seconds = fields.Integer("Seconds Until Answered", readonly=True, aggregator="avg")
    in_time_percent = fields.Float("Answered in Time (%)", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT id, id AS interaction_id, day, COALESCE(answered_by_id, user_id) AS user_id, branch_id, company_id,
                   CASE WHEN answered_at IS NOT NULL THEN ring_seconds END AS ring_seconds,
                   CASE WHEN answered_in_time THEN 100.0 ELSE 0.0 END AS in_time_percent
              FROM crm_interaction
             WHERE ringing_at IS NOT NULL
               AND (answered_at IS NOT NULL
                    OR ringing_at + answer_limit * interval '1 second' < NOW() AT TIME ZONE 'UTC')
            """
        )

    # === ACTION METHODS === #

    def action_open_contact(self):
        """Open the contact that the line is about."""
        self.ensure_one()
        return self.interaction_id._open_contact()
