from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class AccountPayment(models.Model):
    """Money for an order that is cancelled, whenever it comes, and money that goes back for it."""

    _inherit = "account.payment"

    cancellation_id = fields.Many2one(
        "crm.cancellation", "Refund Of", copy=False, index="btree_not_null", ondelete="restrict", check_company=True
    )

    @api.constrains("cancellation_id", "payment_type", "partner_id", "currency_id")
    def _check_refund(self):
        for payment in self.filtered("cancellation_id"):
            form = payment.cancellation_id.sudo()
            theirs = payment.partner_id.commercial_partner_id == form.partner_id.commercial_partner_id
            if payment.payment_type != "outbound" or not theirs or payment.currency_id != form.currency_id:
                raise ValidationError(
                    self.env._(
                        "A refund of %(form)s is a payment to %(customer)s in %(currency)s.",
                        form=form.name,
                        customer=form.partner_id.name,
                        currency=form.currency_id.name,
                    )
                )

    def _check_refund_left(self):
        """Check that nothing is refunded twice, also by two people at once.

        :raise UserError: names the form and what is left
        """
        for form, payments in self.filtered("cancellation_id").grouped("cancellation_id").items():
            form._lock_for_step()
            payments._check_nothing_unmatched()
            left = form._refund_left()
            if form.currency_id.compare_amounts(sum(payments.mapped("amount")), left) > 0:
                raise UserError(
                    self.env._(
                        "%(left)s is left to refund for %(form)s: change the amount, or cancel this payment.",
                        left=form.currency_id.format(max(left, 0.0)),
                        form=form.name,
                    )
                )

    def action_post(self):
        """Override: a refund settles what was received; a payment that comes late is to be refunded too."""
        self.sudo()._check_refund_left()
        result = super().action_post()
        payments = self.sudo()
        payments.cancellation_id._settle()
        for order, late in payments.filtered("order_id").grouped("order_id").items():
            if order.state == "cancel" and (form := order.cancellation_ids.filtered("confirmed_at")[:1]):
                form._receive(late & form._find_payments())
        return result
