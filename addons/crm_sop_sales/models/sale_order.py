from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_base.counter import Counter
from odoo.addons.crm_base.workflow import Transition, Workflow

APPROVERS = ("crm_base.group_manager", "sales_team.group_sale_manager")
#: What the price told to the customer depends on (SOP-4a).
PRICE_FIELDS = (
    "company_id",
    "currency_id",
    "fiscal_position_id",
    "partner_id",
    "partner_shipping_id",
    "payment_term_id",
    "locked_address",
    "locked_total",
    "price_locked_at",
    "pricelist_id",
    "warehouse_id",
    "carrier_id",
    "applied_coupon_ids",
    "code_enabled_rule_ids",
    "coupon_point_ids",
)
#: Said in the context by our own code when it changes the state of an order; JSON can't make this object.
STEP = object()


class SaleOrder(models.Model):
    """An order is submitted, approved by somebody else, and only then confirmed (SOP-3c3), whoever confirms it."""

    _name = "sale.order"
    _inherit = ["sale.order", "crm.workflow.mixin", "crm.counter.mixin"]

    _workflow_field = "approval_state"
    _workflow = Workflow(
        states={"draft": "Draft", "to_approve": "To Approve", "approved": "Approved"},
        transitions=(
            Transition("submit", ("draft",), "to_approve"),
            Transition("approve", ("to_approve",), "approved", groups=APPROVERS, other_than="submit"),
            Transition("reject", ("to_approve",), "draft", groups=APPROVERS, reason=True),
            Transition("unlock", ("to_approve", "approved"), "draft", groups=APPROVERS, reason=True),
            Transition("expire", ("to_approve",), "draft"),
            Transition("cancel", ("to_approve", "approved"), "draft"),
        ),
        locked={"to_approve": PRICE_FIELDS, "approved": PRICE_FIELDS},
        deletable=("draft",),
    )

    approval_state = _workflow.state_field("Approval", index=True)
    price_locked_at = fields.Datetime(
        readonly=True, copy=False, help="From this moment on, prices, discounts and gifts of the order don't change."
    )
    hold_ids = fields.One2many(
        "crm.imei.hold",
        "order_id",
        "Held Units",
        readonly=True,
        groups="sales_team.group_sale_salesman,account.group_account_invoice,stock.group_stock_user",
    )
    hold_count = fields.Integer("Units", compute="_compute_counters")
    can_approve = fields.Boolean(compute="_compute_can_approve")

    # === COMPUTE METHODS === #

    def _counters(self):
        """Override: units held or delivered, not those that were let go."""
        units = Counter("crm.imei.hold", "order_id", (("state", "!=", "released"),), depends=("hold_ids.state",))
        return super()._counters() | {"hold_count": units}

    @api.depends("approval_state")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        """Whether to show the button: the user may approve, and didn't submit."""
        waiting = self.filtered(lambda order: order.approval_state == "to_approve")
        approver = any(self.env.user.has_group(group) for group in APPROVERS)
        own = waiting._actors("submit").get(self.env.uid, self.browse()) if waiting and approver else self.browse()
        for order in self:
            order.can_approve = approver and order in waiting and order._origin not in own

    def _compute_warehouse_id(self):
        """Override: another salesperson doesn't move the order away from the units that it holds."""
        return super(SaleOrder, self.filtered(lambda order: not order._is_price_locked()))._compute_warehouse_id()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: an order begins as a quotation, on every path."""
        if any(vals.get("state", "draft") not in ("draft", "sent") for vals in vals_list):
            raise UserError(self.env._("A new order begins as a quotation: submit, approve and confirm it."))
        return super().create([{"state": "draft", **vals} for vals in vals_list])

    def write(self, vals):
        """Override: refuse a state that isn't reached by the buttons."""
        if "state" in vals and self.env.context.get("crm_sop_sales_step") is not STEP:
            reachable = ("draft", "sent")
            if any(order.state != vals["state"] and {order.state, vals["state"]} - {*reachable} for order in self):
                raise UserError(self.env._("The state of an order changes by its buttons only."))
        return super().write(vals)

    # === ACTION METHODS === #

    def action_submit(self):
        """Check and hold the stock, lock the prices, and ask for approval (SOP-3c1, SOP-4a)."""
        self._workflow_do("submit")

    def action_approve(self):
        """Approve: the CRM manager or the sales manager, and not who submitted (SOP-3c3)."""
        self._workflow_do("approve")

    def action_confirm(self):
        """Override: say to :meth:`write` that it is this button which changes the state."""
        return super(SaleOrder, self.with_context(crm_sop_sales_step=STEP)).action_confirm()

    def action_draft(self):
        """Override: likewise."""
        return super(SaleOrder, self.with_context(crm_sop_sales_step=STEP)).action_draft()

    def action_view_holds(self):
        """Open the units of the order: held, delivered, and what was before."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.crm_imei_hold_action")
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}

    def action_update_prices(self):
        """Override: refuse where prices are locked (SOP-4a)."""
        self._check_prices_unlocked()
        return super().action_update_prices()

    def action_update_taxes(self):
        """Override: refuse where prices are locked (SOP-4a)."""
        self._check_prices_unlocked()
        return super().action_update_taxes()

    # === BUSINESS METHODS === #

    def _action_cancel(self):
        """Override: a cancelled order holds nothing, and needs a new approval if it comes back."""
        self.filtered(lambda order: order._is_price_locked())._workflow_do("cancel")
        self.hold_ids._end("released", "cancelled")
        return super(SaleOrder, self.with_context(crm_sop_sales_step=STEP))._action_cancel()

    def _expire_holds(self):
        """Give back the units of an order that nobody approved in time: submitted, or a draft again since."""
        self.ensure_one()
        if self.approval_state == "to_approve":
            self._workflow_do("expire")
        else:
            now = fields.Datetime.now()
            self.hold_ids.filtered(lambda hold: hold.expires_at and hold.expires_at < now)._end("released", "expired")

    def _is_price_locked(self):
        self.ensure_one()
        return self.approval_state != "draft"

    def _check_prices_unlocked(self):
        """Raise UserError for orders whose prices are locked."""
        for order in self.filtered(lambda order: order._is_price_locked()):
            raise UserError(
                self.env._(
                    "The prices of %(order)s are locked since %(moment)s. A manager can unlock them, with a reason.",
                    order=order.display_name,
                    moment=fields.Datetime.context_timestamp(order, order.price_locked_at).strftime("%Y-%m-%d %H:%M"),
                )
            )

    def _confirmation_error_message(self):
        """Override: the one hook through which button, list, server action, portal and payment confirm."""
        message = super()._confirmation_error_message()
        if not message and self.approval_state != "approved":
            return self.env._(
                "%(order)s isn't approved: it is “%(state)s”. The CRM manager or the sales manager approves it first.",
                order=self.display_name,
                state=self._workflow_label(self.approval_state),
            )
        return message or self._locked_total_problem() or self._locked_delivery_problem() or False

    def _has_to_be_signed(self):
        """Override: the customer signs what is approved."""
        return super()._has_to_be_signed() and self.approval_state == "approved"

    def _has_to_be_paid(self):
        """Override: the customer pays what is approved."""
        return super()._has_to_be_paid() and self.approval_state == "approved"

    def _is_confirmation_amount_reached(self):
        """Override: a payment doesn't confirm what isn't approved; it is kept and shown."""
        return self.approval_state == "approved" and super()._is_confirmation_amount_reached()

    def _create_down_payment_section_line_if_needed(self):
        """Override: say to the lines that it is invoicing which adds them."""
        return super(
            SaleOrder, self.with_context(crm_sop_sales_step=STEP)
        )._create_down_payment_section_line_if_needed()

    def _create_down_payment_lines_from_base_lines(self, down_payment_base_lines):
        """Override: likewise."""
        step = self.with_context(crm_sop_sales_step=STEP)
        lines = super(SaleOrder, step)._create_down_payment_lines_from_base_lines(down_payment_base_lines)
        return lines.with_env(self.env)

    def _get_priced_lines(self):
        """Override: advance payments add nothing to the total, whatever tax data a client writes into their lines."""
        return super()._get_priced_lines().filtered(lambda line: not line._is_advance_payment())

    def _can_be_edited_on_portal(self):
        """Override: the customer doesn't change what is submitted either."""
        return super()._can_be_edited_on_portal() and not self._is_price_locked()

    def _update_programs_and_rewards(self):
        """Override: promotions that change later don't touch an order whose prices are locked (SOP-4a)."""
        if not self._is_price_locked():
            return super()._update_programs_and_rewards()
        return None

    def _get_claimable_rewards(self, forced_coupons=None):
        """Override: gifts are locked too, so none is offered any more (SOP-4a)."""
        return {} if self._is_price_locked() else super()._get_claimable_rewards(forced_coupons)

    # === WORKFLOW === #

    def _check_transition(self, transition):
        if transition.name in ("submit", "approve", "unlock"):
            for order in self.filtered(lambda order: order.state not in ("draft", "sent")):
                raise UserError(self.env._("%s is not a quotation any more.", order.display_name))
        is_sales = self.env.su or self.env.user.has_group("sales_team.group_sale_salesman")
        if transition.name in ("submit", "cancel") and not is_sales:
            raise AccessError(self.env._("This is for sales, not for who delivers or invoices the order."))
        if transition.name == "approve":
            self._check_locked_facts()
        return super()._check_transition(transition)

    def _before_transition(self, transition):
        if transition.name == "submit":
            self._prepare_submission()
        return super()._before_transition(transition)

    def _prepare_submission(self):
        """Bring prices, delivery and gifts up to date, check lines and stock, hold the units and note the prices."""
        self._check_submittable()
        totals = self._price_as_of_now()
        self._set_delivery_from_address()
        for order in self:
            order._update_programs_and_rewards()
        self.order_line._drop_manual_taxes()
        self.order_line._check_prices()
        self._tell_new_prices(totals)
        self.order_line._hold_units()
        self.order_line._check_free_stock()
        self.order_line._note_list_prices()
        self.write({"price_locked_at": fields.Datetime.now()})
        self._recompute_recordset(["locked_total", "locked_address"])

    def _check_submittable(self):
        for order in self:
            if not order.order_line.filtered(lambda line: not line.display_type and not line.is_delivery):
                raise UserError(self.env._("%s has no products: add what the customer orders.", order.display_name))

    def _after_transition(self, transition):
        if transition.name == "approve":
            self.order_line._live_holds().write({"expires_at": False})
        elif transition.name == "expire":
            self.hold_ids._end("released", "expired")
        if transition.target == "draft":
            self.write({"price_locked_at": False})
            self.hold_ids._restart_clock()
        return super()._after_transition(transition)
