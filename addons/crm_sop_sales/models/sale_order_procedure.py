from odoo import api, fields, models

#: Where an order stands (SOP-15), in the order of the procedure.
STAGES = [
    ("quotation", "Quotation"),
    ("to_approve", "To Approve"),
    ("approved", "Approved"),
    ("to_deliver", "To Deliver"),
    ("to_invoice", "To Invoice"),
    ("to_pay", "To Pay"),
    ("to_call", "To Call"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]


class SaleOrder(models.Model):
    """Where the order stands, computed from facts: nobody drags it there."""

    _inherit = "sale.order"

    procedure_stage = fields.Selection(
        STAGES, "Stands At", compute="_compute_procedure_stage", store=True, index=True, group_expand=True
    )

    @api.depends(
        "state",
        "approval_state",
        "delivery_status",
        "delivery_call_state",
        "invoice_status",
        "order_line.invoice_lines.move_id.payment_state",
    )
    def _compute_procedure_stage(self):
        for order in self:
            order.procedure_stage = order._procedure_stage()

    def _procedure_stage(self):
        if self.state == "cancel":
            return "cancelled"
        if self.state != "sale":
            return {"draft": "quotation"}.get(self.approval_state, self.approval_state)
        return "cancelled" if self._was_given_up() else self._stage_after_confirmation()

    def _stage_after_confirmation(self):
        if self.delivery_status and self.delivery_status != "full":
            return "to_deliver"
        if self.invoice_status != "invoiced":
            return "to_invoice"
        if not self._is_fully_paid():
            return "to_pay"
        return "to_call" if self.delivery_call_state in ("to_call", "bad") else "done"

    def _was_given_up(self):
        """Whether all transfers of the confirmed order were cancelled and nothing is invoiced: nothing comes of it."""
        if self.delivery_status or not self.sudo().picking_ids:
            return False
        return all(move.state == "cancel" for move in self.invoice_ids)

    def _is_fully_paid(self):
        """Whether every posted invoice is paid; one that waits for the bank's confirmation counts."""
        invoices = self.invoice_ids.filtered(lambda move: move.state == "posted" and move.move_type == "out_invoice")
        return bool(invoices) and all(move.payment_state in ("paid", "in_payment", "reversed") for move in invoices)
