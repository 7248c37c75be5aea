from odoo import models


class AccountTax(models.Model):
    _inherit = "account.tax"

    def _get_included_labels(self):
        """Return, as on documents, which of these taxes the prices include already, e.g. ``"12%"`` (SOP-3c2)."""
        included = self.flatten_taxes_hierarchy().filtered("price_include")
        return ", ".join(dict.fromkeys(tax.invoice_label or tax.name for tax in included.sorted()))
