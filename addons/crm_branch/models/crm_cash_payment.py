from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_base.workflow import ALL_BUT, Transition, Workflow

from .account_move_cash import STEP
from .crm_cash_desk import CASHIER
from .crm_cash_session import COMMENTS, MANAGERS

ASKED = "crm_branch.mail_activity_type_cash_reversal"


class CrmCashPayment(models.Model):
    """Cash that a customer paid for an invoice of a service contract, and its receipt (BR-12a).

    It is booked and final when it is made. A mistake is undone by a payment back, while the session is open: the
    cashier asks or the manager sees it, the manager decides with a reason.
    """

    _name = "crm.cash.payment"
    _description = "Cash Payment"
    _inherit = ["mail.thread", "mail.activity.mixin", "crm.cash.mixin"]
    _order = "paid_at desc, id desc"
    _rec_names_search = ["name", "invoice_number"]
    _mail_post_access = "read"

    _workflow = Workflow(
        states={"posted": "Paid", "asked": "Reversal Asked", "reversed": "Reversed"},
        transitions=(
            Transition("ask", ("posted",), "asked", groups=(CASHIER,), reason=True),
            Transition("withdraw", ("asked",), "posted", groups=(CASHIER,)),
            Transition("refuse", ("asked",), "posted", groups=MANAGERS, reason=True),
            Transition("reverse", ("posted", "asked"), "reversed", groups=MANAGERS, reason=True),
        ),
        locked={
            "posted": (ALL_BUT, *COMMENTS, "reversal_id", "reversed_at", "reversed_by_id"),
            "asked": (ALL_BUT, *COMMENTS, "reversal_id", "reversed_at", "reversed_by_id"),
            "reversed": (ALL_BUT, *COMMENTS),
        },
    )

    state = _workflow.state_field()
    name = fields.Char("Receipt", required=True, readonly=True)
    number = fields.Integer(required=True, readonly=True, aggregator=None)
    session_id = fields.Many2one("crm.cash.session", required=True, readonly=True, index=True, ondelete="restrict")
    desk_id = fields.Many2one("crm.cash.desk", required=True, readonly=True, index=True, ondelete="restrict")
    branch_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Cashier", required=True, readonly=True, index=True, ondelete="restrict")
    day = fields.Date(required=True, readonly=True, index=True, help="By the branch's calendar.")
    paid_at = fields.Datetime("Paid On", required=True, readonly=True, default=fields.Datetime.now)
    invoice_id = fields.Many2one("account.move", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one("res.partner", "Customer", required=True, readonly=True, index=True)
    invoice_number = fields.Char(required=True, readonly=True)
    customer_name = fields.Char(required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    tendered = fields.Monetary("Received", required=True, readonly=True, aggregator=None)
    change = fields.Monetary(required=True, readonly=True, aggregator=None)
    residual = fields.Monetary("Left to Pay", required=True, readonly=True, aggregator=None)
    key = fields.Char("Request", required=True, readonly=True, groups="base.group_system")
    payment_id = fields.Many2one(
        "account.payment", "Booked as", required=True, readonly=True, index=True, ondelete="restrict"
    )
    reversal_id = fields.Many2one("account.payment", "Paid Back as", readonly=True, index="btree_not_null")
    reversed_at = fields.Datetime("Reversed On", readonly=True)
    reversed_by_id = fields.Many2one("res.users", readonly=True)
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _number_uniq = models.Constraint("UNIQUE(desk_id, number)", "This receipt's number is taken.")
    _key_uniq = models.Constraint("UNIQUE(session_id, key)", "This payment is taken already.")
    _payment_uniq = models.Constraint("UNIQUE(payment_id)", "A booked payment has one receipt.")
    _positive = models.Constraint("CHECK(amount > 0)", "A payment is more than zero.")
    _change_fits = models.Constraint(
        "CHECK(change >= 0 AND round(tendered - amount, 2) = round(change, 2))", "The change is what was too much."
    )
    _reversed_as = models.Constraint(
        "CHECK(state != 'reversed' OR reversal_id IS NOT NULL)", "A reversed payment was paid back."
    )

    # === COMPUTE METHODS === #

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for payment in self:
            payment.is_mine = payment.user_id.id == self.env.uid

    # === ACTION METHODS === #

    def action_ask_reversal(self, reason):
        """Ask the manager to undo a payment; the cashier's own, while the session is open."""
        self.session_id._check_taking()
        self._check_own()
        self.sudo()._workflow_do("ask", reason if isinstance(reason, str) else None)
        for payment in self:
            payment.session_id._tell_manager(
                ASKED,
                self.env._(
                    "Reverse %(receipt)s, %(amount)s?",
                    receipt=payment.name,
                    amount=payment.currency_id.format(payment.amount),
                ),
                reason,
            )
        return True

    def action_withdraw_reversal(self):
        """Don't ask any more."""
        self._check_own()
        return self.sudo()._workflow_do("withdraw")

    def action_print(self):
        """Print the receipt on the paper that the company's desks use."""
        self.check_access("read")
        paper = self[:1].sudo().company_id.cash_receipt_paper
        return self.env.ref(f"crm_branch.crm_cash_receipt_report_{paper}").report_action(self, config=False)

    def action_open_invoice(self):
        """Open the invoice, for those who may read it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.invoice_id.id,
            "views": [[False, "form"]],
        }

    # === BUSINESS METHODS === #

    def _screen_payment(self):
        """Return what the cashier's screen shows of a payment."""
        moment = self.branch_id.sudo()._local(self.paid_at)
        return {
            "id": self.id,
            "name": self.name,
            "time": moment.strftime("%H:%M"),
            "invoice": self.invoice_number,
            "customer": self.customer_name,
            "amount": self.amount,
            "state": self.state,
            "state_label": self._workflow_label(self.state),
        }

    def _reversal_reason(self):
        """Return why a payment was reversed."""
        return self._reason("reverse")

    def _check_own(self):
        self.check_access("read")
        if any(payment.user_id != self.env.user for payment in self.sudo()):
            raise AccessError(self.env._("This is another cashier's payment."))

    def _reason(self, transition):
        """Return why the step was done, as the history says."""
        logs = self.env["crm.workflow.log"].sudo()
        domain = [("res_model", "=", self._name), ("res_id", "=", self.id), ("transition", "=", transition)]
        return logs.search(domain, order="id desc", limit=1).reason

    # === CHECKS === #

    def _check_transition(self, transition):
        """Override: only while the drawer isn't counted, and by the manager, who isn't the cashier."""
        for payment in self.sudo():
            if payment.session_id.state != "opened" and transition.name != "withdraw":
                raise UserError(
                    self.env._(
                        "%s: its session isn't open any more. Afterwards finance makes a credit note.", payment.name
                    )
                )
            if transition.name in ("reverse", "refuse") and payment.user_id == self.env.user:
                raise AccessError(self.env._("Nobody reverses a payment that they took."))
        return super()._check_transition(transition)

    def _write_state(self, state):
        """Override: with the state the money goes back."""
        if state == "reversed":
            for payment in self.sudo():
                payment.desk_id._lock()
                payment._pay_back()
        return super()._write_state(state)

    def _after_transition(self, transition):
        result = super()._after_transition(transition)
        if transition.name != "ask":
            sessions = self.sudo().session_id
            if not sessions.payment_ids.filtered(lambda payment: payment.state == "asked"):
                sessions.activity_unlink([ASKED], only_automated=False)
        return result

    def _pay_back(self):
        """Book the payment back: the invoice is open again, and both payments stay in the books."""
        if self.session_id.currency_id.compare_amounts(self.amount, self.session_id.expected) > 0:
            raise UserError(self.env._("There is less in the drawer than is to be paid back."))
        payment, day = self.payment_id, self.branch_id._today()
        taken = payment._seek_for_lines()[1]
        taken.with_context(cash_step=STEP).remove_move_reconcile()
        back = payment.create(
            {
                **self.session_id._prepare_payment_vals(self.invoice_id, self.amount, payment.destination_account_id),
                "payment_type": "outbound",
                "date": day,
                "memo": self.env._("Reversal of %s", self.name),
            }
        )
        self.session_id._post(back)
        (taken | back._seek_for_lines()[1]).reconcile()
        back.move_id._keep_for_desk(self.session_id)
        self.write({"reversal_id": back.id, "reversed_at": fields.Datetime.now(), "reversed_by_id": self.env.uid})
