"""A week of calls, invented, and files of them, for the tests of workforce management."""

import gzip
import math
import random
from base64 import b64encode
from datetime import date, datetime, timedelta
from pathlib import Path

from odoo import fields
from odoo.fields import Command

from .common import ContactCenterCase

#: The calls of a bank, 1 to 21 February 1999. Its README names no licence: it isn't part of the repository, and what
#: needs it is skipped where it isn't there.
REAL = Path(__file__).parents[4] / "shared" / "data" / "call_center_feb_1999.tsv.gz"
#: Calls of a usual day by hour, and of weekdays as a share of it.
HOURS = (0, 0, 0, 0, 0, 0, 0, 4, 14, 24, 28, 26, 20, 22, 24, 22, 20, 16, 12, 10, 8, 4, 0, 0)
DAYS = (1.3, 1.0, 0.9, 0.9, 1.1, 0.4, 0.2)


def invented_calls(first, days, seed=8):
    """Return (moment, wait, handling, outcome) of calls by a usual week's shape, the same every time."""
    chance = random.Random(seed)
    calls = []
    for number in range(days):
        day = first + timedelta(days=number)
        for hour, usual in enumerate(HOURS):
            mean = usual * DAYS[day.weekday()]
            for _call in range(max(0, round(chance.gauss(mean, math.sqrt(mean) / 2)))):
                moment = datetime(day.year, day.month, day.day, hour) + timedelta(seconds=chance.randrange(3600))
                wait = int(chance.expovariate(1 / 25))
                outcome = "abandoned" if wait > 90 else "answered"
                calls.append((moment, wait, 30 + int(chance.expovariate(1 / 150)), outcome))
    return sorted(calls)


def as_table(calls, delimiter="\t"):
    """Return the calls as a file's bytes."""
    lines = ["started_at\twait_seconds\thandle_seconds\toutcome"]
    lines += [f"{moment:%Y-%m-%d %H:%M:%S}\t{wait}\t{handle}\t{outcome}" for moment, wait, handle, outcome in calls]
    return "\n".join(lines).replace("\t", delimiter).encode()


class StaffingCase(ContactCenterCase):
    """Calls of three weeks until last Sunday; the week to plan is the next one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.queue.write({"takes_chats": False, "shrinkage_percent": 0})
        today = fields.Date.today()
        cls.monday = today + timedelta(days=7 - today.weekday())
        cls.past = cls.monday - timedelta(days=28)

    def _import(self, content, user=None, name="calls.tsv", **values):
        imports = self.env["crm.staffing.import"].with_user(user or self.supervisor)
        return imports.create(
            {"queue_id": self.queue.id, "file": b64encode(content), "file_name": name, "minutes": "30", **values}
        )

    def _take_over(self, content, **values):
        document = self._import(content, **values)
        document.action_read()
        document.action_apply()
        return document

    def _past_calls(self, days=21):
        return self._take_over(gzip.compress(as_table(invented_calls(self.past, days))))

    def _forecast(self, first=None, days=7, **values):
        first = first or self.monday
        forecast = (
            self.env["crm.staffing.forecast"]
            .with_user(self.supervisor)
            .create(
                {
                    "queue_id": self.queue.id,
                    "date_from": first,
                    "date_to": first + timedelta(days=days - 1),
                    **values,
                }
            )
        )
        forecast.action_compute()
        return forecast

    def _pattern(self, **values):
        return self.env["crm.staffing.pattern"].create(
            {"name": "Test day", "branch_id": self.branch_a.id, "hours": 9, "earliest": 7, "latest": 22, **values}
        )

    def _plan(self, **values):
        patterns = values.pop("patterns", None) or self._pattern()
        return (
            self.env["crm.staffing.plan"]
            .with_user(self.supervisor)
            .create(
                {
                    "week_start": self.monday,
                    "branch_id": self.branch_a.id,
                    "queue_ids": [Command.set(self.queue.ids)],
                    "pattern_ids": [Command.set(patterns.ids)],
                    **values,
                }
            )
        )

    def _shift(self, plan, agent, day, begin, end, **values):
        """Create a shift on that day of the plan's week, from and to these hours of the branch's clock."""
        moment = plan.branch_id._moment
        on = plan.week_start + timedelta(days=day)
        return (
            self.env["crm.staffing.shift"]
            .with_user(self.supervisor)
            .create(
                {
                    "plan_id": plan.id,
                    "agent_id": agent.id,
                    "queue_id": self.queue.id,
                    "starts_at": moment(on, begin),
                    "ends_at": moment(on, end),
                    **values,
                }
            )
        )

    def _last_week(self):
        return date.fromordinal(self.monday.toordinal() - 14)
