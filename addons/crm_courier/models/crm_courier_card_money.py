from odoo import models
from odoo.exceptions import AccessError, UserError

from .stock_picking_batch import MANAGER

FINANCE = "account.group_account_invoice"


class CrmCourierCard(models.Model):
    """What is approved is a payment in the terminals' journal, matched with the order's invoice (SOP-12g, SOP-13b)."""

    _inherit = "crm.courier.card"

    # === ACTION METHODS === #

    def action_book(self):
        """Book what was approved and couldn't be booked then.

        :raise AccessError: the user is neither finance nor a manager
        :raise UserError: says what is missing
        """
        self.check_access("read")
        if not any(self.env.user.has_group(group) for group in (FINANCE, MANAGER)):
            raise AccessError(self.env._("Card payments are booked by finance."))
        for card in self._as_step():
            if card.state != "approved" or card.is_booked:
                raise UserError(self.env._("%s: there is nothing to book.", card.display_name))
            card._book()

    def action_view_payment(self):
        """Open the payment in the books."""
        self.ensure_one()
        payment = self.payment_id  # with the user's own rights
        return {
            "type": "ir.actions.act_window",
            "res_model": payment._name,
            "res_id": payment.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # === BUSINESS METHODS === #

    def _book_if_possible(self):
        """Book; where that can't be done the card was charged all the same, so say it and let finance do it later."""
        for card in self:
            try:
                with self.env.cr.savepoint():
                    card._book()
            except UserError as error:
                card.message_post(
                    body=self.env._("The payment isn't in the books yet: %s", error.args[0]),
                    message_type="notification",
                    subtype_xmlid="mail.mt_note",
                )

    def _book(self):
        """Post the payment for the order, in the terminals' journal.

        :raise UserError: there is no such journal, or the books don't take it
        """
        self.ensure_one()
        journal = self.company_id.courier_card_journal_id
        if not journal:
            raise UserError(self.env["stock.picking.batch"]._no_card_journal())
        day = self.branch_id._local(self.approved_at).date()
        memo = f"{self.approval_code} •••• {self.last_four}"
        values = self.order_id._prepare_transfer_payment(self.amount, day, journal, memo)
        self._write_facts({"payment_id": self.order_id._book_payment(values).id})

    def _check_voidable(self):
        for card in self.sudo():
            if card.payment_id.is_matched:
                raise UserError(
                    self.env._(
                        "%s is matched with the bank's statement: the money was paid out. Have finance refund it by a "
                        "payment to the customer.",
                        card.payment_id.display_name,
                    )
                )

    def _take_back(self):
        """Cancel the payment in the books: the terminal's slip of the void is the proof."""
        payments = self.payment_id.filtered(lambda payment: payment.state in ("in_process", "paid"))
        if payments:
            payments.action_draft()
            payments.action_cancel()
        self._write_facts({"payment_id": False, "amount": 0, "approval_code": False, "approved_at": False})
