from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmCancellation(models.Model):
    """What the customer has paid already is set against the fee; the rest is to be given back."""

    _inherit = "crm.cancellation"

    received_payment_ids = fields.Many2many(
        "account.payment", "crm_cancellation_payment_rel", readonly=True, copy=False, string="Payments Received"
    )
    received_amount = fields.Monetary("Received", readonly=True, copy=False)
    refund_amount = fields.Monetary(
        "Refund", readonly=True, copy=False, help="What was received, less the fee: to be paid back."
    )
    refund_payment_ids = fields.One2many("account.payment", "cancellation_id", "Refunds", readonly=True, copy=False)
    refund_state = fields.Selection(
        [("none", "Nothing to Refund"), ("to_refund", "To Refund"), ("refunded", "Refunded")],
        "Refund Status",
        compute="_compute_refund_state",
        compute_sudo=True,
        store=True,
        index=True,
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "refund_amount",
        "received_payment_ids.state",
        "received_payment_ids.is_reconciled",
        "refund_payment_ids.state",
        "refund_payment_ids.amount",
        "order_id.order_line.invoice_lines.move_id.payment_state",
    )
    def _compute_refund_state(self):
        for form in self:
            if not form._refund_owed():
                form.refund_state = "none"
            else:
                is_open = form.currency_id.compare_amounts(form._refund_left(), 0.0) > 0
                form.refund_state = "to_refund" if is_open else "refunded"

    # === ACTION METHODS === #

    def action_register_refund(self):
        """Open a payment to the customer of what is left to refund."""
        self.ensure_one()
        if self.refund_state != "to_refund":
            raise UserError(self.env._("There is nothing to refund for %s.", self.display_name))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refund"),
            "res_model": "account.payment",
            "view_mode": "form",
            "context": {
                "default_payment_type": "outbound",
                "default_partner_type": "customer",
                "default_partner_id": self.order_id.sudo().partner_invoice_id.id,
                "default_currency_id": self.currency_id.id,
                "default_amount": self.sudo()._refund_left(),
                "default_memo": self.name,
                "default_cancellation_id": self.id,
            },
        }

    # === BUSINESS METHODS === #

    def _refund_left(self):
        """Return what is still to be refunded: no more than the books still have of the customer's money."""
        paid = self.refund_payment_ids.filtered(lambda payment: payment.state in ("in_process", "paid"))
        left = self._refund_owed() - sum(paid.mapped("amount"))
        return self.currency_id.round(min(left, self._credit_left()))

    def _credit_left(self):
        """Return what nobody has set against anything else of the money received, and of the order's credit notes."""
        payments = self.received_payment_ids.filtered(lambda payment: payment.state in ("in_process", "paid"))
        unbooked = payments.filtered(lambda payment: not payment.move_id)
        open_lines = self._open_lines(payments.move_id | self._credit_notes(), any_currency=True)
        credits = open_lines.filtered(lambda line: line.amount_residual_currency < 0)
        booked = -self._in_own_currency(credits, "amount_residual_currency")
        return booked + self._in_own_currency(unbooked, "amount") - self._kept_left(payments)

    def _kept_left(self, payments):
        """Return what is left of the surplus that finance keeps as the customer's credit: it isn't refunded."""
        kept = payments.filtered(lambda payment: payment.surplus_choice == "credit")
        return sum(max(payment.surplus - payment._used_elsewhere(), 0.0) for payment in kept)

    def _credit_notes(self):
        return self.order_id.invoice_ids.filtered(lambda move: move.move_type == "out_refund")

    def _refund_owed(self):
        """Return what is to be refunded in all: nothing of money that finance has taken back since."""
        gone = self.received_payment_ids.filtered(lambda payment: payment.state not in ("in_process", "paid"))
        return max(self.refund_amount - self._in_own_currency(gone, "amount"), 0.0)

    def _find_payments(self):
        """Return what was received for the order, posted and not taken back, and no other form of it has settled."""
        order = self.order_id.sudo()
        settled = (order.cancellation_ids - self).received_payment_ids
        return (order.payment_ids - settled).filtered(
            lambda payment: payment.payment_type == "inbound" and payment.state in ("in_process", "paid")
        )

    def _receive(self, payments):
        """Set payments, and credit notes of the order, against the fee, and note what is left to refund.

        Each payment counts once, also one that arrives after the cancellation.
        """
        form, currency = self.sudo(), self.currency_id
        new = payments - form.received_payment_ids
        credits = form._open_credits(new)
        unbooked = new.filtered(lambda payment: not payment.move_id)
        received = form._in_own_currency(unbooked, "amount") - form._in_own_currency(
            credits, "amount_residual_currency"
        )
        received -= form._kept_left(new)
        new._hand_surplus_over()
        if new or not currency.is_zero(received):
            form._write_facts(
                {
                    "received_payment_ids": [fields.Command.link(payment.id) for payment in new],
                    "received_amount": currency.round(form.received_amount + received),
                    "refund_amount": currency.round(max(form.received_amount + received - form.fee_amount, 0.0)),
                }
            )
        form._settle()

    def _in_own_currency(self, records, name):
        """Return the sum of that amount of payments or journal items in the order's currency, at their day's rate."""
        return sum(
            record.currency_id._convert(record[name], self.currency_id, self.company_id, record.date or self.date)
            for record in records
        )

    def _open_credits(self, payments):
        """Return the customer's open credits in the books: of these payments, and the first time of credit notes."""
        moves = payments.move_id
        if not self.received_amount:
            moves |= self._credit_notes()
        return self._open_lines(moves, any_currency=True).filtered(lambda line: line.amount_residual_currency < 0)

    def _open_lines(self, moves, any_currency=False):
        return moves.line_ids.filtered(
            lambda line: (
                line.parent_state == "posted"
                and line.account_id.account_type == "asset_receivable"
                and not line.reconciled
                and (any_currency or line.currency_id == self.currency_id)
            )
        )

    def _settle(self):
        """Reconcile what was received, and what was paid back, with the fee's posted invoice and with one another."""
        for form in self.sudo():
            moves = form.received_payment_ids.move_id | form.refund_payment_ids.move_id
            lines = form._open_lines(moves | form._credit_notes() | form.invoice_id)
            for account, same in lines.grouped("account_id").items():
                signs = {line.amount_residual_currency > 0 for line in same}
                if len(signs) > 1 and account.reconcile:
                    same.reconcile()
            unbooked = form.received_payment_ids.filtered(lambda payment: not payment.move_id)
            if form.invoice_id:
                unbooked.invoice_ids |= form.invoice_id
