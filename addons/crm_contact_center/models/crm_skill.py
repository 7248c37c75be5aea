from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CrmSkill(models.Model):
    """What an agent can be good at: a language, product, region, kind of problem, class of customers (CC-2b)."""

    _name = "crm.skill"
    _description = "Skill"
    _order = "kind, sequence, name"

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        [
            ("language", "Language"),
            ("product", "Product"),
            ("region", "Region"),
            ("problem", "Kind of Problem"),
            ("value", "Customer Value"),
        ],
        required=True,
        default="product",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    lang_id = fields.Many2one(
        "res.lang",
        "Language",
        ondelete="restrict",
        context={"active_test": False},
        help="Contacts in this language need the skill; it also chooses script, message and greeting (CC-2f).",
    )
    purpose_id = fields.Many2one(
        "crm.interaction.purpose", "Reason for Contact", ondelete="restrict", help="Contacts for this reason need it."
    )
    words = fields.Text(
        "Caller's Words",
        translate=True,
        help="One word or phrase in a line: a caller who says one of them needs this skill (CC-2g).",
    )

    _language_has_lang = models.Constraint(
        "CHECK(kind != 'language' OR lang_id IS NOT NULL)", "A skill that is a language says which."
    )
    _name_uniq = models.UniqueIndex("(kind, (name->>'en_US'))", "There is a skill of this kind and name already.")
    _lang_uniq = models.UniqueIndex("(lang_id) WHERE kind = 'language'", "This language is a skill already.")

    @api.constrains("words")
    def _check_words(self):
        for skill in self:
            if any(len(phrase) < 3 for phrase in skill._phrases()):
                raise ValidationError(self.env._("A word of one or two letters would be found in everything."))

    # === BUSINESS METHODS === #

    def _phrases(self):
        """Return the words in lower case, in the languages that are installed."""
        found = set()
        for code, _name in self.env["res.lang"].get_installed():
            text = self.with_context(lang=code).words or ""
            found |= {" ".join(line.lower().split()) for line in text.splitlines() if line.strip()}
        return found

    @api.model
    def _heard_in(self, said):
        """Return the skills whose words are said, whole words only (CC-2g)."""
        padded = f" {' '.join(''.join(c if c.isalnum() else ' ' for c in (said or '').lower()).split())} "
        skills = self.search([("words", "!=", False)])
        return skills.filtered(lambda skill: any(f" {phrase} " in padded for phrase in skill._phrases()))
