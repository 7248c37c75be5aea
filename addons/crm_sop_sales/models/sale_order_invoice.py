from odoo import models


class SaleOrder(models.Model):
    """The officer of an order sees on it that it is invoiced (FL-11): no e-mail says that its invoice is theirs too."""

    _inherit = "sale.order"

    def _create_account_invoices(self, invoice_vals_list, final):
        """Override: the officer follows the invoice, and isn't told by e-mail of each that accounting makes."""
        quiet = self.with_context(mail_auto_subscribe_no_notify=True)
        invoices = super(SaleOrder, quiet)._create_account_invoices(invoice_vals_list, final)
        said = self.env.context.get("mail_auto_subscribe_no_notify", False)
        return invoices.with_context(mail_auto_subscribe_no_notify=said)
