import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.translate import LazyTranslate

from ..roster import run
from ..roster.problem import HARD, Agent, Problem, Rules, Shift, breaches

_lt = LazyTranslate(__name__)
_logger = logging.getLogger(__name__)

#: More possible shifts times agents than that are too many to search through.
MOST_CHOICES = 150_000
#: What a rule that isn't kept is called.
WORDS = {
    "overlap": _lt("%(name)s, %(day)s: two shifts overlap."),
    "rest": _lt("%(name)s, %(day)s: only %(hours)s hours of rest before."),
    "absence": _lt("%(name)s, %(day)s: is away."),
    "queue": _lt("%(name)s, %(day)s: doesn't have this queue, or its skills."),
    "hours": _lt("%(name)s: %(hours)s hours of work in this week."),
    "days_off": _lt("%(name)s: %(days)s days off in this week."),
    "in_a_row": _lt("%(name)s: %(days)s days in a row."),
}


class CrmStaffingPlan(models.Model):
    """Finding the shifts, and checking those that there are (CC-8a). What is searched, ``roster`` knows."""

    _inherit = "crm.staffing.plan"

    # === ACTION METHODS === #

    def action_solve(self):
        """Have the shifts planned. The scheduler does it, so that nobody waits for a page; the page hears of it."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("A published plan is reopened before it is planned anew."))
        if not self.pattern_ids:
            raise UserError(self.env._("Choose the shift patterns that the plan may use."))
        if not self.env["crm.staffing.coverage"].search_count([("plan_id", "=", self.id), ("needed", ">", 0)], limit=1):
            raise UserError(
                self.env._(
                    "Nothing says how many agents are needed in this week: make a forecast for the queues first."
                )
            )
        self.sudo().write({"solve_state": "queued", "solve_user_id": self.env.uid, "solve_words": False})
        self.env.ref("crm_contact_center.ir_cron_staffing_solve").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "The shifts are being planned: up to %s seconds. You can leave this page.",
                    self.company_id.staffing_seconds,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # === SOLVING === #

    @api.model
    def _cron_solve(self):
        """Plan what waits to be planned, one after the other, each for itself."""
        queued = self.search([("solve_state", "=", "queued")], order="write_date, id")
        self.env["ir.cron"]._commit_progress(remaining=len(queued))
        for plan in queued:
            try:
                plan._solve()
                self.env.flush_all()
            except Exception as error:  # one that fails mustn't stop the others, or be tried for ever
                self.env.cr.rollback()
                _logger.warning("Plan %s could not be made", plan.id, exc_info=True)
                words = str(error) if isinstance(error, UserError) else plan.env._("An error: the server's log has it.")
                plan.write({"solve_state": "failed", "solve_words": words[:300]})
            plan._tell_solved()
            self.env["ir.cron"]._commit_progress(1)

    def _solve(self, seconds=None):
        """Make the shifts anew but those that are kept, in so many seconds: the company's, if not given."""
        self.ensure_one()
        plan = self.sudo()
        if plan.state != "draft":
            raise UserError(self.env._("It was published meanwhile."))
        problem = plan._problem()
        choices = len(problem.options) * len(problem.agents)
        if not problem.agents:
            raise UserError(self.env._("No agent has these queues and the skills that they need."))
        if choices > MOST_CHOICES:
            raise UserError(
                self.env._("%s possible shifts are too many: use fewer patterns, or longer steps.", choices)
            )
        shifts, how = run.solve(problem, seconds or plan.company_id.staffing_seconds)
        plan.shift_ids.filtered(lambda shift: not shift.fixed).unlink()
        plan.env["crm.staffing.shift"].create([plan._prepare_shift_vals(shift) for shift in shifts])
        plan.write({"how": how, "solved_at": fields.Datetime.now(), "solve_state": "idle", "solve_words": False})

    def _prepare_shift_vals(self, shift):
        return {
            "plan_id": self.id,
            "agent_id": shift.agent,
            "queue_id": shift.queue,
            "starts_at": self._moment_of(shift.start),
            "ends_at": self._moment_of(shift.end),
            "break_ids": [
                Command.create({"starts_at": self._moment_of(begin), "ends_at": self._moment_of(end)})
                for begin, end in shift.breaks
            ],
        }

    def _tell_solved(self):
        """Tell the plan's page that it is made, or can't be."""
        self.ensure_one()
        self.solve_user_id._bus_send("crm_contact_center/plan", {"id": self.id, "state": self.solve_state})

    # === THE PROBLEM === #

    def _begin(self):
        return self.branch_id._moment(self.week_start)

    def _minutes_of(self, moment):
        return round((moment - self._begin()).total_seconds() / 60)

    def _moment_of(self, minutes):
        return self._begin() + timedelta(minutes=minutes)

    def _rules(self):
        return Rules(
            minutes=round(self.max_hours * 60),
            rest=round(self.rest_hours * 60),
            days_off=self.days_off,
            in_a_row=self.max_in_a_row,
        )

    def _problem(self):
        """Return the :class:`~..roster.problem.Problem` of the week."""
        step, need = self._need()
        agents = self._roster_agents()
        given = self._shifts_around([agent.id for agent in agents]) + self._shifts_kept(step)
        return Problem(need, agents, self._options(step, need), self._rules(), given)

    def _need(self):
        """Return the intervals' length in minutes, and queue id → agents needed in each."""
        step = min(int(queue.staffing_minutes) for queue in self.queue_ids)
        rows = self.env["crm.staffing.coverage"].search_fetch(
            [("plan_id", "=", self.id)], ["queue_id", "interval_at", "minutes", "needed"]
        )
        size = self._size(step)
        need = {queue.id: [0] * size for queue in self.queue_ids}
        for row in rows:
            first = self._minutes_of(row.interval_at) // step
            for place in range(first, min(size, first + max(1, row.minutes // step))):
                need[row.queue_id.id][place] = round(row.needed)
        return step, need

    def _size(self, step):
        """Return how many intervals the week has: it can be an hour longer or shorter."""
        return self._minutes_of(self.branch_id._moment(self.week_start + timedelta(days=7))) // step

    def _roster_agents(self):
        """Return who can be planned: those of the queues who have the skills that a queue needs."""
        absences = self.env["crm.agent.absence"].search(
            [("date_to", ">", self._begin()), ("date_from", "<", self._begin() + timedelta(days=9))]
        )
        away = absences.grouped("agent_id")
        found = []
        for agent in self.queue_ids.agent_ids.filtered("active").sorted("id"):
            queues = tuple(
                queue.id for queue in self.queue_ids if queue in agent.queue_ids and agent._has_skills(queue)
            )
            if queues:
                spans = tuple(
                    (self._minutes_of(one.date_from), self._minutes_of(one.date_to)) for one in away.get(agent, ())
                )
                found.append(Agent(agent.id, queues, spans))
        return found

    def _options(self, step, need):
        """Return every shift that would help: each pattern, day, beginning, break and queue."""
        options = []
        for day in range(7):
            date = self.week_start + timedelta(days=day)
            for pattern in self.pattern_ids:
                length = round(pattern.hours * 60)
                for start in pattern._starts():
                    begin = self._minutes_of(self.branch_id._moment(date, start / 60))
                    midnight = begin - start  # by the clock at the beginning, on days with a clock change too
                    for span in pattern._spans(start, step):
                        breaks = ((midnight + span[0], midnight + span[1]),) if span else ()
                        options += self._options_at(day, begin, begin + length, breaks, step, need)
        return options

    def _options_at(self, day, begin, end, breaks, step, need):
        size = len(next(iter(need.values())))
        covers = self._covered(begin, end, breaks, step, size)
        pause = sum(stop - start for start, stop in breaks)
        return [
            Shift(0, day, begin, end, pause, queue, covers, breaks)
            for queue, needed in need.items()
            if any(needed[place] for place in covers)
        ]

    @staticmethod
    def _covered(begin, end, breaks, step, size):
        """Return the numbers of the intervals that lie within a shift and touch none of its breaks."""
        places = range(max(0, -(-begin // step)), min(size, end // step))
        return tuple(
            place
            for place in places
            if not any(start < (place + 1) * step and place * step < stop for start, stop in breaks)
        )

    def _as_shift(self, shift, step=0):
        begin, end = self._minutes_of(shift.starts_at), self._minutes_of(shift.ends_at)
        breaks = tuple((self._minutes_of(one.starts_at), self._minutes_of(one.ends_at)) for one in shift.break_ids)
        covers = self._covered(begin, end, breaks, step, self._size(step)) if step else ()
        day = (shift.day - self.week_start).days
        pause = sum(stop - start for start, stop in breaks)
        return Shift(shift.agent_id.id, day, begin, end, pause, shift.queue_id.id, covers, breaks)

    def _shifts_kept(self, step):
        return [self._as_shift(shift, step) for shift in self.shift_ids if shift.fixed]

    def _shifts_around(self, agent_ids):
        """Return the shifts of other plans that matter for rest and days in a row."""
        before, after = timedelta(days=self.max_in_a_row + 1), timedelta(days=8 + self.max_in_a_row)
        shifts = self.env["crm.staffing.shift"].search(
            [
                ("agent_id", "in", agent_ids),
                ("plan_id", "!=", self.id),
                ("ends_at", ">", self._begin() - before),
                ("starts_at", "<", self._begin() + after),
            ]
        )
        return [self._as_shift(shift) for shift in shifts]

    # === CHECKING === #

    def _check_rules(self):
        """Return what the shifts break: [{agent, rule, hard, words}], the hard ones first."""
        self.ensure_one()
        plan = self.sudo()
        shifts = [plan._as_shift(shift) for shift in plan.shift_ids]
        agents = {agent.id: agent for agent in plan._roster_agents()}
        for agent in plan.shift_ids.agent_id:
            agents.setdefault(agent.id, Agent(agent.id, ()))
        around = plan._shifts_around(plan.shift_ids.agent_id.ids)
        found = breaches([*around, *shifts], agents.values(), plan._rules())
        names = {agent.id: agent.name for agent in plan.shift_ids.agent_id}
        found = [breach for breach in found if breach.agent in names]
        return sorted(
            (
                {
                    "agent": breach.agent,
                    "rule": breach.rule,
                    "hard": breach.rule in HARD,
                    "words": self._breach_words(breach, names[breach.agent]),
                }
                for breach in found
            ),
            key=lambda one: not one["hard"],
        )

    def _breach_words(self, breach, name):
        hours = f"{breach.amount / 60:g}"
        day = self.week_start + timedelta(days=breach.day)
        words = self.env._(WORDS[breach.rule])
        return words % {"name": name, "day": day, "hours": hours, "days": breach.amount}


class CrmAgent(models.Model):
    _inherit = "crm.agent"

    def _has_skills(self, queue):
        """Return whether the agent has every skill that the queue requires, at its level."""
        levels = {known.skill_id.id: known.level for known in self.skill_ids}
        return all(levels.get(required.skill_id.id, 0) >= required.level for required in queue.skill_ids)
