from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import float_compare, format_date, format_datetime

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
#: Currencies that are counted in whole units, though Odoo keeps them to the hundredth.
WHOLE = {"IDR"}
RECEIVED = ("in_process", "paid")


class SaleOrder(models.Model):
    """The money of an order: transferred, confirmed by finance, promised to be followed by the goods (SOP-11)."""

    _inherit = "sale.order"

    proof_ids = fields.One2many("crm.transfer.proof", "order_id", "Proofs of Transfer", copy=False)
    proof_count = fields.Integer("Proofs", compute="_compute_transfer_counts")
    received_payment_count = fields.Integer("Received Payments", compute="_compute_transfer_counts")
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

    @api.depends("proof_ids", "payment_ids")
    def _compute_transfer_counts(self):
        proofs = (
            self.env["crm.transfer.proof"].sudo()._read_group([("order_id", "in", self.ids)], ["order_id"], ["__count"])
        )
        payments = (
            self.env["account.payment"].sudo()._read_group([("order_id", "in", self.ids)], ["order_id"], ["__count"])
        )
        proofs = {order.id: count for order, count in proofs}
        payments = {order.id: count for order, count in payments}
        for order in self:
            order.proof_count = proofs.get(order._origin.id, 0)
            order.received_payment_count = payments.get(order._origin.id, 0)

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
        payments = self.payment_ids.filtered(lambda payment: payment.state in RECEIVED)
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

    def _transfer_problem(self, leaving=False):
        """Return why the goods can't be prepared, or can't leave, or None (SOP-11b, SOP-11c)."""
        order = self.sudo()
        if order.payment_choice != "transfer" or order.transfer_state == "received":
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
        return any(proof.state != "rejected" for proof in self.proof_ids)

    # === RECEIVING === #

    def _receive_transfer(self, amount, date, journal, memo=None, surplus_choice=None):
        """Book money that finance has seen in the bank, and promise the goods once it is all there (SOP-11c).

        :param float amount: in the journal's currency
        :param str surplus_choice: what becomes of a surplus; see ``SURPLUS_CHOICES``
        :return: the posted ``account.payment``, with the user's own rights
        :raise AccessError: the user isn't finance, or the order is another company's
        :raise UserError: the amount isn't positive, or is more than is missing and nobody says what becomes of that
        """
        self.ensure_one()
        self._check_finance()
        order = self.sudo()
        order._lock_for_step()
        order._check_receipt(amount, date, journal)
        surplus = order._surplus_of(amount, date, journal)
        if surplus and surplus_choice not in dict(SURPLUS_CHOICES):
            raise UserError(
                self.env._(
                    "%(surplus)s more than %(order)s comes to: choose whether it is refunded or kept as credit.",
                    surplus=order.currency_id.format(surplus),
                    order=order.name,
                )
            )
        values = order._prepare_transfer_payment(amount, date, journal, memo)
        if surplus:
            values |= {"surplus": surplus, "surplus_choice": surplus_choice}
        payment = (
            self.env["account.payment"]
            .sudo()
            .with_company(order.company_id)
            .with_context(crm_sop_sales_transfer=TRANSFER, force_payment_move=order._needs_outstanding(values))
            .create(values)
        )
        payment.action_post()
        order._reconcile_payments()
        order._tell_received(payment)
        order._promise_delivery()
        return payment.with_env(self.env)

    def _check_finance(self):
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Only finance confirms that money has arrived."))
        self.check_access("read")
        if self.company_id - self.env.companies:
            raise AccessError(self.env._("The order belongs to another company: choose that company first."))

    def _check_receipt(self, amount, date, journal):
        if self.currency_id.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("Enter the amount that has arrived."))
        if not date or date > fields.Date.context_today(self):
            raise UserError(self.env._("Enter the day on which the money arrived; it can't be in the future."))
        if not journal or journal.company_id != self.company_id or journal.type != "bank":
            raise UserError(self.env._("Choose the company's bank account on which the money arrived."))

    def _surplus_of(self, amount, date, journal):
        """Return by how much this amount is more than is missing; 0.0 where it isn't."""
        currency = journal.currency_id or self.company_id.currency_id
        amount = currency._convert(amount, self.currency_id, self.company_id, date)
        missing = self.transfer_missing if self.state != "cancel" else 0.0
        return amount - missing if self._compare_money(amount, missing) > 0 else 0.0

    def _prepare_transfer_payment(self, amount, date, journal, memo):
        method = journal.inbound_payment_method_line_ids.filtered(lambda line: line.code == "manual")
        return {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.partner_invoice_id.commercial_partner_id.id,
            "amount": amount,
            "date": date,
            "journal_id": journal.id,
            "currency_id": (journal.currency_id or self.company_id.currency_id).id,
            "payment_method_line_id": (method or journal.inbound_payment_method_line_ids)[:1].id,
            "memo": " ".join(filter(None, (self.name, memo))),
            "order_id": self.id,
        }

    def _needs_outstanding(self, values):
        """Whether the payment takes the company's outstanding account: it waits there for the bank's statement."""
        method = self.env["account.payment.method.line"].browse(values["payment_method_line_id"])
        account = method.payment_account_id
        return not account or account.account_type == "asset_cash" or not account.reconcile

    def _reconcile_payments(self):
        """Match what was received for each order with its own posted invoices, and no others.

        Where an invoice is for several orders, a payment with a surplus isn't matched: it would pay another's part.
        """
        for order in self.sudo():
            payments = order.payment_ids.filtered(lambda payment: payment.state in RECEIVED and payment.move_id)
            if not payments:
                continue
            invoices = order.invoice_ids.filtered(
                lambda move: move.state == "posted" and move.move_type == "out_invoice"
            )
            if order.transfer_surplus:
                invoices = invoices.filtered(lambda move, order=order: move.line_ids.sale_line_ids.order_id == order)
            by_account = defaultdict(self.env["account.move.line"].browse)
            for line in (invoices.line_ids | payments.move_id.line_ids).filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            ):
                by_account[line.account_id] |= line
            for lines in by_account.values():
                if lines.filtered("debit") and lines.filtered("credit"):
                    lines.sudo().reconcile()

    def _tell_received(self, payment):
        """Say on the order what has arrived and what is missing or too much; a refund is somebody's task."""
        text = self.env._(
            "Finance confirms %(amount)s, arrived on %(date)s.",
            amount=payment.currency_id.format(payment.amount),
            date=format_date(self.env, payment.date),
        )
        if self.transfer_missing:
            text += " " + self.env._("Still missing: %s.", self.currency_id.format(self.transfer_missing))
        if payment.surplus:
            labels = dict(payment._fields["surplus_choice"]._description_selection(self.env))
            choice = labels[payment.surplus_choice]
            text += " " + self.env._(
                "Surplus: %(surplus)s – %(choice)s.", surplus=self.currency_id.format(payment.surplus), choice=choice
            )
            if payment.surplus_choice == "refund" and self.state != "cancel":  # then its form refunds it
                payment.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Refund %s", self.currency_id.format(payment.surplus)),
                    user_id=self.env.uid,
                )
        self.message_post(body=text, message_type="notification", subtype_xmlid="mail.mt_note")

    def _promise_delivery(self):
        """Promise the goods and tell the customer, once, when the money is all there (SOP-11c)."""
        if self.transfer_state != "received" or self.transfer_promised_at or self.delivery_status == "full":
            return
        promised = fields.Datetime.now() + timedelta(hours=self.company_id.transfer_delivery_hours)
        order = self.with_context(crm_sop_sales_transfer=TRANSFER)
        order.write({"transfer_promised_at": promised, "commitment_date": promised})
        pickings = self.picking_ids.filtered(
            lambda picking: picking.picking_type_id.code == "outgoing" and picking.state not in ("done", "cancel")
        )
        pickings.write({"scheduled_date": promised})
        template = self.env.ref("crm_sop_sales.mail_template_transfer_confirmed", raise_if_not_found=False)
        if template:
            template.sudo().send_mail(self.id, email_layout_xmlid="mail.mail_notification_layout")

    def _withdraw_promise(self):
        """Finance has taken money back: nothing is promised any more, and who sold the order hears it (SOP-11c)."""
        for order in self.filtered(lambda order: order.transfer_state not in (False, "received")):
            order.with_context(crm_sop_sales_transfer=TRANSFER).write({"transfer_promised_at": False})
            missing = order.currency_id.format(order.transfer_missing)
            order.message_post(
                body=self.env._("Finance has taken a payment back. Missing now: %s.", missing),
                message_type="notification",
                subtype_xmlid="mail.mt_note",
            )
            order.activity_schedule(
                "mail.mail_activity_data_call",
                summary=self.env._("Payment taken back"),
                user_id=(order.user_id or self.env.user).id,
            )

    def _promised_text(self):
        """Return the promised time in the customer's words: by the warehouse's or the officer's clock."""
        zone = self.user_id.tz or self.company_id.partner_id.tz or self.env.user.tz or "UTC"
        return format_datetime(self.env, self.transfer_promised_at, tz=zone) if self.transfer_promised_at else ""

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
            what = self.env._("Money received: %s", payment.currency_id.format(payment.amount))
            events.append(self._event(payment.create_date, what, payment.create_uid))
        return events
