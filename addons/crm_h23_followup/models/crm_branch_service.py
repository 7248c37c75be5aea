from datetime import datetime, time, timedelta

import pytz

from odoo import models


class CrmBranch(models.Model):
    _inherit = "crm.branch"

    def _moment(self, day, hour):
        """Return the moment (naive UTC) at which the branch's clock shows that hour of the day.

        :param date day: by the branch's calendar
        :param float hour: 0 to 24; 13.5 is half past one
        """
        wall = datetime.combine(day, time.min) + timedelta(minutes=round(hour * 60))
        return pytz.timezone(self.sudo().tz).localize(wall).astimezone(pytz.utc).replace(tzinfo=None)
