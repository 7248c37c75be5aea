from odoo import api, fields, models
from odoo.tools import SQL

from ..words import asked, keepable

MOST_ROWS = 5000


class CrmFaqMiss(models.Model):
    """A word of searches that found nothing, and how often: what the help page lacks (CC-4, CC-9).

    Words only, never the sentence, and no numbers: what people type may be their own.
    """

    _name = "crm.faq.miss"
    _description = "Word Not Found"
    _order = "count desc, last_at desc"
    _rec_name = "word"

    word = fields.Char(required=True, readonly=True)
    count = fields.Integer("Searches", required=True, readonly=True, default=1)
    last_at = fields.Datetime("Last", required=True, readonly=True, index=True)

    _word_uniq = models.Constraint("UNIQUE(word)", "This word is counted already.")
    _count_positive = models.Constraint("CHECK(count > 0)", "What nobody searched for isn't counted.")

    # === BUSINESS METHODS === #

    @api.model
    def _note(self, text, lang=None):
        """Count the words of a search that found nothing; new ones while there is room."""
        words = keepable(asked(text, lang or self.env.lang))
        if not words:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """INSERT INTO crm_faq_miss (word, count, last_at, create_uid, write_uid, create_date, write_date)
                   SELECT word, 1, %(now)s, %(user)s, %(user)s, %(now)s, %(now)s FROM unnest(%(words)s) AS word
                    WHERE (SELECT count(*) FROM crm_faq_miss) < %(most)s
                       OR word IN (SELECT word FROM crm_faq_miss)
                   ON CONFLICT (word) DO UPDATE
                      SET count = crm_faq_miss.count + 1, last_at = EXCLUDED.last_at""",
                now=fields.Datetime.now(),
                user=self.env.uid,
                words=words,
                most=MOST_ROWS,
            )
        )
        self.invalidate_model()

    @api.autovacuum
    def _gc_seldom(self):
        """Make room: forget what was searched for once and longest ago, beyond half of the rows."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM crm_faq_miss WHERE id IN (
                       SELECT id FROM crm_faq_miss ORDER BY count DESC, last_at DESC, id OFFSET %s)""",
                MOST_ROWS // 2,
            )
        )
        self.invalidate_model()
