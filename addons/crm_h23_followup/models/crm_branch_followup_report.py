from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import models


class CrmBranch(models.Model):
    """The branch's day, and the hours at which it is reported."""

    _inherit = "crm.branch"

    def _day_bounds(self, day):
        """Return the moments (naive UTC) at which the branch's calendar day begins, and at which the next one does."""
        self.ensure_one()
        midnights = (
            datetime.combine(date, time.min, tzinfo=ZoneInfo(self.tz)) for date in (day, day + timedelta(days=1))
        )
        return tuple(midnight.astimezone(UTC).replace(tzinfo=None) for midnight in midnights)

    def _is_past(self, day, hour):
        """Return whether that hour of the branch's day has come.

        :param date day: by the branch's calendar
        :param float hour: 0 … 23.99
        """
        now = self._local()
        return day < now.date() or (day == now.date() and now.hour + now.minute / 60 >= hour)

    def _local_text(self, moment):
        """Return a moment (naive UTC) as the branch's clock shows it, without the day."""
        return self._local(moment).strftime("%H:%M") if moment else ""

    def _is_headed_by(self, user):
        """Return whether the user evaluates the branch: its head, or a manager of the headquarters (H23-4.5.4)."""
        self.ensure_one()
        return user == self.head_id or (
            user.has_group("crm_base.group_manager") and user._sees_all_branches() and self in user.visible_branch_ids
        )


class CrmFollowup(models.Model):
    """What a day's figures are counted by, among a million follow-ups."""

    _inherit = "crm.followup"

    _done_idx = models.Index("(branch_id, done_at) WHERE done_at IS NOT NULL")
    _sent_idx = models.Index("(branch_id, sent_at) WHERE sent_at IS NOT NULL")


class CrmFollowupCase(models.Model):
    _inherit = "crm.followup.case"

    _booked_idx = models.Index("(branch_id, booked_at) WHERE booked_at IS NOT NULL")
    _serviced_idx = models.Index("(branch_id, serviced_on) WHERE serviced_on IS NOT NULL")
