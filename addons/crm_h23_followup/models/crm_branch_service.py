from datetime import datetime, time, timedelta

import pytz

from odoo import models
from odoo.api import SUPERUSER_ID

from .crm_branch_followup import OFFICER


class CrmBranch(models.Model):
    _inherit = "crm.branch"

    def _moment(self, day, hour):
        """Return the moment (naive UTC) at which the branch's clock shows that hour of the day.

        :param date day: by the branch's calendar
        :param float hour: 0 to 24; 13.5 is half past one
        """
        wall = datetime.combine(day, time.min) + timedelta(minutes=round(hour * 60))
        return pytz.timezone(self.sudo().tz).localize(wall).astimezone(pytz.utc).replace(tzinfo=None)

    def _has_admin(self, user):
        """Return whether the user follows up at the branch: an officer who sees it, or the scheduler."""
        self.ensure_one()
        return user.id == SUPERUSER_ID or (user.has_group(OFFICER) and self in user.sudo().visible_branch_ids)
