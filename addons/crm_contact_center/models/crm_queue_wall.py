from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

#: Whose walls this transaction tells already.
TOLD = "crm_contact_center.wall"


class CrmQueue(models.Model):
    """What the supervisors' wall shows (CC-2e): read anew whenever the bus says that something changed."""

    _inherit = "crm.queue"

    @api.readonly
    @api.model
    def wall(self):
        """Return the queues and agents that the supervisor sees, as of now. However many they are, the queries stay the
        same; each further calendar adds some. An archived queue is shown for as long as something waits in it.

        :return: now, queues (id, name, branch, open, waiting, longest in seconds, in_contact, callbacks, target, and
            today: entered, answered, in_target, abandoned, level in %, wait in seconds) and agents (id, name, branch,
            mode, status, since, pause, paused_by, late, load)
        :raise AccessError: the user isn't a supervisor
        """
        if not self.env.user.has_group("crm_contact_center.group_supervisor"):
            raise AccessError(self.env._("The wall is for supervisors."))
        queues = self.with_context(active_test=False).search([])
        agents = self.env["crm.agent"].search([("status", "!=", "offline")], order="status_since, id")
        return {
            "now": fields.Datetime.to_string(fields.Datetime.now()),
            "queues": queues._wall_lines(),
            "agents": agents._wall_lines(),
        }

    def _wall_lines(self):
        present = self._wall_present()
        busy = {queue_id for queue_id, _state in present}
        shown = self.filtered(lambda queue: queue.active or queue.id in busy)
        today, open_ = shown._wall_today(), shown._wall_open()
        now, nothing = fields.Datetime.now(), (0, None)
        lines = []
        for queue in shown:
            waiting, since = present.get((queue.id, "waiting"), nothing)
            ringing, rung = present.get((queue.id, "offered"), nothing)
            longest = min(filter(None, (since, rung)), default=None)
            lines.append(
                {
                    "id": queue.id,
                    "name": queue.name,
                    "branch": queue.branch_id.display_name,
                    "open": queue in open_,
                    "waiting": waiting + ringing,
                    "longest": max(0, (now - longest).total_seconds()) if longest else 0,
                    "longest_since": fields.Datetime.to_string(longest) if longest else False,
                    "in_contact": present.get((queue.id, "active"), nothing)[0],
                    "callbacks": present.get((queue.id, "callback"), nothing)[0],
                    "target_percent": queue.target_percent,
                    "target_seconds": queue.target_seconds,
                    "today": today.get(queue.id, self._wall_day(0, 0, 0, 0, 0)),
                }
            )
        return lines

    def _wall_open(self):
        """Return those of the queues that are open now: each calendar is asked once."""
        now = fields.Datetime.context_timestamp(self.with_context(tz="UTC"), fields.Datetime.now())
        open_ = self.browse()
        for calendar, queues in self.sudo().grouped("calendar_id").items():
            if not calendar or calendar._work_intervals_batch(now, now + timedelta(seconds=1))[False]:
                open_ |= queues
        return open_

    def _wall_present(self):
        """Return (queue id, state) → (number, since when they wait) of what isn't over.

        Numbers only, also of contacts that another branch handed over and whose customers stay that branch's.
        """
        groups = (
            self.env["crm.queue.contact"]
            .sudo()
            ._read_group(
                [("queue_id", "in", self.ids), ("state", "in", ("waiting", "offered", "active", "callback"))],
                ["queue_id", "state"],
                ["__count", "waiting_since:min"],
            )
        )
        return {(queue.id, state): (count, since) for queue, state, count, since in groups}

    def _wall_today(self):
        """Return queue id → figures of the contacts that entered on its branch's present day (CC-10).

        Answered is who got an answer when they came, whatever became of a hand-over later.
        """
        begun = {}
        for branch, queues in self.grouped("branch_id").items():
            midnight = branch._moment(branch._today())
            begun[midnight] = begun.get(midnight, self.browse()) | queues
        entered = Domain.OR(
            Domain("first_queue_id", "in", queues.ids) & Domain("entered_at", ">=", midnight)
            for midnight, queues in begun.items()
        )
        incoming = entered & Domain("direction", "=", "incoming")
        answered = incoming & Domain("answered_at", "!=", False)
        # whom we called back came in; how long that took is nobody's wait for an answer
        came = self._wall_counts(entered & (Domain("direction", "=", "incoming") | Domain("callback_at", "!=", False)))
        gone = self._wall_counts(incoming & Domain("state", "=", "abandoned") & Domain("answered_at", "=", False))
        quick = self._wall_counts(answered & Domain("in_target", "=", True))
        spoken = self._wall_counts(answered, "wait_seconds:sum")
        nothing = (0, 0)
        return {
            queue_id: self._wall_day(
                count,
                spoken.get(queue_id, nothing)[0],
                quick.get(queue_id, nothing)[0],
                gone.get(queue_id, nothing)[0],
                spoken.get(queue_id, nothing)[1],
            )
            for queue_id, (count, *_rest) in came.items()
        }

    def _wall_counts(self, domain, *sums):
        """Return id of the queue that they came to first → (number of contacts, sums of fields)."""
        groups = self.env["crm.queue.contact"].sudo()._read_group(domain, ["first_queue_id"], ["__count", *sums])
        return {queue.id: figures for queue, *figures in groups}

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


class CrmQueueContact(models.Model):
    _inherit = "crm.queue.contact"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: somebody waits, though no agent has anything to do with it yet."""
        contacts = super().create(vals_list)
        contacts._tell_wall()
        return contacts

    def _after_transition(self, transition):
        """Override: what a contact does, the wall of its branch shows."""
        result = super()._after_transition(transition)
        self._tell_wall()
        return result

    def _tell_wall(self):
        """Let the walls of the contacts' and queues' branches know, once a transaction, that something changed."""
        told = self.env.cr.precommit.data.setdefault(TOLD, set())
        contacts = self.sudo()
        for branch in contacts.branch_id | contacts.queue_id.branch_id:
            if branch.id not in told:
                told.add(branch.id)
                self.env["bus.bus"]._sendone(branch, "crm_contact_center/changed", {})


class CrmAgent(models.Model):
    _inherit = "crm.agent"

    def _wall_lines(self):
        """Return what the wall shows of agents who are there; ``late``: in a pause, or a wrap-up, longer than usual."""
        now, lines = fields.Datetime.now(), []
        usual_wrap_up = self._wall_wrap_ups()
        for agent in self:
            seconds = (now - agent.status_since).total_seconds()
            usual = {"paused": agent.pause_id.minutes * 60, "wrapup": usual_wrap_up.get(agent.id, 0)}
            limit = usual.get(agent.status, 0)
            lines.append(
                {
                    "id": agent.id,
                    "name": agent.name,
                    "branch": agent.branch_id.display_name,
                    "mode": agent.mode,
                    "status": agent.status,
                    "since": fields.Datetime.to_string(agent.status_since),
                    "pause": agent.pause_id.name if agent.status == "paused" else False,
                    "paused_by": agent.paused_by,
                    "limit": limit,
                    "late": bool(limit and seconds > limit),
                    "load": agent.load,
                }
            )
        return lines

    def _wall_wrap_ups(self):
        """Return agent id → seconds that the wrap-up at hand should take at most."""
        groups = self.env["crm.queue.contact"]._read_group(
            [("agent_id", "in", self.ids), ("state", "=", "wrapup")], ["agent_id"], ["queue_id:recordset"]
        )
        return {agent.id: max(queues.mapped("wrapup_seconds")) for agent, queues in groups}
