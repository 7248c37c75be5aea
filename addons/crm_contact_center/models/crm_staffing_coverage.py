from odoo import fields, models
from odoo.tools import SQL

#: The forecast that counts: of each queue, channel and hour the latest. One row per queue and interval, channels added.
NEED = """
    SELECT line.queue_id, forecast.channel, line.interval_at, forecast.minutes::int AS minutes,
           line.contacts, line.agents_there, line.agents
      FROM crm_staffing_forecast_line line
      JOIN crm_staffing_forecast forecast ON forecast.id = line.forecast_id
     WHERE NOT EXISTS (
           SELECT FROM crm_staffing_forecast newer
             JOIN crm_staffing_forecast_line other ON other.forecast_id = newer.id
            WHERE newer.queue_id = forecast.queue_id AND newer.channel = forecast.channel
              AND (newer.computed_at, newer.id) > (forecast.computed_at, forecast.id)
              AND other.interval_at >= date_trunc('hour', line.interval_at)
              AND other.interval_at < date_trunc('hour', line.interval_at) + INTERVAL '1 hour')
"""


class CrmStaffingCoverage(models.Model):
    """What a plan needs and has, interval by interval (CC-8a). Agents are there in part where a break falls in it."""

    _name = "crm.staffing.coverage"
    _description = "Needed and Planned"
    _auto = False
    _order = "interval_at, queue_id"
    _rec_name = "interval_at"
    _depends = {
        "crm.staffing.plan": ["week_start", "branch_id", "queue_ids"],
        "crm.staffing.forecast": ["channel", "computed_at", "minutes", "queue_id"],
        "crm.staffing.forecast.line": ["agents", "interval_at", "queue_id", "forecast_id"],
        "crm.staffing.shift": ["agent_id", "ends_at", "plan_id", "queue_id", "starts_at"],
        "crm.staffing.break": ["ends_at", "shift_id", "starts_at"],
        "crm.branch": ["tz"],
    }

    plan_id = fields.Many2one("crm.staffing.plan", readonly=True)
    queue_id = fields.Many2one("crm.queue", readonly=True)
    branch_id = fields.Many2one("crm.branch", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    interval_at = fields.Datetime("Interval", readonly=True)
    minutes = fields.Integer(readonly=True, aggregator=None)
    needed = fields.Float("Agents Needed", readonly=True, aggregator="avg", digits=(6, 1))
    planned = fields.Float("Agents Planned", readonly=True, aggregator="avg", digits=(6, 1))
    short = fields.Float("Agents Missing", readonly=True, aggregator="avg", digits=(6, 1))
    over = fields.Float("Agents Too Many", readonly=True, aggregator="avg", digits=(6, 1))
    needed_hours = fields.Float("Needed (h)", readonly=True)
    planned_hours = fields.Float("Planned (h)", readonly=True)
    short_hours = fields.Float("Missing (h)", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            f"""
            SELECT plan_id::bigint * 1000000000 + mod(queue_id, 1000) * 1000000 + place AS id,
                   plan_id, queue_id, branch_id, company_id, interval_at, minutes, needed, planned,
                   GREATEST(needed - planned, 0) AS short, GREATEST(planned - needed, 0) AS over,
                   needed * minutes / 60.0 AS needed_hours, planned * minutes / 60.0 AS planned_hours,
                   GREATEST(needed - planned, 0) * minutes / 60.0 AS short_hours
              FROM (
                SELECT plan.id AS plan_id, need.queue_id, plan.branch_id, plan.company_id, need.interval_at,
                       need.minutes, need.needed,
                       (EXTRACT(EPOCH FROM need.interval_at - week.begins_at) / 60)::int AS place,
                       (COALESCE(there.seconds, 0) / (60.0 * need.minutes))::float AS planned
                  FROM crm_staffing_plan plan
                  JOIN crm_branch branch ON branch.id = plan.branch_id
                  JOIN crm_queue_crm_staffing_plan_rel rel ON rel.crm_staffing_plan_id = plan.id
                 CROSS JOIN LATERAL (
                       SELECT plan.week_start::timestamp AT TIME ZONE branch.tz AT TIME ZONE 'UTC' AS begins_at,
                              (plan.week_start + 7)::timestamp AT TIME ZONE branch.tz AT TIME ZONE 'UTC' AS ends_at
                       ) week
                 CROSS JOIN LATERAL (
                       SELECT found.queue_id, found.interval_at, found.minutes, sum(found.agents)::float AS needed
                         FROM ({NEED}) found
                        WHERE found.queue_id = rel.crm_queue_id
                          AND found.interval_at >= week.begins_at AND found.interval_at < week.ends_at
                        GROUP BY 1, 2, 3
                       ) need
                  LEFT JOIN LATERAL (
                       SELECT sum(EXTRACT(EPOCH FROM
                                  LEAST(part.ends_at, need.interval_at + make_interval(mins => need.minutes))
                                - GREATEST(part.starts_at, need.interval_at)) * part.sign) AS seconds
                         FROM (SELECT shift.starts_at, shift.ends_at, 1 AS sign
                                 FROM crm_staffing_shift shift
                                WHERE shift.plan_id = plan.id AND shift.queue_id = need.queue_id
                                UNION ALL
                               SELECT pause.starts_at, pause.ends_at, -1
                                 FROM crm_staffing_shift shift
                                 JOIN crm_staffing_break pause ON pause.shift_id = shift.id
                                WHERE shift.plan_id = plan.id AND shift.queue_id = need.queue_id) part
                        WHERE part.starts_at < need.interval_at + make_interval(mins => need.minutes)
                          AND part.ends_at > need.interval_at
                       ) there ON TRUE
                   ) counted
            """  # noqa: S608 - put together of constants
        )
