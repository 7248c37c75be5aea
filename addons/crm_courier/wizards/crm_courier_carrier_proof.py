from odoo import api, fields, models


class CrmCourierCarrierProof(models.TransientModel):
    """Ask for a third party's proof of delivery; the transfer checks and keeps it (SOP-5b)."""

    _name = "crm.courier.carrier.proof"
    _description = "Proof from the Carrier"
    _inherit = ["crm.about.mixin"]
    _rec_name = "picking_id"
    _about = ("picking_id",)

    picking_id = fields.Many2one("stock.picking", "Delivery", required=True, readonly=True, ondelete="cascade")
    arrived_on = fields.Date(required=True, default=fields.Date.context_today)
    file = fields.Binary("Proof", required=True, attachment=False)
    file_name = fields.Char()
    carrier_tracking_ref = fields.Char(
        "Tracking Reference", compute="_compute_of_picking", store=True, readonly=False, size=200
    )
    carrier_price = fields.Float("Carrier's Cost", compute="_compute_of_picking", store=True, readonly=False)

    @api.depends("picking_id")
    def _compute_of_picking(self):
        for proof in self:
            proof.carrier_tracking_ref = proof.picking_id.carrier_tracking_ref
            proof.carrier_price = proof.picking_id.carrier_price

    def action_confirm(self):
        """Take the proof, with reference and cost."""
        self.ensure_one()
        file = self.with_context(bin_size=False).file
        self.picking_id._receive_carrier_proof(file, self.file_name, self.arrived_on)
        facts = {"carrier_tracking_ref": self.carrier_tracking_ref, "carrier_price": self.carrier_price}
        self.picking_id.sudo().write(facts)
        return {"type": "ir.actions.act_window_close"}
