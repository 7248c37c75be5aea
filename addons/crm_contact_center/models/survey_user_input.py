from odoo import fields, models


class SurveyUserInput(models.Model):
    """Answers to a satisfaction request come to the customer's page (CC-5)."""

    _inherit = "survey.user_input"

    satisfaction_request_ids = fields.One2many(
        "crm.survey.request", "user_input_id", "Satisfaction Requests", groups="crm_base.group_officer"
    )

    def _mark_done(self):
        """Override: note the score."""
        result = super()._mark_done()
        self.env["crm.survey.request"]._note_answers(self.filtered(lambda sheet: not sheet.test_entry))
        return result
