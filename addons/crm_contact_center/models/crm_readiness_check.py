from datetime import timedelta

from odoo import api, fields, models


class CrmReadinessItem(models.Model):
    """What the system can find out of the check list, for the current company: (whether it holds, in words) (CC-11)."""

    _inherit = "crm.readiness.item"

    @api.model
    def _selection_check(self):
        """Override: add the checks of this file."""
        return [
            *super()._selection_check(),
            ("telephony", "The telephone system was heard in the last day"),
            ("agents", "Every agent has a queue, skills and a telephone"),
            ("queues", "Every queue has agents, and help when they don't suffice"),
            ("level", "The service level of the last 30 days meets the target"),
            ("training", "Every agent was trained in the last 90 days"),
        ]

    def _own(self, model, *domain):
        return self.env[model].search([("company_id", "=", self.env.company.id), *domain])

    def _check_telephony(self):
        systems = self._own("crm.telephony.system")
        since = fields.Datetime.now() - timedelta(days=1)
        silent = systems.filtered(lambda system: not system.last_event_at or system.last_event_at < since)
        if not systems:
            return False, self.env._("No telephone system is connected.")
        if silent:
            return False, self.env._("Not heard for a day: %s.", self._names(silent))
        return True, self.env._("Connected: %s.", self._names(systems))

    def _check_agents(self):
        agents = self._own("crm.agent")
        if not agents:
            return False, self.env._("There are no agents.")
        lacking = agents.filtered(lambda agent: not (agent.queue_ids and agent.skill_ids and agent.extension))
        return self._all(agents, lacking, self.env._("Without a queue, skills or a telephone: %s."))

    def _check_queues(self):
        queues = self._own("crm.queue")
        if not queues:
            return False, self.env._("There are no queues.")
        lacking = queues.filtered(
            lambda queue: not (queue.agent_ids and (queue.overflow_queue_id or queue.calendar_id))
        )
        return self._all(queues, lacking, self.env._("Without agents, or without hours and help: %s."))

    def _check_level(self):
        since = fields.Date.context_today(self) - timedelta(days=30)
        groups = self.env["crm.queue.report"]._read_group(
            [("company_id", "=", self.env.company.id), ("day", ">=", since), ("direction", "=", "incoming")],
            ["queue_id"],
            ["level:avg", "answered:sum", "abandoned:sum"],
        )
        judged = [(queue, level) for queue, level, answered, abandoned in groups if answered or abandoned]
        if not judged:
            return False, self.env._("Nobody has called in the last 30 days.")
        levels = {queue: f"{queue.name} {level:.0f} % ({queue.target_percent} %)" for queue, level in judged}
        words = self._names(self.env["crm.queue"].union(*levels), levels.get)
        return all(level >= queue.target_percent for queue, level in judged), words

    def _check_training(self):
        agents = self._own("crm.agent")
        since = fields.Datetime.now() - timedelta(days=90)
        training = self.env.ref("crm_contact_center.crm_agent_pause_training", raise_if_not_found=False)
        if not (agents and training):
            return False, self.env._("There are no agents.")
        groups = self.env["crm.agent.period"]._read_group(
            [("agent_id", "in", agents.ids), ("pause_id", "=", training.id), ("began_at", ">=", since)], ["agent_id"]
        )
        trained = agents.browse(agent.id for (agent,) in groups)
        return self._all(agents, agents - trained, self.env._("Not trained in the last 90 days: %s."))

    def _all(self, records, lacking, words):
        """Return whether nothing is lacking, and the names of what is, the first ten."""
        if not lacking:
            return True, self.env._("All %s of them.", len(records))
        return False, words % self._names(lacking)

    def _names(self, records, named=lambda record: record.name):
        """Return the names of those that the user sees, the first ten: the company is judged as a whole, but what other
        branches' are called isn't told.
        """
        seen = records.sudo(False)._filtered_access("read").sudo()
        names = [named(record) for record in seen[:10]]
        return ", ".join(names + ["…"] * (len(records) > len(names)))
