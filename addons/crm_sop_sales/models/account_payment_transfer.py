from odoo import api, fields, models
from odoo.exceptions import UserError

from .sale_order_payment_choice import TRANSFER
from .sale_order_transfer import RECEIVED, SURPLUS_CHOICES

#: What only the confirmation of a transfer writes.
GUARDED = {"order_id", "surplus", "surplus_choice"}


class AccountPayment(models.Model):
    """Money for an order is booked by finance's confirmation; nobody links a payment by hand (SOP-11c)."""

    _name = "account.payment"
    _inherit = ["account.payment", "crm.sale.totals"]

    order_currency_id = fields.Many2one(related="order_id.currency_id", string="Order's Currency", related_sudo=True)
    surplus = fields.Monetary(
        readonly=True,
        copy=False,
        currency_field="order_currency_id",
        help="What is more than the order came to.",
    )
    surplus_choice = fields.Selection(
        SURPLUS_CHOICES, "Surplus Is", readonly=True, copy=False, help="What finance decided about the surplus."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override: refuse the link to an order."""
        for vals in vals_list:
            self._check_order_link(vals)
        return super(AccountPayment, self._without_defaults(GUARDED)).create(vals_list).with_env(self.env)

    def write(self, vals):
        """Override: likewise, and keep amount and bank of what was confirmed."""
        self._check_order_link(vals)
        if vals.get("state") in RECEIVED and self.env.context.get("crm_sop_sales_transfer") is not TRANSFER:
            self._check_posted()
        facts = vals.keys() & {"amount", "currency_id", "partner_id", "journal_id", "payment_type"}
        for payment in self.sudo().filtered("order_id") if facts else ():
            if any(payment._would_differ(name, vals[name]) for name in facts):
                raise UserError(
                    self.env._(
                        "%(payment)s is money that was confirmed for %(order)s: cancel it instead of changing it.",
                        payment=payment.display_name,
                        order=payment.order_id.name,
                    )
                )
        return super().write(vals)

    def action_post(self):
        """Override: say to :meth:`write` that it is this button which brings the money in."""
        return super(AccountPayment, self.with_context(crm_sop_sales_transfer=TRANSFER)).action_post()

    def action_draft(self):
        """Override: what was promised for this money isn't any more."""
        result = super().action_draft()
        self.sudo().order_id._withdraw_promise()
        return result

    def action_cancel(self):
        """Override: likewise."""
        result = super().action_cancel()
        self.sudo().order_id._withdraw_promise()
        return result

    def _check_posted(self):
        """Check that no order's money that isn't there, draft or taken back, is said to be there."""
        for payment in self.sudo().filtered(lambda payment: payment.order_id and payment.state not in RECEIVED):
            raise UserError(self.env._("%s isn't in the books: set it to draft and confirm it.", payment.display_name))

    def _would_differ(self, name, value):
        field = self._fields[name]
        return field.convert_to_cache(value, self) != field.convert_to_cache(self[name], self)

    def unlink(self):
        """Override: refuse to delete what was confirmed. Not by ``ondelete``, which a context switches off."""
        if confirmed := self.sudo().filtered("order_id"):
            raise UserError(  # pylint: disable=no-raise-unlink
                self.env._("%s was confirmed for an order and is kept: cancel it instead.", confirmed[0].display_name)
            )
        return super().unlink()

    def _check_order_link(self, vals):
        if vals.keys() & GUARDED and self.env.context.get("crm_sop_sales_transfer") is not TRANSFER:
            raise UserError(
                self.env._("Money becomes an order's by finance's confirmation (Transfers to Confirm), not by hand.")
            )
