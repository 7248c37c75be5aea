from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import forecast as forecasting
from ..erlang import staff
from .crm_queue_contact import CHANNELS
from .crm_queue_staffing import MINUTES

#: Days of history that a forecast looks at.
HISTORY_DAYS = 182
#: Fewer days of history tell nothing.
LEAST_DAYS = 7
#: As many contacts of one time of the day weigh as much as all others, in how long handling takes.
USUAL_CONTACTS = 30


class CrmStaffingForecast(models.Model):
    """How many contacts to expect in a queue, and how many agents they need, interval by interval (CC-8a).

    How good it is, a test on the history tells: the last week is forecast from what came before it, beside simply
    taking the week before again.
    """

    _name = "crm.staffing.forecast"
    _description = "Forecast"
    _inherit = ["crm.branch.link.mixin"]
    _order = "date_from desc, queue_id, channel, id desc"

    queue_id = fields.Many2one("crm.queue", required=True, index=True, ondelete="cascade")
    branch_id = fields.Many2one(related="queue_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="queue_id.company_id", store=True, index=True)
    channel = fields.Selection(CHANNELS, required=True, default="call")
    date_from = fields.Date("From", required=True, default=lambda self: self._next_monday())
    date_to = fields.Date("To", required=True, default=lambda self: self._next_monday() + timedelta(days=6))
    method = fields.Selection(
        [("weekday", "Weekday's volume and shape"), ("naive", "Same as a week before")],
        required=True,
        default="weekday",
    )
    minutes = fields.Selection(MINUTES, "Interval Length", readonly=True, copy=False)
    computed_at = fields.Datetime("Computed", readonly=True, copy=False)
    history_days = fields.Integer("Days of History", readonly=True, copy=False, aggregator=None)
    wape = fields.Float(
        "Error (%)",
        readonly=True,
        copy=False,
        digits=(6, 1),
        aggregator=None,
        help="Of the history's last week, forecast from what came before it: the sum of the differences per interval / "
        "the contacts that came. 0: too little history to test.",
    )
    naive_wape = fields.Float(
        "Naive Error (%)",
        readonly=True,
        copy=False,
        digits=(6, 1),
        aggregator=None,
        help="The same of taking what came a week before.",
    )
    contacts = fields.Float(readonly=True, copy=False, digits=(12, 1))
    line_ids = fields.One2many("crm.staffing.forecast.line", "forecast_id", "Intervals", readonly=True)

    _in_order = models.Constraint(
        "CHECK(date_to BETWEEN date_from AND date_from + 61)", "A forecast is for 1 to 62 days."
    )

    # === COMPUTE METHODS === #

    @api.model
    def _next_monday(self):
        today = fields.Date.context_today(self)
        return today + timedelta(days=7 - today.weekday())

    @api.depends("queue_id", "date_from", "date_to")
    def _compute_display_name(self):
        for one in self:
            one.display_name = f"{one.queue_id.name or ''} · {one.date_from or ''} – {one.date_to or ''}"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: figures are computed."""
        for vals in vals_list:
            self._refuse_figures(vals)
        return super().create(vals_list)

    def write(self, vals):
        """Override: figures are computed; what was computed for other days, or another queue, is none."""
        self._refuse_figures(vals)
        result = super().write(vals)
        if {"queue_id", "channel", "date_from", "date_to", "method"} & vals.keys():
            self.sudo().line_ids.unlink()
            self.sudo().write({"computed_at": False, "contacts": 0})
        return result

    def _refuse_figures(self, vals):
        figures = {"wape", "naive_wape", "computed_at", "contacts", "history_days", "minutes", "line_ids"}
        if not self.env.su and figures & vals.keys():
            raise UserError(self.env._("What a forecast says is computed."))

    # === ACTION METHODS === #

    def action_compute(self):
        """Forecast from the history as it is now."""
        self.check_access("write")
        for one in self:
            one._forecast()

    def action_view_lines(self):
        """Open the intervals as a graph."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_contact_center.crm_staffing_forecast_line_action")
        return {**action, "domain": [("forecast_id", "=", self.id)]}

    # === BUSINESS METHODS === #

    def _forecast(self):
        """Write the lines anew.

        :raise UserError: there is too little history
        """
        self.ensure_one()
        minutes = int(self.queue_id.staffing_minutes)
        history, handling = self._history(minutes)
        if len(history) < LEAST_DAYS:
            raise UserError(
                self.env._(
                    "%(queue)s has %(days)s days of history before %(day)s: at least %(least)s are needed. Import "
                    "those of the system before.",
                    queue=self.queue_id.name,
                    days=len(history),
                    day=self.date_from,
                    least=LEAST_DAYS,
                )
            )
        factors = self.env["crm.staffing.factor"]._of(self.queue_id)
        # a day on which nothing was to come tells nothing about others
        history = {day: counts for day, counts in history.items() if factors.get(day, 1.0)}
        days = [self.date_from + timedelta(days=n) for n in range((self.date_to - self.date_from).days + 1)]
        expected = self._expected(history, days, 1440 // minutes, factors)
        error, naive = self._backtest(history, 1440 // minutes, factors)
        self.sudo().line_ids.unlink()
        vals_list = self._prepare_lines(expected, handling, minutes)
        self.env["crm.staffing.forecast.line"].sudo().create(vals_list)
        self.sudo().write(
            {
                "minutes": str(minutes),
                "computed_at": fields.Datetime.now(),
                "history_days": len(history),
                "wape": 100 * error,
                "naive_wape": 100 * naive,
                "contacts": sum(vals["contacts"] for vals in vals_list),
            }
        )

    def _expected(self, history, days, intervals, factors):
        if self.method == "naive":
            # further than a week ahead the last week known is repeated
            last = max(history)
            shift = {day: day - timedelta(days=7 * max(0, ((day - last).days + 6) // 7 - 1)) for day in days}
            known = forecasting.naive(history, set(shift.values()), intervals=intervals)
            return {day: [count * factors.get(day, 1.0) for count in known[shift[day]]] for day in days}
        return forecasting.forecast(history, days, intervals=intervals, season=factors)

    def _backtest(self, history, intervals, factors):
        """Return the errors of the method, and of the naive one, on the last seven days that are known."""
        last = max(history)
        recent = {day: counts for day, counts in history.items() if day > last - timedelta(days=7)}
        before = {day: counts for day, counts in history.items() if day not in recent}
        if len(before) < LEAST_DAYS - 1:
            return 0.0, 0.0
        naive = forecasting.naive(before, recent, intervals=intervals)
        return (
            forecasting.wape(self._expected(before, list(recent), intervals, factors), recent),
            forecasting.wape(naive, recent),
        )

    def _history(self, minutes):
        """Return date → contacts of each interval, before the forecast's days; and interval → handling seconds."""
        branch = self.branch_id.sudo()
        until = min(branch._moment(self.date_from), fields.Datetime.now())
        since = branch._moment(self.date_from - timedelta(days=HISTORY_DAYS))
        rows = self.env["crm.staffing.history"]._of(self.queue_id, self.channel, since, until, minutes)
        zone, size = pytz.timezone(branch.tz), 1440 // minutes
        history, answered, seconds = {}, [0.0] * size, [0.0] * size
        for moment, contacts, served, handled in rows:
            local = pytz.utc.localize(moment).astimezone(zone)
            place = (local.hour * 60 + local.minute) // minutes
            history.setdefault(local.date(), [0.0] * size)[place] += contacts
            answered[place] += served
            seconds[place] += handled
        if until < branch._moment(self.date_from):
            history.pop(branch._today(), None)  # today isn't over
        usual = sum(seconds) / sum(answered) if sum(answered) else 0.0
        return history, [
            (handled + usual * USUAL_CONTACTS) / (served + USUAL_CONTACTS)
            for served, handled in zip(answered, seconds, strict=True)
        ]

    def _prepare_lines(self, expected, handling, minutes):
        """Return the values of each interval in which the queue is open."""
        terms = self.queue_id._terms(self.channel)
        branch = self.branch_id.sudo()
        zone = pytz.timezone(branch.tz)
        spans = self.queue_id._open_spans(
            branch._moment(self.date_from), branch._moment(self.date_to + timedelta(days=1))
        )
        found = {}
        for day, counts in expected.items():
            for place, expected_count in enumerate(counts):
                local = datetime.combine(day, time.min) + timedelta(minutes=place * minutes)
                moment = zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)
                end = moment + timedelta(minutes=minutes)
                is_open = spans is None or any(begin < end and moment < stop for begin, stop in spans)
                # an hour that the clock skips in spring is the next one, too
                known = found[moment]["contacts"] if moment in found else 0
                count = round(known + (expected_count if is_open else 0), 2)
                there, planned = staff(count, minutes * 60, handling[place], terms)
                found[moment] = {
                    "forecast_id": self.id,
                    "interval_at": moment,
                    "contacts": count,
                    "handling_seconds": round(handling[place], 1),
                    "agents_there": there,
                    "agents": planned,
                }
        return list(found.values())


class CrmStaffingForecastLine(models.Model):
    """What an interval will bring."""

    _name = "crm.staffing.forecast.line"
    _description = "Forecast of an Interval"
    _order = "interval_at, id"
    _rec_name = "interval_at"

    forecast_id = fields.Many2one("crm.staffing.forecast", required=True, readonly=True, index=True, ondelete="cascade")
    queue_id = fields.Many2one(related="forecast_id.queue_id", store=True, index=True)
    branch_id = fields.Many2one(related="forecast_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="forecast_id.company_id", store=True, index=True)
    channel = fields.Selection(related="forecast_id.channel", store=True)
    interval_at = fields.Datetime("Interval", required=True, readonly=True)
    contacts = fields.Float(required=True, readonly=True, digits=(12, 1))
    handling_seconds = fields.Float("Handling (s)", readonly=True, digits=(8, 1), aggregator="avg")
    agents_there = fields.Integer(readonly=True, aggregator="max", help="For the service level.")
    agents = fields.Integer(
        "Agents to Plan", readonly=True, aggregator="max", help="So that enough are there: some are always missing."
    )

    _interval_uniq = models.Constraint("UNIQUE(forecast_id, interval_at)", "This interval is there already.")
    _queue_time_idx = models.Index("(queue_id, interval_at)")
