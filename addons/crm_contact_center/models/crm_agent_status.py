from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL


class CrmAgent(models.Model):
    """What agents are doing, and since when (CC-2e, CC-8b)."""

    _inherit = "crm.agent"

    def _set_mode(self, mode, pause=None, by="self"):
        """Let agents come, pause or go. Contacts at hand stay theirs; nobody goes while there are some.

        :param str mode: offline, available or paused
        :param pause: ``crm.agent.pause``, if they pause
        :param str by: why they pause: self, missed, unseen
        """
        if mode == "offline" and (held := self.filtered("contact_ids")):
            raise UserError(
                self.env._(
                    "%s: finish the contacts at hand, wrap-up too, before going.", ", ".join(held.mapped("name"))
                )
            )
        paused = mode == "paused"
        now = fields.Datetime.now()
        vals = {"mode": mode, "pause_id": paused and pause and pause.id, "paused_by": paused and by}
        if mode == "available":
            vals["idle_since"] = now
        if mode != "offline" and by != "unseen":
            vals["seen_at"] = now
        self.sudo().write(vals)
        self._refresh()
        if mode == "available":
            self.env["crm.queue.contact"]._dispatch_soon()

    def action_send_off_duty(self):
        """Let agents who went without saying so be offline, once nothing is at hand: their supervisor sees to it.

        :raise AccessError: the user isn't their supervisor
        """
        self.check_access("write")
        self._set_mode("offline")

    def _refresh(self):
        """Let load, status and its period follow from the contacts at hand, of all agents at once."""
        work = self._work_at_hand()
        now, changed = fields.Datetime.now(), self.browse()
        for agent in self.sudo():
            load, engaged, wrapping = work.get(agent.id, (0, False, False))
            # who gave no sign of life isn't writing either
            wrapping = wrapping and agent.paused_by != "unseen"
            status = "busy" if engaged else "wrapup" if wrapping else agent.mode
            vals = {}
            if load < agent.load:
                vals["idle_since"] = now
            if load != agent.load:
                vals["load"] = load
            if status != agent.status:
                vals |= {"status": status, "status_since": now}
            if status != agent.status or status == "paused":
                changed |= agent
            if vals:
                agent.write(vals)
        changed._begin_periods()
        self._tell_wall()

    def _work_at_hand(self):
        """Return agent id → (points in use, whether in contact, whether a wrap-up is due)."""
        self.env["crm.queue.contact"].flush_model(["agent_id", "state", "cost"])
        self.env.cr.execute(
            SQL(
                """SELECT agent_id,
                          SUM(CASE WHEN state = 'wrapup' THEN 0 ELSE cost END)::int,
                          bool_or(state IN ('offered', 'active')),
                          bool_or(state = 'wrapup')
                     FROM crm_queue_contact
                    WHERE agent_id = ANY(%s) AND state IN ('offered', 'active', 'wrapup')
                    GROUP BY agent_id""",
                self.ids,
            )
        )
        return {agent_id: row for agent_id, *row in self.env.cr.fetchall()}

    def _begin_periods(self):
        """End the period that lasts, and begin one of the present status; one that would be the same goes on."""
        if not self:
            return
        periods = self.env["crm.agent.period"].sudo()
        running = periods.search([("agent_id", "in", self.ids), ("ended_at", "=", False)])
        last = {period.agent_id.id: period for period in running}
        now, begin, over = fields.Datetime.now(), [], periods.browse()
        for agent in self.sudo():
            period = last.get(agent.id, periods)
            if period and (period.status, period.pause_id) == (agent.status, agent._reason()):
                continue
            over |= period
            begin.append(agent._prepare_period_vals(now))
        for began_at, ended in over.grouped("began_at").items():
            end = max(now, began_at)
            ended.write({"ended_at": end, "seconds": (end - began_at).total_seconds()})
        # the index that allows one open period would see the old one still open
        over.flush_recordset(["ended_at"])
        periods.create(begin)

    def _reason(self):
        return self.pause_id if self.status == "paused" else self.pause_id.browse()

    def _prepare_period_vals(self, now):
        return {
            "agent_id": self.id,
            "branch_id": self.branch_id.id,
            "status": self.status,
            "pause_id": self._reason().id,
            "began_at": now,
        }

    def _seen(self):
        """Note a sign of life of the agent's desk, at most twice a minute."""
        now = fields.Datetime.now()
        if not self.seen_at or self.seen_at < now - timedelta(seconds=30):
            self.sudo().seen_at = now

    @api.model
    def _cron_unseen(self):
        """Pause agents whose desk gave no sign of life for the company's time: a call would ring at an empty chair.

        A wrap-up that they left isn't work either.
        """
        now = fields.Datetime.now()
        for company in self.env["res.company"].search([]):
            since = now - timedelta(seconds=company.agent_unseen_seconds)
            there = Domain("mode", "=", "available") | Domain("status", "=", "wrapup")
            gone = self.search(there & Domain("company_id", "=", company.id) & Domain("seen_at", "<", since))
            gone._set_mode("paused", by="unseen")

    def _tell_wall(self):
        """Let the supervisors' walls know that something changed; what, they read themselves, by their rights."""
        for branch in self.sudo().branch_id:
            self.env["bus.bus"]._sendone(branch, "crm_contact_center/changed", {})
