from odoo import api, fields, models

from ..cash_text import words


class ResPartner(models.Model):
    """A customer's name as a cash desk finds it: in small plain letters."""

    _inherit = "res.partner"

    cash_words = fields.Char(
        "Words of the Name", compute="_compute_cash_words", store=True, index="trigram", groups="base.group_system"
    )

    @api.depends("name")
    def _compute_cash_words(self):
        for partner in self:
            partner.cash_words = f" {' '.join(words(partner.name))} "
