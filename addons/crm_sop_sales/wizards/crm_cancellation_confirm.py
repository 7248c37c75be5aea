from odoo import fields, models


class CrmCancellationConfirm(models.TransientModel):
    """Say what cancelling does before it can't be undone: the fee, and what is given back (SOP-6)."""

    _name = "crm.cancellation.confirm"
    _description = "Confirm a Cancellation"
    _inherit = ["crm.about.mixin"]
    _rec_name = "cancellation_id"
    _about = ("cancellation_id",)

    cancellation_id = fields.Many2one(
        "crm.cancellation", required=True, default=lambda self: self.env.context.get("active_id"), ondelete="cascade"
    )
    outcome = fields.Text(related="cancellation_id.outcome")
    order_lot_ids = fields.Many2many(related="cancellation_id.order_lot_ids")

    def action_confirm(self):
        """Cancel the order; the form checks everything."""
        self.ensure_one()
        self.cancellation_id.action_confirm()
        return {"type": "ir.actions.act_window_close"}
