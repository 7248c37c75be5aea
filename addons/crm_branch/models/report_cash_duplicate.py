from odoo import api, models


class ReportCashDuplicate(models.AbstractModel):
    """Print Odoo's invoice as a duplicate, for somebody who reads the duplicate but no invoices (BR-12b)."""

    _name = "report.crm_branch.report_cash_duplicate"
    _description = "Duplicate of an Invoice (Report)"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return the duplicates, whose invoices can be read now.

        :raise AccessError: one of them isn't the user's to read
        """
        duplicates = self.env["crm.cash.duplicate"].browse(docids).exists()
        duplicates.check_access("read")
        duplicates._check_printable()
        return {"doc_ids": duplicates.ids, "doc_model": duplicates._name, "docs": duplicates.sudo()}
