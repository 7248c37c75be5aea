from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .res_company_transfer import PAYMENT_CHOICES

#: How and where to the customer pays (SOP-11a).
CHOICE_FIELDS = ("payment_choice", "transfer_account_id")
#: Said in the context by our own code when it writes these fields or the promise; JSON can't make this object.
TRANSFER = object()


class SaleOrder(models.Model):
    """How the customer pays is settled with the price, and changed afterwards by a manager only (SOP-11a)."""

    _inherit = "sale.order"

    payment_choice = fields.Selection(
        PAYMENT_CHOICES,
        "Payment By",
        compute="_compute_payment_choice",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        copy=True,
        index=True,
        help="How the customer pays. It is locked with the prices; afterwards a manager changes it, with a reason.",
    )
    transfer_account_id = fields.Many2one(
        "res.partner.bank",
        "To Account",
        domain="[('transfer_company_id', '=', company_id)]",
        ondelete="restrict",
        tracking=True,
        index="btree_not_null",
        help="The company's account that the customer chose.",
    )

    # === COMPUTE METHODS === #

    @api.depends("company_id")
    def _compute_payment_choice(self):
        for order in self:
            order.payment_choice = order.company_id.payment_choice or "handover"

    # === CONSTRAINT METHODS === #

    @api.constrains("transfer_account_id", "company_id", "payment_choice")
    def _check_transfer_account(self):
        for order in self.filtered("transfer_account_id"):
            if order.transfer_account_id.sudo().transfer_company_id != order.company_id:
                raise ValidationError(
                    self.env._(
                        "%(account)s isn't an account of %(company)s that customers transfer to.",
                        account=order.transfer_account_id.sudo().acc_number,
                        company=order.company_id.name,
                    )
                )

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: refuse another way of paying where the order is submitted."""
        if vals.keys() & set(CHOICE_FIELDS) and self.env.context.get("crm_sop_sales_transfer") is not TRANSFER:
            self.check_access("write")
            self._check_choice_open(vals)
        return super().write(vals)

    def _check_choice_open(self, vals):
        for order in self.sudo().filtered(
            lambda order: order._is_price_locked() or order.state not in ("draft", "sent")
        ):
            if any(name in vals and order._would_change(name, vals[name]) for name in CHOICE_FIELDS):
                raise UserError(
                    self.env._(
                        "How %s is paid is settled since it was submitted. A manager changes it (Change Payment), with "
                        "a reason; before the order is confirmed the customer can, on the portal.",
                        order.display_name,
                    )
                )

    # === ACTION METHODS === #

    def action_change_payment(self):
        """Ask a manager for another way of paying, and why."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change Payment"),
            "res_model": "crm.payment.choice",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    # === BUSINESS METHODS === #

    def _change_payment(self, choice, account, reason):
        """Set how the order is paid and keep in its history who said so and why. The caller checks who may.

        :param account: ``res.partner.bank`` or none
        """
        self.ensure_one()
        labels = dict(self._fields["payment_choice"]._description_selection(self.env))
        if choice not in labels:
            raise UserError(self.env._("There is no such way of paying."))
        account = account if choice == "transfer" else account.browse()
        before = labels[self.payment_choice]
        order = self.sudo().with_context(crm_sop_sales_transfer=TRANSFER)
        order.write({"payment_choice": choice, "transfer_account_id": account.id})
        self.env["crm.workflow.log"]._record(
            [
                {
                    "res_model": self._name,
                    "res_id": self.id,
                    "transition": "change_payment",
                    "source": self.approval_state,
                    "target": self.approval_state,
                    "user_id": self.env.uid,
                    "reason": f"{before} → {labels[choice]} {account.sudo().acc_number or ''}: {reason}",
                }
            ]
        )

    def _is_choice_open_to_customer(self):
        """Whether the customer may choose on the portal: a quotation that was sent, or is approved. Who has sent money,
        or its proof, has chosen.
        """
        self.ensure_one()
        if self.sudo()._has_live_proof() or self.sudo()._has_money():
            return False
        return self.state == "sent" or (self.state == "draft" and self.approval_state == "approved")
