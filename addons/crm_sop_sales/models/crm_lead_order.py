from odoo import models

#: Where an order stands from which nothing more comes, or nothing was submitted yet.
SETTLED = ("quotation", "done", "cancelled")


class CrmLead(models.Model):
    """An opportunity isn't lost while an order of it is under way: that is cancelled first, which may cost (SOP-6)."""

    _inherit = "crm.lead"

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: quotations that nobody submitted go with what is given up, and give back what they hold."""
        gone = self.filtered(lambda lead: "active" in vals and not vals["active"] and lead.active)
        result = super().write(vals)
        gone.filtered(lambda lead: lead.won_status != "won").sudo()._cancel_quotations()
        return result

    # === BUSINESS METHODS === #

    def _open_business(self):
        """Return in a list what to say where orders are under way: held, to deliver, to pay."""
        orders = self.sudo().order_ids._under_way()
        if not orders:
            return []
        return [
            self.env._(
                "These orders are under way: %(orders)s. Cancel them first, or bring them to their end.",
                orders=", ".join(orders.mapped("name")),
            )
        ]

    def _cancel_quotations(self):
        quotations = self.order_ids.filtered(lambda order: order.procedure_stage == "quotation")
        for order in quotations:
            order._message_log(body=self.env._("Cancelled: %s is lost.", order.opportunity_id.display_name))
        quotations._action_cancel()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _under_way(self):
        """Return those that were submitted and aren't at their end, and quotations that money has come for."""
        return self.filtered(
            lambda order: (
                order.procedure_stage not in SETTLED or (order.procedure_stage == "quotation" and order._has_money())
            )
        )
