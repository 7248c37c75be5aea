from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, is_html_empty


class CrmFaq(models.Model):
    """A question that customers ask again and again, with its answer: on the help page and for the bot (CC-4, CC-7).

    Supervisors write them. Visitors have no right to the model: they see what :meth:`_public` finds.
    """

    _name = "crm.faq"
    _description = "Frequently Asked Question"
    _inherit = ["mail.thread"]
    _order = "category_id, sequence, id"

    name = fields.Char("Question", required=True, translate=True, tracking=True)
    answer = fields.Html(translate=True, sanitize=True, sanitize_attributes=True, sanitize_form=True)
    keywords = fields.Char(translate=True, help="Other words that customers use for it, with spaces between.")
    category_id = fields.Many2one("crm.faq.category", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Empty: for the customers of all.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    is_published = fields.Boolean("Published", tracking=True, copy=False)
    published_at = fields.Datetime("Published Since", readonly=True, copy=False)
    purpose_ids = fields.Many2many(
        "crm.interaction.purpose",
        string="Reasons for Contact",
        help="Contacts for these reasons should become fewer when this is published (CC-9).",
    )
    vote_ids = fields.One2many("crm.faq.vote", "faq_id", "Votes", readonly=True)
    helpful_count = fields.Integer("Helped", compute="_compute_votes", store=True)
    unhelpful_count = fields.Integer("Didn't Help", compute="_compute_votes", store=True)

    _published_idx = models.Index("(category_id, sequence, id) WHERE is_published AND active")
    _published_has_date = models.Constraint(
        "CHECK(NOT is_published OR published_at IS NOT NULL)", "What is published has the date since when."
    )

    # === COMPUTE METHODS === #

    @api.depends("vote_ids.is_helpful")
    def _compute_votes(self):
        groups = self.env["crm.faq.vote"]._read_group(
            [("faq_id", "in", self.ids)], ["faq_id", "is_helpful"], ["__count"]
        )
        counts = {(faq.id, helpful): count for faq, helpful, count in groups}
        for faq in self:
            faq.helpful_count = counts.get((faq._origin.id, True), 0)
            faq.unhelpful_count = counts.get((faq._origin.id, False), 0)

    # === CONSTRAINS METHODS === #

    @api.constrains("is_published", "answer")
    def _check_answer(self):
        for faq in self:
            if faq.is_published and is_html_empty(faq.answer):
                raise ValidationError(self.env._("Write the answer before you publish “%s”.", faq.name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override: note since when it is published, and what it is found by."""
        vals_list = [self._dated(vals) for vals in vals_list]
        faqs = super().create(vals_list)
        faqs._index()
        return faqs

    def write(self, vals):
        """Override: note since when it is published, and what it is found by."""
        result = super().write(self._dated(vals))
        if {"name", "answer", "keywords"} & vals.keys():
            self._index()
        return result

    @staticmethod
    def _dated(vals):
        if "is_published" not in vals:
            return {name: value for name, value in vals.items() if name != "published_at"}
        return {**vals, "published_at": vals["is_published"] and fields.Datetime.now()}

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """Override: a translation is found by its own words."""
        result = super()._update_field_translations(field_name, translations, digest, source_lang)
        if field_name in ("name", "answer", "keywords"):
            self._index()
        return result

    # === ACTION METHODS === #

    def action_publish(self):
        """Show it to everybody, or no longer."""
        for faq in self:
            faq.is_published = not faq.is_published

    # === BUSINESS METHODS === #

    @api.model
    def _public_domain(self, company):
        """Return what visitors of the company's pages may see."""
        return Domain("is_published", "=", True) & Domain("company_id", "in", (False, company.id))

    @api.model
    def _public(self, company, ids):
        """Return those of the ids that visitors may see, in that order, with all rights."""
        found = self.sudo().search(Domain("id", "in", ids) & self._public_domain(company))
        order = {id_: number for number, id_ in enumerate(ids)}
        return found.sorted(lambda faq: order[faq.id])

    @api.model
    def _firsts(self, company, most):
        """Return the first questions of each category that visitors may see, at most so many of each."""
        self.env.cr.execute(
            SQL(
                """SELECT id FROM (
                       SELECT faq.id, category.sequence, category.id AS category_id,
                              row_number() OVER (PARTITION BY category.id ORDER BY faq.sequence, faq.id) AS place
                         FROM crm_faq faq JOIN crm_faq_category category ON category.id = faq.category_id
                        WHERE %s) AS placed
                    WHERE place <= %s ORDER BY sequence, category_id, place""",
                self._public_sql(company),
                most,
            )
        )
        return self.sudo().browse(id_ for (id_,) in self.env.cr.fetchall())

    def _url(self):
        self.ensure_one()
        return f"/help/{self.id}"
