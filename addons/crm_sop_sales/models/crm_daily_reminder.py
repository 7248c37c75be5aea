from markupsafe import Markup

from odoo import api, fields, models


class CrmDailyReminder(models.AbstractModel):
    """Remind people once a day, by one activity that counts what waits for them and leads to the list of it.

    A model gives the kind of activity, its words, the list and the hour, and calls :meth:`_remind` from its cron.
    """

    _name = "crm.daily.reminder"
    _description = "Daily Reminder"

    _reminder_type_name = None  # XML id of the kind of activity

    # === HOOKS === #

    @api.model
    def _reminder_hour(self, company):
        """Hook: return the hour of the day from which on people are reminded."""
        return 0

    @api.model
    def _reminder_summary(self, count):
        """Hook: return what the reminder says, in the language of the environment."""
        raise NotImplementedError

    @api.model
    def _reminder_link(self):
        """Hook: return address and text of the link to the list, in the language of the environment."""
        raise NotImplementedError

    # === BUSINESS METHODS === #

    @api.model
    def _remind(self, counts):
        """Remind each of the users, from the company's hour on by the clock of their branch.

        To run it again changes nothing: there is one reminder a user, and one marked done counts for its day.

        :param dict counts: user → number of what waits for them
        """
        if not self._reminder_type():
            return
        reminders = self._find_reminders()
        reminders.filtered(lambda reminder: reminder.user_id not in counts).unlink()
        reminders = reminders.exists()
        for reminder in reminders:
            summary = self._summary_for(reminder.user_id, counts[reminder.user_id])
            if reminder.summary != summary:
                reminder.summary = summary
        due = [user for user in counts if user not in reminders.user_id and self._is_reminded_now(user)]
        reminded = self._reminded_today(due)
        vals_list = [self._prepare_reminder_vals(user, counts[user]) for user in due if user not in reminded]
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(vals_list)

    @api.model
    def _reminder_type(self):
        """Return the kind of activity that reminds; an administrator who deletes it wants no reminders."""
        return self.env.ref(self._reminder_type_name, raise_if_not_found=False) or self.env["mail.activity.type"]

    @api.model
    def _find_reminders(self, users=None):
        domain = [("activity_type_id", "in", self._reminder_type().ids)]
        if users is not None:
            domain.append(("user_id", "in", users.ids))
        return self.env["mail.activity"].sudo().search(domain)

    @api.model
    def _is_reminded_now(self, user):
        """Return whether the company's hour has come."""
        company = user.sudo().branch_id.company_id or user.sudo().company_id
        return user._office_time().hour >= self._reminder_hour(company)

    @api.model
    def _reminded_today(self, users):
        """Return those of the users who had a reminder on their present day and marked it as done."""
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        domain = [
            ("activity_type_id", "in", self._reminder_type().ids),
            ("active", "=", False),
            ("create_date", ">", yesterday),
        ]
        done = self.env["mail.activity"].sudo().search([*domain, ("user_id", "in", [user.id for user in users])])
        return done.filtered(
            lambda reminder: reminder.user_id._office_day(reminder.create_date) == reminder.user_id._office_day()
        ).user_id

    @api.model
    def _prepare_reminder_vals(self, user, count):
        """Return the activity that reminds the user of so many, in the user's language."""
        return {
            "activity_type_id": self._reminder_type().id,
            "user_id": user.id,
            "date_deadline": user._office_day(),
            "summary": self._summary_for(user, count),
            "note": Markup('<p><a href="%s">%s</a></p>') % self.with_context(lang=user.lang)._reminder_link(),
        }

    @api.model
    def _summary_for(self, user, count):
        return self.with_context(lang=user.lang)._reminder_summary(count)
