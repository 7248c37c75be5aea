from odoo import models


class SaleOrder(models.Model):
    """The runs are a part of the order's path (SOP-15)."""

    _inherit = "sale.order"

    def _timeline_events(self):
        """Override: with the runs that took it to the customer, and what came of them."""
        stops = self.sudo().courier_stop_ids
        outcomes = dict(stops._fields["outcome"]._description_selection(self.env))
        events = super()._timeline_events()
        for stop in stops:
            run = stop.run_id
            if run.left_at:
                events.append(self._event(run.left_at, self.env._("On the road: %s", run.name), run.user_id))
            if stop.outcome:
                said = stop.outcome_by_id
                events.append(self._event(stop.outcome_at, outcomes[stop.outcome], said, stop.outcome_note))
        return events
