from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

RECEIVE = "crm_branch.mail_activity_type_material"
LATE = "crm_branch.mail_activity_type_material_late"
#: How many late receipts the scheduler escalates before it commits.
AT_ONCE = 200


class CrmMaterialReceipt(models.Model):
    """That a version of a material has arrived at a branch: made on publication, confirmed there (BR-G2)."""

    _name = "crm.material.receipt"
    _description = "Receipt of a Material"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.branch.mixin", "crm.fact.mixin", "crm.workflow.mixin"]
    _order = "sent_at desc, id desc"
    _rec_name = "version_id"

    _workflow = Workflow(
        states={"waiting": "To Confirm", "received": "Received", "dropped": "Not Needed"},
        transitions=(
            Transition("receive", ("waiting",), "received"),
            Transition("drop", ("waiting",), "dropped"),
        ),
        locked=dict.fromkeys(("waiting", "received", "dropped"), (ALL_BUT,)),
    )

    state = _workflow.state_field(index=True)
    branch_id = fields.Many2one(readonly=True)
    version_id = fields.Many2one("crm.material.version", required=True, readonly=True, ondelete="restrict")
    material_id = fields.Many2one(related="version_id.material_id", store=True, index=True)
    kind = fields.Selection(related="material_id.kind", store=True)
    changes = fields.Text("What Is New", compute="_compute_content")
    file_ids = fields.Many2many("ir.attachment", string="Files", compute="_compute_content")
    sent_at = fields.Datetime("Sent On", required=True, readonly=True)
    due_at = fields.Datetime("Due On", required=True, readonly=True)
    received_at = fields.Datetime("Received On", readonly=True, copy=False)
    received_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    minutes = fields.Float(
        readonly=True, copy=False, aggregator="avg", digits=(12, 1), help="From publication to receipt."
    )
    received_late = fields.Boolean(readonly=True, copy=False)
    escalated_at = fields.Datetime("Escalated On", readonly=True, copy=False)
    is_late = fields.Boolean(
        "Late",
        compute="_compute_is_late",
        search="_search_is_late",
        help="Confirmed too late, or not yet though its time is over.",
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _once = models.Constraint("UNIQUE(version_id, branch_id)", "The branch has a receipt of this version already.")
    _received_when = models.Constraint(
        "CHECK(state != 'received' OR (received_at IS NOT NULL AND received_by_id IS NOT NULL))",
        "A material is received at a moment, by somebody.",
    )
    _due_idx = models.Index("(due_at) WHERE state = 'waiting' AND escalated_at IS NULL")

    # === COMPUTE METHODS === #

    @api.depends("version_id.changes", "version_id.attachment_ids")
    @api.depends_context("uid")
    def _compute_content(self):
        """Show what a version holds to who may read it: an old one is no more for branches."""
        readable = self.version_id.sudo(False)._filtered_access("read")
        for receipt in self:
            shown = receipt.version_id.sudo() if receipt.version_id in readable else readable.browse()
            receipt.changes = shown.changes
            receipt.file_ids = shown.attachment_ids

    @api.depends("due_at", "received_late", "state")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for receipt in self:
            overdue = receipt.state == "waiting" and receipt.due_at and receipt.due_at < now
            receipt.is_late = overdue or receipt.received_late

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "=", "waiting") & Domain("due_at", "<", fields.Datetime.now())
        return late | Domain("received_late", "=", True)

    @api.depends("branch_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for receipt in self:
            receipt.is_mine = receipt.branch_id in self.env.user.branch_ids

    # === ACTION METHODS === #

    def action_receive(self):
        """Confirm that the version has arrived at the user's branch. A second click changes nothing."""
        self.filtered(lambda receipt: receipt.state != "received")._workflow_do("receive")

    def action_open_files(self):
        """Open the file; where there are several, the version."""
        self.ensure_one()
        self.check_access("read")
        return self.version_id.action_open_files()

    # === BUSINESS METHODS === #

    @api.model
    def _prepare_vals_list(self, version, branches):
        """Return values of the receipts of these branches; sent now."""
        now = fields.Datetime.now()
        due = now + timedelta(minutes=version.company_id.material_receipt_minutes)
        return [
            {"version_id": version.id, "branch_id": branch.id, "sent_at": now, "due_at": due} for branch in branches
        ]

    def _check_transition(self, transition):
        """Override: somebody of the branch confirms, and nobody for another branch."""
        if transition.name == "receive" and (others := self.filtered(lambda receipt: not receipt.is_mine)):
            raise AccessError(
                self.env._(
                    "A material is confirmed by somebody of the branch: %s.",
                    ", ".join(others.sudo().branch_id.mapped("name")),
                )
            )
        return super()._check_transition(transition)

    def _before_transition(self, transition):
        """Override: note when and by whom."""
        if transition.name == "receive":
            now = fields.Datetime.now()
            for receipt in self:
                minutes = (now - receipt.sent_at).total_seconds() / 60
                receipt._note(
                    {
                        "received_at": now,
                        "received_by_id": self.env.uid,
                        "minutes": minutes,
                        "received_late": now > receipt.due_at,
                    }
                )
        return super()._before_transition(transition)

    def _after_transition(self, transition):
        """Override: nobody is asked any more."""
        self.sudo().activity_unlink([RECEIVE, LATE], only_automated=False)
        return super()._after_transition(transition)

    def _drop(self):
        """Let those that nobody has confirmed yet wait no more."""
        if waiting := self.filtered(lambda receipt: receipt.state == "waiting"):
            waiting._workflow_do("drop")

    def _tell(self):
        """Ask everybody of the branches to confirm, by an activity each: whoever is first does it for all."""
        self._ask(RECEIVE, lambda receipt: receipt.branch_id.user_ids.filtered("active"))

    def _ask(self, kind, whom, **context):
        kind = self.env.ref(kind)
        model_id = self.env["ir.model"]._get_id(self._name)
        vals_list = [
            {
                "res_model_id": model_id,
                "res_id": receipt.id,
                "activity_type_id": kind.id,
                "user_id": user.id,
                "date_deadline": receipt.branch_id._today(),
                "summary": receipt.version_id.display_name,
                "automated": True,
            }
            for receipt in self
            for user in whom(receipt)
        ]
        self.env["mail.activity"].with_context(mail_activity_quick_update=True, **context).create(vals_list)

    # === LATE ONES === #

    @api.model
    def _cron_escalate(self):
        """Tell head and area coordinator of branches that haven't confirmed in time, once for each receipt (BR-G2)."""
        domain = [("state", "=", "waiting"), ("escalated_at", "=", False), ("due_at", "<", fields.Datetime.now())]
        late = self.search(domain, limit=AT_ONCE, order="due_at").try_lock_for_update()
        late._escalate()
        self.env["ir.cron"]._commit_progress(len(late), remaining=self.search_count(domain))

    def _escalate(self):
        self._note({"escalated_at": fields.Datetime.now()})
        self._ask(LATE, lambda receipt: receipt._overseers())

    def _overseers(self):
        """Return who is told: head and coordinator; where a branch has neither, who is responsible for the material."""
        branch = self.branch_id
        return (branch.head_id | branch.coordinator_id).filtered("active") or self.material_id.user_id
