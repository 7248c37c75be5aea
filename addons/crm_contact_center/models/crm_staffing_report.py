from odoo import fields, models
from odoo.tools import SQL

from .crm_queue_contact import CHANNELS
from .crm_staffing_coverage import NEED


class CrmStaffingReport(models.Model):
    """Planned against actual, interval by interval (CC-8b): a row per queue, interval and channel.

    Agents take contacts of all channels: those planned and at work are in rows without a channel. All figures of
    agents are hours, so that they add up over any time.
    """

    _name = "crm.staffing.report"
    _description = "Planned Against Actual"
    _auto = False
    _order = "interval_at desc, queue_id, channel"
    _rec_name = "interval_at"
    _depends = {
        "crm.queue": ["branch_id", "company_id", "staffing_minutes"],
        "crm.staffing.forecast": ["channel", "computed_at", "minutes", "queue_id"],
        "crm.staffing.forecast.line": ["agents", "contacts", "interval_at", "queue_id", "forecast_id"],
        "crm.staffing.history": [
            "abandoned",
            "answered",
            "channel",
            "handle_seconds",
            "in_target",
            "interval_at",
            "minutes",
            "offered",
            "queue_id",
        ],
        "crm.staffing.presence": ["hours", "interval_at", "queue_id"],
        "crm.staffing.shift": ["ends_at", "queue_id", "starts_at", "state"],
        "crm.staffing.break": ["ends_at", "shift_id", "starts_at"],
        "crm.branch": ["tz"],
    }

    queue_id = fields.Many2one("crm.queue", readonly=True)
    branch_id = fields.Many2one("crm.branch", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    channel = fields.Selection(CHANNELS, readonly=True)
    interval_at = fields.Datetime("Interval", readonly=True)
    day = fields.Date(readonly=True, help="By the branch's calendar.")
    hour = fields.Integer(readonly=True, aggregator=None, help="0 to 23, by the branch's clock.")
    expected = fields.Float("Contacts Forecast", readonly=True, digits=(12, 1))
    offered = fields.Integer("Contacts", readonly=True)
    answered = fields.Integer(readonly=True)
    in_target = fields.Integer("Answered in Time", readonly=True)
    abandoned = fields.Integer(readonly=True)
    difference = fields.Float("More Than Forecast", readonly=True, digits=(12, 1))
    needed_hours = fields.Float("Agents Needed (h)", readonly=True)
    planned_hours = fields.Float("Agents Planned (h)", readonly=True)
    actual_hours = fields.Float("Agents at Work (h)", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            f"""
            SELECT queue.id::bigint * 100000000
                 + (EXTRACT(EPOCH FROM figure.interval_at) / 900)::bigint * 10
                 + CASE figure.channel WHEN 'call' THEN 1 WHEN 'chat' THEN 2 WHEN 'whatsapp' THEN 3
                        WHEN 'email' THEN 4 ELSE 0 END AS id,
                   queue.id AS queue_id, queue.branch_id, queue.company_id, figure.channel, figure.interval_at,
                   (figure.interval_at AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date AS day,
                   EXTRACT(HOUR FROM figure.interval_at AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::int AS hour,
                   sum(expected)::float AS expected, sum(offered) AS offered, sum(answered) AS answered,
                   sum(in_target) AS in_target, sum(abandoned) AS abandoned,
                   CASE WHEN sum(offered) IS NOT NULL AND sum(expected) IS NOT NULL
                        THEN (sum(offered) - sum(expected))::float END AS difference,
                   sum(needed_hours)::float AS needed_hours, sum(planned_hours)::float AS planned_hours,
                   sum(actual_hours)::float AS actual_hours
              FROM (
                SELECT found.queue_id, found.channel,
                       date_bin(make_interval(mins => queue.staffing_minutes::int), found.interval_at,
                                TIMESTAMP '2000-01-01') AS interval_at,
                       expected, offered, answered, in_target, abandoned, needed_hours, planned_hours, actual_hours
                  FROM ({self._figures()}) found
                  JOIN crm_queue queue ON queue.id = found.queue_id
                   ) figure
              JOIN crm_queue queue ON queue.id = figure.queue_id
              JOIN crm_branch branch ON branch.id = queue.branch_id
             GROUP BY queue.id, branch.tz, figure.channel, figure.interval_at
            """  # noqa: S608 - put together of constants
        )

    def _figures(self):
        return f"""
            SELECT queue_id, channel, interval_at, contacts AS expected, NULL::int AS offered, NULL::int AS answered,
                   NULL::int AS in_target, NULL::int AS abandoned, agents * minutes / 60.0 AS needed_hours,
                   NULL::float AS planned_hours, NULL::float AS actual_hours
              FROM ({NEED}) need
             UNION ALL
            SELECT queue_id, channel, interval_at, NULL, offered, answered, in_target, abandoned, NULL, NULL, NULL
              FROM crm_staffing_history history
             WHERE NOT EXISTS (
                   SELECT FROM crm_staffing_history finer
                    WHERE finer.queue_id = history.queue_id AND finer.channel = history.channel
                      AND finer.interval_at >= history.interval_at
                      AND finer.interval_at < history.interval_at + make_interval(mins => history.minutes::int)
                      AND finer.minutes::int < history.minutes::int)
             UNION ALL
            SELECT part.queue_id, NULL, quarter, NULL, NULL, NULL, NULL, NULL, NULL,
                   part.sign * EXTRACT(EPOCH FROM LEAST(part.ends_at, quarter + INTERVAL '15 minutes')
                                     - GREATEST(part.starts_at, quarter)) / 3600.0, NULL
              FROM (SELECT queue_id, starts_at, ends_at, 1 AS sign FROM crm_staffing_shift WHERE state = 'published'
                     UNION ALL
                    SELECT shift.queue_id, pause.starts_at, pause.ends_at, -1
                      FROM crm_staffing_break pause
                      JOIN crm_staffing_shift shift ON shift.id = pause.shift_id AND shift.state = 'published') part
             CROSS JOIN LATERAL generate_series(
                   date_bin('15 minutes', part.starts_at, TIMESTAMP '2000-01-01'),
                   part.ends_at - INTERVAL '1 microsecond', INTERVAL '15 minutes') AS quarter
             UNION ALL
            SELECT queue_id, NULL, interval_at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, hours
              FROM crm_staffing_presence
        """  # noqa: S608 - put together of constants
