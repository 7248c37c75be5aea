from odoo import fields, models


class AccountPayment(models.Model):
    """A payment that was received for an order, before there is an invoice or after."""

    _inherit = "account.payment"

    order_id = fields.Many2one(
        "sale.order", "Sales Order", readonly=True, copy=False, index="btree_not_null", check_company=True
    )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    payment_ids = fields.One2many(
        "account.payment",
        "order_id",
        "Payments",
        readonly=True,
        copy=False,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
