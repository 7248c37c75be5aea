from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.crm_base.workflow import Transition, Workflow

COURIER, PIC = "crm_courier.group_courier", "crm_courier.group_pic"
OFFICER, MANAGER = "crm_base.group_officer", "crm_base.group_manager"
LOGISTICS = "stock.group_stock_user"
#: What the review has fixed: who goes when with what (SOP-13c).
SCHEDULE = ("user_id", "starts_at", "ends_at", "branch_id", "company_id", "is_courier_run", "picking_type_id")
LOADED = (*SCHEDULE, "terminal_id", "equipment_ids")
#: What Odoo's own state of a batch says of a run.
BATCH_STATES = {
    "planned": "draft",
    "reviewed": "draft",
    "loaded": "in_progress",
    "on_road": "in_progress",
    "back": "in_progress",
    "handed_over": "in_progress",
    "closed": "done",
    "cancelled": "cancel",
}


class StockPickingBatch(models.Model):
    """A courier's delivery run: reviewed by the committee, loaded unit by unit, and closed with its proofs (SOP-13).

    A batch that is no run keeps Odoo's own states and buttons, and stays in the first state of this table.
    """

    _name = "stock.picking.batch"
    _inherit = ["stock.picking.batch", "crm.workflow.mixin", "crm.courier.facts"]

    #: The states in which goods and equipment are with the courier.
    _OUTSIDE = ("loaded", "on_road", "back")
    _workflow_field = "run_state"
    _workflow = Workflow(
        states={
            "planned": "Planned",
            "reviewed": "Reviewed",
            "loaded": "Loaded",
            "on_road": "On the Road",
            "back": "Back",
            "handed_over": "Handed Over",
            "closed": "Closed",
            "cancelled": "Cancelled",
        },
        transitions=(
            Transition("review", ("planned",), "reviewed", groups=(PIC,), requires=("user_id", "starts_at", "ends_at")),
            Transition(
                "review_over_limits",
                ("planned",),
                "reviewed",
                groups=(PIC,),
                requires=("user_id", "starts_at", "ends_at"),
                reason=True,
            ),
            Transition("replan", ("reviewed",), "planned", groups=(PIC, LOGISTICS), reason=True),
            Transition("load", ("reviewed",), "loaded", groups=(COURIER, LOGISTICS)),
            Transition("unload", ("loaded",), "reviewed", groups=(PIC, LOGISTICS), reason=True),
            Transition("leave", ("loaded",), "on_road", groups=(COURIER, LOGISTICS)),
            Transition("recall", ("on_road",), "loaded", groups=(PIC, LOGISTICS), reason=True),
            Transition("come_back", ("on_road",), "back", groups=(COURIER, LOGISTICS, OFFICER)),
            Transition("hand_over", ("back",), "handed_over", groups=(OFFICER,), requires=("counted_at",)),
            Transition("recount", ("handed_over",), "back", groups=(MANAGER,), reason=True),
            Transition("close", ("handed_over",), "closed", groups=(OFFICER,)),
            Transition("reopen", ("closed",), "handed_over", groups=(MANAGER,), reason=True),
            Transition("cancel", ("planned", "reviewed"), "cancelled", groups=(PIC, MANAGER), reason=True),
        ),
        locked={
            "planned": ("picking_type_id", "is_courier_run", "equipment_ids"),
            "reviewed": (*SCHEDULE, "equipment_ids"),
            **dict.fromkeys(("loaded", "on_road", "back", "handed_over"), LOADED),
            **dict.fromkeys(("closed", "cancelled"), (*LOADED, "description", "scheduled_date", "stop_ids")),
        },
        deletable=("planned", "cancelled"),
    )
    _facts = frozenset(
        {
            "reviewed_by_id",
            "reviewed_at",
            "left_at",
            "returned_at",
            "counted_by_id",
            "counted_at",
            "run_day",
            "stop_count",
            "unit_count",
            "stop_value",
            "cash_to_collect",
            "discrepancy_ids",
        }
    )

    run_state = _workflow.state_field("Run Status", index=True, group_expand=True, tracking=True)
    is_courier_run = fields.Boolean("Courier Run", index=True, help="A run of our own courier, not a warehouse batch.")
    branch_id = fields.Many2one("crm.branch", check_company=True, index="btree_not_null", ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    starts_at = fields.Datetime("Leaves", copy=False, help="When the courier is to leave.")
    ends_at = fields.Datetime("Until", copy=False, help="When the courier is to be back.")
    run_day = fields.Date("Day", compute="_compute_run_day", store=True, index=True, help="By the clock of the branch.")
    stop_ids = fields.One2many("crm.courier.stop", "run_id", "Stops", copy=False)
    unit_ids = fields.One2many("crm.courier.unit", "run_id", "Units", readonly=True)
    terminal_id = fields.Many2one(
        "crm.courier.terminal", "Card Terminal", check_company=True, copy=False, index="btree_not_null", tracking=True
    )
    stop_count = fields.Integer("Deliveries", compute="_compute_totals", store=True)
    unit_count = fields.Integer("Units Carried", compute="_compute_totals", store=True)
    stop_value = fields.Monetary("Value", compute="_compute_totals", store=True)
    cash_to_collect = fields.Monetary("To Collect", compute="_compute_totals", store=True)
    reviewed_by_id = fields.Many2one("res.users", readonly=True, copy=False, index="btree_not_null")
    reviewed_at = fields.Datetime(readonly=True, copy=False)
    left_at = fields.Datetime("Left", readonly=True, copy=False)
    returned_at = fields.Datetime("Came Back", readonly=True, copy=False)

    _run_is_complete = models.Constraint(
        "CHECK(is_courier_run IS NOT TRUE OR (branch_id IS NOT NULL AND picking_type_id IS NOT NULL))",
        "A delivery run belongs to a branch and to a warehouse's deliveries.",
    )
    _ends_after_start = models.Constraint("CHECK(ends_at > starts_at)", "A run ends after it has begun.")
    _terminal_once = models.UniqueIndex(
        "(terminal_id) WHERE is_courier_run AND run_state IN ('loaded', 'on_road', 'back')",
        "Another courier has this card terminal with them.",
    )

    # === DEFAULTS === #

    @api.model
    def default_get(self, fields):  # pylint: disable=redefined-outer-name
        """Override: a run is one of the user's warehouse's deliveries, in that warehouse's branch."""
        values = super().default_get(fields)
        if values.get("is_courier_run") or self.env.context.get("default_is_courier_run"):
            kind = self.env["stock.picking.type"].browse(values.get("picking_type_id"))
            kind = kind or self.env.user._get_default_warehouse_id().out_type_id
            values["picking_type_id"] = kind.id
            values["branch_id"] = values.get("branch_id") or self._branch_of(kind).id
        return values

    @api.model
    def _branch_of(self, picking_type):
        """Return the branch that delivers from the operation type's warehouse, or else the user's."""
        warehouse = picking_type.warehouse_id
        branches = self.env["crm.branch"].sudo().search([("company_id", "=", picking_type.company_id.id)])
        there = branches.filtered(lambda branch: branch.warehouse_id == warehouse)
        return (there or (self.env.user.branch_id & branches) or branches)[:1]

    # === COMPUTE METHODS === #

    @api.depends("starts_at", "branch_id.tz")
    def _compute_run_day(self):
        for run in self:
            run.run_day = run.branch_id._local(run.starts_at).date() if run.branch_id and run.starts_at else False

    @api.depends("stop_ids.value", "stop_ids.to_collect", "stop_ids.unit_count")
    def _compute_totals(self):
        for run in self:
            run.stop_count = len(run.stop_ids)
            run.unit_count = sum(run.stop_ids.mapped("unit_count"))
            run.stop_value = sum(run.stop_ids.mapped("value"))
            run.cash_to_collect = sum(run.stop_ids.mapped("to_collect"))

    @api.depends("run_state", "is_courier_run")
    def _compute_state(self):
        """Override: of a run, Odoo's state follows the run's."""
        runs = self.filtered("is_courier_run")
        for run in runs:
            run.state = BATCH_STATES[run.run_state]
        return super(StockPickingBatch, self - runs)._compute_state()

    # === CONSTRAINS METHODS === #

    @api.constrains("user_id", "is_courier_run")
    def _check_courier(self):
        for run in self.filtered(lambda run: run.is_courier_run and run.user_id):
            if not run.user_id.sudo().has_group(COURIER):
                raise ValidationError(
                    self.env._("%s is no courier: choose one, or give them the role.", run.user_id.name)
                )

    @api.constrains("is_courier_run", "picking_type_id", "is_wave")
    def _check_run_kind(self):
        for run in self.filtered("is_courier_run"):
            if run.picking_type_id.code != "outgoing" or run.is_wave:
                raise ValidationError(self.env._("A courier's run carries deliveries: choose such an operation type."))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: name runs, and give each its branch and warehouse."""
        vals_list = [self._complete_run(dict(vals)) for vals in vals_list]
        batches = super().create(vals_list)
        batches._sync_stops()
        return batches

    def _complete_run(self, vals):
        if not vals.get("is_courier_run", self.env.context.get("default_is_courier_run")):
            return vals
        given = {f"default_{name}": vals[name] for name in ("picking_type_id", "branch_id") if vals.get(name)}
        defaults = self.with_context(**given, default_is_courier_run=True).default_get(
            ["picking_type_id", "branch_id", "is_courier_run"]
        )
        vals |= {"is_courier_run": True, "name": self.env["ir.sequence"].next_by_code("crm.courier.run") or "/"}
        return {**defaults, **{key: value for key, value in vals.items() if value or key not in defaults}}

    def write(self, vals):
        """Override: Odoo's state of a run isn't written, it follows the run's."""
        runs = self.filtered("is_courier_run")
        if not runs or "state" not in vals:
            return super().write(vals)
        super(StockPickingBatch, self - runs).write(vals)
        rest = {name: value for name, value in vals.items() if name != "state"}
        return super(StockPickingBatch, runs).write(rest) if rest else True

    # === STOPS === #

    def _sync_stops(self):
        """Let each run have a stop for each of its transfers, and none for what left it before it was loaded."""
        runs = self.sudo().filtered("is_courier_run")
        gone = runs.stop_ids.filtered(
            lambda stop: stop.run_id.run_state in ("planned", "reviewed") and stop.picking_id.batch_id != stop.run_id
        )
        gone._as_step().unlink()
        missing = [
            {"run_id": run.id, "picking_id": picking.id}
            for run in runs
            for picking in run.picking_ids - run.stop_ids.picking_id
        ]
        if missing:
            self.env["crm.courier.stop"].sudo().create(missing)

    def _as_document(self):
        """Return this run for a document: goods and addresses of its stops, for whoever may read the run."""
        self.check_access("read")
        return self.sudo()

    def get_formview_id(self, access_uid=None):
        """Override: a run opens as a run, wherever it is opened from; for who only delivers as theirs."""
        if len(self) != 1 or not self.is_courier_run:
            return super().get_formview_id(access_uid)
        user = self.env["res.users"].browse(access_uid) if access_uid else self.env.user
        office = any(user.has_group(group) for group in (LOGISTICS, OFFICER, "account.group_account_invoice"))
        return self.env.ref(f"crm_courier.stock_picking_batch_view_form_{'run' if office else 'courier'}").id

    # === ODOO'S OWN BUTTONS === #

    def _check_no_run(self):
        """Check that none of these is a run.

        :raise UserError: says where a run's steps are
        """
        if runs := self.filtered("is_courier_run"):
            raise UserError(
                self.env._(
                    "%(runs)s is a courier's run: it goes on by its own buttons (Deliveries), and each delivery is "
                    "done at the customer's door.",
                    runs=", ".join(runs.mapped("name")),
                )
            )

    def action_confirm(self):
        """Override: not for runs."""
        self._check_no_run()
        return super().action_confirm()

    def action_done(self):
        """Override: not for runs: each delivery is done at the door."""
        self._check_no_run()
        return super().action_done()

    def action_merge(self):
        """Override: not for runs: a review stands for one."""
        self._check_no_run()
        return super().action_merge()

    def action_cancel(self):
        """Override: cancelling a run asks why."""
        if runs := self.filtered("is_courier_run"):
            return runs._ask_why("cancel")
        return super().action_cancel()

    def _ask_why(self, transition):
        """Return the action that asks for the reason of a step, and does it then."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_base.crm_workflow_reason_action")
        context = {"active_model": self._name, "active_ids": self.ids, "default_transition": transition}
        return {**action, "context": context}

    def _check_takes_stops(self):
        """Check that the list of these runs may change.

        :raise UserError: one isn't a run, or is reviewed already
        """
        for batch in self:
            if not batch.is_courier_run:
                raise UserError(self.env._("%s is a warehouse batch, not a courier's run.", batch.name))
            if batch.sudo().run_state != "planned":
                raise UserError(
                    self.env._(
                        "%(run)s is “%(state)s”: its deliveries and their order are set. The committee can take it "
                        "back to planning.",
                        run=batch.name,
                        state=self._workflow_label(batch.run_state),
                    )
                )
