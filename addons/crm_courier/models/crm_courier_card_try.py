from odoo import fields, models
from odoo.exceptions import UserError

RESULTS = [("approved", "Approved"), ("declined", "Declined"), ("do_not_honor", "Do not honor")]


class CrmCourierCardTry(models.Model):
    """One swipe of a card, as the terminal's slip says it (SOP-12g, SOP-12h). It never changes."""

    _name = "crm.courier.card.try"
    _description = "Swipe of a Card"
    _inherit = ["crm.courier.facts"]
    _order = "id"
    _rec_name = "result"

    card_id = fields.Many2one("crm.courier.card", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="card_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    result = fields.Selection(RESULTS, required=True, readonly=True, index=True)
    amount = fields.Monetary(required=True, readonly=True)
    terminal_id = fields.Many2one("crm.courier.terminal", required=True, readonly=True, index=True, ondelete="restrict")
    terminal_day = fields.Date(required=True, readonly=True, help="By the clock of the branch.")
    approval_code = fields.Char(readonly=True, size=6)
    last_four = fields.Char("Last Four Digits", readonly=True, size=4)
    authorisation_code = fields.Char("The Bank's Code", readonly=True, size=12)
    made_at = fields.Datetime("Swiped", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Courier", required=True, readonly=True, index=True, ondelete="restrict")

    _code_once = models.UniqueIndex(
        "(terminal_id, terminal_day, approval_code) WHERE approval_code IS NOT NULL",
        "This approval code was used on this terminal today already: look at the slip again.",
    )
    _amount_positive = models.Constraint("CHECK(amount > 0)", "A card is swiped for an amount.")
    _last_four_digits = models.Constraint("CHECK(last_four ~ '^[0-9]{4}$')", "The last four digits are four digits.")
    _approved_has_code = models.Constraint(
        "CHECK((result = 'approved') = (approval_code IS NOT NULL))", "What is approved, and only that, has a code."
    )

    @property
    def _facts(self):
        return frozenset(self._fields) - set(models.MAGIC_COLUMNS)

    def write(self, vals):  # pylint: disable=method-required-super
        """Override: what a slip said stays so, whoever asks."""
        raise UserError(self.env._("A swipe is a record of what happened: it doesn't change."))
