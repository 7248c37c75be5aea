from odoo import fields, models

from odoo.addons.crm_base.counter import Counter


class SaleOrder(models.Model):
    """What an order means for the courier who takes it to the customer."""

    _inherit = "sale.order"

    courier_stop_ids = fields.One2many(
        "crm.courier.stop",
        "order_id",
        "Deliveries by Courier",
        readonly=True,
        groups="crm_base.group_officer,crm_courier.group_courier,account.group_account_invoice,stock.group_stock_user",
    )
    partner_phone = fields.Char(related="partner_id.phone", string="Phone")
    courier_stop_count = fields.Integer(compute="_compute_counters")

    def _counters(self):
        """Override: runs that took it to the customer, of whichever branch."""
        return super()._counters() | {"courier_stop_count": Counter("crm.courier.stop", "order_id", sudo=True)}

    def action_view_courier_stops(self):
        """Open the runs that took this order to the customer, and what came of it."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_courier.crm_courier_stop_action")
        return {**action, "domain": [("order_id", "in", self.ids)], "context": {}}

    # === HOOKS === #

    def _courier_needs_terminal(self):
        """Hook: return whether the customer pays by card at the door (SOP-12c)."""
        return False

    def _courier_amounts_to_collect(self):
        """Hook: return order → what the customer still owes when the courier stands at the door, in the company's
        currency: the order's total less what invoices and payments for it say is paid. What is transferred to the bank
        isn't collected (SOP-11).
        """
        return {
            order: order.currency_id._convert(
                0.0 if order.payment_choice == "transfer" else max(order.amount_total - order._courier_paid(), 0.0),
                order.company_id.currency_id,
                order.company_id,
                order.date_order or fields.Date.today(),
            )
            for order in self
        }

    def _courier_paid(self):
        """Return what is paid of the order, in its currency: on invoices, in advance, or online."""
        order = self.sudo()
        invoices = order.invoice_ids.filtered(lambda move: move.state == "posted")
        paid = sum(
            (move.amount_total - move.amount_residual) * (1 if move.move_type == "out_invoice" else -1)
            for move in invoices
        )
        for payment in order.payment_ids.filtered(
            lambda payment: payment.state in ("in_process", "paid") and not payment.reconciled_invoice_ids
        ):
            sign = 1 if payment.payment_type == "inbound" else -1
            paid += sign * payment.currency_id._convert(
                payment.amount, order.currency_id, order.company_id, payment.date
            )
        return max(paid, order.amount_paid)

    def _courier_open_pickings(self):
        """Return the order's deliveries that are still to be made."""
        return self.sudo().picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing" and picking.state not in ("done", "cancel")
        )
