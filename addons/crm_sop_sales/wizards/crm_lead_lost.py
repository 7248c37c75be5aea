from odoo import api, fields, models


class CrmLeadLost(models.TransientModel):
    """The dialog “Lost” asks what the procedure asks (SOP-3b2), and says what is missing; the opportunity checks it."""

    _inherit = "crm.lead.lost"

    anything_else_asked = fields.Boolean(
        "Asked “Anything Else?”", compute="_compute_anything_else", store=True, readonly=False
    )
    anything_else_answer = fields.Char(
        "Customer's Answer", compute="_compute_anything_else", store=True, readonly=False
    )
    has_opportunity = fields.Boolean(compute="_compute_has_opportunity")
    offers_missing = fields.Char(compute="_compute_has_opportunity")
    orders_under_way = fields.Char(compute="_compute_orders")
    quotations = fields.Char(compute="_compute_orders")

    # === COMPUTE METHODS === #

    @api.depends("lead_ids")
    def _compute_anything_else(self):
        """Begin with what is noted on the only opportunity."""
        for wizard in self:
            lead = wizard.lead_ids if len(wizard.lead_ids) == 1 else wizard.lead_ids.browse()
            wizard.anything_else_asked = lead.anything_else_asked
            wizard.anything_else_answer = lead.anything_else_answer

    @api.depends("lead_ids")
    def _compute_has_opportunity(self):
        for wizard in self:
            opportunities = wizard.lead_ids.filtered(lambda lead: lead.type == "opportunity")
            wizard.has_opportunity = bool(opportunities)
            unoffered = opportunities.filtered(lambda lead: lead._missing_offer())
            wizard.offers_missing = ", ".join(unoffered.mapped("display_name"))

    @api.depends("lead_ids")
    def _compute_orders(self):
        for wizard in self:
            orders = wizard.lead_ids.order_ids
            quotations = orders.filtered(lambda order: order.procedure_stage == "quotation")
            under_way = orders._under_way()
            wizard.quotations = ", ".join((quotations - under_way).mapped("name"))
            wizard.orders_under_way = ", ".join(under_way.mapped("name"))

    # === ACTION METHODS === #

    def action_lost_reason_apply(self):
        """Override: what was asked at the end goes onto the opportunities first."""
        self.ensure_one()
        if self.anything_else_asked:
            opportunities = self.lead_ids.filtered(lambda lead: lead.type == "opportunity")
            opportunities.write({"anything_else_asked": True, "anything_else_answer": self.anything_else_answer})
        return super().action_lost_reason_apply()
