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

    def action_register_complaint(self):
        """Open the order's complaint that has no solution yet, or a new one with what the customer said (SOP-14)."""
        self.ensure_one()
        unsolved = [("is_complaint", "=", True), ("complaint_state", "in", ("new", "registered", "in_progress"))]
        if complaint := self.env["helpdesk.ticket"].search([("order_id", "=", self.id), *unsolved], limit=1):
            return complaint.get_formview_action()
        action = self.action_view_complaints()
        form = self.env.ref("crm_sop_sales.helpdesk_ticket_view_form_complaint")
        told = {f"default_{name}": value for name, value in self._complaint_told().items()}
        return {**action, "views": [(form.id, "form")], "context": {**action["context"], **told}}

    # === BUSINESS METHODS === #

    def _complaint_told(self):
        """Return what the customer said in the call after the delivery, as the beginning of a complaint."""
        call = self.delivery_call_ids._latest_delivery_call()
        return {"name": call.outcome_id.name, "description": call.note} if self.delivery_call_state == "bad" else {}

    def _complaint_defaults(self):
        units = self.sudo().hold_ids.filtered(lambda hold: hold.state != "released").lot_id.filtered("is_imei")
        goods = self.order_line.product_id.filtered(lambda product: product.type == "consu")
        return {
            "partner_id": self.partner_id.id,
            "order_id": self.id,
            "shop_id": self.warehouse_id.id,
            "purchase_date": fields.Datetime.context_timestamp(self, self.date_order).date(),
            **({"imei": units.name} if len(units) == 1 else {}),
            **({"product_id": goods.id} if len(goods) == 1 else {}),
        }
