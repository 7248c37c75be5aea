from babel.dates import format_date as babel_format_date

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import babel_locale_parse, get_lang

from ..followup_const import KINDS
from ..service_const import DAYS_AHEAD, DAYS_BACK, LIVE, WEEKEND
from .crm_service_slot import clock


class CrmServiceTime(models.Model):
    """The times of the coming two months, and of the last, with what is taken and free: one row for each time of the
    week's plan on each of its days that isn't closed.
    """

    _name = "crm.service.time"
    _description = "Free Capacity"
    _auto = False
    _order = "starts_at, slot_id"
    _rec_name = "starts_at"
    _depends = {
        "crm.service.slot": [
            "branch_id",
            "capacity",
            "hour_from",
            "hour_to",
            "kind",
            "valid_from",
            "valid_to",
            "weekday",
        ],
        "crm.service.booking": ["day", "seat", "slot_id", "starts_at", "state"],
        "crm.service.closing": ["branch_id", "date_from", "date_to"],
        "crm.branch": ["company_id", "tz"],
        "resource.calendar.leaves": ["calendar_id", "company_id", "date_from", "date_to", "resource_id", "time_type"],
    }

    slot_id = fields.Many2one("crm.service.slot", "Service Time", readonly=True)
    branch_id = fields.Many2one("crm.branch", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    day = fields.Date(readonly=True)
    starts_at = fields.Datetime("Starts", readonly=True)
    ends_at = fields.Datetime("Ends", readonly=True)
    capacity = fields.Integer(readonly=True)
    taken = fields.Integer(readonly=True)
    free = fields.Integer(readonly=True)
    is_weekend = fields.Boolean("At the Weekend", readonly=True)
    is_ahead = fields.Boolean("To Come", readonly=True)

    # === COMPUTE METHODS === #

    @api.depends("day", "free", "capacity", "slot_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        locale = babel_locale_parse(get_lang(self.env).code)
        for moment in self:
            slot = moment.slot_id
            moment.display_name = self.env._(
                "%(day)s, %(start)s–%(end)s · %(free)s of %(capacity)s free",
                day=babel_format_date(moment.day, "EEE d MMM", locale=locale),
                start=clock(slot.hour_from),
                end=clock(slot.hour_to),
                free=moment.free,
                capacity=moment.capacity,
            )

    # === QUERY === #

    @property
    def _table_query(self):
        now = fields.Datetime.now()
        return SQL(
            """
            SELECT slot.id * 10000 + (spans.day - DATE '2020-01-01') AS id, slot.id AS slot_id, slot.branch_id,
                   slot.company_id, slot.kind, spans.day, spans.starts_at, spans.ends_at, slot.capacity,
                   seats.taken, GREATEST(slot.capacity - seats.taken, 0) AS free,
                   slot.weekday = ANY(%(weekend)s) AS is_weekend, spans.starts_at > %(now)s AS is_ahead
              FROM crm_service_slot slot
              JOIN crm_branch branch ON branch.id = slot.branch_id
             CROSS JOIN LATERAL (
                    SELECT (%(now)s AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date AS day
                   ) AS today
             CROSS JOIN LATERAL (
                    SELECT GREATEST(today.day - %(back)s, slot.valid_from) AS day
                   ) AS first
             CROSS JOIN LATERAL (
                    SELECT days.day::date AS day,
                           (days.day + make_interval(mins => round(slot.hour_from * 60)::int))
                               AT TIME ZONE branch.tz AT TIME ZONE 'UTC' AS starts_at,
                           (days.day + make_interval(mins => round(slot.hour_to * 60)::int))
                               AT TIME ZONE branch.tz AT TIME ZONE 'UTC' AS ends_at
                      FROM generate_series(
                               (first.day + (slot.weekday::int - extract(isodow FROM first.day)::int + 8) %% 7)
                                   ::timestamp,
                               LEAST(today.day + %(ahead)s, slot.valid_to)::timestamp,
                               interval '7 days'
                           ) AS days (day)
                   ) AS spans
             CROSS JOIN LATERAL (
                    SELECT count(*)::int AS taken
                      FROM crm_service_booking booking
                     WHERE booking.slot_id = slot.id AND booking.day = spans.day
                       AND (booking.state = ANY(%(live)s) OR (booking.state = 'done' AND booking.starts_at <= %(now)s))
                   ) AS seats
             WHERE NOT %(closed)s
            """,
            now=SQL("%s::timestamp", now),
            back=DAYS_BACK,
            ahead=DAYS_AHEAD,
            weekend=list(WEEKEND),
            live=list(LIVE),
            closed=self.env["crm.service.closing"]._closed_sql(
                SQL("slot.branch_id"),
                SQL("slot.company_id"),
                SQL("spans.day"),
                SQL("spans.starts_at"),
                SQL("spans.ends_at"),
            ),
        )

    # === BUSINESS METHODS === #

    @api.model
    def _free_domain(self, branch, kind, weekend):
        """Return the domain of the times that a customer may choose.

        :param bool weekend: whether Saturday and Sunday are theirs to choose (H23-4.2.6)
        """
        domain = [("branch_id", "=", branch.id), ("kind", "=", kind), ("is_ahead", "=", True), ("free", ">", 0)]
        return domain if weekend else [*domain, ("is_weekend", "=", False)]
