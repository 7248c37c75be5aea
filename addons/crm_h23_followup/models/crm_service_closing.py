from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date

from ..service_const import LIVE


class CrmServiceClosing(models.Model):
    """Days on which a branch takes in nothing, beside the public holidays of its company's working hours."""

    _name = "crm.service.closing"
    _description = "Closing Days"
    _inherit = ["crm.branch.mixin", "crm.followup.led.mixin"]
    _order = "date_from desc, id desc"

    name = fields.Char("Reason", required=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(
        "To",
        required=True,
        compute="_compute_date_to",
        store=True,
        readonly=False,
        precompute=True,
        help="The last day closed.",
    )

    _in_order = models.Constraint("CHECK(date_to >= date_from)", "Closing days don't end before they begin.")

    # === COMPUTE METHODS === #

    @api.depends("date_from")
    def _compute_date_to(self):
        for closing in self:
            if not closing.date_to or closing.date_to < closing.date_from:
                closing.date_to = closing.date_from

    @api.constrains("branch_id", "date_from", "date_to")
    def _check_nobody_booked(self):
        """Check that nobody who has booked comes to a closed door."""
        for closing in self:
            domain = [
                ("branch_id", "=", closing.branch_id.id),
                ("state", "in", LIVE),
                ("day", ">=", closing.date_from),
                ("day", "<=", closing.date_to),
            ]
            booked = self.env["crm.service.booking"].sudo().search(domain, order="starts_at")
            if booked:
                raise ValidationError(
                    self.env._(
                        "Customers have booked on these days (%(count)s, the first on %(day)s): reschedule or cancel "
                        "their bookings first.",
                        count=len(booked),
                        day=format_date(self.env, booked[0].day),
                    )
                )

    # === BUSINESS METHODS === #

    @api.model
    def _closed_sql(self, branch, company, day, starts_at, ends_at):
        """Return the condition under which a branch is closed at a time: by its own closing days, or by a public
        holiday of its company's working hours that touches it.

        :param SQL branch: its id
        :param SQL company: its company's id
        :param SQL day: by the branch's calendar
        :param SQL starts_at, ends_at: naive UTC
        """
        return SQL(
            """
            (EXISTS (SELECT FROM crm_service_closing closing
                      WHERE closing.branch_id = %(branch)s AND %(day)s BETWEEN closing.date_from AND closing.date_to)
             OR EXISTS (SELECT FROM resource_calendar_leaves leave
                      WHERE leave.resource_id IS NULL AND leave.time_type = 'leave'
                        AND (leave.company_id IS NULL OR leave.company_id = %(company)s)
                        AND (leave.calendar_id IS NULL OR leave.calendar_id = (
                            SELECT resource_calendar_id FROM res_company WHERE id = %(company)s))
                        AND leave.date_from < %(ends_at)s AND leave.date_to > %(starts_at)s))
            """,
            branch=branch,
            company=company,
            day=day,
            starts_at=starts_at,
            ends_at=ends_at,
        )

    @api.model
    def _closed_pairs(self, pairs):
        """Return which of these ``(slot, day)`` are closed, by one query."""
        rows = [(slot.id, day, *slot._span(day)) for slot, day in pairs]
        self.env.flush_all()
        found = self.env.execute_query(
            SQL(
                """
                SELECT slot.id, given.day
                  FROM unnest(%s::int[], %s::date[], %s::timestamp[], %s::timestamp[])
                       AS given (slot_id, day, starts_at, ends_at)
                  JOIN crm_service_slot slot ON slot.id = given.slot_id
                 WHERE %s
                """,
                *(list(column) for column in zip(*rows, strict=True)),
                self._closed_sql(
                    SQL("slot.branch_id"),
                    SQL("slot.company_id"),
                    SQL("given.day"),
                    SQL("given.starts_at"),
                    SQL("given.ends_at"),
                ),
            )
        )
        return set(found)
