from markupsafe import Markup

from odoo import fields, models


class ResUsers(models.Model):
    """When an officer is reminded of open contacts, and with what words (SOP-G2)."""

    _inherit = "res.users"

    # === BUSINESS METHODS === #

    def _office_time(self, moment=None):
        """Return the wall-clock time at the user's main branch; of who has none, by their own clock. Now by default."""
        timezone = self.sudo().branch_id.tz or self.sudo().tz or "UTC"
        return fields.Datetime.context_timestamp(self.with_context(tz=timezone), moment or fields.Datetime.now())

    def _office_day(self, moment=None):
        return self._office_time(moment).date()

    def _is_reminded_now(self):
        """Return whether the company's hour has come."""
        company = self.sudo().branch_id.company_id or self.sudo().company_id
        return self._office_time().hour >= company.open_contact_hour

    def _prepare_reminder_vals(self, count):
        """Return the activity that reminds the user of so many open contacts, in the user's language."""
        user = self.with_context(lang=self.lang)
        link = Markup('<p><a href="/odoo/open-contacts">%s</a></p>') % user.env._(
            "Open the list of contacts without outcome"
        )
        return {
            "activity_type_id": self.env.ref("crm_sop_sales.mail_activity_type_open_contacts").id,
            "user_id": self.id,
            "date_deadline": self._office_day(),
            "summary": user._reminder_summary(count),
            "note": link,
        }

    def _reminder_summary(self, count):
        return self.env._("Contacts without outcome: %(count)s", count=count)
