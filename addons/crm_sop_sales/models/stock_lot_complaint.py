from odoo import api, fields, models


class StockLot(models.Model):
    """The complaints about one handset (SOP-E2)."""

    _inherit = "stock.lot"

    complaint_count = fields.Integer("Complaints", compute="_compute_complaint_count", groups="crm_base.group_officer")

    # === COMPUTE METHODS === #

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_complaint_count(self):
        domain = [("lot_id", "in", self.ids), ("is_complaint", "=", True)]
        counts = dict(self.env["helpdesk.ticket"]._read_group(domain, ["lot_id"], ["__count"]))
        for lot in self:
            lot.complaint_count = counts.get(lot, 0)

    # === ACTION METHODS === #

    def action_view_complaints(self):
        """Open the complaints about the handset; a new one is about it."""
        self.ensure_one()
        domain = [("lot_id", "=", self.id), ("is_complaint", "=", True)]
        return self.env["helpdesk.ticket"]._complaint_action(domain, imei=self.name)
