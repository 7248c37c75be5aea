from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from odoo.addons.crm_base.counter import Counter

from ..money import WHOLE
from .sale_order_payment_choice import TRANSFER

FINANCE = "account.group_account_invoice"
#: Where the money of a transfer stands.
TRANSFER_STATES = [
    ("no_proof", "Waiting for Proof"),
    ("to_confirm", "Waiting for Finance"),
    ("short", "Short"),
    ("received", "Received"),
]
#: What becomes of money above the order's total.
SURPLUS_CHOICES = [("refund", "Refund"), ("credit", "Keep as Credit")]
RECEIVED = ("in_process", "paid")


class SaleOrder(models.Model):
    """The money of an order: transferred, confirmed by finance, promised to be followed by the goods (SOP-11)."""

    _inherit = "sale.order"

    proof_ids = fields.One2many(
        "crm.transfer.proof",
        "order_id",
        "Proofs of Transfer",
        copy=False,
        groups="sales_team.group_sale_salesman,account.group_account_invoice",
    )
    proof_count = fields.Integer("Proofs", compute="_compute_counters")
    received_payment_count = fields.Integer("Received Payments", compute="_compute_counters")
    transfer_state = fields.Selection(
        TRANSFER_STATES, "Transfer", compute="_compute_transfer", store=True, index=True, readonly=True
    )
    transfer_received = fields.Monetary(
        "Received", compute="_compute_transfer", store=True, help="Money for this order that finance has confirmed."
    )
    transfer_missing = fields.Monetary("Missing", compute="_compute_transfer", store=True)
    transfer_surplus = fields.Monetary("Surplus", compute="_compute_transfer", store=True)
    transfer_promised_at = fields.Datetime(
        "Promised Until",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Finance has confirmed the money: until then the customer gets the goods.",
    )
    is_transfer_late = fields.Boolean("Late", compute="_compute_is_transfer_late")

    # === COMPUTE METHODS === #

    def _counters(self):
        """Override: proofs and payments, also for who may read only how many there are."""
        return super()._counters() | {
            "proof_count": Counter("crm.transfer.proof", "order_id", depends=("proof_ids",), sudo=True),
            "received_payment_count": Counter("account.payment", "order_id", depends=("payment_ids",), sudo=True),
        }

    @api.depends(
        "state",
        "amount_total",
        "currency_id",
        "payment_choice",
        "proof_ids.state",
        "payment_ids.state",
        "payment_ids.amount",
        "payment_ids.payment_type",
        "order_line.invoice_lines.move_id.payment_state",
    )
    def _compute_transfer(self):
        for order in self:
            received = order._received_amount()
            covered = order._covers(received) or order._is_paid_by_invoices()
            order.transfer_received = received
            order.transfer_missing = 0.0 if covered else order.amount_total - received
            surplus = received - order.amount_total
            order.transfer_surplus = surplus if order._compare_money(surplus, 0) > 0 else 0.0
            order.transfer_state = order._transfer_state(covered)

    def _transfer_state(self, covered):
        if self.payment_choice != "transfer" or self.state == "cancel":
            return False
        if covered:
            return "received"
        if any(proof.state == "received" for proof in self.proof_ids):
            return "to_confirm"
        return "short" if self.transfer_received else "no_proof"

    def _received_amount(self):
        """Return what posted payments have brought in for the order, in its currency."""
        payments = self._current_payments().filtered(lambda payment: payment.state in RECEIVED)
        return sum(
            payment.currency_id._convert(
                payment.amount if payment.payment_type == "inbound" else -payment.amount,
                self.currency_id,
                self.company_id,
                payment.date or fields.Date.today(),
            )
            for payment in payments
        )

    def _is_paid_by_invoices(self):
        """Whether invoices of the whole order are paid: finance has then confirmed the money there."""
        invoices = self.invoice_ids.filtered(lambda move: move.state == "posted")
        if not invoices or any(
            move.move_type != "out_invoice" or move.payment_state not in ("paid", "in_payment") for move in invoices
        ):
            return False
        return self._covers(sum(invoices.mapped("amount_total")))

    @api.depends("transfer_promised_at", "delivery_status")
    def _compute_is_transfer_late(self):
        now = fields.Datetime.now()
        for order in self:
            promised = order.transfer_promised_at
            order.is_transfer_late = bool(
                promised and promised < now and order.state == "sale" and order.delivery_status != "full"
            )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: nobody promises by hand."""
        for vals in vals_list:
            self._check_promise_write(vals)
        own = self._without_defaults(["transfer_promised_at"])
        return super(SaleOrder, own).create(vals_list).with_env(self.env)

    def write(self, vals):
        """Override: likewise."""
        self._check_promise_write(vals)
        return super().write(vals)

    def _check_promise_write(self, vals):
        if "transfer_promised_at" in vals and self.env.context.get("crm_sop_sales_transfer") is not TRANSFER:
            raise UserError(self.env._("The promised time follows from finance's confirmation; nobody writes it."))

    # === ACTION METHODS === #

    def action_view_proofs(self):
        """Open the order's proofs of transfer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.crm_transfer_proof_action")
        context = {"default_order_id": self.id}
        return {**action, "domain": [("order_id", "=", self.id)], "context": context}

    def action_view_received_payments(self):
        """Open what was received for the order."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_account_payments")
        return {**action, "domain": [("order_id", "=", self.id)], "context": {"create": False}}

    def action_add_proof(self):
        """Open an empty form for a proof that came by e-mail or fax."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Proof of Transfer"),
            "res_model": "crm.transfer.proof",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    # === MONEY === #

    def _compare_money(self, one, other):
        """Return -1, 0 or 1. Where the currency is counted in whole units, less than one is no difference."""
        rounding = self.currency_id.rounding
        if self.currency_id.name not in WHOLE:
            return float_compare(one, other, precision_rounding=rounding)
        difference = self.currency_id.round(one - other)
        return 0 if abs(difference) < 1 else (1 if difference > 0 else -1)

    def _covers(self, amount):
        return bool(self.order_line) and self._compare_money(amount, self.amount_total) >= 0

    def _shows_transfer_accounts(self):
        """Whether the document says where to transfer to: by choice, or while the customer can still choose."""
        self.ensure_one()
        if self.state == "cancel" or self.transfer_state == "received":
            return False
        return self.payment_choice == "transfer" or self.state in ("draft", "sent")

    def _waits_for_money(self):
        return self.payment_choice == "transfer" and self.transfer_state != "received"

    def _transfer_problem(self, leaving=False):
        """Return why the goods can't be prepared, or can't leave, or None (SOP-11b, SOP-11c)."""
        order = self.sudo()
        if not order._waits_for_money():
            return None
        if not order._has_live_proof() and not order.transfer_received:
            return self.env._(
                "%(order)s is paid by bank transfer, and there is no proof of transfer yet: its goods wait. "
                "%(officer)s asks the customer for it.",
                order=order.name,
                officer=order.user_id.name or self.env._("The officer"),
            )
        if not leaving:
            return None
        if order.transfer_received:
            return self.env._(
                "%(order)s is paid by bank transfer: %(received)s has come, %(missing)s is missing. The goods leave "
                "when finance has confirmed all of it.",
                order=order.name,
                received=order.currency_id.format(order.transfer_received),
                missing=order.currency_id.format(order.transfer_missing),
            )
        return self.env._(
            "%s is paid by bank transfer: the goods leave when finance has confirmed that the money has arrived.",
            order.name,
        )

    def _has_live_proof(self):
        settled = self.payment_ids - self._current_payments()
        return any(proof.state != "rejected" and proof.payment_id not in settled for proof in self.proof_ids)

    # === TIMELINE === #

    def _timeline_events(self):
        """Override: with the proofs of transfer, what finance said to them, and the money (SOP-15)."""
        return super()._timeline_events() + self._transfer_events(self.sudo())

    def _transfer_events(self, order):
        events = []
        for proof in order.proof_ids:
            amount = proof.currency_id.format(proof.amount)
            what = self.env._("Proof of transfer: %s", amount)
            events.append(self._event(proof.create_date, what, proof.entered_by_id))
            events += [
                self._event(log.date, self.env._("Proof of transfer: %s", log.target_label), log.user_id, log.reason)
                for log in proof.workflow_log_ids
            ]
        invoiced = order.invoice_ids.matched_payment_ids
        for payment in order.payment_ids.filtered(lambda payment: payment.state in RECEIVED) - invoiced:
            amount = payment.currency_id.format(payment.amount)
            is_in = payment.payment_type == "inbound"
            what = self.env._("Money received: %s", amount) if is_in else self.env._("Surplus refunded: %s", amount)
            events.append(self._event(payment.create_date, what, payment.create_uid))
        return events
