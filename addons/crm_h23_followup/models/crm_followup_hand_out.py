from odoo import api, models
from odoo.tools import SQL


class CrmFollowup(models.Model):
    """Hand what has come due to the branches' admins: by rule, else evenly, all at once (H23-4.1.2)."""

    _inherit = "crm.followup"

    # === BUSINESS METHODS === #

    @api.model
    def _hand_out(self, branches, days):
        """Give the follow-ups that nobody has to the admins who are present.

        Who had the customer before keeps them, if the company wants it; then the branch's rules count, in order; the
        rest goes to all, so that everybody has as much to do as the others.

        :param dict days: branch → its calendar date
        """
        self.env.flush_all()
        self._take_back(branches)
        pools = {}
        for day, group in branches.grouped(lambda branch: days[branch]).items():
            pools |= group._followup_pools(day)
            if keeping := group.filtered("company_id.followup_keep_admin"):
                self.env.cr.execute(self._keep_admin_sql(keeping, day))
        rules = self.env["crm.followup.rule"].sudo().search([("branch_id", "in", branches.ids)])
        for rule in rules:
            if users := rule.user_ids & pools[rule.branch_id]:
                self._fill(rule.branch_id, {rule.branch_id: users}, rule._sql())
        self._fill(branches, pools, SQL("TRUE"))
        self.env.cr.execute(
            SQL(
                """
                UPDATE crm_followup_case SET user_id = crm_followup.user_id
                  FROM crm_followup
                 WHERE crm_followup.case_id = crm_followup_case.id AND crm_followup_case.user_id IS NULL
                   AND crm_followup.state = 'todo' AND crm_followup.user_id IS NOT NULL
                   AND crm_followup.branch_id = ANY(%s)
                """,
                list(branches.ids),
            )
        )
        self.env.invalidate_all(flush=False)

    def _take_back(self, branches):
        """Take what is still to be done from who has left the branch: nobody else would see it on a list."""
        pairs = [(branch.id, user.id) for branch in branches for user in branch._followup_admins()]
        self.env.cr.execute(
            SQL(
                """
                WITH left_behind AS (
                    UPDATE crm_followup SET user_id = NULL
                     WHERE state IN ('todo', 'waiting') AND user_id IS NOT NULL AND branch_id = ANY(%s)
                       AND (branch_id, user_id) NOT IN (VALUES %s)
                 RETURNING case_id
                )
                UPDATE crm_followup_case SET user_id = NULL FROM left_behind WHERE id = left_behind.case_id
                """,
                list(branches.ids),
                SQL(", ").join(SQL("(%s, %s)", *pair) for pair in pairs or [(0, 0)]),
            )
        )

    def _fill(self, branches, pools, fits):
        """Give the waiting follow-ups that fit to the pools: each to whoever has least to do.

        :param dict pools: branch → admins
        :param SQL fits: a condition on ``crm_followup`` and ``vehicle``
        """
        pairs = [(branch.id, user.id) for branch in branches for user in pools[branch]]
        if not pairs:
            return
        self.env.cr.execute(
            SQL(
                """
                WITH waiting AS (
                    SELECT crm_followup.id, crm_followup.branch_id, row_number() OVER (
                               PARTITION BY crm_followup.branch_id ORDER BY crm_followup.due_date, crm_followup.id
                           ) AS place
                      FROM crm_followup
                      JOIN crm_vehicle vehicle ON vehicle.id = crm_followup.vehicle_id
                     WHERE crm_followup.state = 'todo' AND crm_followup.user_id IS NULL
                       AND crm_followup.branch_id = ANY(%(branches)s) AND %(fits)s
                ), amount AS (
                    SELECT branch_id, count(*) AS amount FROM waiting GROUP BY branch_id
                ), pool (branch_id, user_id) AS (
                    VALUES %(pairs)s
                ), load AS (
                    SELECT user_id, count(*) AS load FROM crm_followup
                     WHERE state = 'todo' AND user_id IN (SELECT user_id FROM pool) GROUP BY user_id
                ), seats AS (
                    SELECT pool.branch_id, pool.user_id, row_number() OVER (
                               PARTITION BY pool.branch_id ORDER BY COALESCE(load, 0) + seat, pool.user_id
                           ) AS place
                      FROM pool
                      JOIN amount ON amount.branch_id = pool.branch_id
                 LEFT JOIN load ON load.user_id = pool.user_id
                 CROSS JOIN LATERAL generate_series(1, amount.amount) AS seat
                )
                UPDATE crm_followup SET user_id = seats.user_id
                  FROM waiting JOIN seats ON seats.branch_id = waiting.branch_id AND seats.place = waiting.place
                 WHERE crm_followup.id = waiting.id
                """,
                branches=[branch.id for branch in branches],
                fits=fits,
                pairs=SQL(", ").join(SQL("(%s, %s)", *pair) for pair in pairs),
            )
        )

    def _keep_admin_sql(self, branches, day):
        """Return the statement that gives a customer to whoever had them last: by the vehicle, else by the number."""
        return SQL(
            """
            UPDATE crm_followup SET user_id = former.user_id
              FROM (
                SELECT DISTINCT ON (waiting.id) waiting.id, known.user_id
                  FROM crm_followup waiting
                  JOIN crm_vehicle vehicle ON vehicle.id = waiting.vehicle_id
                  JOIN crm_vehicle same
                    ON same.id = vehicle.id
                    OR (same.owner_phone = vehicle.owner_phone AND same.company_id = vehicle.company_id)
                  JOIN crm_followup_case known ON known.vehicle_id = same.id AND known.id != waiting.case_id
                 WHERE waiting.state = 'todo' AND waiting.user_id IS NULL AND waiting.branch_id = ANY(%(branches)s)
                   AND (waiting.branch_id, known.user_id) IN (%(present)s)
              ORDER BY waiting.id, (same.id = vehicle.id) DESC, known.due_date DESC
                   ) AS former
             WHERE former.id = crm_followup.id
            """,
            branches=list(branches.ids),
            present=self._present_sql(branches, day),
        )

    @api.model
    def _present_sql(self, branches, day):
        """Return a query of (branch_id, user_id): who may be given follow-ups of the branches on that day."""
        pairs = [
            (branch.id, user.id) for branch, present in branches._followup_present(day).items() for user in present
        ]
        return SQL(
            "SELECT * FROM (VALUES %s) AS present (branch_id, user_id)",
            SQL(", ").join(SQL("(%s, %s)", *pair) for pair in pairs or [(0, 0)]),
        )
