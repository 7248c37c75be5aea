from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..utils import keyword


class CrmWhatsappKeyword(models.Model):
    """A word that opts out or in when it is the whole of a customer's message."""

    _name = "crm.whatsapp.keyword"
    _description = "WhatsApp Opt-out Word"
    _order = "effect desc, name"

    name = fields.Char("Word", required=True, help="Case, spaces and punctuation don’t matter.")
    effect = fields.Selection(
        [("out", "Opts Out"), ("out_marketing", "Opts Out of Marketing"), ("in", "Opts In")],
        required=True,
        default="out",
    )
    normal = fields.Char(compute="_compute_normal", store=True)

    _normal_uniq = models.UniqueIndex("(normal)", "This word is there already.")

    @api.depends("name")
    def _compute_normal(self):
        for word in self:
            word.normal = keyword(word.name)

    @api.constrains("name")
    def _check_name(self):
        if any(not word.normal for word in self):
            raise ValidationError(self.env._("A word has letters or digits."))

    @api.model
    def _effect_of(self, text):
        """Return what a customer's message says about writing to them, or None."""
        word = keyword(text)
        return self.sudo().search([("normal", "=", word)], limit=1).effect or None if word else None
