from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from .sale_order import APPROVERS

#: What follows from facts or steps: nobody types it, on no path.
FACTS = frozenset(
    {
        "confirmed_at",
        "confirmed_by_id",
        "defect_checked_at",
        "defect_checked_by_id",
        "fee_amount",
        "fee_base",
        "fee_rate",
        "invoice_id",
        "lot_ids",
        "received_amount",
        "received_payment_ids",
        "refund_amount",
        "refund_state",
        "replacement",
        "replacement_date",
        "waiver",
        "waiver_reason",
    }
)
#: What follows from the order and from the units named.
FOLLOWING = frozenset({"branch_id", "company_id", "currency_id", "is_defective", "partner_id"})
#: What a manager decides about: it doesn't change under their eyes.
CLAIMS = ("date", "defect_note", "defective_lot_ids", "initiator", "note", "photo", "reason_id", "user_id")
NEEDED = ("reason_id", "note")


class CrmCancellation(models.Model):
    """The form by which a submitted order is cancelled (SOP-6, SOP-10): why, by whom, and what it costs.

    Confirming it cancels the order, gives its units back and invoices the fee. No fee is due where the units are
    defective and nothing replaces them; the system itself looks for that. Anything else is a manager's to waive.
    """

    _name = "crm.cancellation"
    _description = "Cancellation Form"
    _inherit = ["crm.about.mixin", "crm.sale.totals", "crm.workflow.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _about = ("order_id",)

    _totals = FACTS | FOLLOWING
    _workflow = Workflow(
        states={
            "draft": "Draft",
            "waiting": "Waiver Requested",
            "confirmed": "Order Cancelled",
            "withdrawn": "Withdrawn",
        },
        transitions=(
            Transition("confirm", ("draft",), "confirmed", requires=NEEDED),
            Transition("request", ("draft",), "waiting", requires=NEEDED, reason=True),
            Transition("waive", ("draft", "waiting"), "confirmed", groups=APPROVERS, requires=NEEDED, reason=True),
            Transition("refuse", ("waiting",), "draft", groups=APPROVERS, reason=True),
            Transition("withdraw", ("draft", "waiting"), "withdrawn", reason=True),
        ),
        locked={
            "draft": ("name", "order_id"),
            "waiting": ("name", "order_id", *CLAIMS),
            "confirmed": (ALL_BUT, "activity_ids", "message_follower_ids", "message_ids", "refund_payment_ids"),
            "withdrawn": (ALL_BUT, "activity_ids", "message_follower_ids", "message_ids"),
        },
    )

    name = fields.Char("Number", readonly=True, copy=False, index=True)
    state = _workflow.state_field(index=True)
    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="restrict", check_company=True)
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer", store=True, index=True)
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id", store=True)
    branch_id = fields.Many2one(
        "crm.branch", compute="_compute_branch_id", compute_sudo=True, store=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users", "Officer", required=True, default=lambda self: self.env.user, index=True, copy=False
    )
    date = fields.Date("Cancelled On", required=True, default=fields.Date.context_today, copy=False)
    reason_id = fields.Many2one("crm.cancellation.reason", index=True, ondelete="restrict", tracking=True)
    initiator = fields.Selection(
        [("customer", "The customer"), ("company", "The company")],
        "Cancelled By",
        required=True,
        default="customer",
        index=True,
        tracking=True,
        help="Where it is the company's own doing there is no fee, and a manager says so.",
    )
    note = fields.Text("Explanation", help="What the customer says, or what happened, in full.")
    order_lot_ids = fields.Many2many("stock.lot", string="Units", compute="_compute_order_lot_ids")
    lot_ids = fields.Many2many(
        "stock.lot",
        "crm_cancellation_lot_rel",
        string="Units Given Back",
        readonly=True,
        copy=False,
        help="The units that the order held when it was cancelled.",
    )
    confirmed_at = fields.Datetime("Confirmed On", readonly=True, copy=False)
    confirmed_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")

    _one_open = models.UniqueIndex(
        "(order_id) WHERE state IN ('draft', 'waiting')", "This order has a cancellation form already."
    )

    # === COMPUTE METHODS === #

    @api.depends("order_id.branch_id")
    def _compute_branch_id(self):
        for form in self:
            form.branch_id = form.order_id.branch_id

    @api.depends("order_id.hold_ids.state", "state")
    def _compute_order_lot_ids(self):
        """The units that are concerned: those of the order, and afterwards those that it had."""
        for form in self:
            held = form.order_id.sudo().hold_ids.filtered(lambda hold: hold.state == "held").lot_id.sudo(False)
            form.order_lot_ids = form.lot_ids if form.state == "confirmed" else held

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: number the forms; only what was submitted is cancelled by one, by whoever may change the order."""
        self.flush_model(["state"])  # a form that was just withdrawn makes room for another one
        number = self.env["ir.sequence"].sudo()
        forms = super().create([{**vals, "name": number.next_by_code("crm.cancellation")} for vals in vals_list])
        forms.order_id.check_access("write")
        for order in forms.order_id.filtered(lambda order: not order._needs_cancellation()):
            raise UserError(self.env._("%s isn't submitted: it needs no form, cancel it as it is.", order.display_name))
        return forms

    # === ACTION METHODS === #

    def action_confirm(self):
        """Cancel the order, with the fee that follows from the facts (SOP-6, SOP-10)."""
        self._workflow_do("confirm")

    def action_view_order(self):
        """Open the order."""
        self.ensure_one()
        return self.order_id.get_formview_action()

    # === WORKFLOW === #

    def _before_transition(self, transition):
        if transition.target == "confirmed":
            self._check_cancellable()
            for form in self:
                form._note_facts(transition)
        return super()._before_transition(transition)

    def _check_transition(self, transition):
        if transition.name == "confirm":
            self._check_fee_due_or_waived()
        return super()._check_transition(transition)

    def _record_transition(self, transition, reason):
        """Override: what the manager says is on the form too, which is printed."""
        if transition.name == "waive":
            self._write_facts({"waiver_reason": reason})
        return super()._record_transition(transition, reason)

    def _after_transition(self, transition):
        if transition.name == "request":
            self._ask_managers()
        else:
            self.activity_unlink(["crm_sop_sales.mail_activity_type_waiver"])
        if transition.target == "confirmed":
            for form in self:
                form._cancel_order()
        return super()._after_transition(transition)

    def _cancel_order(self):
        """Cancel the order, invoice the fee, and set what was received against it."""
        order = self.order_id.sudo()
        order._cancel_by_form()
        self._receive(self._find_payments())
        if self.currency_id.compare_amounts(self.fee_amount, 0) > 0:
            self._invoice_fee()
        order.message_post(body=self._outcome(), message_type="notification")

    def _note_facts(self, transition):
        """Write down what the form is about at this moment, and the fee that follows."""
        self._write_facts(
            {
                **self._prepare_replacement(),
                **self._prepare_fee(by_manager=transition.name == "waive"),
                "lot_ids": [fields.Command.set(self.order_lot_ids.ids)],
                "confirmed_at": fields.Datetime.now(),
                "confirmed_by_id": self.env.uid,
            }
        )

    def _write_facts(self, vals):
        """Write below the guards of :meth:`write`."""
        return models.BaseModel.write(self.sudo(), vals)

    # === CHECKS === #

    def _check_cancellable(self):
        """Check that the orders may be cancelled now, by this user.

        :raise AccessError: the user doesn't sell, or may not change the order
        :raise UserError: it isn't submitted any more, is locked, delivered or invoiced; says what to do
        """
        orders = self.order_id
        orders.check_access("write")
        if not self.env.user.has_group("sales_team.group_sale_salesman"):
            raise AccessError(self.env._("This is for sales, not for who delivers or invoices the order."))
        orders.sudo()._lock_for_step()
        for order in orders.sudo():
            if problem := order._cancellation_problem():
                raise UserError(problem)

    # === MANAGERS === #

    def _ask_managers(self):
        """Have those who decide about the fee see that somebody asks for a waiver."""
        for form in self:
            for manager in form._find_managers():
                form.activity_schedule(
                    "crm_sop_sales.mail_activity_type_waiver",
                    user_id=manager.id,
                    summary=self.env._("Waive the cancellation fee of %s?", form.order_id.name),
                )

    def _find_managers(self):
        """Return the managers of the order's branch, or, where it has none, of its company."""
        groups = self.env["res.groups"].union(*[self.env.ref(name) for name in APPROVERS])
        managers = (
            self.env["res.users"]
            .sudo()
            .search(
                [("all_group_ids", "in", groups.ids), ("company_ids", "in", self.company_id.id), ("share", "=", False)]
            )
        )
        return managers.filtered(lambda user: self.branch_id in user.branch_ids) or managers
