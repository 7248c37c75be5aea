from collections import Counter

from odoo import api, fields, models

TYPE = "crm_sop_sales.mail_activity_type_open_contacts"


class CrmInteraction(models.Model):
    """No contact stays without an outcome: each officer who has open ones is reminded, once a day (SOP-G2)."""

    _inherit = "crm.interaction"

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
        """Remind every officer with open contacts, from the company's hour on by the clock of the officer's branch.

        To run it again changes nothing: there is one reminder an officer, and one marked done counts for its day.
        """
        if not self._reminder_type():
            return
        counts = self._count_open()
        reminders = self._find_reminders()
        reminders.filtered(lambda reminder: reminder.user_id not in counts).unlink()
        reminders = reminders.exists()
        for reminder in reminders:
            reminder._renew_summary(counts[reminder.user_id])
        due = [user for user in counts if user not in reminders.user_id and user._is_reminded_now()]
        reminded = self._reminded_today(due)
        vals_list = [user._prepare_reminder_vals(counts[user]) for user in due if user not in reminded]
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(vals_list)

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
    def _reminder_type(self):
        """Return the kind of activity that reminds; an administrator who deletes it wants no reminders."""
        return self.env.ref(TYPE, raise_if_not_found=False) or self.env["mail.activity.type"]

    @api.model
    def _find_reminders(self, officers=None):
        domain = [("activity_type_id", "in", self._reminder_type().ids)]
        if officers is not None:
            domain.append(("user_id", "in", officers.ids))
        return self.env["mail.activity"].sudo().search(domain)

    @api.model
    def _reminded_today(self, officers):
        """Return those of the officers who had a reminder on their present day and marked it as done."""
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        domain = [
            ("activity_type_id", "in", self._reminder_type().ids),
            ("active", "=", False),
            ("create_date", ">", yesterday),
        ]
        done = self.env["mail.activity"].sudo().search([*domain, ("user_id", "in", [user.id for user in officers])])
        return done.filtered(
            lambda reminder: reminder.user_id._office_day(reminder.create_date) == reminder.user_id._office_day()
        ).user_id
