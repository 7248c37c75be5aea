from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

OFFICERS = ("crm_branch.group_service_officer",)
MANAGERS = ("crm_branch.group_branch_manager",)
LOOSE = ("message_ids", "message_follower_ids", "activity_ids", "done_at", "done_by_id", "checked_at", "checked_by_id")
TODO = "mail.mail_activity_data_todo"


class CrmDisplayTask(models.Model):
    """A window display to be made with products and leaflets on offer: photo before, photo after, and the manager's
    check (BR-15).
    """

    _name = "crm.display.task"
    _description = "Window Display"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.branch.mixin", "crm.kept.mixin", "crm.file.mixin"]
    _order = "date_due desc, id desc"
    _check_company_auto = True

    _workflow = Workflow(
        states={"todo": "To Do", "done": "To Check", "approved": "Approved"},
        transitions=(
            Transition("finish", ("todo",), "done", OFFICERS, requires=("photo_before", "photo_after")),
            Transition("return", ("done",), "todo", MANAGERS, reason=True, other_than="finish"),
            Transition("approve", ("done",), "approved", MANAGERS, other_than="finish"),
        ),
        locked={"done": (ALL_BUT, *LOOSE), "approved": (ALL_BUT, *LOOSE)},
        deletable=("todo",),
    )
    _kept = frozenset({"company_id", "done_at", "done_by_id", "checked_at", "checked_by_id"})
    _photos = ("photo_before", "photo_after")

    state = _workflow.state_field(index=True, tracking=True, group_expand=True)
    name = fields.Char(required=True)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('branch_ids', 'in', branch_id)]",
        tracking=True,
    )
    date_due = fields.Date("Due On", required=True, index=True, tracking=True)
    guidance = fields.Html(help="How the headquarters or the manager wants it.")
    product_ids = fields.Many2many("product.product", string="Products on Display", check_company=True)
    campaign_id = fields.Many2one(
        "crm.campaign", "Leaflets", index="btree_not_null", ondelete="set null", check_company=True
    )
    photo_before = fields.Image("Before", max_width=1920, max_height=1920, copy=False)
    photo_after = fields.Image("After", max_width=1920, max_height=1920, copy=False)
    done_at = fields.Datetime("Made On", readonly=True, copy=False)
    done_by_id = fields.Many2one(
        "res.users", "Made By", readonly=True, copy=False, index="btree_not_null", ondelete="restrict"
    )
    checked_at = fields.Datetime("Checked On", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False, index="btree_not_null", ondelete="restrict")
    is_overdue = fields.Boolean("Overdue", compute="_compute_is_overdue", search="_search_is_overdue")

    # === COMPUTE METHODS === #

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        for task in self:
            waiting = task.state == "todo" and bool(task.date_due) and bool(task.branch_id)
            task.is_overdue = waiting and task.date_due < task.branch_id.sudo()._today()

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain.OR(
            Domain("branch_id", "=", branch.id) & Domain("date_due", "<", branch._today())
            for branch in self.env["crm.branch"].search([])
        )
        return Domain("state", "=", "todo") & late

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: whoever is to make the display is told."""
        tasks = super().create(vals_list)
        for task in tasks.filtered(lambda task: task.user_id != self.env.user):
            task.sudo()._ask(task.user_id, self.env._("Make the window display"))
        return tasks

    # === ACTION METHODS === #

    def action_finish(self):
        """Hand the display in for the manager's check."""
        return self._workflow_do("finish")

    def action_approve(self):
        """Approve the display: the manager, and not who made it."""
        return self._workflow_do("approve")

    # === WORKFLOW === #

    def _before_transition(self, transition):
        """Override: note who made it and who checked it."""
        now = fields.Datetime.now()
        if transition.name == "finish":
            self.sudo().write({"done_at": now, "done_by_id": self.env.uid})
        else:
            self.sudo().write({"checked_at": now, "checked_by_id": self.env.uid})
        return super()._before_transition(transition)

    def _after_transition(self, transition):
        """Override: who is next is told."""
        tasks = self.sudo()
        tasks.activity_unlink([TODO], only_automated=True)
        for task in tasks:
            if transition.name == "finish":
                task._ask(task.branch_id.head_id, self.env._("Check the window display"))
            elif transition.name == "return":
                task._ask(task.done_by_id, self.env._("Improve the window display"))
        return super()._after_transition(transition)

    # === BUSINESS METHODS === #

    def _ask(self, user, summary):
        if user:
            today = self.branch_id._today()
            self.activity_schedule(TODO, max(today, self.date_due), summary, user_id=user.id, automated=True)
