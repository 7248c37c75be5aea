from odoo import api, fields, models
from odoo.tools import SQL, create_index, html2plaintext, split_every

from ..words import asked, configuration, folded

#: How many of the words' matches are weighed, and how alike a misspelt word has to be (0 to 1).
WEIGHED = 200
ALIKE = 0.45


class CrmFaqText(models.Model):
    """What questions are found by, a row for each of them and language: words for full text, title for misspellings.

    Nobody reads or writes it but the search.
    """

    _name = "crm.faq.text"
    _description = "FAQ Search Text"
    _log_access = False

    faq_id = fields.Many2one("crm.faq", required=True, index=True, ondelete="cascade")
    lang = fields.Char(required=True)
    head = fields.Char(required=True, help="Question and keywords, in lower case without accents.")

    _lang_uniq = models.Constraint("UNIQUE(faq_id, lang)", "One text in each language.")

    def init(self):
        """Add what fields don't know: the column of full text and its indexes."""
        self.env.cr.execute(SQL("ALTER TABLE crm_faq_text ADD COLUMN IF NOT EXISTS vector tsvector"))
        create_index(self.env.cr, "crm_faq_text__vector", "crm_faq_text", ["vector"], "gin")
        if self.env.registry.has_trigram:
            create_index(self.env.cr, "crm_faq_text__head", "crm_faq_text", ["head gin_trgm_ops"], "gin")


class CrmFaq(models.Model):
    """How a question is found (CC-4): full text in the visitor's language, ranked; misspelt words by likeness."""

    _inherit = "crm.faq"

    # === WHAT IS KEPT === #

    def _index(self):
        """Keep what the questions are found by, in the languages that are installed."""
        langs = [code for code, _name in self.env["res.lang"].get_installed()]
        self.flush_recordset()
        known = self._configurations()
        for faqs in split_every(1000, self.sudo().ids, self.sudo().browse):
            rows = [faq._index_row(lang, known) for lang in langs for faq in faqs.with_context(lang=lang)]
            self.env.cr.execute(SQL("DELETE FROM crm_faq_text WHERE faq_id = ANY(%s)", faqs.ids))
            self.env.cr.execute_values(
                """INSERT INTO crm_faq_text (faq_id, lang, head, vector)
                   SELECT faq_id, lang, title || ' ' || keywords,
                          setweight(to_tsvector(config::regconfig, title), 'A')
                          || setweight(to_tsvector(config::regconfig, keywords), 'B')
                          || setweight(to_tsvector(config::regconfig, body), 'D')
                     FROM (VALUES %s) AS row (faq_id, lang, config, title, keywords, body)""",
                rows,
            )

    def _index_row(self, lang, known):
        body = folded(html2plaintext(self.answer or ""))[:20_000]
        return (self.id, lang, configuration(lang, known), folded(self.name), folded(self.keywords), body)

    @api.model
    def _configurations(self):
        return {name for (name,) in self.env.execute_query(SQL("SELECT cfgname FROM pg_ts_config"))}

    @api.autovacuum
    def _gc_index(self):
        """Index anew what came by other ways than the form: translations, languages that were installed."""
        self.with_context(active_test=False).search([])._index()

    # === SEARCH === #

    @api.model
    def _find(self, text, company, lang=None, limit=20):
        """Return the published questions that fit what a visitor asks, best first, with all rights.

        :param str text: what the visitor wrote; its first 2,000 characters are read
        :param str lang: code of the visitor's language, by default the environment's
        """
        lang = lang or self.env.lang or "en_US"
        words = asked(text, lang)
        if not words:
            return self.sudo().browse()
        points = self._find_words(words, company, lang)
        best = max(points.values(), default=0)
        if self.env.registry.has_trigram and best < 1:
            for id_, likeness in self._find_alike(words, company, lang).items():
                points[id_] = points.get(id_, 0) + likeness
        ids = sorted(points, key=lambda id_: (-points[id_], id_))[:limit]
        return self._public(company, ids)

    def _find_words(self, words, company, lang):
        """Return id → points of questions with at least one of the words: 1 and more if all of them are there."""
        config = configuration(lang, self._configurations())
        self.env.cr.execute(
            SQL(
                """WITH asked AS (
                       SELECT replace(plainto_tsquery(%(config)s, %(words)s)::text, '&', '|')::tsquery AS any_word,
                              plainto_tsquery(%(config)s, %(words)s) AS all_words
                   )
                   SELECT text.faq_id,
                          ts_rank(ARRAY[0.05, 0.2, 0.6, 1.0], text.vector, asked.any_word)
                          + (text.vector @@ asked.all_words)::int AS points
                     FROM asked, crm_faq_text text JOIN crm_faq faq ON faq.id = text.faq_id
                    WHERE text.lang = %(lang)s AND text.vector @@ asked.any_word AND %(public)s
                    ORDER BY points DESC, text.faq_id
                    LIMIT %(limit)s""",
                config=config,
                words=" ".join(words),
                lang=lang,
                public=self._public_sql(company),
                limit=WEIGHED,
            )
        )
        return dict(self.env.cr.fetchall())

    def _find_alike(self, words, company, lang):
        """Return id → how alike the words are to some of the question's, on average, where one is alike enough."""
        long = [word for word in words if len(word) > 3]
        if not long:
            return {}
        alike = SQL(" OR ").join(SQL("%s <%% text.head", word) for word in long)
        likeness = SQL(" + ").join(SQL("word_similarity(%s, text.head)", word) for word in long)
        self.env.cr.execute(SQL("SET LOCAL pg_trgm.word_similarity_threshold = %s", ALIKE))
        self.env.cr.execute(
            SQL(
                """SELECT text.faq_id, (%(likeness)s) / %(count)s AS points
                     FROM crm_faq_text text JOIN crm_faq faq ON faq.id = text.faq_id
                    WHERE text.lang = %(lang)s AND (%(alike)s) AND %(public)s
                    ORDER BY points DESC, text.faq_id
                    LIMIT %(limit)s""",
                likeness=likeness,
                count=float(len(long)),
                lang=lang,
                alike=alike,
                public=self._public_sql(company),
                limit=WEIGHED,
            )
        )
        return dict(self.env.cr.fetchall())

    @api.model
    def _public_sql(self, company):
        """The same as :meth:`_public_domain`, for SQL."""
        return SQL("faq.is_published AND faq.active AND (faq.company_id IS NULL OR faq.company_id = %s)", company.id)
