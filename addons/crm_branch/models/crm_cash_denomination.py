from odoo import api, fields, models


class CrmCashDenomination(models.Model):
    """A note or coin, as cash is counted by."""

    _name = "crm.cash.denomination"
    _description = "Note or Coin"
    _order = "currency_id, value desc, kind desc, id"

    currency_id = fields.Many2one("res.currency", required=True, index=True, ondelete="restrict")
    value = fields.Monetary(required=True)
    kind = fields.Selection([("note", "Banknote"), ("coin", "Coin")], required=True, default="note")
    active = fields.Boolean(default=True, help="Archive what is no longer legal tender.")

    _once = models.Constraint("UNIQUE(currency_id, value, kind)", "This note or coin is there already.")
    _positive = models.Constraint("CHECK(value > 0)", "A note or coin is worth something.")

    @api.depends("value", "currency_id", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for piece in self:
            amount = piece.currency_id.format(piece.value) if piece.currency_id else piece.value
            piece.display_name = f"{amount} · {kinds.get(piece.kind, '')}"
