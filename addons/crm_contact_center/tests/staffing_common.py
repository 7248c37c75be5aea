"""A week of calls, invented, and files of them, for the tests of workforce management."""

import gzip
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.fields import Command

from ..demo.staffing_calls import as_table, invented_calls
from .common import ContactCenterCase

#: The calls of a bank, 1 to 21 February 1999. Its README names no licence: it isn't part of the repository, and what
#: needs it is skipped where it isn't there.
REAL = Path(__file__).parents[4] / "shared" / "data" / "call_center_feb_1999.tsv.gz"


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
