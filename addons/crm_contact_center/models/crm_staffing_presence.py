from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .crm_queue_staffing import MINUTES
from .crm_staffing_history import SETTLED_DAYS

#: Statuses that are work; a pause is where its reason says so.
AT_WORK = SQL("""(
    period.status IN ('available', 'busy', 'wrapup')
    OR period.status = 'paused' AND period.pause_id IN (SELECT id FROM crm_agent_pause WHERE is_work)
)""")

COUNT = """
INSERT INTO crm_staffing_presence (queue_id, branch_id, company_id, interval_at, minutes, hours,
                                   create_uid, write_uid, create_date, write_date)
SELECT queue.id, queue.branch_id, queue.company_id, bin, queue.staffing_minutes,
       sum(spent.seconds * own.share) / 3600.0,
       %(uid)s, %(uid)s, %(now)s, %(now)s
  FROM (SELECT period.agent_id, period.began_at, COALESCE(period.ended_at, %(now)s) AS ended_at
          FROM crm_agent_period period
         WHERE %(at_work)s AND period.began_at < %(now)s
           AND (period.ended_at IS NULL OR period.ended_at > %(since)s)) work
 CROSS JOIN LATERAL generate_series(
       date_bin('15 minutes', GREATEST(work.began_at, %(since)s), TIMESTAMP '2000-01-01'),
       work.ended_at - INTERVAL '1 microsecond', INTERVAL '15 minutes') AS quarter
  LEFT JOIN LATERAL (
       SELECT shift.queue_id
         FROM crm_staffing_shift shift
        WHERE shift.agent_id = work.agent_id AND shift.state = 'published'
          AND shift.starts_at < quarter + INTERVAL '15 minutes' AND shift.ends_at > quarter
        ORDER BY shift.starts_at DESC LIMIT 1
       ) planned ON TRUE
 CROSS JOIN LATERAL (
       SELECT planned.queue_id, 1.0 AS share WHERE planned.queue_id IS NOT NULL
        UNION ALL
       SELECT rel.crm_queue_id, 1.0 / count(*) OVER ()
         FROM crm_agent_crm_queue_rel rel
        WHERE rel.crm_agent_id = work.agent_id AND planned.queue_id IS NULL
       ) own
  JOIN crm_queue queue ON queue.id = own.queue_id
 CROSS JOIN LATERAL (
       SELECT EXTRACT(EPOCH FROM LEAST(work.ended_at, quarter + INTERVAL '15 minutes')
                               - GREATEST(work.began_at, quarter)) AS seconds
       ) spent
 CROSS JOIN LATERAL (
       SELECT date_bin(make_interval(mins => queue.staffing_minutes::int), quarter, TIMESTAMP '2000-01-01') AS bin
       ) binned
 GROUP BY queue.id, bin
"""


class CrmStaffingPresence(models.Model):
    """How many hours agents worked for a queue in an interval (CC-8b), counted from their time.

    Who has a shift works for its queue, who has none for each of theirs in equal parts.
    """

    _name = "crm.staffing.presence"
    _description = "Agents at Work"
    _order = "interval_at desc, queue_id"
    _rec_name = "interval_at"

    queue_id = fields.Many2one("crm.queue", required=True, readonly=True, ondelete="cascade")
    branch_id = fields.Many2one(related="queue_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="queue_id.company_id", store=True, index=True)
    interval_at = fields.Datetime("Interval", required=True, readonly=True)
    minutes = fields.Selection(MINUTES, "Length", required=True, readonly=True)
    hours = fields.Float("Hours at Work", required=True, readonly=True)

    _interval_uniq = models.Constraint(
        "UNIQUE(queue_id, interval_at, minutes)", "This interval of the queue is there already."
    )
    _in_time_idx = models.Index("(interval_at)")

    @api.model
    def _count(self, since=None):
        """Count agents' time since then (naive UTC) anew; None: since what is counted has settled."""
        for name in ("crm.agent.period", "crm.staffing.shift", "crm.agent", "crm.queue"):
            self.env[name].flush_model()
        if since is None:
            [[last]] = self.env.execute_query(SQL("SELECT max(interval_at) FROM crm_staffing_presence"))
            since = last - timedelta(days=SETTLED_DAYS) if last else fields.Datetime.from_string("2000-01-01")
        since = since.replace(minute=0, second=0, microsecond=0)
        values = {"uid": self.env.uid, "now": fields.Datetime.now(), "since": since, "at_work": AT_WORK}
        self.env.cr.execute(SQL("DELETE FROM crm_staffing_presence WHERE interval_at >= %s", since))
        self.env.cr.execute(SQL(COUNT, **values))
        self.invalidate_model()

    @api.model
    def _cron_count(self):
        """Count contacts and agents' time of the last days."""
        self.env["crm.staffing.history"]._count_own()
        self._count()


class CrmAgentPeriod(models.Model):
    _inherit = "crm.agent.period"

    _ended_idx = models.Index("(ended_at)")
