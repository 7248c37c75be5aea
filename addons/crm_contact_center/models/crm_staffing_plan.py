from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.crm_base.workflow import Transition, Workflow

SUPERVISOR = ("crm_contact_center.group_supervisor",)
RULES = ("max_hours", "rest_hours", "days_off", "max_in_a_row")
#: What only solving writes.
SOLVED = frozenset({"how", "solved_at", "solve_state", "solve_user_id", "solve_words"})


class CrmStaffingPlan(models.Model):
    """The shifts of a week: who works when, so that what was forecast is covered and everybody gets their rest
    (CC-8a).
    """

    _name = "crm.staffing.plan"
    _description = "Staff Plan"
    _inherit = ["mail.thread", "crm.branch.mixin", "crm.branch.link.mixin", "crm.workflow.mixin"]
    _order = "week_start desc, id desc"
    _check_company_auto = True

    _workflow = Workflow(
        states={"draft": "Draft", "published": "Published"},
        transitions=(
            Transition("publish", ("draft",), "published", groups=SUPERVISOR),
            Transition("reopen", ("published",), "draft", groups=SUPERVISOR),
        ),
        locked={"published": ("week_start", "branch_id", "queue_ids", "pattern_ids", *RULES)},
        deletable=("draft",),
    )

    state = _workflow.state_field(index=True, tracking=True)
    week_start = fields.Date(
        "Week", required=True, index=True, default=lambda self: self._next_monday(), help="Monday."
    )
    queue_ids = fields.Many2many("crm.queue", string="Queues", required=True, check_company=True)
    pattern_ids = fields.Many2many(
        "crm.staffing.pattern",
        string="Shift Patterns",
        default=lambda self: self.env["crm.staffing.pattern"].search([("branch_id", "=", self.env.user.branch_id.id)]),
    )
    max_hours = fields.Float("Most Hours a Week", required=True, default=40.0, help="Of work: breaks don't count.")
    rest_hours = fields.Float("Rest (h)", required=True, default=11.0, help="Between two shifts of an agent, at least.")
    days_off = fields.Integer("Days off a Week", required=True, default=1, help="At least.")
    max_in_a_row = fields.Integer("Days in a Row", required=True, default=6, help="At most.")
    shift_ids = fields.One2many("crm.staffing.shift", "plan_id", "Shifts")
    shift_count = fields.Integer("Number of Shifts", compute="_compute_shift_count")
    solve_state = fields.Selection(
        [("idle", "Ready"), ("queued", "Being Planned"), ("failed", "Failed")],
        required=True,
        readonly=True,
        default="idle",
        copy=False,
    )
    solve_user_id = fields.Many2one("res.users", "Planned By", readonly=True, copy=False)
    solve_words = fields.Char(readonly=True, copy=False)
    solved_at = fields.Datetime("Planned At", readonly=True, copy=False)
    how = fields.Selection(
        [
            ("proven", "Best possible"),
            ("best", "Best found in time"),
            ("greedy", "Simple: one shift after the other"),
        ],
        "Plan Is",
        readonly=True,
        copy=False,
    )
    needed_hours = fields.Float("Needed (h)", compute="_compute_covered")
    short_hours = fields.Float("Not Covered (h)", compute="_compute_covered")
    covered_percent = fields.Float("Covered (%)", compute="_compute_covered")
    warnings = fields.Text(compute="_compute_warnings", help="What isn't as it should be.")

    _rules_range = models.Constraint(
        "CHECK(max_hours > 0 AND max_hours <= 84 AND rest_hours BETWEEN 0 AND 48 AND days_off BETWEEN 0 AND 6"
        " AND max_in_a_row BETWEEN 1 AND 14)",
        "These rules leave nobody any work, or any rest.",
    )

    # === COMPUTE METHODS === #

    @api.model
    def _next_monday(self):
        today = fields.Date.context_today(self)
        return today + timedelta(days=7 - today.weekday())

    @api.depends("week_start", "queue_ids")
    def _compute_display_name(self):
        for plan in self:
            names = ", ".join(plan.queue_ids.mapped("name"))
            plan.display_name = f"{plan.week_start or ''} {names}".strip()

    @api.depends("shift_ids")
    def _compute_shift_count(self):
        groups = self.env["crm.staffing.shift"]._read_group([("plan_id", "in", self.ids)], ["plan_id"], ["__count"])
        counts = {plan.id: count for plan, count in groups}
        for plan in self:
            plan.shift_count = counts.get(plan.id, 0)

    @api.depends("shift_ids.starts_at", "shift_ids.ends_at", "shift_ids.queue_id", "queue_ids", "week_start")
    def _compute_covered(self):
        groups = self.env["crm.staffing.coverage"]._read_group(
            [("plan_id", "in", self.ids)], ["plan_id"], ["needed_hours:sum", "short_hours:sum"]
        )
        hours = {plan.id: figures for plan, *figures in groups}
        for plan in self:
            needed, short = hours.get(plan._origin.id, (0.0, 0.0))
            plan.needed_hours, plan.short_hours = needed, short
            plan.covered_percent = 100 * (needed - short) / needed if needed else 0.0

    @api.depends("shift_ids.starts_at", "shift_ids.ends_at", "shift_ids.agent_id", "shift_ids.queue_id", "how", *RULES)
    @api.depends_context("lang")
    def _compute_warnings(self):
        for plan in self:
            words = []
            if plan.how == "greedy":
                words.append(
                    self.env._(
                        "This plan was made one shift after the other: the solver (ortools) isn't installed, or it "
                        "failed. A better plan is likely to exist."
                    )
                )
            words += [breach["words"] for breach in plan._origin._check_rules()] if plan._origin else []
            plan.warnings = "\n".join(words) or False

    # === CONSTRAINS METHODS === #

    @api.constrains("week_start")
    def _check_monday(self):
        for plan in self:
            if plan.week_start.weekday():
                raise ValidationError(self.env._("A week begins on Monday: %s doesn't.", plan.week_start))

    @api.constrains("week_start", "branch_id", "queue_ids")
    def _check_shifts(self):
        """Check that shifts that are there still are of the plan's week and queues."""
        self.shift_ids._check_plan()

    @api.constrains("queue_ids", "branch_id")
    def _check_queues(self):
        for plan in self:
            if not plan.queue_ids:
                raise ValidationError(self.env._("Say which queues are planned for."))
            if plan.queue_ids.branch_id - plan.branch_id:
                raise ValidationError(self.env._("The queues of a plan are of one branch."))

    @api.constrains("pattern_ids", "branch_id")
    def _check_patterns(self):
        for plan in self:
            if plan.pattern_ids.branch_id - plan.branch_id:
                raise ValidationError(self.env._("The shift patterns of a plan are of its branch."))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: how a plan was made, its making says."""
        for vals in vals_list:
            self._refuse_solved(vals)
        return super().create(vals_list)

    def write(self, vals):
        """Override: how a plan was made, its making says."""
        self._refuse_solved(vals)
        return super().write(vals)

    def _refuse_solved(self, vals):
        if not self.env.su and SOLVED & vals.keys():
            raise UserError(self.env._("How a plan was made isn't typed."))

    # === ACTION METHODS === #

    def action_publish(self):
        """Show the shifts to their agents."""
        self._workflow_do("publish")

    def action_reopen(self):
        """Take the plan back from its agents."""
        self._workflow_do("reopen")

    def action_view_coverage(self):
        """Open what is needed and planned, interval by interval."""
        return self._open("crm_staffing_coverage_action")

    def action_view_shifts(self):
        """Open the shifts."""
        action = self._open("crm_staffing_shift_action")
        day = fields.Date.to_string(self.week_start)
        return {**action, "context": {"default_plan_id": self.id, "initial_date": day}}

    def _open(self, name):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"crm_contact_center.{name}")
        return {**action, "domain": [("plan_id", "=", self.id)], "context": {}}

    # === WORKFLOW === #

    def _check_transition(self, transition):
        """Override: what nobody may work isn't published."""
        super()._check_transition(transition)
        if transition.name != "publish":
            return
        for plan in self:
            if not plan.shift_ids:
                raise UserError(self.env._("%s has no shifts.", plan.display_name))
            if plan.solve_state == "queued":
                raise UserError(self.env._("%s is being planned: wait until it is there.", plan.display_name))
            if hard := [breach["words"] for breach in plan._check_rules() if breach["hard"]]:
                raise UserError("\n".join(hard))

    def _after_transition(self, transition):
        """Override: agents who are there hear that their shifts are out."""
        result = super()._after_transition(transition)
        if transition.name == "publish":
            for user in self.sudo().shift_ids.user_id:
                user._bus_send(
                    "simple_notification",
                    {"type": "info", "message": self.env._("Your shifts are out: see Contacts → My Shifts.")},
                )
        return result
