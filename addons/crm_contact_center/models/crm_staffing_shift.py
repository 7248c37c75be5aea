from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmStaffingShift(models.Model):
    """When an agent works, for which queue. Agents see their own once the plan is published (CC-8a)."""

    _name = "crm.staffing.shift"
    _description = "Shift"
    _inherit = ["crm.about.mixin", "crm.branch.link.mixin"]
    _order = "starts_at, agent_id, id"
    _about = ("agent_id",)

    plan_id = fields.Many2one("crm.staffing.plan", required=True, index=True, ondelete="cascade")
    state = fields.Selection(related="plan_id.state", store=True, index=True)
    branch_id = fields.Many2one(related="plan_id.branch_id", store=True, index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    agent_id = fields.Many2one("crm.agent", required=True, index=True, ondelete="restrict")
    user_id = fields.Many2one(related="agent_id.user_id", store=True, index=True)
    queue_id = fields.Many2one("crm.queue", required=True, index=True, ondelete="restrict")
    starts_at = fields.Datetime("Begins", required=True)
    ends_at = fields.Datetime("Ends", required=True)
    day = fields.Date(compute="_compute_day", store=True, precompute=True, index=True, help="By the branch's calendar.")
    break_ids = fields.One2many("crm.staffing.break", "shift_id", "Breaks", copy=True)
    work_hours = fields.Float("Work (h)", compute="_compute_work_hours", store=True)
    fixed = fields.Boolean("Keep", help="Planning anew leaves it as it is.")
    note = fields.Char()

    _in_order = models.Constraint(
        "CHECK(ends_at > starts_at AND ends_at <= starts_at + INTERVAL '16 hours')", "A shift has up to 16 hours."
    )
    # The database's range operators stand for “the same agent”; they need no extension.
    _no_twins = models.Constraint(
        "EXCLUDE USING gist (int4range(agent_id, agent_id, '[]') WITH &&, tsrange(starts_at, ends_at) WITH &&)",
        "The agent has another shift at that time.",
    )
    _by_agent_idx = models.Index("(agent_id, starts_at)")
    _by_queue_idx = models.Index("(queue_id, starts_at)")

    # === COMPUTE METHODS === #

    @api.depends("agent_id", "starts_at", "ends_at")
    def _compute_display_name(self):
        for shift in self:
            branch = shift.branch_id.sudo()
            if not (branch and shift.starts_at and shift.ends_at):
                shift.display_name = shift.agent_id.sudo().name or ""
                continue
            begin, end = (branch._local(moment).strftime("%H:%M") for moment in (shift.starts_at, shift.ends_at))
            shift.display_name = f"{shift.agent_id.sudo().name} {begin}–{end}"

    @api.depends("starts_at", "branch_id.tz")
    def _compute_day(self):
        for shift in self:
            branch = shift.plan_id.branch_id.sudo()
            shift.day = branch._local(shift.starts_at).date() if branch and shift.starts_at else False

    @api.depends("starts_at", "ends_at", "break_ids.starts_at", "break_ids.ends_at")
    def _compute_work_hours(self):
        for shift in self:
            if not (shift.starts_at and shift.ends_at):
                shift.work_hours = 0.0
                continue
            length = shift.ends_at - shift.starts_at
            for pause in shift.break_ids:
                if pause.starts_at and pause.ends_at:
                    length -= pause.ends_at - pause.starts_at
            shift.work_hours = length.total_seconds() / 3600

    # === CONSTRAINS METHODS === #

    @api.constrains("plan_id", "queue_id", "starts_at", "agent_id")
    def _check_plan(self):
        """Check that a shift is of its plan's week, queues and branch."""
        for shift in self:
            plan = shift.plan_id
            if not 0 <= (shift.day - plan.week_start).days < 7:
                raise ValidationError(self.env._("%s isn't in the week of the plan.", shift.display_name))
            if shift.queue_id not in plan.queue_ids:
                raise ValidationError(self.env._("%s isn't one of the plan's queues.", shift.queue_id.name))
            if shift.agent_id.company_id != plan.company_id:
                raise ValidationError(self.env._("%s is of another company.", shift.agent_id.name))

    @api.constrains("starts_at", "ends_at", "agent_id")
    def _check_rest(self):
        """Check that nobody is planned without their rest: the one rule, with overlaps, that nobody breaks by hand."""
        for plan, shifts in self.grouped("plan_id").items():
            rest = timedelta(hours=plan.rest_hours)
            others = self.sudo().search(
                [
                    ("agent_id", "in", shifts.agent_id.ids),
                    ("starts_at", "<", max(shifts.mapped("ends_at")) + rest),
                    ("ends_at", ">", min(shifts.mapped("starts_at")) - rest),
                ]
            )
            by_agent = others.grouped("agent_id")
            for shift in shifts.sudo():
                for other in by_agent.get(shift.agent_id, self.browse()) - shift:
                    if shift.starts_at < other.ends_at + rest and other.starts_at < shift.ends_at + rest:
                        raise ValidationError(
                            self.env._(
                                "%(shift)s leaves less than %(hours)s hours of rest: there is %(other)s, too.",
                                shift=shift.display_name,
                                hours=f"{plan.rest_hours:g}",
                                other=f"{other.day} {other.display_name}",
                            )
                        )

    @api.constrains("starts_at", "ends_at", "break_ids")
    def _check_breaks(self):
        self.break_ids._check_inside()


class CrmStaffingBreak(models.Model):
    """A break in a shift: it isn't work, and nobody is to be there."""

    _name = "crm.staffing.break"
    _description = "Break in a Shift"
    _order = "starts_at, id"
    _rec_name = "starts_at"

    shift_id = fields.Many2one("crm.staffing.shift", required=True, index=True, ondelete="cascade")
    starts_at = fields.Datetime("Begins", required=True)
    ends_at = fields.Datetime("Ends", required=True)

    _in_order = models.Constraint("CHECK(ends_at > starts_at)", "A break doesn't end before it begins.")
    _no_twins = models.Constraint(
        "EXCLUDE USING gist (int4range(shift_id, shift_id, '[]') WITH &&, tsrange(starts_at, ends_at) WITH &&)",
        "Two breaks of a shift overlap.",
    )

    @api.constrains("starts_at", "ends_at", "shift_id")
    def _check_inside(self):
        for pause in self:
            if pause.starts_at < pause.shift_id.starts_at or pause.ends_at > pause.shift_id.ends_at:
                raise ValidationError(self.env._("A break lies within its shift."))
