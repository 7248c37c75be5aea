from odoo import fields, models
from odoo.tools import SQL

from .crm_staffing_presence import AT_WORK


class CrmStaffingAdherence(models.Model):
    """How far agents were at work when their published shift said so (CC-8b): a row per shift that has begun.

    Work is being available, in contact, wrapping up, or pausing for a reason that counts as work. An agent's periods
    follow each other, so those of a shift are the one that runs when it begins and those that begin in it: the index
    finds them, however long the history is.
    """

    _name = "crm.staffing.adherence"
    _description = "Adherence to Shifts"
    _auto = False
    _order = "day desc, agent_id"
    _rec_name = "agent_id"
    _depends = {
        "crm.staffing.shift": [
            "agent_id",
            "branch_id",
            "company_id",
            "day",
            "ends_at",
            "queue_id",
            "starts_at",
            "state",
            "user_id",
        ],
        "crm.staffing.break": ["ends_at", "shift_id", "starts_at"],
        "crm.agent.period": ["agent_id", "began_at", "ended_at", "pause_id", "status"],
        "crm.agent.pause": ["is_work"],
    }

    shift_id = fields.Many2one("crm.staffing.shift", readonly=True)
    agent_id = fields.Many2one("crm.agent", readonly=True)
    user_id = fields.Many2one("res.users", readonly=True)
    queue_id = fields.Many2one("crm.queue", readonly=True)
    branch_id = fields.Many2one("crm.branch", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    day = fields.Date(readonly=True)
    starts_at = fields.Datetime("Begins", readonly=True)
    ends_at = fields.Datetime("Ends", readonly=True)
    planned_hours = fields.Float("Planned (h)", readonly=True, help="Until now, breaks taken off.")
    kept_hours = fields.Float("At Work Then (h)", readonly=True)
    missed_hours = fields.Float("Not at Work Then (h)", readonly=True)
    adherence = fields.Float(
        "Adherence (%)", readonly=True, aggregator="avg", digits=(6, 1), help="At work / planned, of each shift."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT shift.id, shift.id AS shift_id, shift.agent_id, shift.user_id, shift.queue_id, shift.branch_id,
                   shift.company_id, shift.day, shift.starts_at, shift.ends_at,
                   (counted.planned / 3600.0)::float AS planned_hours,
                   (counted.kept / 3600.0)::float AS kept_hours,
                   ((counted.planned - counted.kept) / 3600.0)::float AS missed_hours,
                   CASE WHEN counted.planned > 0 THEN (100.0 * counted.kept / counted.planned)::float END AS adherence
              FROM crm_staffing_shift shift
             CROSS JOIN LATERAL (
                    SELECT EXTRACT(EPOCH FROM sum(part.sign * (part.ends_at - part.starts_at))) AS planned,
                           COALESCE(EXTRACT(EPOCH FROM sum(part.sign * work.time)), 0) AS kept
                      FROM (SELECT shift.starts_at, LEAST(shift.ends_at, %(now)s) AS ends_at, 1 AS sign
                             UNION ALL
                            SELECT pause.starts_at, LEAST(pause.ends_at, %(now)s), -1
                              FROM crm_staffing_break pause
                             WHERE pause.shift_id = shift.id AND pause.starts_at < %(now)s) part
                     CROSS JOIN LATERAL (
                            SELECT sum(LEAST(COALESCE(period.ended_at, %(now)s), part.ends_at)
                                     - GREATEST(period.began_at, part.starts_at)) AS time
                              FROM crm_agent_period period
                             WHERE period.agent_id = shift.agent_id AND %(at_work)s
                               AND period.began_at < part.ends_at
                               AND period.began_at >= COALESCE(
                                   (SELECT max(first.began_at) FROM crm_agent_period first
                                     WHERE first.agent_id = shift.agent_id AND first.began_at <= part.starts_at),
                                   part.starts_at)
                               AND COALESCE(period.ended_at, %(now)s) > part.starts_at
                           ) work
                   ) counted
             WHERE shift.state = 'published' AND shift.starts_at < %(now)s
            """,
            now=fields.Datetime.now(),
            at_work=AT_WORK,
        )
