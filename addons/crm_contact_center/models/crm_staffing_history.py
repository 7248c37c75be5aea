from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .crm_queue_contact import CHANNELS
from .crm_queue_staffing import MINUTES

#: Contacts are settled within so many days: what entered before isn't counted again.
SETTLED_DAYS = 3

#: Who was called back had come in: when they did, that counts. How long our own call took, their interval doesn't have.
COUNT_OWN = """
INSERT INTO crm_staffing_history (queue_id, branch_id, company_id, channel, interval_at, minutes, source,
                                  offered, answered, in_target, abandoned, handle_seconds, wait_seconds,
                                  create_uid, write_uid, create_date, write_date)
SELECT queue.id, queue.branch_id, queue.company_id, contact.channel,
       date_bin(make_interval(mins => queue.staffing_minutes::int), contact.entered_at, TIMESTAMP '2000-01-01'),
       queue.staffing_minutes, 'own',
       count(*), count(contact.answered_at) FILTER (WHERE came), count(*) FILTER (WHERE came AND contact.in_target),
       count(*) FILTER (WHERE came AND contact.state = 'abandoned' AND contact.answered_at IS NULL),
       COALESCE(
           sum(contact.talk_seconds + contact.wrap_seconds) FILTER (WHERE came AND contact.answered_at IS NOT NULL), 0
       ),
       COALESCE(sum(contact.wait_seconds) FILTER (WHERE came), 0),
       %(uid)s, %(uid)s, %(now)s, %(now)s
  FROM crm_queue_contact contact
  JOIN crm_queue queue ON queue.id = contact.first_queue_id
 CROSS JOIN LATERAL (SELECT contact.direction = 'incoming' AS came) direct
 WHERE (came OR contact.callback_at IS NOT NULL) AND contact.entered_at >= %(since)s
 GROUP BY queue.id, contact.channel, 5
    ON CONFLICT (queue_id, channel, interval_at, minutes) DO UPDATE
   SET source = 'own', import_id = NULL, offered = excluded.offered, answered = excluded.answered,
       in_target = excluded.in_target, abandoned = excluded.abandoned, handle_seconds = excluded.handle_seconds,
       wait_seconds = excluded.wait_seconds, write_uid = excluded.write_uid, write_date = excluded.write_date
 WHERE (crm_staffing_history.source, crm_staffing_history.offered, crm_staffing_history.answered,
        crm_staffing_history.in_target, crm_staffing_history.abandoned, crm_staffing_history.handle_seconds,
        crm_staffing_history.wait_seconds)
    IS DISTINCT FROM ('own', excluded.offered, excluded.answered, excluded.in_target, excluded.abandoned,
                      excluded.handle_seconds, excluded.wait_seconds)
"""


class CrmStaffingHistory(models.Model):
    """How many contacts came to a queue in an interval, and how they fared: what forecasts are made of (CC-8a).

    Own contacts are counted by SQL, those of an earlier system are imported. Nobody types them.
    """

    _name = "crm.staffing.history"
    _description = "Contacts per Interval"
    _order = "interval_at desc, queue_id, channel"
    _rec_name = "interval_at"

    queue_id = fields.Many2one("crm.queue", required=True, readonly=True, index=True, ondelete="cascade")
    branch_id = fields.Many2one(related="queue_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="queue_id.company_id", store=True, index=True)
    channel = fields.Selection(CHANNELS, required=True, readonly=True, default="call")
    interval_at = fields.Datetime("Interval", required=True, readonly=True, help="When it begins.")
    minutes = fields.Selection(MINUTES, "Length", required=True, readonly=True, default="30")
    source = fields.Selection([("own", "Own"), ("imported", "Imported")], required=True, readonly=True, default="own")
    import_id = fields.Many2one("crm.staffing.import", readonly=True, index="btree_not_null", ondelete="cascade")
    offered = fields.Integer(required=True, readonly=True, default=0, help="Contacts that came.")
    answered = fields.Integer(required=True, readonly=True, default=0)
    in_target = fields.Integer("Answered in Time", required=True, readonly=True, default=0)
    abandoned = fields.Integer(required=True, readonly=True, default=0)
    handle_seconds = fields.Integer(
        "Handling (s)", required=True, readonly=True, default=0, help="Of all answered together, wrap-up included."
    )
    wait_seconds = fields.Integer("Waiting (s)", required=True, readonly=True, default=0, help="Of all together.")

    _interval_uniq = models.Constraint(
        "UNIQUE(queue_id, channel, interval_at, minutes)", "This interval of the queue is there already."
    )
    _counts = models.Constraint(
        "CHECK(offered >= 0 AND answered >= 0 AND abandoned >= 0 AND answered + abandoned <= offered"
        " AND in_target BETWEEN 0 AND answered AND handle_seconds >= 0 AND wait_seconds >= 0)",
        "Of the contacts that came, each was answered, given up, or neither.",
    )
    _in_time_idx = models.Index("(interval_at)")

    @api.model
    def _count_own(self, since=None):
        """Count own contacts that entered since then (naive UTC); None: since those that are counted have settled."""
        self.env["crm.queue.contact"].flush_model()
        self.env["crm.queue"].flush_model()
        if since is None:
            query = SQL("SELECT max(interval_at) FROM crm_staffing_history WHERE source = 'own'")
            [[last]] = self.env.execute_query(query)
            since = last - timedelta(days=SETTLED_DAYS) if last else fields.Datetime.from_string("2000-01-01")
        # whole intervals only, whatever their length
        since = since.replace(minute=0, second=0, microsecond=0)
        now = fields.Datetime.now()
        self.env.cr.execute(SQL(COUNT_OWN, uid=self.env.uid, now=now, since=since))
        self.invalidate_model()

    @api.model
    def _of(self, queue, channel, begin, end, minutes):
        """Return [(moment, contacts, answered, handling seconds)] of each interval of so many minutes that had any.

        Where a day was counted by intervals of several lengths, the finest that is no longer than asked counts; longer
        ones are split evenly where there is nothing finer.
        """
        query = """
            WITH found AS (
                SELECT *, minutes::int AS length, min(minutes::int) OVER (PARTITION BY day) AS finest
                  FROM (SELECT history.*, (interval_at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day
                          FROM crm_staffing_history history
                         WHERE queue_id = %(queue)s AND channel = %(channel)s
                           AND interval_at >= %(begin)s AND interval_at < %(end)s) AS history
            )
            SELECT date_bin(make_interval(mins => %(minutes)s), piece, TIMESTAMP '2000-01-01') AS moment,
                   sum(offered * LEAST(%(minutes)s, length)::float / length),
                   sum(answered * LEAST(%(minutes)s, length)::float / length),
                   sum(handle_seconds * LEAST(%(minutes)s, length)::float / length)
              FROM found
             CROSS JOIN LATERAL generate_series(
                   interval_at, interval_at + make_interval(mins => length - 1), make_interval(mins => %(minutes)s)
                   ) AS piece
             WHERE length = finest
             GROUP BY 1 ORDER BY 1
        """
        tz = queue.sudo().branch_id.tz
        values = {"queue": queue.id, "channel": channel, "begin": begin, "end": end, "minutes": minutes, "tz": tz}
        self.flush_model()
        return self.env.execute_query(SQL(query, **values))
