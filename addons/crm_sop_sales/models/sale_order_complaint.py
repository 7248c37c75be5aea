from odoo import api, fields, models


class SaleOrder(models.Model):
    """The complaints about what an order sold (SOP-E2)."""

    _inherit = "sale.order"

    complaint_count = fields.Integer("Complaints", compute="_compute_complaint_count", groups="crm_base.group_officer")

    # === COMPUTE METHODS === #

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_complaint_count(self):
        domain = [("order_id", "in", self.ids), ("is_complaint", "=", True)]
        counts = dict(self.env["helpdesk.ticket"]._read_group(domain, ["order_id"], ["__count"]))
        for order in self:
            order.complaint_count = counts.get(order, 0)

    # === ACTION METHODS === #

    def action_view_complaints(self):
        """Open the complaints about the order; a new one is about it, and about its unit where there is one only."""
        self.ensure_one()
        return self.env["helpdesk.ticket"]._complaint_action(
            [("order_id", "=", self.id), ("is_complaint", "=", True)], **self._complaint_defaults()
        )

    def _complaint_defaults(self):
        units = self.sudo().hold_ids.filtered(lambda hold: hold.state != "released").lot_id.filtered("is_imei")
        return {
            "partner_id": self.partner_id.id,
            "order_id": self.id,
            "shop_id": self.warehouse_id.id,
            "purchase_date": fields.Datetime.context_timestamp(self, self.date_order).date(),
            **({"imei": units.name} if len(units) == 1 else {}),
        }
