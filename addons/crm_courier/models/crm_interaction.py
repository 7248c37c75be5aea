from odoo import models


class CrmInteraction(models.Model):
    """The outcome of the call after a delivery closes the order (SOP-14)."""

    _inherit = "crm.interaction"

    def _after_transition(self, transition):
        """Override: tell the deliveries that these calls were about."""
        if transition.name in ("close", "reopen"):
            for stop in self.env["crm.courier.stop"].sudo().search([("call_id", "in", self.ids)]):
                stop._note_call(stop.call_id)
        return super()._after_transition(transition)

    def _received_result(self):
        """Return what this call says of a delivery: “good” or “bad” where the customer said so, else “to_call”."""
        good = self.env.ref("crm_courier.crm_interaction_outcome_good", raise_if_not_found=False)
        bad = self.env.ref("crm_courier.crm_interaction_outcome_bad", raise_if_not_found=False)
        if self.state == "done" and self.outcome_id in (good, bad) and self.outcome_id:
            return "good" if self.outcome_id == good else "bad"
        return "to_call"
