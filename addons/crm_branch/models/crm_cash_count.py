from odoo import api, fields, models


class CrmCashCount(models.Model):
    """How many of a note or coin were in the drawer when it was counted."""

    _name = "crm.cash.count"
    _description = "Counted Notes and Coins"
    _order = "session_id, phase desc, value desc, id"

    session_id = fields.Many2one("crm.cash.session", required=True, index=True, ondelete="cascade")
    phase = fields.Selection([("opening", "Opening"), ("closing", "Closing")], required=True)
    denomination_id = fields.Many2one("crm.cash.denomination", "Note or Coin", required=True, ondelete="restrict")
    currency_id = fields.Many2one(related="session_id.currency_id")
    value = fields.Monetary(required=True, aggregator=None)
    quantity = fields.Integer(required=True)
    amount = fields.Monetary(compute="_compute_amount")

    _once = models.Constraint("UNIQUE(session_id, phase, denomination_id)", "This note or coin is counted already.")
    _not_negative = models.Constraint("CHECK(quantity >= 0)", "There are no less than none.")

    @api.depends("value", "quantity")
    def _compute_amount(self):
        for line in self:
            line.amount = line.value * line.quantity
