from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: The last days that are counted unless the filter says otherwise; and those before and after a question was published.
DAYS = 90
MOST_DAYS = 3660
AROUND_DAYS = 30


class CrmReasonReport(models.Model):
    """Why customers turn to us, the most frequent reason first: "half of the calls are about the same thing" (CC-9).

    A row is a reason, counted over the branches that the user sees and the last days that the filter's context says.
    Beside it: whether a question of the help page answers it, and the contacts a day before and since.
    """

    _name = "crm.reason.report"
    _description = "Repeated Reason"
    _auto = False
    _order = "contacts desc, id"
    _rec_name = "purpose_id"
    _depends = {
        "crm.interaction": ["purpose_id", "state", "began_at", "branch_id"],
        "crm.faq": ["is_published", "published_at", "active", "purpose_ids", "company_id"],
    }

    purpose_id = fields.Many2one("crm.interaction.purpose", "Reason for Contact", readonly=True)
    contacts = fields.Integer(readonly=True)
    former_contacts = fields.Integer("Period Before", readonly=True, help="Contacts in as many days before those.")
    share = fields.Float("Share (%)", readonly=True, digits=(5, 1))
    cumulative = fields.Float(
        "Cumulative (%)", readonly=True, digits=(5, 1), aggregator="max", help="This reason and all more frequent ones."
    )
    faq_count = fields.Integer("FAQ", readonly=True, help="Published questions for this reason.")
    published_at = fields.Datetime("Published Since", readonly=True)
    daily_before = fields.Float(
        "A Day Before", readonly=True, digits=(8, 2), aggregator="sum", help="In the 30 days before it was published."
    )
    daily_after = fields.Float(
        "A Day Since", readonly=True, digits=(8, 2), aggregator="sum", help="In the up to 30 days since then."
    )
    change = fields.Float(
        "Change (%)", readonly=True, digits=(6, 1), aggregator="avg", help="Negative: it helped. Known after a day."
    )

    # === QUERY === #

    @property
    def _table_query(self):
        now, days = fields.Datetime.now(), self._days()
        former = fields.Datetime.subtract(now, days=2 * days)
        return SQL(
            """WITH seen AS (%(seen)s),
                    published AS (
                        SELECT rel.crm_interaction_purpose_id AS purpose_id, count(*) AS questions,
                               min(faq.published_at) AS since
                          FROM crm_faq_crm_interaction_purpose_rel rel JOIN crm_faq faq ON faq.id = rel.crm_faq_id
                         WHERE faq.is_published AND faq.active
                           AND (faq.company_id IS NULL OR faq.company_id = ANY(%(companies)s))
                         GROUP BY rel.crm_interaction_purpose_id),
                    counted AS (
                        SELECT seen.purpose_id,
                               count(*) FILTER (WHERE seen.began_at >= %(begin)s) AS contacts,
                               count(*) FILTER (WHERE seen.began_at >= %(former)s AND seen.began_at < %(begin)s)
                                   AS former_contacts,
                               count(*) FILTER (WHERE seen.began_at < published.since
                                   AND seen.began_at >= published.since - %(around)s * interval '1 day') AS before,
                               count(*) FILTER (WHERE seen.began_at >= published.since
                                   AND seen.began_at < published.since + %(around)s * interval '1 day') AS after
                          FROM seen LEFT JOIN published ON published.purpose_id = seen.purpose_id
                         GROUP BY seen.purpose_id),
                    days AS (
                        SELECT purpose_id, questions, since,
                               LEAST(%(around)s, EXTRACT(EPOCH FROM %(now)s - since) / 86400) AS since_days
                          FROM published)
               SELECT counted.purpose_id AS id, counted.purpose_id, counted.contacts, counted.former_contacts,
                      100.0 * contacts / NULLIF(sum(contacts) OVER (), 0) AS share,
                      100.0 * sum(contacts) OVER (ORDER BY contacts DESC, counted.purpose_id)
                          / NULLIF(sum(contacts) OVER (), 0) AS cumulative,
                      COALESCE(days.questions, 0) AS faq_count, days.since AS published_at,
                      CASE WHEN days.since IS NOT NULL THEN before::numeric / %(around)s END AS daily_before,
                      CASE WHEN days.since_days >= 1 THEN after / days.since_days END AS daily_after,
                      CASE WHEN days.since_days >= 1 AND before > 0
                           THEN 100.0 * (after / days.since_days) / (before::numeric / %(around)s) - 100 END AS change
                 FROM counted LEFT JOIN days ON days.purpose_id = counted.purpose_id
                WHERE counted.contacts > 0""",
            seen=self._seen_sql(self._oldest(former), now),
            companies=self.env.companies.ids,
            now=now,
            begin=fields.Datetime.subtract(now, days=days),
            former=former,
            around=AROUND_DAYS,
        )

    def _days(self):
        """Return how many days the filter asks for."""
        days = self.env.context.get("crm_reason_days")
        return min(max(days, 1), MOST_DAYS) if isinstance(days, int) else DAYS

    def _oldest(self, former):
        """Return from when on contacts are read at all: the period before, or 30 days before the first publication."""
        self.env["crm.faq"].flush_model(["is_published", "published_at", "active"])
        query = "SELECT min(published_at) FROM crm_faq WHERE is_published AND active"
        ((first,),) = self.env.execute_query(SQL(query))
        return min(former, fields.Datetime.subtract(first, days=AROUND_DAYS)) if first else former

    def _seen_sql(self, oldest, now):
        """Select what the user sees of the contacts, by their rights: each has its interaction (FL-12).

        Customers turned to us, or asked to be called; what we called them for on our own isn't their reason.
        """
        asked = self.env["crm.queue.contact"].sudo()._search([("callback_at", "!=", False)])
        query = self.env["crm.interaction"]._search(
            Domain("purpose_id", "!=", False)
            & Domain("state", "!=", "cancelled")
            & Domain("began_at", ">=", oldest)
            & Domain("began_at", "<=", now)
            & (Domain("direction", "=", "incoming") | Domain("id", "in", asked.subselect("interaction_id")))
        )
        return query.select(
            SQL.identifier("crm_interaction", "purpose_id"), SQL.identifier("crm_interaction", "began_at")
        )

    # === ACTION METHODS === #

    def action_write_faq(self):
        """Open a new question for this reason.

        :raise AccessError: the user writes no questions
        """
        self.ensure_one()
        self.env["crm.faq"].check_access("create")
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.faq",
            "view_mode": "form",
            "name": self.env._("New Question"),
            "context": {"default_purpose_ids": [self.purpose_id.id], "default_name": self.purpose_id.name},
        }

    def action_view_faqs(self):
        """Open the questions that answer this reason."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_contact_center.crm_faq_action")
        return {**action, "domain": [("purpose_ids", "in", self.purpose_id.ids)], "context": {}}
