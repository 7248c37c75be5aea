from odoo import api, fields, models
from odoo.tools import SQL, html2plaintext, split_every

from ..words import WORD, asked, configuration, folded, nearest, trimmed, wrong

#: How many matches are weighed; of how many misspelt words the intended one is looked for, among how many.
WEIGHED = 200
MISSPELT = 4
CANDIDATES = 300


class CrmFaqText(models.Model):
    """What questions are found by, a row for each of them and language. Nobody reads or writes it but the search."""

    _name = "crm.faq.text"
    _description = "FAQ Search Text"
    _log_access = False

    faq_id = fields.Many2one("crm.faq", required=True, index=True, ondelete="cascade")
    lang = fields.Char(required=True)

    _lang_uniq = models.Constraint("UNIQUE(faq_id, lang)", "One text in each language.")

    def init(self):
        """Add what fields don't know: the column of full text and its index."""
        self.env.cr.execute(SQL("ALTER TABLE crm_faq_text ADD COLUMN IF NOT EXISTS vector tsvector"))
        self.env.cr.execute(
            SQL(
                "CREATE INDEX IF NOT EXISTS crm_faq_text__vector ON crm_faq_text USING gin (vector)"
                " WITH (fastupdate = off)"
            )
        )


class CrmFaqWord(models.Model):
    """A word of the questions: what visitors meant who misspelt it. Works where pg_trgm can't be had."""

    _name = "crm.faq.word"
    _description = "FAQ Search Word"
    _log_access = False

    lang = fields.Char(required=True)
    word = fields.Char(required=True)

    _word_uniq = models.Constraint("UNIQUE(lang, word)", "Each word is known once.")

    def init(self):
        """Add what fields don't know: what is left of it without a letter, and the index of that."""
        self.env.cr.execute(SQL("ALTER TABLE crm_faq_word ADD COLUMN IF NOT EXISTS trimmed text[]"))
        self.env.cr.execute(
            SQL(
                "CREATE INDEX IF NOT EXISTS crm_faq_word__trimmed ON crm_faq_word USING gin (trimmed)"
                " WITH (fastupdate = off)"
            )
        )


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
            self._index_words(rows)
            self.env.cr.execute_values(
                """INSERT INTO crm_faq_text (faq_id, lang, vector)
                   SELECT faq_id, lang,
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
    def _index_words(self, rows):
        words = {(row[1], word) for row in rows for text in row[3:] for word in WORD.findall(text)}
        self.env.cr.execute_values(
            "INSERT INTO crm_faq_word (lang, word, trimmed) VALUES %s ON CONFLICT DO NOTHING",
            [(lang, word, trimmed(word)) for lang, word in sorted(words) if 3 < len(word) < 25 and word.isalpha()],
        )

    @api.model
    def _configurations(self):
        return {name for (name,) in self.env.execute_query(SQL("SELECT cfgname FROM pg_ts_config"))}

    @api.autovacuum
    def _gc_index(self):
        """Index anew what came by other ways than the form: translations, languages that were installed."""
        self.env.cr.execute(SQL("DELETE FROM crm_faq_word"))
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
        if max(points.values(), default=0) < 1 and (meant := self._meant(words, lang)) != words:
            for id_, others in self._find_words(meant, company, lang).items():
                points[id_] = points.get(id_, 0) + 0.9 * others
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

    def _meant(self, words, lang):
        """Return the words, in place of those that no question has the likeliest ones that one has."""
        self.env.cr.execute(
            SQL("SELECT word FROM crm_faq_word WHERE lang = %s AND word = ANY(%s)", lang, words),
        )
        known = {word for (word,) in self.env.cr.fetchall()}
        odd = [word for word in words if word not in known and 3 < len(word) < 25 and word.isalpha()]
        if not odd:
            return words
        del odd[MISSPELT:]
        left = sorted({rest for word in odd for rest in trimmed(word, wrong(word))})
        # PostgreSQL expects of an array that much of the table has something of it, and would read all of it
        self.env.cr.execute(SQL("SET LOCAL enable_seqscan = off"))
        self.env.cr.execute(
            SQL(
                """WITH near AS MATERIALIZED (SELECT word, lang FROM crm_faq_word WHERE trimmed && %s::text[])
                   SELECT word FROM near WHERE lang = %s LIMIT %s""",
                left,
                lang,
                CANDIDATES,
            )
        )
        found = self.env.cr.fetchall()
        self.env.cr.execute(SQL("SET LOCAL enable_seqscan = on"))
        candidates = [word for (word,) in found]
        return [nearest(word, candidates) or word if word in odd else word for word in words]

    @api.model
    def _public_sql(self, company):
        """The same as :meth:`_public_domain`, for SQL."""
        return SQL("faq.is_published AND faq.active AND (faq.company_id IS NULL OR faq.company_id = %s)", company.id)
