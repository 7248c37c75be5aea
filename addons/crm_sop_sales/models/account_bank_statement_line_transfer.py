from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .sale_order_transfer import RECEIVED


class AccountBankStatementLine(models.Model):
    """Money that came in by transfer, beside the orders that it may be for (SOP-11d)."""

    _inherit = "account.bank.statement.line"

    transfer_order_id = fields.Many2one(
        "sale.order", "For Order", readonly=True, copy=False, index="btree_not_null", check_company=True
    )
    is_not_ours = fields.Boolean("Not for an Order", readonly=True, copy=False)
    proposal_ids = fields.One2many(
        "crm.transfer.proposal", "line_id", "Proposed Orders", readonly=True, groups="account.group_account_invoice"
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override: propose orders for what comes in."""
        lines = super().create(vals_list)
        self.env["crm.transfer.proposal"].sudo()._propose(lines.sudo()._open_transfers())
        return lines

    # === ACTION METHODS === #

    def action_put_back(self):
        """Show lines again among the transfers to confirm that somebody took for no customer's.

        :raise AccessError: the user isn't finance
        """
        self.env["crm.transfer.review"]._check_finance()
        self.check_access("read")
        for line in self.filtered("is_not_ours"):
            line.sudo().write({"is_not_ours": False})
            line.sudo().move_id.message_post(body=self.env._("Put back to the transfers to confirm."))
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    # === BUSINESS METHODS === #

    def _open_transfers(self):
        """Return those that brought money in, of banks that customers transfer to, and aren't settled."""
        return self.filtered(
            lambda line: (
                line.amount > 0 and line.journal_id.is_for_transfers and not line.is_reconciled and not line.is_not_ours
            )
        )

    def _find_open_payment(self, order):
        """Return the order's payment that was confirmed for this very money before the bank's statement came."""
        self.ensure_one()
        payments = order.sudo().payment_ids.filtered(
            lambda payment: (
                payment.state in RECEIVED
                and payment.payment_type == "inbound"
                and payment.journal_id == self.journal_id
                and not payment.is_matched
                and not payment.currency_id.compare_amounts(payment.amount, self.amount)
            )
        )
        return payments.sorted("id")[:1]

    def _meet(self, payment):
        """Reconcile this line with the payment's outstanding item: the books have the money once.

        :raise UserError: the line is settled already, or the payment has nothing outstanding
        """
        self.ensure_one()
        line = self.sudo()
        __, suspense, __ = line._seek_for_lines()
        outstanding = payment.sudo().move_id.line_ids.filtered(
            lambda item: item.account_id == payment.sudo().outstanding_account_id and not item.reconciled
        )
        if line.is_reconciled or len(suspense) != 1:
            raise UserError(self.env._("This line of the bank's statement is settled already."))
        if not outstanding:
            raise UserError(self.env._("%s is reconciled with another line already.", payment.display_name))
        before = line.move_id.line_ids
        counterpart = {
            "name": suspense.name,
            "account_id": outstanding.account_id.id,
            "partner_id": payment.sudo().partner_id.id,
            "currency_id": suspense.currency_id.id,
            "amount_currency": suspense.amount_currency,
            "debit": suspense.debit,
            "credit": suspense.credit,
        }
        line.move_id.with_context(
            skip_account_move_synchronization=True, force_delete=True, skip_invoice_sync=True, skip_readonly_check=True
        ).write({"line_ids": [Command.delete(suspense.id), Command.create(counterpart)]})
        ((line.move_id.line_ids - before) | outstanding).reconcile()
        line.write({"transfer_order_id": payment.sudo().order_id.id, "partner_id": payment.sudo().partner_id.id})
