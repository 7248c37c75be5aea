from odoo import api, fields, models

#: The steps by which a manager gives an order back to the officer.
GIVING_BACK = ("reject", "unlock")


class SaleOrder(models.Model):
    """An officer sees at once that a manager gave the order back, and why (SOP-3c3, SOP-4a)."""

    _inherit = "sale.order"

    given_back = fields.Char(compute="_compute_given_back")

    @api.depends("approval_state", "state", "workflow_log_ids")
    def _compute_given_back(self):
        latest = {}
        drafts = self.filtered(lambda order: order.approval_state == "draft" and order.state in ("draft", "sent"))
        for log in drafts.workflow_log_ids.sorted("id"):
            latest[log.res_id] = log
        for order in self:
            log = latest.get(order._origin.id)
            given_back = log and log.transition in GIVING_BACK and order in drafts
            order.given_back = given_back and f"{log.sudo().user_id.name}: {log.reason}"
