from odoo import fields, models


class ResCompany(models.Model):
    """The numbers of payment at the door (SOP-12)."""

    _inherit = "res.company"

    courier_card_minimum = fields.Monetary(
        "Card Payments From",
        default=1_000_000,
        currency_field="currency_id",
        help="An order of less, without its delivery, isn't paid by card.",
    )
    courier_card_authorise_above = fields.Monetary(
        "Bank Authorises Above",
        default=2_000_000,
        currency_field="currency_id",
        help="For more, the courier calls the card's bank, and enters the code that it says.",
    )
    courier_card_journal_id = fields.Many2one(
        "account.journal",
        "Card Payments In",
        check_company=True,
        domain="[('type', '=', 'bank'), ('company_id', '=', id)]",
        help="The journal of the card terminals, where approved payments are booked.",
    )
    courier_cash_journal_id = fields.Many2one(
        "account.journal",
        "Couriers' Cash In",
        check_company=True,
        domain="[('type', '=', 'cash'), ('company_id', '=', id)]",
        help="Where the cash that couriers bring back is booked; by default the company's first cash journal.",
    )
    courier_consent_text = fields.Text(
        "Why a Copy of the ID",
        translate=True,
        help="What the courier says to the customer before taking a picture of the identity card.",
    )
    courier_id_days = fields.Integer(
        "ID Copies Are Kept (Days)", default=30, required=True, help="After so many days a copy is erased."
    )

    _courier_card_minimum_positive = models.Constraint(
        "CHECK(courier_card_minimum >= 0)", "The least amount of a card payment isn't negative."
    )
    _courier_card_authorise_above_positive = models.Constraint(
        "CHECK(courier_card_authorise_above >= 0)", "The amount above which a bank authorises isn't negative."
    )
    _courier_id_days_positive = models.Constraint(
        "CHECK(courier_id_days BETWEEN 1 AND 3650)", "A copy of an ID is kept for a day at least and ten years at most."
    )

    # === BUSINESS METHODS === #

    def _courier_consent(self):
        """Return what the customer is told before their ID is copied (SOP-12d)."""
        return self.courier_consent_text or self.env._(
            "May I take a picture of your identity card? We use it only to verify that the card is yours, as the bank "
            "asks us to, and erase it after %s days.",
            self.courier_id_days,
        )

    def _courier_cash_journal(self):
        """Return where couriers' cash is booked."""
        self.ensure_one()
        return self.courier_cash_journal_id or self.env["account.journal"].sudo().search(
            [("type", "=", "cash"), ("company_id", "=", self.id)], limit=1
        )
