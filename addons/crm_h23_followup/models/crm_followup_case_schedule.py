from odoo import api, fields, models
from odoo.tools import SQL

#: The follow-ups of all versions of the schedule, each with the one that comes after it.
STEPS = SQL(
    """
    SELECT schedule_id, step, channel, offset_days,
           lead(step) OVER following AS next_step, lead(offset_days) OVER following AS next_offset
      FROM crm_followup_schedule_step
    WINDOW following AS (PARTITION BY schedule_id ORDER BY step)
    """
)


class CrmFollowupCase(models.Model):
    """What comes due: a handful of statements for all vehicles of many branches, however many there are.

    A step is due from its day on, by the branch's calendar. Where several steps of a KPB have come due since the last
    run, the latest is to be done now and the others are noted as skipped. A vehicle that comes late (imported late, or
    no longer stopped) enters at the latest step whose day is not longer ago than the company says, or than the last
    run was; if that has passed too, it waits for the next step.
    """

    _inherit = "crm.followup.case"

    # === BUSINESS METHODS === #

    @api.model
    def _follow_schedule(self, branches, schedule, day):
        """Make what has come due for the branches by that day, once; close what has ended. The same again adds nothing.

        For our own code: access isn't asked.

        :param branches: with the same calendar date
        :param schedule: the version that new cases follow, perhaps none
        :param date day: the branches' calendar date
        :return: the follow-ups that were skipped as the next one came, the cases that have expired
        """
        cases = self.sudo()
        followups = self.env["crm.followup"].sudo()
        due = SQL(
            "state = 'open' AND next_date <= %s AND branch_id = ANY(%s) AND due_date <= %s",
            day,
            list(branches.ids),
            day,
        )
        cases._settle_due(due, day)
        cases._stop_due(due)
        followups._close_undelivered(branches)
        followups._close_unanswered(branches, day)
        skipped = followups._skip_replaced(due)
        self.env.flush_all()
        self.env.cr.execute(cases._next_steps_sql(branches, day, due))
        for company, theirs in branches.grouped("company_id").items() if schedule else ():
            self.env.cr.execute(cases._open_sql(theirs, schedule, day, company.followup_late_days))
        expired = cases._expire(branches, day)
        self.env.invalidate_all(flush=False)
        return skipped, expired

    def _settle_due(self, due, day):
        """Settle the cases of which the service is noted, as far as a step of theirs is due: a report may have come
        while the case was being opened.
        """
        rows = SQL(
            """
            SELECT done.vehicle_id, done.kpb, done.day
              FROM crm_vehicle_service done
              JOIN (SELECT vehicle_id, kpb FROM crm_followup_case WHERE %s) AS cases
                ON cases.vehicle_id = done.vehicle_id AND cases.kpb::int = done.kpb AND done.day <= %s
            """,
            due,
            day,
        )
        if self.env.execute_query(SQL("SELECT FROM (%s) AS found LIMIT 1", rows)):
            self._serviced_rows(rows, "a2")

    def _stop_due(self, due):
        """End the cases of vehicles that are followed up no more, as far as a step of theirs is due."""
        stopped = "SELECT id FROM crm_vehicle WHERE id = crm_followup_case.vehicle_id AND "
        opted_out = SQL("%s AND EXISTS (" + stopped + "follow_up_stop_reason = 'opt_out')", due)
        others = SQL("%s AND EXISTS (" + stopped + "(active IS NOT TRUE OR follow_up_stopped))", due)
        (self._move_all("opt_out", opted_out) | self._move_all("stop", others))._skip_rest()

    def _expire(self, branches, day):
        """Close the cases whose free service has expired."""
        condition = SQL("branch_id = ANY(%s) AND due_date < %s AND expires_on < %s", list(branches.ids), day, day)
        expired = self._move_all("expire", condition)
        expired._skip_rest("late")
        return expired

    def _next_steps_sql(self, branches, day, due):
        """Return the statement that makes the next follow-up of open cases, unless an answer is waited for."""
        return SQL(
            """
            WITH steps AS (%(steps)s),
            present AS (%(present)s),
            due AS (
                SELECT chosen.*, cases.id, cases.vehicle_id, cases.branch_id, cases.company_id, cases.kpb,
                       cases.due_date, cases.next_step AS first_step, present.user_id
                  FROM (SELECT * FROM crm_followup_case WHERE %(due)s AND expires_on >= %(day)s) AS cases
             LEFT JOIN present ON present.branch_id = cases.branch_id AND present.user_id = cases.user_id
                  JOIN LATERAL (
                        SELECT schedule_id, step, next_step, next_offset FROM steps
                         WHERE steps.schedule_id = cases.schedule_id AND steps.step >= cases.next_step
                           AND cases.due_date + steps.offset_days <= %(day)s
                      ORDER BY steps.step DESC
                         LIMIT 1
                       ) AS chosen ON TRUE
                 WHERE NOT EXISTS (
                        SELECT FROM crm_followup
                         WHERE case_id = cases.id
                           AND (state = 'waiting' OR (state = 'todo' AND replied_at IS NOT NULL)))
            ), made AS (
                INSERT INTO crm_followup (%(columns)s)
                SELECT due.id, due.vehicle_id, due.branch_id, due.company_id, due.kpb, steps.step, steps.channel,
                       due.due_date + steps.offset_days, due.due_date + steps.offset_days, due.user_id,
                       %(state)s, %(stamp)s
                  FROM due
                  JOIN steps ON steps.schedule_id = due.schedule_id AND steps.step BETWEEN due.first_step AND due.step
           ON CONFLICT (case_id, step) DO NOTHING
            )
            UPDATE crm_followup_case
               SET last_step = due.step, next_step = due.next_step, next_date = due.due_date + due.next_offset
              FROM due WHERE due.id = crm_followup_case.id
            """,
            steps=STEPS,
            present=self.env["crm.followup"]._present_sql(branches, day),
            due=due,
            day=day,
            **self._insert_parts("due"),
        )

    def _open_sql(self, branches, schedule, day, late_days):
        """Return the statement that opens the cases that come due, each with its follow-up."""
        return SQL(
            """
            WITH steps AS (SELECT * FROM (%(steps)s) AS every WHERE schedule_id = %(schedule)s),
            branches AS MATERIALIZED (
                SELECT id AS branch_id, LEAST(
                    %(day)s::date - %(late)s,
                    (SELECT max(day) FROM crm_followup_run WHERE branch_id = crm_branch.id AND day < %(day)s)
                ) AS since
                  FROM crm_branch WHERE id = ANY(%(branches)s)
            ), points AS MATERIALIZED (
                SELECT branches.branch_id, line.kpb, line.base_days, line.window_days, steps.*,
                       branches.since - line.base_days - steps.offset_days AS after,
                       %(day)s::date - line.base_days - steps.offset_days AS until
                  FROM branches
                  JOIN crm_followup_schedule_line line ON line.schedule_id = %(schedule)s
                 CROSS JOIN steps
            ), due AS (
                SELECT DISTINCT ON (vehicle.id, points.kpb)
                       vehicle.id AS vehicle_id, points.branch_id, vehicle.company_id, points.kpb, points.step,
                       points.next_step, points.next_offset, points.offset_days,
                       vehicle.purchase_date + points.base_days AS due_date,
                       vehicle.purchase_date + points.base_days + points.window_days AS expires_on
                  FROM points
                 CROSS JOIN LATERAL (
                        SELECT id, company_id, purchase_date
                          FROM crm_vehicle
                         WHERE branch_id = points.branch_id AND active AND follow_up_stopped IS NOT TRUE
                           AND purchase_date > points.after AND purchase_date <= points.until
                           AND NOT EXISTS (
                                SELECT FROM crm_followup_case known
                                 WHERE known.vehicle_id = crm_vehicle.id AND known.kpb = points.kpb)
                        OFFSET 0
                       ) AS vehicle
                 WHERE vehicle.purchase_date + points.base_days + points.window_days >= %(day)s
                   AND NOT EXISTS (
                        SELECT FROM crm_vehicle_service done
                         WHERE done.vehicle_id = vehicle.id AND done.kpb = points.kpb::int AND done.day <= %(day)s)
              ORDER BY vehicle.id, points.kpb, points.step DESC
            ), opened AS (
                INSERT INTO crm_followup_case (
                    vehicle_id, branch_id, company_id, kpb, schedule_id, due_date, expires_on, last_step, next_step,
                    next_date, state, create_uid, create_date, write_uid, write_date)
                SELECT vehicle_id, branch_id, company_id, kpb, %(schedule)s, due_date, expires_on, step, next_step,
                       due_date + next_offset, 'open', %(user)s, %(now)s, %(user)s, %(now)s
                  FROM due
           ON CONFLICT (vehicle_id, kpb) DO NOTHING
             RETURNING id, vehicle_id, kpb
            )
            INSERT INTO crm_followup (%(columns)s)
            SELECT opened.id, due.vehicle_id, due.branch_id, due.company_id, due.kpb, steps.step, steps.channel,
                   due.due_date + steps.offset_days, due.due_date + steps.offset_days, NULL,
                   %(state)s, %(stamp)s
              FROM opened
              JOIN due ON due.vehicle_id = opened.vehicle_id AND due.kpb = opened.kpb
              JOIN steps ON steps.step <= due.step
            """,
            steps=STEPS,
            schedule=schedule.id,
            day=day,
            late=late_days,
            branches=list(branches.ids),
            user=self.env.uid,
            now=fields.Datetime.now(),
            **self._insert_parts("due"),
        )

    def _insert_parts(self, due):
        """Return what both statements say of new follow-ups: the latest is to be done, the others are skipped."""
        latest = SQL("steps.step = %s.step", SQL.identifier(due))
        return {
            "columns": SQL(
                "case_id, vehicle_id, branch_id, company_id, kpb, step, channel, due_date, scheduled_date, user_id,"
                " state, skipped_because, create_uid, create_date, write_uid, write_date"
            ),
            "state": SQL(
                "CASE WHEN %s THEN 'todo' ELSE 'skipped' END, CASE WHEN %s THEN NULL ELSE 'late' END", latest, latest
            ),
            "stamp": SQL("%s, %s, %s, %s", self.env.uid, fields.Datetime.now(), self.env.uid, fields.Datetime.now()),
        }
