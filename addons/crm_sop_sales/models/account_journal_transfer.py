from odoo import api, fields, models


class AccountJournal(models.Model):
    """A bank whose account customers transfer to (SOP-11a)."""

    _inherit = "account.journal"

    is_for_transfers = fields.Boolean(
        "For Customers' Transfers",
        help="The account is printed on quotations and shown to customers who pay by bank transfer.",
    )


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    transfer_company_id = fields.Many2one(
        "res.company",
        "Receives Transfers For",
        compute="_compute_transfer_company_id",
        store=True,
        index="btree_not_null",
        help="The company whose customers transfer to this account.",
    )

    @api.depends("journal_id.is_for_transfers", "journal_id.type", "journal_id.active", "journal_id.company_id")
    def _compute_transfer_company_id(self):
        for account in self:
            marked = account.journal_id.filtered(lambda journal: journal.is_for_transfers and journal.type == "bank")
            account.transfer_company_id = marked[:1].company_id

    def _transfer_journal(self, company):
        """Return the journal of this account in the company's books."""
        self.ensure_one()
        return self.sudo().journal_id.filtered(
            lambda journal: journal.is_for_transfers and journal.type == "bank" and journal.company_id == company
        )[:1]
