from collections import defaultdict
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, format_datetime

from .sale_order_payment_choice import TRANSFER
from .sale_order_transfer import FINANCE, RECEIVED, SURPLUS_CHOICES


class SaleOrder(models.Model):
    """Money is booked as finance has seen it at the bank, matched, and followed by a promise (SOP-11c, SOP-11d)."""

    _inherit = "sale.order"

    def _receive_transfer(self, amount, date, journal, memo=None, surplus_choice=None, proof=None):
        """Book money that finance has seen in the bank, and promise the goods once it is all there (SOP-11c).

        :param float amount: in the journal's currency
        :param str surplus_choice: what becomes of a surplus; see ``SURPLUS_CHOICES``
        :param proof: ``crm.transfer.proof`` that is confirmed with it
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
        payment = order._book_payment(values, proof=proof)
        order._tell_received(payment)
        order._promise_delivery()
        return payment.with_env(self.env)

    def _book_payment(self, values, account=None, proof=None):
        """Post a payment for this order and match it with its invoices. The caller checks who may.

        :param dict values: see :meth:`_prepare_transfer_payment`
        :param account: the ``account.account`` on which the money lies already, if it doesn't wait for the bank
        :param proof: the ``crm.transfer.proof`` of this money, if there is one
        :return: the ``account.payment``
        """
        order = self.sudo()
        payment = (
            order.env["account.payment"]
            .with_company(order.company_id)
            .with_context(crm_sop_sales_transfer=TRANSFER, force_payment_move=order._needs_outstanding(values))
            .create(values)
        )
        if proof:
            proof.sudo().with_context(crm_sop_sales_transfer=TRANSFER).write({"payment_id": payment.id})
        if account:
            payment.outstanding_account_id = account
        payment.action_post()
        order._reconcile_payments()
        return payment

    def _check_finance(self):
        if not self.env.user.has_group(FINANCE):
            raise AccessError(self.env._("Only finance confirms that money has arrived."))
        self.check_access("read")
        if self.company_id - self.env.companies:
            raise AccessError(self.env._("The order belongs to another company: choose that company first."))

    def _check_receipt(self, amount, date, journal):
        if self.currency_id.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("Enter the amount that has arrived."))
        if not date or date > self._latest_today():
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
            if payment.surplus_left:  # nothing of it where a cancellation form refunds it
                payment._ask_for_refund()
        self.message_post(body=text, message_type="notification", subtype_xmlid="mail.mt_note")

    def _action_confirm(self):
        """Override: money that was there before the order is confirmed promises the goods now."""
        result = super()._action_confirm()
        for order in self.filtered("transfer_state"):
            order.sudo().activity_unlink(["crm_sop_sales.mail_activity_type_transfer_paid"])
            order.sudo()._promise_delivery()
        return result

    def _action_cancel(self):
        """Override: nothing is promised any more, also if the order comes back."""
        promised = self.filtered("transfer_promised_at")
        promised.with_context(crm_sop_sales_transfer=TRANSFER).write({"transfer_promised_at": False})
        self.sudo().activity_unlink(["crm_sop_sales.mail_activity_type_transfer_paid"])
        return super()._action_cancel()

    def _promise_delivery(self):
        """Promise the goods and tell the customer, once, when the money is all there and the order is confirmed.

        The time counts from the later of the two: finance may see money of a quotation that nobody has approved, and
        whose goods nobody may send (SOP-11c, SOP-3c3).
        """
        if self.transfer_state != "received" or self.transfer_promised_at or self.delivery_status == "full":
            return
        if self.state != "sale":
            self._ask_to_confirm()
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

    def _ask_to_confirm(self):
        """The money is there and the order isn't: who sold it brings it through its approval."""
        self.activity_unlink(["crm_sop_sales.mail_activity_type_transfer_paid"])
        self.activity_schedule(
            "crm_sop_sales.mail_activity_type_transfer_paid",
            summary=self.env._("Paid: have it approved and confirm it"),
            note=self.env._("The money is all there. The delivery is promised when the order is confirmed."),
            user_id=(self.user_id or self.env.user).id,
        )

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
