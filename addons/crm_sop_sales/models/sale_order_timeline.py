from datetime import UTC, datetime, time

from odoo import api, fields, models
from odoo.tools import format_datetime


class SaleOrder(models.Model):
    """The order's whole path as one timeline (SOP-15), from lead to payment, out of the documents themselves."""

    _inherit = "sale.order"

    # Colleagues' reasons are in it: not for customers, who may read their orders.
    timeline = fields.Html(compute="_compute_timeline", sanitize=False, groups="base.group_user")

    @api.depends_context("lang", "tz", "uid")
    @api.depends("state", "approval_state", "workflow_log_ids", "picking_ids.state", "invoice_ids.payment_state")
    def _compute_timeline(self):
        for order in self:
            events = sorted(order._timeline_events(), key=lambda event: event["date"])
            for event in events:
                event["when"] = format_datetime(self.env, event["date"])
            order.timeline = self.env["ir.qweb"]._render("crm_sop_sales.order_timeline", {"events": events})

    def _timeline_events(self):
        """Return what happened: dictionaries of ``date`` (naive UTC), ``what``, ``who``, ``note``.

        Who did it is said where the documents know it, not who is in charge.
        """
        order = self.sudo()
        events = []
        if lead := order.opportunity_id:
            events.append(self._event(lead.create_date, self.env._("Opportunity: %s", lead.name), lead.user_id))
        events.append(
            self._event(order.create_date or fields.Datetime.now(), self.env._("Quotation"), order.create_uid)
        )
        events += [
            self._event(log.date, f"{log.source_label} → {log.target_label}", log.user_id, log.reason)
            for log in order.workflow_log_ids
        ]
        if order.state == "sale":
            events.append(self._event(order.date_order, self.env._("Sales order confirmed")))
        return events + self._delivery_events(order) + self._invoice_events(order)

    def _delivery_events(self, order):
        done = order.picking_ids.filtered(lambda picking: picking.state == "done")
        return [
            self._event(
                picking.date_done,
                self.env._("Delivered: %s", picking.name),
                note=", ".join(picking.move_line_ids.lot_id.mapped("name")),
            )
            for picking in done
        ]

    def _invoice_events(self, order):
        events = []
        for invoice in order.invoice_ids.filtered(lambda move: move.state == "posted"):
            # A date has no time: on its day, the invoice comes after what it was made from.
            posted = max(self._day_begins(invoice.invoice_date), invoice.create_date)
            events.append(self._event(posted, self.env._("Invoiced: %s", invoice.name), invoice.create_uid))
            events += [
                self._event(payment.create_date, self.env._("Paid: %s", payment.name), payment.create_uid)
                for payment in invoice.matched_payment_ids
            ]
        return events

    @api.model
    def _day_begins(self, day):
        """Return when the day begins by the reader's clock, as naive UTC."""
        midnight = self.env.tz.localize(datetime.combine(day, time.min))
        return midnight.astimezone(UTC).replace(tzinfo=None)

    @api.model
    def _event(self, date, what, user=None, note=None):
        """Return an event to the second: what happened within one comes in the order of the procedure."""
        return {"date": date.replace(microsecond=0), "what": what, "who": user.name if user else "", "note": note or ""}
