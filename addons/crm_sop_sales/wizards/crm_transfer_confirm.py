from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.sale_order_transfer import SURPLUS_CHOICES


class CrmTransferConfirm(models.TransientModel):
    """Ask finance what has arrived at the bank, then confirm it (SOP-11c). The models check everything."""

    _name = "crm.transfer.confirm"
    _description = "Confirm a Transfer"
    _rec_name = "order_id"

    proof_id = fields.Many2one("crm.transfer.proof", readonly=True)
    line_id = fields.Many2one("account.bank.statement.line", "Bank Statement Line", readonly=True)
    label = fields.Char("Text", related="line_id.payment_ref")
    order_id = fields.Many2one("sale.order", required=True, domain="[('state', '!=', 'cancel')]")
    company_id = fields.Many2one(related="order_id.company_id")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    amount_total = fields.Monetary(related="order_id.amount_total", string="Order Total")
    received = fields.Monetary(related="order_id.transfer_received", string="Received Before")
    journal_id = fields.Many2one(
        "account.journal",
        "Bank",
        required=True,
        domain="[('type', '=', 'bank'), ('is_for_transfers', '=', True), ('company_id', '=', company_id)]",
    )
    date = fields.Date("Arrived On", required=True, default=fields.Date.context_today)
    amount = fields.Monetary("Amount Arrived", required=True)
    verdict = fields.Selection(
        [("exact", "Exact"), ("short", "Short"), ("surplus", "Surplus")], compute="_compute_verdict"
    )
    difference = fields.Monetary(compute="_compute_verdict")
    surplus_choice = fields.Selection(SURPLUS_CHOICES, "Surplus Is")

    @api.depends("order_id.currency_id", "journal_id")
    def _compute_currency_id(self):
        """The order's; before one is chosen, the bank's."""
        for wizard in self:
            company = wizard.journal_id.company_id or self.env.company
            bank = wizard.journal_id.currency_id or company.currency_id
            wizard.currency_id = wizard.order_id.currency_id or bank

    @api.depends("amount", "order_id.transfer_missing")
    def _compute_verdict(self):
        for wizard in self:
            order = wizard.order_id
            result = order._compare_money(wizard.amount, order.transfer_missing) if order else 0
            wizard.verdict = {-1: "short", 0: "exact", 1: "surplus"}[result]
            wizard.difference = abs(wizard.amount - order.transfer_missing)

    @api.model
    def _ask(self, proof=None, line=None, order=None):
        """Return the action that opens this, filled in with what is known."""
        context = {"in_form": self.env.context.get("in_form", False)}
        if proof:
            journal = proof.bank_account_id._transfer_journal(proof.sudo().order_id.company_id)
            context |= {
                "default_proof_id": proof.id,
                "default_order_id": proof.order_id.id,
                "default_amount": proof.amount,
                "default_date": fields.Date.to_string(proof.transfer_date),
                "default_journal_id": journal.id,
            }
        if order:
            context["default_order_id"] = order.id
        if line:
            context |= {
                "default_line_id": line.id,
                "default_amount": line.amount,
                "default_date": fields.Date.to_string(line.date),
                "default_journal_id": line.journal_id.id,
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Confirm a Transfer"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    def action_confirm(self):
        """Confirm: what the bank's statement says isn't changed by hand."""
        self.ensure_one()
        line = self.line_id
        amount, date, journal = self.amount, self.date, self.journal_id
        if line:
            line.check_access("read")
            amount, date, journal = line.amount, line.date, line.journal_id
        if self.proof_id and self.proof_id.order_id != self.order_id:
            raise UserError(
                self.env._("The proof is for %s: reject it first if it isn't.", self.proof_id.order_id.name)
            )
        self._settle(self.order_id, amount, date, journal, self.surplus_choice, proof=self.proof_id, line=line)
        return self.env["crm.transfer.review"]._settled()

    @api.model
    def _settle(self, order, amount, date, journal, surplus_choice, proof=None, line=None):
        """Book the money once: it meets a payment that was confirmed before, or is confirmed now.

        :param proof: ``crm.transfer.proof`` that is confirmed with it
        :param line: ``account.bank.statement.line`` that it is reconciled with
        :return: the ``account.payment``
        """
        order._check_finance()
        if not (proof or line):
            raise UserError(self.env._("Confirm a proof of transfer, or a line of the bank's statement."))
        if line:
            order.sudo()._lock_for_step()
            line.sudo().lock_for_update()
            line.sudo().invalidate_recordset(["is_reconciled"])
            if line.sudo().is_reconciled:
                raise UserError(self.env._("This line of the bank's statement is settled already."))
        payment = line._find_open_payment(order) if line else self.env["account.payment"]
        if not payment and proof:
            payment = proof._confirm(amount, date, journal, surplus_choice)
        elif not payment:
            memo = line.payment_ref if line else None
            payment = order._receive_transfer(amount, date, journal, memo=memo, surplus_choice=surplus_choice)
        if line:
            line._meet(payment)
        return payment
