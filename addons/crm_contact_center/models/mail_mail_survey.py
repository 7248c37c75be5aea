from odoo import models


class MailMail(models.Model):
    """E-mails that don't arrive are seen on the satisfaction request (CC-5)."""

    _inherit = "mail.mail"

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        """Override: tell the request, before Odoo deletes the e-mail."""
        if failure_type:
            ids = self.sudo().filtered(lambda mail: mail.model == "crm.survey.request").mapped("res_id")
            self.env["crm.survey.request"].browse(ids).exists()._note_failed(failure_reason or failure_type)
        return super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason=failure_reason, failure_type=failure_type
        )
