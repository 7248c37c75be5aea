from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.crm_base.counter import Counter

#: Said in the context by the cancellation form when it cancels its order; JSON can't make this object.
CANCELLATION = object()


class SaleOrder(models.Model):
    """A submitted order is cancelled by its form only, on every path (SOP-6). Before that, as in Odoo.

    An order that a manager gave back, or whose time ran out before anybody approved it, isn't submitted any more. If
    money has come for it, it takes a form too, without a fee: finance is to give the money back.
    """

    _inherit = "sale.order"

    cancellation_ids = fields.One2many(
        "crm.cancellation",
        "order_id",
        "Cancellation Forms",
        readonly=True,
        copy=False,
        groups="sales_team.group_sale_salesman,account.group_account_invoice,stock.group_stock_user",
    )
    cancellation_count = fields.Integer("Cancellations", compute="_compute_counters")
    is_being_cancelled = fields.Boolean("Cancellation Under Way", compute="_compute_is_being_cancelled")

    # === COMPUTE METHODS === #

    def _counters(self):
        """Override: forms, but those that were withdrawn."""
        standing = (("state", "!=", "withdrawn"),)
        forms = Counter("crm.cancellation", "order_id", standing, depends=("cancellation_ids.state",), sudo=True)
        return super()._counters() | {"cancellation_count": forms}

    @api.depends("cancellation_count", "cancellation_ids.state")
    def _compute_is_being_cancelled(self):
        self.is_being_cancelled = False
        for order in self.filtered("cancellation_count"):
            states = set(order.sudo().cancellation_ids.mapped("state"))
            order.is_being_cancelled = bool(states - {"withdrawn", "confirmed"})

    # === ACTION METHODS === #

    def action_cancel(self):
        """Override: a submitted order's form is opened instead of cancelling it."""
        if len(self) == 1 and self._needs_cancellation():
            return self._open_cancellation()
        return super().action_cancel()

    def action_view_cancellations(self):
        """Open the order's cancellation form, or the list of them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_sop_sales.crm_cancellation_action")
        forms = self.cancellation_ids
        if len(forms) == 1:
            return {**action, "res_id": forms.id, "view_mode": "form", "views": [(False, "form")]}
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}

    # === BUSINESS METHODS === #

    def _action_cancel(self):
        """Override, through which every path of cancelling comes: refuse what takes a form."""
        waiting = self.filtered(lambda order: order._needs_cancellation())
        if waiting and self.env.context.get("crm_sop_sales_cancellation") is not CANCELLATION:
            raise UserError(
                self.env._(
                    "%(orders)s: orders that are submitted, or that money has come for, are cancelled by a "
                    "cancellation form, one by one. Open the order and press Cancel.",
                    orders=", ".join(waiting.mapped("name")),
                )
            )
        return super()._action_cancel()

    def _cancel_by_form(self):
        """Cancel the order, with its deliveries and draft invoices. For its cancellation form, which has checked."""
        return self.with_context(crm_sop_sales_cancellation=CANCELLATION)._action_cancel()

    def _current_payments(self):
        """Return the order's payments. What a cancellation has settled, as its fee or to be given back, doesn't pay an
        order that comes back once more.
        """
        if self.state == "cancel":
            return self.payment_ids
        settled = self.sudo().cancellation_ids.received_payment_ids
        return self.payment_ids.filtered(lambda payment: not (payment | payment.surplus_payment_id) & settled)

    def _needs_cancellation(self):
        self.ensure_one()
        return self.state != "cancel" and (self._is_price_locked() or self._has_money())

    def _has_money(self):
        """Whether finance has confirmed money for the order: its form sees that it goes back."""
        payments = self.sudo()._current_payments()
        return any(
            payment.payment_type == "inbound" and payment.state in ("in_process", "paid") for payment in payments
        )

    def _open_cancellation(self):
        """Open the form under way, or a new one, filled in as far as it is known."""
        self.check_access("write")
        form = self.cancellation_ids.filtered(lambda form: form.state in ("draft", "waiting"))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancellation Form"),
            "res_model": "crm.cancellation",
            "view_mode": "form",
            "res_id": form.id,
            "context": {"default_order_id": self.id},
        }

    def _cancellation_problem(self):
        """Return why the order can't be cancelled by its form now, and what to do first, or None."""
        if not self._needs_cancellation():
            return self.env._("%s isn't submitted any more: withdraw this form.", self.name)
        if self.locked:
            return self.env._("%s is locked. A manager unlocks it first.", self.name)
        if any(line.qty_delivered_method == "stock_move" and line.qty_delivered > 0 for line in self.order_line):
            return self.env._(
                "%s is delivered, in whole or in part: take the units back by a return of the delivery first.",
                self.name,
            )
        if invoices := self._uncredited_invoices():
            return self.env._(
                "%(order)s is invoiced: finance writes a credit note for %(invoices)s first.",
                order=self.name,
                invoices=", ".join(invoices.mapped("name")),
            )
        return None

    def _uncredited_invoices(self):
        """Return the order's posted invoices, where credit notes don't make up for them."""
        posted = self.invoice_ids.filtered(lambda move: move.state == "posted")
        if self.currency_id.is_zero(sum(posted.mapped("amount_total_in_currency_signed"))):
            return posted.browse()
        return posted.filtered(lambda move: move.move_type == "out_invoice")

    def _cancellation_fee_base(self):
        """Return the goods' price by the price list at the submission, quantity by quantity (SOP-6); 0 of an order that
        isn't submitted.

        Gifts, vouchers, delivery, advance payments and discounts don't count; a combination counts as such, and not by
        its parts. Rounded as the currency is.
        """
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: self._is_price_locked() and line._counts_for_cancellation())
        return self.currency_id.round(sum(line.list_price_unit * line.product_uom_qty for line in lines))

    def _decline(self, message):
        """Have the officer cancel the order, as the customer wishes on the portal: they know the fee, and ask.

        The form under way, if there is one, hears it too.
        """
        form = self.cancellation_ids.filtered(lambda form: form.state in ("draft", "waiting"))
        if not form:
            reason = self.env.ref("crm_sop_sales.crm_cancellation_reason_mind", raise_if_not_found=False)
            values = {"order_id": self.id, "reason_id": reason and reason.id, "note": message}
            form = form.create({**values, "user_id": (self.user_id or self.env.user).id})
        call = ["mail.mail_activity_data_call"]
        if self.user_id and not form.activity_search(call, user_id=self.user_id.id):
            form.activity_schedule(
                *call,
                user_id=self.user_id.id,
                summary=self.env._("Declined online: tell the customer about the fee"),
            )

    # === TIMELINE === #

    def _timeline_events(self):
        """Override: the cancellation, with its number and outcome."""
        forms = self.sudo().cancellation_ids.filtered(lambda form: form.state == "confirmed")
        return super()._timeline_events() + [
            self._event(
                form.confirmed_at, self.env._("Cancelled: %s", form.name), form.confirmed_by_id, form._outcome()
            )
            for form in forms
        ]


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _counts_for_cancellation(self):
        """Whether the line sells goods or services by the price list."""
        self.ensure_one()
        beside = self.is_reward_line or self.is_delivery or self.is_downpayment or self.is_expense
        part = self.combo_item_id or self._is_global_discount()
        return bool(self.product_id) and not self.display_type and not beside and not part
