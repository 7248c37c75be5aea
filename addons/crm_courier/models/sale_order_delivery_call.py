from odoo import api, fields, models
from odoo.fields import Domain

CALLS = [("to_call", "To call"), ("bad", "Not in good condition"), ("closed", "Closed by the customer call")]

#: What the customers' words on all deliveries of an order come to: the first of these that is among them.
CALL_STATES = {"to_call": "to_call", "bad": "bad", "good": "closed"}


class SaleOrder(models.Model):
    """The customer's word that the goods came in good condition closes the order (SOP-14)."""

    _inherit = "sale.order"

    delivery_call_state = fields.Selection(
        CALLS,
        "Customer Call",
        compute="_compute_delivery_call_state",
        search="_search_delivery_call_state",
        compute_sudo=True,
        help="Follows from the calls after each delivery; closed once each was received in good condition.",
    )
    closed_by_call_at = fields.Datetime(
        "Closed by Customer Call", compute="_compute_delivery_call_state", compute_sudo=True
    )

    # === COMPUTE METHODS === #

    @api.depends("courier_stop_ids.call_result", "courier_stop_ids.called_at")
    def _compute_delivery_call_state(self):
        for order in self:
            called = order.courier_stop_ids.filtered("call_result")
            results = set(called.mapped("call_result"))
            state = next((CALL_STATES[result] for result in ("to_call", "bad", "good") if result in results), False)
            order.delivery_call_state = state
            order.closed_by_call_at = max(called.mapped("called_at")) if state == "closed" else False

    @api.model
    def _search_delivery_call_state(self, operator, value):
        if operator != "in":
            return NotImplemented

        def has(*results):
            return Domain("courier_stop_ids", "any", [("call_result", "in", results)])

        domains = {
            "to_call": has("to_call"),
            "bad": has("bad") & ~has("to_call"),
            "closed": has("good") & ~has("to_call", "bad"),
            False: ~has("to_call", "bad", "good"),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    # === BUSINESS METHODS === #

    def _courier_not_received_well(self, call):
        """Hook: act on a customer who didn't receive the goods in good condition. By itself: the officer is asked to
        register the complaint, today.
        """
        for order in self:
            order.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=call.user_id.id,
                date_deadline=call.branch_id._today(),
                summary=self.env._("Goods not in good condition: register the complaint"),
            )

    def _timeline_events(self):
        """Override: the runs are a part of the order's path (SOP-15)."""
        events = super()._timeline_events()
        stops = self.sudo().courier_stop_ids
        outcomes = dict(stops._fields["outcome"]._description_selection(self.env))
        results = dict(stops._fields["call_result"]._description_selection(self.env))
        for stop in stops:
            run = stop.run_id
            if run.left_at:
                events.append(self._event(run.left_at, self.env._("On the road: %s", run.name), run.user_id))
            if stop.outcome:
                said = stop.outcome_by_id
                events.append(self._event(stop.outcome_at, outcomes[stop.outcome], said, stop.outcome_note))
            if stop.called_at:
                events.append(self._event(stop.called_at, results[stop.call_result], stop.call_id.user_id))
        return events
