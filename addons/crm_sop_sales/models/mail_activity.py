from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import plaintext2html


class MailActivity(models.Model):
    """A planned call shows its preparation; a call that was made is logged with its outcome (FL-5)."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "crm.call.preparation"]

    logs_call = fields.Boolean(compute="_compute_logs_call", help="Whether marking it done logs a contact.")
    call_outcome_id = fields.Many2one(
        "crm.interaction.outcome",
        "Outcome",
        copy=False,
        help="What came of the call. Left empty, the contact stays on your list of open ones until you say it.",
    )

    # === COMPUTE METHODS === #

    @api.depends("activity_type_id", "res_model", "res_id")
    def _compute_call_preparation(self):
        return super()._compute_call_preparation()

    @api.depends("activity_type_id", "res_model")
    @api.depends_context("uid")
    def _compute_logs_call(self):
        officer = self.env.user.has_group("crm_base.group_officer")
        for activity in self:
            activity.logs_call = officer and activity._is_customer_call()

    def _is_customer_call(self):
        """Return whether it is a call about a document of a kind that has contacts with customers."""
        self.ensure_one()
        model = self.env.registry.get(self.res_model)
        return self.activity_category == "phonecall" and hasattr(model, "_interaction_defaults")

    def _get_call_document(self):
        """Override: the activity's own document."""
        return self._readable_document(self.res_model, self.res_id) if self._is_customer_call() else None

    def _to_store_defaults(self, target):
        """Override: the chatter shows the preparation, and asks for the outcome where one is logged."""
        return [*super()._to_store_defaults(target), "call_preparation", "logs_call"]

    # === BUSINESS METHODS === #

    def _action_done(self, feedback=False, attachment_ids=None):
        """Override: whichever way a call is marked done, it is logged."""
        calls = self.filtered(lambda activity: activity.active and activity.logs_call)
        made = [activity._prepare_interaction_vals(feedback) for activity in calls]
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if made:
            interactions = self.env["crm.interaction"].create(made)
            interactions.filtered("outcome_id").action_close()
        return result

    def _prepare_interaction_vals(self, feedback):
        """Return the contact that this call was. A document that the caller may not read is named, not linked."""
        document = self._get_call_document()
        vals = document._interaction_defaults() if document else {}
        if not any(vals.get(name) for name in ("partner_id", "phone", "caller_name")):
            vals["caller_name"] = self.res_name or self.summary or self.env._("Unknown")
        if vals.get("res_model") not in dict(self.env["crm.interaction"]._selection_about()):
            vals = {name: value for name, value in vals.items() if name not in ("res_model", "res_id")}
        purpose = self.env.ref("crm_base.crm_interaction_purpose_follow_up", raise_if_not_found=False)
        return {
            **vals,
            "channel": "call",
            "direction": "outgoing",
            "user_id": self.env.uid,
            "purpose_id": purpose and purpose.id,
            "outcome_id": self.call_outcome_id.id,
            "note": self._describe_call(feedback),
        }

    def _describe_call(self, feedback):
        summary = Markup("<p><strong>%s</strong></p>") % self.summary if self.summary else Markup()
        return summary + (plaintext2html(feedback) if feedback else Markup())
