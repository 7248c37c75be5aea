from odoo import fields, models


class ResUsers(models.Model):
    """When somebody's day is, for what they are reminded of once a day (SOP-G2)."""

    _inherit = "res.users"

    # === BUSINESS METHODS === #

    def _office_time(self, moment=None):
        """Return the wall-clock time at the user's main branch; of who has none, by their own clock. Now by default."""
        timezone = self.sudo().branch_id.tz or self.sudo().tz or "UTC"
        return fields.Datetime.context_timestamp(self.with_context(tz=timezone), moment or fields.Datetime.now())

    def _office_day(self, moment=None):
        return self._office_time(moment).date()
