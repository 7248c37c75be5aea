from odoo import api, fields, models


class CrmCashSearch(models.Model):
    """That a cashier looked for a customer: who, when, how, and what came of it; not what was typed (BR-12b).

    The invoices that were found are those that the cashier may take money for or print again, in this session.
    """

    _name = "crm.cash.search"
    _description = "Search for a Customer"
    _inherit = ["crm.branch.mixin"]
    _order = "id desc"
    _rec_name = "kind"

    session_id = fields.Many2one("crm.cash.session", required=True, index=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", "Cashier", required=True, index=True, ondelete="restrict")
    searched_at = fields.Datetime("Searched On", required=True, default=fields.Datetime.now)
    kind = fields.Selection([("number", "Invoice Number"), ("person", "Name and Address")], required=True)
    result = fields.Selection(
        [("found", "Found"), ("several", "Several Found"), ("none", "Not Found"), ("refused", "Refused")], required=True
    )
    invoice_ids = fields.Many2many("account.move", string="Invoices Found")
    invoice_count = fields.Integer("# Invoices", compute="_compute_invoice_count", store=True, compute_sudo=True)
    is_paid = fields.Boolean("Payment Followed")

    _recent_idx = models.Index("(user_id, searched_at) WHERE is_paid IS NOT TRUE")

    @api.depends("invoice_ids")
    def _compute_invoice_count(self):
        for search in self:
            search.invoice_count = len(search.invoice_ids)
