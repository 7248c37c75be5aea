from odoo import api, fields, models


class AccountMove(models.Model):
    """The invoice of a cancellation fee is for that fee, and takes what the customer has paid already (SOP-6)."""

    _inherit = "account.move"

    cancellation_ids = fields.One2many(
        "crm.cancellation",
        "invoice_id",
        readonly=True,
        copy=False,
        groups="sales_team.group_sale_salesman,account.group_account_invoice,stock.group_stock_user",
    )

    @api.constrains("amount_total", "move_type")
    def _check_fee_total(self):
        """Check that a posted fee stays what it is, whatever is written on it by whom."""
        self.sudo().filtered(lambda move: move.state == "posted").cancellation_ids._check_invoice_total()

    def _post(self, soft=True):
        """Override, through which every path of posting comes."""
        forms = self.sudo().cancellation_ids
        forms._check_invoice_total()
        posted = super()._post(soft)
        forms._settle()
        return posted

    def action_view_cancellation(self):
        """Open the cancellation form that the invoice is for."""
        self.ensure_one()
        return self.cancellation_ids.get_formview_action()
