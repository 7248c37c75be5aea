from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    # === BUSINESS METHODS === #

    def _renew_summary(self, count):
        """Let a reminder of open contacts say how many there are now."""
        user = self.user_id.with_context(lang=self.user_id.lang)
        if self.summary != (summary := user._reminder_summary(count)):
            self.summary = summary
