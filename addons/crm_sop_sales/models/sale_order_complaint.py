from odoo import api, fields, models

from odoo.addons.crm_base.counter import Counter


class SaleOrder(models.Model):
    """The complaints about what an order sold (SOP-E2)."""

    _inherit = "sale.order"

    complaint_ids = fields.One2many(
        "helpdesk.ticket", "order_id", readonly=True, copy=False, groups="crm_base.group_officer"
    )
    complaint_count = fields.Integer("Complaints", compute="_compute_counters", groups="crm_base.group_officer")

    complaint_due = fields.Boolean(
        compute="_compute_complaint_due", help="The customer said that the goods are bad; nobody has registered it yet."
    )

    # === COMPUTE METHODS === #

    def _counters(self):
        """Override: complaints, not other tickets."""
        complaints = Counter("helpdesk.ticket", "order_id", (("is_complaint", "=", True),))
        return super()._counters() | {"complaint_count": complaints}

    @api.depends("delivery_call_state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_complaint_due(self):
        self.complaint_due = False
        for order in self.filtered(lambda order: order.delivery_call_state == "bad"):
            order.complaint_due = order._find_complaint_of_call().complaint_state in (False, "new")

    # === ACTION METHODS === #

    def action_view_complaints(self):
        """Open the complaints about the order; a new one is about it, and about its unit where there is one only."""
        self.ensure_one()
        return self.env["helpdesk.ticket"]._complaint_action(
            [("order_id", "=", self.id), ("is_complaint", "=", True)], **self._complaint_defaults()
        )

    def action_register_complaint(self):
        """Open the complaint about what the customer said (SOP-14), or begin it."""
        self.ensure_one()
        if complaint := self._find_complaint_of_call():
            return complaint.get_formview_action()
        action = self.action_view_complaints()
        form = self.env.ref("crm_sop_sales.helpdesk_ticket_view_form_complaint")
        told = {f"default_{name}": value for name, value in self._complaint_told().items()}
        return {**action, "views": [(form.id, "form")], "context": {**action["context"], **told}}

    # === BUSINESS METHODS === #

    def _find_complaint_of_call(self):
        """Return the order's complaint that has no solution yet, else the one solved since the customer was called."""
        complaints = self.env["helpdesk.ticket"]
        if not complaints.has_access("read"):
            return complaints
        known = complaints.search(
            [("order_id", "=", self.id), ("is_complaint", "=", True), ("complaint_state", "!=", "cancelled")],
            order="id desc",
        )
        told = self.sudo().delivery_call_ids._latest_delivery_call().ended_at
        unsolved = known.filtered(lambda complaint: not complaint.answered_at)
        return (unsolved or known.filtered(lambda complaint: told and complaint.answered_at >= told))[:1]

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
