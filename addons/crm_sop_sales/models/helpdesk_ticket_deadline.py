from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .helpdesk_ticket import STEP

WORKING = ("registered", "in_progress")


class HelpdeskTicket(models.Model):
    """By when a complaint is answered, and how old it is (SOP-G3, SOP-G4). The hours are helpdesk's SLA policies."""

    _inherit = "helpdesk.ticket"

    priority = fields.Selection(tracking=True)
    deadline = fields.Datetime(
        "Answer By",
        index="btree_not_null",
        tracking=True,
        copy=False,
        help="Promised when the complaint is registered.",
    )
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")
    age_days = fields.Integer("Age (days)", compute="_compute_age_days", help="Until it was answered, else until now.")
    days_to_solve = fields.Float(
        "Days to Solve", compute="_compute_days_to_solve", store=True, aggregator="avg", digits=(16, 1)
    )

    # === COMPUTE METHODS === #

    @api.depends("deadline", "complaint_state")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for ticket in self:
            waiting = ticket.complaint_state in WORKING and bool(ticket.deadline)
            ticket.is_late = waiting and ticket.deadline < now

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("complaint_state", "in", WORKING) & Domain("deadline", "<", fields.Datetime.now())

    @api.depends("create_date", "answered_at", "complaint_state")
    def _compute_age_days(self):
        now = fields.Datetime.now()
        for ticket in self:
            ended = ticket.answered_at or ticket.closed_date or now
            ticket.age_days = max((ended - (ticket._came_at() or now)).days, 0)

    @api.depends("answered_at", "create_date")
    def _compute_days_to_solve(self):
        """Days from the complaint to its answer; 0 until then."""
        for ticket in self:
            answered, came = ticket.answered_at, ticket._came_at()
            ticket.days_to_solve = (answered - came).total_seconds() / 86400 if answered and came else 0

    def _read_group_select(self, aggregate_spec, query):
        """Override: the average is that of answered complaints; the others have no days yet, and aren't quick."""
        if aggregate_spec == "days_to_solve:avg":
            return SQL("AVG(NULLIF(%s, 0))", self._field_to_sql(self._table, "days_to_solve", query))
        return super()._read_group_select(aggregate_spec, query)

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: a complaint that becomes more or less urgent gets another deadline."""
        waiting = (
            self.filtered(lambda ticket: ticket.complaint_state in WORKING) if "priority" in vals else self.browse()
        )
        urgent = waiting.filtered(lambda ticket: ticket.priority != vals["priority"])
        result = super().write(vals)
        if urgent and "deadline" not in vals:
            urgent.set_sla()
            urgent._promise()
        return result

    def set_sla(self):
        """Override: officers have complaints measured, though the measure isn't theirs to write."""
        self.check_access("write")
        return super(HelpdeskTicket, self.sudo()).set_sla()

    # === BUSINESS METHODS === #

    def _before_transition(self, transition):
        if transition.name == "register":
            self.set_sla()
            self.filtered(lambda ticket: not ticket.deadline)._promise()
        return super()._before_transition(transition)

    def _after_transition(self, transition):
        """Override: what is taken up again is promised anew; before, a closed complaint's deadline doesn't change."""
        if transition.target == "in_progress" and transition.name != "start":
            self._promise(fields.Datetime.now())
        return super()._after_transition(transition)

    def _check_transition(self, transition):
        result = super()._check_transition(transition)
        if transition.name == "register" and (open_ended := self.filtered(lambda ticket: not ticket.deadline)):
            raise UserError(
                self.env._(
                    "%s: there is no deadline for such a complaint. A manager sets one on it, or adds a policy in "
                    "CRM → Configuration → Complaint Deadlines.",
                    open_ended[:1].display_name,
                )
            )
        return result

    def _promise(self, start=None):
        """Set the deadline by the strictest policy, counted from ``start`` (UTC), else from when the complaint came."""
        for ticket in self.with_context(complaint_step=STEP):
            if moment := ticket._find_deadline(start or ticket._came_at()):
                ticket.deadline = moment

    def _came_at(self):
        """Return when the complaint came, to the second: as all times but Odoo's own are noted."""
        return self.create_date and self.create_date.replace(microsecond=0)

    def _find_deadline(self, start):
        """Return the moment (UTC) until which the working hours of a policy last, or None without a policy."""
        calendar = self.team_id.sudo().resource_calendar_id or self.company_id.sudo().resource_calendar_id
        policies = self.sudo()._get_sla()
        hours = [policy.hours + policy.days * calendar.hours_per_day for policy in policies]
        return calendar.plan_hours(min(hours), start, compute_leaves=True) if hours and calendar else None
