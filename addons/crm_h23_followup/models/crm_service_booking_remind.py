from odoo import api, fields, models
from odoo.tools import SQL

#: Reminders that one transaction queues.
BATCH = 500


class CrmServiceBooking(models.Model):
    """The reminder: a WhatsApp message before the day, once for each booking."""

    _inherit = "crm.service.booking"

    @api.model
    def _cron_remind(self):
        """Queue the reminders that are due; the outbox heeds opt-outs and quiet hours."""
        companies = self.env["res.company"].sudo().search([("service_reminder_template_id", "!=", False)])
        for company in companies:
            while count := len(self._remind(company)):
                self.env["ir.cron"]._commit_progress(count)

    @api.model
    def _remind(self, company):
        """Note a batch of the company's bookings as reminded, then queue their messages in the same transaction.

        :return: the bookings; those who can't be reached too
        """
        template = company.service_reminder_template_id
        if template.state != "approved":
            return self.browse()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE crm_service_booking SET reminded_at = %(now)s WHERE id IN (
                    SELECT booking.id
                      FROM crm_service_booking booking
                      JOIN crm_branch branch ON branch.id = booking.branch_id
                     WHERE booking.state = 'booked' AND booking.reminded_at IS NULL
                       AND booking.company_id = %(company)s AND booking.starts_at > %(now)s
                       AND booking.day <= %(days)s
                         + (%(now)s::timestamp AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date
                     ORDER BY booking.day, booking.id
                     LIMIT %(batch)s
                       FOR NO KEY UPDATE OF booking SKIP LOCKED)
                RETURNING id
                """,
                now=fields.Datetime.now(),
                company=company.id,
                days=company.service_reminder_days,
                batch=BATCH,
            )
        )
        bookings = self.sudo().browse(id_ for (id_,) in rows)
        bookings.invalidate_recordset(["reminded_at"], flush=False)
        if bookings:
            bookings._whatsapp_send(template)
        return bookings
