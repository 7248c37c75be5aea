from odoo import fields, models
from odoo.exceptions import AccessError

from ..card_number import mask_card_numbers
from ..models.sale_order import APPROVERS


class CrmPaymentChoice(models.TransientModel):
    """Ask a manager how an order is paid from now on, and why (SOP-11a)."""

    _name = "crm.payment.choice"
    _description = "Change How an Order Is Paid"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id")
    payment_choice = fields.Selection(lambda self: self._selection_payment_choice(), "Payment By", required=True)
    transfer_account_id = fields.Many2one(
        "res.partner.bank", "To Account", domain="[('transfer_company_id', '=', company_id)]"
    )
    reason = fields.Text(required=True)

    def _selection_payment_choice(self):
        return self.env["sale.order"]._fields["payment_choice"]._description_selection(self.env)

    def action_confirm(self):
        """Change it.

        :raise AccessError: the user is no manager
        """
        self.ensure_one()
        if not any(self.env.user.has_group(group) for group in APPROVERS):
            raise AccessError(self.env._("Only a manager changes how a submitted order is paid."))
        self.order_id.check_access("write")
        self.order_id._change_payment(self.payment_choice, self.transfer_account_id, mask_card_numbers(self.reason))
        return {"type": "ir.actions.client", "tag": "soft_reload"}
