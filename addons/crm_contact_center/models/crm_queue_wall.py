from odoo import api, fields, models
from odoo.exceptions import AccessError


class CrmQueue(models.Model):
    """What the supervisors' wall shows (CC-2e): read anew whenever the bus says that something changed."""

    _inherit = "crm.queue"

    @api.model
    def wall(self):
        """Return the queues and agents that the supervisor sees, as of now. Six queries, whatever their number.

        :return: now, queues (id, name, branch, open, waiting, longest in seconds, in_contact, callbacks, target, and
            today: entered, answered, in_target, abandoned, level in %, wait in seconds) and agents (id, name, branch,
            status, since, pause, paused_by, late, load)
        :raise AccessError: the user isn't a supervisor
        """
        if not self.env.user.has_group("crm_contact_center.group_supervisor"):
            raise AccessError(self.env._("The wall is for supervisors."))
        queues = self.search([])
        agents = self.env["crm.agent"].search([("status", "!=", "offline")])
        return {
            "now": fields.Datetime.to_string(fields.Datetime.now()),
            "queues": queues._wall_lines(),
            "agents": agents._wall_lines(),
        }

    def _wall_lines(self):
        present, today = self._wall_present(), self._wall_today()
        lines = []
        for queue in self:
            waiting, since = present.get((queue.id, "waiting"), (0, None))
            ringing, _since = present.get((queue.id, "offered"), (0, None))
            lines.append(
                {
                    "id": queue.id,
                    "name": queue.name,
                    "branch": queue.branch_id.display_name,
                    "open": queue._is_open(),
                    "waiting": waiting + ringing,
                    "longest": (fields.Datetime.now() - since).total_seconds() if since else 0,
                    "in_contact": present.get((queue.id, "active"), (0, None))[0],
                    "callbacks": present.get((queue.id, "callback"), (0, None))[0],
                    "target_percent": queue.target_percent,
                    "target_seconds": queue.target_seconds,
                    "today": today.get(queue.id, self._wall_day(0, 0, 0, 0, 0)),
                }
            )
        return lines

    def _wall_present(self):
        """Return (queue id, state) → (number, since when) of what isn't over."""
        groups = self.env["crm.queue.contact"]._read_group(
            [("queue_id", "in", self.ids), ("state", "in", ("waiting", "offered", "active", "callback"))],
            ["queue_id", "state"],
            ["__count", "entered_at:min"],
        )
        return {(queue.id, state): (count, since) for queue, state, count, since in groups}

    def _wall_today(self):
        """Return queue id → figures of the contacts that entered on its branch's present day (CC-10)."""
        found = {}
        for branch, queues in self.grouped("branch_id").items():
            midnight = branch._moment(branch._today())
            groups = self.env["crm.queue.contact"]._read_group(
                [("first_queue_id", "in", queues.ids), ("entered_at", ">=", midnight)],
                ["first_queue_id", "state", "in_target"],
                ["__count", "answered_at:count", "wait_seconds:sum"],
            )
            for queue in queues:
                found[queue.id] = queue._wall_figures([group for group in groups if group[0] == queue])
        return found

    def _wall_figures(self, groups):
        entered = sum(count for *_key, count, _answered, _wait in groups)
        answered = sum(answered for *_key, _count, answered, _wait in groups)
        quick = sum(answered for _queue, _state, quick, _count, answered, _wait in groups if quick)
        abandoned = sum(count for _queue, state, _quick, count, _answered, _wait in groups if state == "abandoned")
        wait = sum(wait for _queue, state, _quick, _count, _answered, wait in groups if state != "abandoned")
        return self._wall_day(entered, answered, quick, abandoned, wait)

    @staticmethod
    def _wall_day(entered, answered, quick, abandoned, wait):
        settled = answered + abandoned
        return {
            "entered": entered,
            "answered": answered,
            "in_target": quick,
            "abandoned": abandoned,
            "level": round(100 * quick / settled) if settled else None,
            "wait": round(wait / answered) if answered else None,
        }


class CrmAgent(models.Model):
    _inherit = "crm.agent"

    def _wall_lines(self):
        """Return what the wall shows of agents who are there; ``late``: pausing longer than usual, or wrapping up."""
        now, lines = fields.Datetime.now(), []
        for agent in self:
            seconds = (now - agent.status_since).total_seconds()
            usual = agent.pause_id.minutes * 60
            lines.append(
                {
                    "id": agent.id,
                    "name": agent.name,
                    "branch": agent.branch_id.display_name,
                    "status": agent.status,
                    "since": fields.Datetime.to_string(agent.status_since),
                    "pause": agent.pause_id.name if agent.status == "paused" else False,
                    "paused_by": agent.paused_by,
                    "late": bool(agent.status == "paused" and usual and seconds > usual),
                    "load": agent.load,
                }
            )
        return lines
