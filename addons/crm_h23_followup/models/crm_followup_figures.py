from odoo import api, fields, models
from odoo.tools import SQL

from ..followup_const import COUNTED_SOURCES, RESPONDED, RESULTS

#: What is counted of follow-ups by their result, and of free services; in the order in which it is shown.
RESULT_FIGURES = [f"{result}_count" for result, __ in RESULTS]
CASE_FIGURES = ["booked_count", "serviced_count"]
FIGURES = ["due_count", "contacted_count", "responded_count", *RESULT_FIGURES, "unreachable_count", "open_count"]
FIGURES += CASE_FIGURES
#: Those that fit a small table.
MAIN_FIGURES = ["due_count", "contacted_count", "responded_count", "booked_count", "serviced_count"]
MAIN_FIGURES += ["refused_count", "no_response_count", "not_delivered_count", "unreachable_count", "open_count"]


class CrmFollowupFigures(models.AbstractModel):
    """The figures of a day: counted from the rows by a few statements, whatever the number of branches and admins.

    A follow-up counts for the admin whose it is, whoever typed its result: the figures are those of the pivot by
    admin. A day is the branch's calendar day.
    """

    _name = "crm.followup.figures"
    _description = "Figures of a Day"

    due_count = fields.Integer(
        "On the List",
        readonly=True,
        help="Follow-ups that were due by then and not done before, or that were done, sent or called on the day.",
    )
    contacted_count = fields.Integer(
        "Followed Up", readonly=True, help="Called, answered, or written to by WhatsApp with success on the day."
    )
    responded_count = fields.Integer("Responded", readonly=True, help="The customer spoke to us or wrote on the day.")
    willing_count = fields.Integer("Willing", readonly=True)
    refused_count = fields.Integer("Refused", readonly=True)
    call_back_count = fields.Integer("Call Back", readonly=True)
    wrong_number_count = fields.Integer("Wrong Number", readonly=True)
    opted_out_count = fields.Integer("Wants No Follow-up", readonly=True)
    already_serviced_count = fields.Integer("Already Serviced", readonly=True)
    no_response_count = fields.Integer(
        "No Response", readonly=True, help="Closed on the day without an answer, by the admin or after waiting."
    )
    not_delivered_count = fields.Integer("Not Delivered", readonly=True)
    unreachable_count = fields.Integer(
        "Unreachable", readonly=True, help="Free services given up on the day: the last follow-up had no answer."
    )
    open_count = fields.Integer("Still Open", readonly=True, help="On the list, and not done by the end of the day.")
    booked_count = fields.Integer("Booked", readonly=True, help="Free services booked for the first time on the day.")
    serviced_count = fields.Integer(
        "Serviced", readonly=True, help="Services done on the day, by booking, A2 report or by hand."
    )

    # === BUSINESS METHODS === #

    @api.model
    def _figures_sql(self, days):
        """Return the query of the days' figures, one row for each branch, day, admin, KPB and follow-up.

        :param days: pairs of branch and calendar date
        :return: SQL with columns ``branch_id, day, user_id, kpb, step`` and those of :data:`FIGURES`; admin and
            follow-up may be null
        """
        sums = SQL(", ").join(SQL("sum(%s)::int AS %s", SQL.identifier(name), SQL.identifier(name)) for name in FIGURES)
        return SQL(
            """
            WITH days AS (%s), followups AS (%s), cases AS (%s)
            SELECT branch_id, day, user_id, kpb, step, %s
              FROM (SELECT * FROM followups UNION ALL SELECT * FROM cases) counted
          GROUP BY branch_id, day, user_id, kpb, step
            """,
            self._days_sql(days),
            self._followups_sql(),
            self._cases_sql(),
            sums,
        )

    @api.model
    def _days_sql(self, days):
        bounds = [(branch.id, day, *branch.sudo()._day_bounds(day)) for branch, day in days]
        columns = [list(column) for column in zip(*bounds, strict=True)] or [[], [], [], []]
        return SQL(
            "SELECT * FROM unnest(%s::int[], %s::date[], %s::timestamp[], %s::timestamp[])"
            " AS given(branch_id, day, start, stop)",
            *columns,
        )

    @api.model
    def _followups_sql(self):
        """Return the query of the follow-ups' figures; table ``days`` says of when."""
        results = [
            SQL("(result = %s AND (%s))::int", result, SQL("called" if result == "call_back" else "done_today"))
            for result, __ in RESULTS
        ]
        return SQL(
            """
            SELECT branch_id, day, user_id, kpb, step,
                   (listed OR open_then)::int AS due_count,
                   (by_hand OR called OR written)::int AS contacted_count,
                   (replied_today OR ((by_hand OR called) AND result = ANY(%(responded)s) AND NOT done_later))::int
                       AS responded_count,
                   %(results)s,
                   (done_today AND case_state = 'unreachable' AND last_step = step)::int AS unreachable_count,
                   open_then::int AS open_count, %(zeros)s
              FROM (%(facts)s) facts
             WHERE listed OR open_then OR done_today
            """,
            responded=list(RESPONDED),
            results=SQL(", ").join(
                SQL("%s AS %s", value, SQL.identifier(name))
                for value, name in zip(results, RESULT_FIGURES, strict=True)
            ),
            zeros=SQL(", ").join(SQL("0 AS %s", SQL.identifier(name)) for name in CASE_FIGURES),
            facts=self._facts_sql(),
        )

    @api.model
    def _facts_sql(self):
        """Return the query of what happened on the day to each follow-up that the day touched.

        What the system closed by itself (nobody typed it) is no work of that day.
        """
        return SQL(
            """
            SELECT known.*, by_hand OR called OR sent_today AS listed,
                   sent_today AND COALESCE(delivery_state, 'sent') IN ('sent', 'delivered', 'read') AS written
              FROM (
                SELECT touched.branch_id, touched.day, fu.user_id, fu.kpb, fu.step, fu.result, fu.delivery_state,
                       cases.state AS case_state, cases.last_step,
                       COALESCE(fu.done_at >= start AND fu.done_at < stop, FALSE) AS done_today,
                       COALESCE(fu.done_at >= stop, FALSE) AS done_later,
                       COALESCE(fu.done_at >= start AND fu.done_at < stop, FALSE) AND fu.done_by_id IS NOT NULL
                           AS by_hand,
                       COALESCE(fu.sent_at >= start AND fu.sent_at < stop, FALSE) AS sent_today,
                       COALESCE(fu.replied_at >= start AND fu.replied_at < stop, FALSE) AS replied_today,
                       fu.due_date <= touched.day AND (
                           fu.state = 'todo' OR (
                               COALESCE(fu.done_at >= stop, FALSE)
                               AND NOT COALESCE(fu.sent_at < stop AND COALESCE(fu.replied_at >= stop, TRUE), FALSE)
                           )
                       ) AS open_then,
                       EXISTS (
                           SELECT 1 FROM crm_interaction contact
                            WHERE contact.res_model = 'crm.followup' AND contact.res_id = fu.id
                              AND contact.state = 'done' AND contact.ended_at >= start AND contact.ended_at < stop
                       ) AND NOT COALESCE(
                           fu.done_by_id IS NULL AND fu.done_at >= start AND fu.done_at < stop, FALSE
                       ) AS called
                  FROM (
                    SELECT fu.id, days.* FROM days JOIN crm_followup fu
                        ON fu.branch_id = days.branch_id AND fu.done_at >= days.start
                     UNION
                    SELECT fu.id, days.* FROM days JOIN crm_followup fu
                        ON fu.branch_id = days.branch_id AND fu.sent_at >= days.start AND fu.sent_at < days.stop
                     UNION
                    SELECT fu.id, days.* FROM days JOIN crm_followup fu
                        ON fu.branch_id = days.branch_id AND fu.state = 'todo'
                  ) touched
                  JOIN crm_followup fu ON fu.id = touched.id
                  JOIN crm_followup_case cases ON cases.id = fu.case_id
              ) known
            """
        )

    @api.model
    def _cases_sql(self):
        """Return the query of the free services' figures; table ``days`` says of when."""
        zeros = SQL(", ").join(SQL("0") for name in FIGURES if name not in CASE_FIGURES)
        return SQL(
            """
            SELECT days.branch_id, days.day, cases.user_id, cases.kpb, cases.last_step, %(zeros)s, 1, 0
              FROM days JOIN crm_followup_case cases ON cases.branch_id = days.branch_id
                   AND cases.booked_at >= days.start AND cases.booked_at < days.stop
             UNION ALL
            SELECT days.branch_id, days.day, cases.user_id, cases.kpb, cases.last_step, %(zeros)s, 0, 1
              FROM days JOIN crm_followup_case cases ON cases.branch_id = days.branch_id
                   AND cases.serviced_on = days.day AND cases.state = 'serviced'
                   AND cases.service_source = ANY(%(sources)s)
            """,
            zeros=zeros,
            sources=list(COUNTED_SOURCES),
        )

    # === ACTIVITIES === #

    def _plan_activities(self, xmlid, plans):
        """Give people an activity each, all by one create; who has one of that kind on the record gets no other.

        :param plans: tuples of record, user, summary, note
        """
        kind = self.env.ref(xmlid)
        records = self.browse(record.id for record, *__ in plans)
        known = (
            self.env["mail.activity"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "in", records.ids), ("activity_type_id", "=", kind.id)])
        )
        there = {(activity.res_id, activity.user_id.id) for activity in known}
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": record.id,
                    "activity_type_id": kind.id,
                    "user_id": user.id,
                    "date_deadline": record.day,
                    "summary": summary,
                    "note": note,
                    "automated": True,
                }
                for record, user, summary, note in plans
                if user and (record.id, user.id) not in there
            ]
        )
