from odoo import api, fields, models


class CrmTransferRefund(models.TransientModel):
    """Ask from where and when a surplus goes back, then pay it (SOP-11d). The payment checks everything."""

    _name = "crm.transfer.refund"
    _description = "Refund a Surplus"
    _rec_name = "payment_id"

    payment_id = fields.Many2one("account.payment", required=True, readonly=True)
    order_id = fields.Many2one(related="payment_id.order_id")
    partner_id = fields.Many2one(related="payment_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="payment_id.company_id")
    currency_id = fields.Many2one(related="payment_id.order_currency_id")
    amount = fields.Monetary("To Refund", related="payment_id.surplus_left")
    journal_id = fields.Many2one(
        "account.journal",
        "Paid From",
        required=True,
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('type', 'in', ('bank', 'cash')), ('company_id', '=', company_id)]",
    )
    date = fields.Date("Paid On", required=True, default=fields.Date.context_today)

    @api.depends("payment_id")
    def _compute_journal_id(self):
        """Begin with the bank on which the money arrived."""
        for wizard in self:
            wizard.journal_id = wizard.payment_id.journal_id

    def action_confirm(self):
        """Pay the surplus back and show the screen anew."""
        self.ensure_one()
        self.payment_id._refund_surplus(self.journal_id, self.date)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
