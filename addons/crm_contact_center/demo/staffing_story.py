"""Demo: a hotline with eight agents: its calls of six weeks, forecasts, plans of three weeks, and who was there."""

import gzip
import random
from base64 import b64encode
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from .staffing_calls import as_table, invented_calls

XML = "crm_contact_center."
PEOPLE = {
    "agus": "Agus Salim",
    "citra": "Citra Lestari",
    "dimas": "Dimas Pratama",
    "eka": "Eka Puspita",
    "galih": "Galih Ramadhan",
    "hesti": "Hesti Wulandari",
    "indra": "Indra Kusuma",
    "kartika": "Kartika Dewi",
}
#: Seconds that the demo waits for each plan: a plain one is made where the solver isn't installed.
SECONDS = 3


class CrmDemoStaffing(models.AbstractModel):
    _name = "crm.demo.staffing"
    _description = "Workforce Demo"

    @api.model
    def _load(self):
        """Let six weeks go by on the hotline, and leave next week's plan as a draft."""
        self = self.with_user(self.env.ref(f"{XML}user_putri")).with_context(tracking_disable=True)  # noqa: PLW0642
        branch = self.env.ref(f"{XML}crm_branch_contact_center")
        queue = self.env.ref(f"{XML}queue_hotline")
        self._make_agents(branch, queue)
        today = branch._today()
        monday = today - timedelta(days=today.weekday())
        self._import(queue, monday - timedelta(days=42), today)
        plans = [self._plan(branch, queue, monday + timedelta(weeks=week), publish=week < 1) for week in (-1, 0, 1)]
        self._work(plans[0] | plans[1])
        self.env["crm.staffing.presence"].sudo()._count(branch._moment(monday - timedelta(days=7)))

    def _make_agents(self, branch, queue):
        users = (
            self.env["res.users"]
            .sudo()
            .with_context(no_reset_password=True)
            .create(
                [
                    {
                        "name": name,
                        "login": f"{login}.hotline",
                        "password": f"{login}.hotline",
                        "email": f"{login}.hotline@example.com",
                        "tz": branch.tz,
                        "company_id": branch.company_id.id,
                        "company_ids": [Command.set(branch.company_id.ids)],
                        "branch_ids": [Command.set(branch.ids)],
                        "group_ids": [Command.link(self.env.ref(f"{XML}group_agent").id)],
                        "odoobot_state": "disabled",
                    }
                    for login, name in PEOPLE.items()
                ]
            )
        )
        return (
            self.env["crm.agent"]
            .sudo()
            .create(
                [{"user_id": user.id, "branch_id": branch.id, "queue_ids": [Command.set(queue.ids)]} for user in users]
            )
        )

    def _import(self, queue, first, today):
        calls = invented_calls(first, (today - first).days)
        document = self.env["crm.staffing.import"].create(
            {
                "queue_id": queue.id,
                "file_name": "hotline, six weeks.tsv.gz",
                "file": b64encode(gzip.compress(as_table(calls))),
                "minutes": queue.staffing_minutes,
            }
        )
        document.action_read()
        document.action_apply()

    def _plan(self, branch, queue, monday, publish):
        days = {"date_from": monday, "date_to": monday + timedelta(days=6)}
        self.env["crm.staffing.forecast"].create({"queue_id": queue.id, **days}).action_compute()
        patterns = self.env.ref(f"{XML}pattern_full") | self.env.ref(f"{XML}pattern_short")
        plan = self.env["crm.staffing.plan"].create(
            {
                "branch_id": branch.id,
                "week_start": monday,
                "queue_ids": [Command.set(queue.ids)],
                "pattern_ids": [Command.set(patterns.ids)],
            }
        )
        plan._solve(SECONDS)
        if publish and plan.shift_ids:
            plan.action_publish()
        return plan

    def _work(self, plans):
        """Let agents have been there as planned, more or less: a little late, a longer break now and then."""
        chance, now = random.Random(9), fields.Datetime.now()  # noqa: S311
        lunch = self.env.ref(f"{XML}crm_agent_pause_lunch")
        vals_list = []
        for shift in plans.shift_ids.sorted("starts_at"):
            moment = shift.starts_at + timedelta(minutes=chance.choice((-5, 0, 0, 2, 6, 25)))
            for pause in shift.break_ids:
                vals_list.append(self._period(shift, "available", moment, pause.starts_at))
                moment = pause.ends_at + timedelta(minutes=chance.choice((0, 0, 3, 12)))
                vals_list.append(self._period(shift, "paused", pause.starts_at, moment, lunch))
            vals_list.append(self._period(shift, "busy", moment, shift.ends_at))
        done = [vals for vals in vals_list if vals["began_at"] < min(vals["ended_at"], now)]
        for vals in done:
            vals["ended_at"] = min(vals["ended_at"], now)
            vals["seconds"] = (vals["ended_at"] - vals["began_at"]).total_seconds()
        self.env["crm.agent.period"].sudo().create(done)

    def _period(self, shift, status, begin, end, pause=None):
        return {
            "agent_id": shift.agent_id.id,
            "branch_id": shift.branch_id.id,
            "status": status,
            "pause_id": pause and pause.id,
            "began_at": begin,
            "ended_at": end,
        }
