from odoo import api, models


class MailActivitySchedule(models.TransientModel):
    """Who plans a call sees its preparation at once (FL-5)."""

    _name = "mail.activity.schedule"
    _inherit = ["mail.activity.schedule", "crm.call.preparation"]

    @api.depends("activity_type_id", "res_model", "res_ids")
    def _compute_call_preparation(self):
        return super()._compute_call_preparation()

    def _get_call_document(self):
        """Override: the document for which the wizard was opened; for several at once there is nothing to show."""
        documents = self._evaluate_res_ids()
        if self.activity_category != "phonecall" or len(documents) != 1:
            return None
        return self._readable_document(self.res_model, documents[0])
