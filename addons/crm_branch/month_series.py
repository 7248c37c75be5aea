from odoo.tools import SQL


def by_month(counted, now):
    """Return the query of what was counted by branch and month: ``branch_id``, ``company_id``, ``month``, ``count`` and
    ``before``, the count of the month before.

    Months without any are included: from a branch's first until the present one, by its calendar.

    :param SQL counted: query of ``branch_id``, ``month`` (its first day) and ``count``
    :param datetime now: naive UTC
    """
    return SQL(
        """
        WITH counted AS (%(counted)s), months AS (
            SELECT branch.id AS branch_id, branch.company_id, series.month::date AS month
              FROM crm_branch branch
              JOIN (SELECT branch_id, MIN(month) AS first FROM counted GROUP BY 1) since ON since.branch_id = branch.id
              CROSS JOIN LATERAL generate_series(
                   since.first::timestamp, (%(now)s AT TIME ZONE 'UTC' AT TIME ZONE branch.tz)::date::timestamp,
                   interval '1 month') AS series(month)
        )
        SELECT months.branch_id, months.company_id, months.month, COALESCE(counted.count, 0) AS count,
               COALESCE(LAG(counted.count) OVER (PARTITION BY months.branch_id ORDER BY months.month), 0) AS before
          FROM months
          LEFT JOIN counted ON counted.branch_id = months.branch_id AND counted.month = months.month
        """,
        counted=counted,
        now=now,
    )


def month_id(branch, month):
    """Return the expression of a row's id: one for each branch and month."""
    return SQL(
        "%(branch)s::bigint * 100000 + EXTRACT(YEAR FROM %(month)s)::int * 12 + EXTRACT(MONTH FROM %(month)s)::int",
        branch=branch,
        month=month,
    )
