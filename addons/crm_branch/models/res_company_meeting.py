from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import fields, models

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class ResCompany(models.Model):
    """When the sales meetings are (BR-1)."""

    _inherit = "res.company"

    meeting_week = fields.Selection(
        [("1", "First"), ("2", "Second"), ("3", "Third"), ("4", "Fourth"), ("-1", "Last")],
        "Sales Meeting On",
        required=True,
        default="-1",
    )
    meeting_weekday = fields.Selection(WEEKDAYS, "Weekday of the Sales Meeting", required=True, default="4")
    meeting_hour = fields.Float("Sales Meeting At", default=15.0, help="Hour of the branch's day.")
    meeting_duration = fields.Float("Duration of the Sales Meeting", default=1.0, help="In hours.")
    meeting_ahead_days = fields.Integer(
        "Plan Sales Meetings Ahead", default=30, help="So many days before, the meeting is in everybody's calendar."
    )

    _meeting_settings = models.Constraint(
        "CHECK(meeting_hour BETWEEN 0 AND 23.99 AND meeting_duration > 0 AND meeting_duration <= 12"
        " AND meeting_ahead_days BETWEEN 1 AND 60)",
        "A meeting begins at an hour of the day, lasts up to 12 hours and is planned 1 to 60 days ahead.",
    )

    # === BUSINESS METHODS === #

    def _meeting_day(self, month):
        """Return the day of the sales meeting in the month that begins on that date: by the rule, or the working day
        before it where it is a public holiday.
        """
        self.ensure_one()
        weekday, week = int(self.meeting_weekday), int(self.meeting_week)
        if week < 0:
            end = month + relativedelta(months=1, days=-1)
            day = end - timedelta(days=(end.weekday() - weekday) % 7)
        else:
            day = month + timedelta(days=(weekday - month.weekday()) % 7 + 7 * (week - 1))
        for _attempt in range(7):
            if not self._is_public_holiday(day):
                return day
            day -= timedelta(days=1)
        return day

    def _is_public_holiday(self, day):
        """Return whether the company's working hours have a day off for everybody then."""
        calendar = self.resource_calendar_id
        zone = pytz.timezone(calendar.tz or self.partner_id.tz or "UTC")
        noon = zone.localize(datetime.combine(day, time(12))).astimezone(pytz.utc).replace(tzinfo=None)
        return bool(
            self.env["resource.calendar.leaves"]
            .sudo()
            .search_count(
                [
                    ("resource_id", "=", False),
                    ("company_id", "in", (self.id, False)),
                    ("calendar_id", "in", (calendar.id, False)),
                    ("date_from", "<=", noon),
                    ("date_to", ">=", noon),
                ],
                limit=1,
            )
        )
