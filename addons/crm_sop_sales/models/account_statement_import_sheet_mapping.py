from odoo import fields, models


class AccountStatementImportSheetMapping(models.Model):
    """What a mapping of OCA can't say of the files of Indonesian banks (SOP-11d)."""

    _inherit = "account.statement.import.sheet.mapping"

    pending_value = fields.Char(
        help="Rows with this instead of a date aren't booked by the bank yet: they are skipped and counted.",
    )
    own_account_column = fields.Char(
        help="Column with the number of the company's own account: a file of another account is refused.",
    )

    def _is_marked_behind(self):
        """Whether the amount and what it means are in one column."""
        return bool(self.debit_credit_column) and self.debit_credit_column == self.amount_column

    def _skip_row(self, values, columns):
        """Override: skip and count what the bank hasn't booked yet."""
        if self.pending_value and self._dated(values, columns) == self.pending_value:
            pending = self.env.context.get("crm_sop_sales_pending")
            if isinstance(pending, list):
                pending.append(values)
            return True
        return super()._skip_row(values, columns)

    def _dated(self, values, columns):
        places = [place for place in columns["timestamp_column"] if place < len(values)]
        return " ".join(values[place].strip().lstrip("'") for place in places)
