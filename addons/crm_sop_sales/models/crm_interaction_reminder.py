from collections import Counter

from odoo import api, fields, models


class CrmInteraction(models.Model):
    """No contact stays without an outcome: each officer who has open ones is reminded, once a day (SOP-G2)."""

    _name = "crm.interaction"
    _inherit = ["crm.interaction", "crm.daily.reminder"]

    _reminder_type_name = "crm_sop_sales.mail_activity_type_open_contacts"

    # === BUSINESS METHODS === #

    def _after_transition(self, transition):
        """Override: whoever has closed the last open contact needs no reminder any more."""
        result = super()._after_transition(transition)
        if transition.name != "reopen":
            officers = self.sudo().user_id
            still = self._count_open([("user_id", "in", officers.ids)])
            self._find_reminders(officers.filtered(lambda officer: officer not in still)).unlink()
        return result

    @api.model
    def _cron_remind_open(self):
        """Remind every officer with open contacts, from the company's hour on by the clock of the officer's branch."""
        self._remind(self._count_open())

    @api.model
    def _count_open(self, domain=()):
        """Return officer → number of contacts that have begun and are open.

        Those of an officer who has left are the duty of the branch's person in charge, or of its head.
        """
        domain = [("state", "=", "open"), ("began_at", "<=", fields.Datetime.now()), *domain]
        counts = Counter()
        for officer, branch, count in self.sudo()._read_group(domain, ["user_id", "branch_id"], ["__count"]):
            for owner in (officer + branch.pic_id + branch.head_id).filtered("active")[:1]:
                counts[owner] += count
        return counts

    @api.model
    def _reminder_hour(self, company):
        """Override."""
        return company.open_contact_hour

    @api.model
    def _reminder_summary(self, count):
        """Override."""
        return self.env._("Contacts without outcome: %(count)s", count=count)

    @api.model
    def _reminder_link(self):
        """Override."""
        return "/odoo/open-contacts", self.env._("Open the list of contacts without outcome")
