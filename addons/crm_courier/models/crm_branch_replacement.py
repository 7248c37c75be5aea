from datetime import UTC, datetime, time, timedelta

from pytz import timezone

from odoo import models

#: How far ahead working days are looked for; nobody's holidays are longer.
HORIZON = timedelta(days=45)
#: When a day begins where no working hours say it.
MORNING = time(9)


class CrmBranch(models.Model):
    _inherit = "crm.branch"

    def _working_day_after(self, moment, days):
        """Return the date at the branch that is so many of its working days after that of ``moment`` (SOP-9).

        :param moment: naive UTC
        :param int days: 0 is the same day, whether somebody works on it or not
        """
        today = self._local(moment).date()
        working = sorted(self._working_mornings(today + timedelta(days=1), HORIZON)) if days else []
        return working[days - 1] if 0 < days <= len(working) else today + timedelta(days=days)

    def _morning_of(self, day):
        """Return when work begins at the branch on that date, as naive UTC."""
        begin = self._working_mornings(day, timedelta(days=1)).get(day)
        begin = begin or timezone(self.tz).localize(datetime.combine(day, MORNING))
        return begin.astimezone(UTC).replace(tzinfo=None, microsecond=0)

    def _working_mornings(self, first, span):
        """Return date → when work begins, with the branch's time zone, by the company's working hours and holidays."""
        zone, calendar = timezone(self.tz), self.company_id.sudo().resource_calendar_id
        start, begins = zone.localize(datetime.combine(first, time.min)), {}
        for begin, __, __ in calendar._work_intervals_batch(start, start + span, tz=zone)[False] if calendar else ():
            begins.setdefault(begin.astimezone(zone).date(), begin)
        return begins
