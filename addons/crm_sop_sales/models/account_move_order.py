from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """An invoice is posted for what was sold, at the price that was locked (SOP-4a, FL-11)."""

    _inherit = "account.move"

    def _post(self, soft=True):
        """Override, through which every path of posting comes."""
        self._check_against_orders()
        return super()._post(soft)

    def _check_against_orders(self):
        """Check customer invoices against the orders that they invoice; credit notes take back what they like.

        :raise UserError: names the line and what is different
        """
        self.check_access("write")
        invoices = self.sudo().filtered(lambda move: move.move_type in ("out_invoice", "out_receipt"))
        lines = invoices.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        ordered = lines.filtered("sale_line_ids")
        if not ordered:
            return
        for order in ordered.sale_line_ids.order_id:
            if order._is_price_locked() and (problem := order._locked_total_problem()):
                raise UserError(problem)
        selling = ordered.filtered(lambda line: line.quantity > 0).move_id
        (lines - ordered).filtered(lambda line: line.move_id in selling)._refuse_unordered()
        ordered._check_locked_price()
        ordered._check_quantity_left()
