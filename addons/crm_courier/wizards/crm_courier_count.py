from odoo import api, fields, models
from odoo.fields import Command

from ..models.crm_courier_stop import HANDED_OVER


class CrmCourierCount(models.TransientModel):
    """Count what a courier brought back, without being told what should be there (SOP-13a, SOP-13b)."""

    _name = "crm.courier.count"
    _description = "Count of What Came Back"
    _inherit = ["crm.about.mixin"]
    _rec_name = "run_id"
    _about = ("run_id",)

    run_id = fields.Many2one("stock.picking.batch", required=True, readonly=True, ondelete="cascade")
    line_ids = fields.One2many(
        "crm.courier.count.line", "count_id", "Deliveries", compute="_compute_line_ids", store=True, readonly=False
    )
    units_back = fields.Integer("Units Brought Back", help="Handsets and other goods that weren't handed over.")
    equipment_back = fields.Boolean("All Equipment Is Back")

    @api.depends("run_id")
    def _compute_line_ids(self):
        for count in self:
            stops = count.run_id.stop_ids.filtered(lambda stop: stop.outcome in HANDED_OVER)
            count.line_ids = [Command.clear(), *(Command.create({"stop_id": stop.id}) for stop in stops)]

    def action_confirm(self):
        """Hand the run over with what was counted; differences are listed, each to be explained."""
        self.ensure_one()
        run = self.run_id
        run._check_counter()
        counted = {
            line.stop_id: {
                "proof_received": line.proof_received,
                "payment_proof_received": line.payment_proof_received,
                "cash_counted": line.cash_counted,
            }
            for line in self.line_ids
            if line.stop_id.run_id == run and line.stop_id.outcome in HANDED_OVER
        }
        run._receive_count(counted, self.units_back, self.equipment_back)
        return {"type": "ir.actions.act_window_close"}


class CrmCourierCountLine(models.TransientModel):
    """What is counted of one delivery."""

    _name = "crm.courier.count.line"
    _description = "Count of One Delivery"
    _inherit = ["crm.about.mixin"]
    _about = ("stop_id",)
    _rec_name = "stop_id"

    count_id = fields.Many2one("crm.courier.count", required=True, ondelete="cascade")
    stop_id = fields.Many2one("crm.courier.stop", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="stop_id.currency_id")
    proof_received = fields.Boolean("Proof of Hand-over")
    payment_proof_received = fields.Boolean("Payment Slip")
    cash_counted = fields.Monetary("Cash")
