import base64
import binascii
import csv
import io

import chardet

from odoo import api, fields, models
from odoo.exceptions import UserError

#: So much of a file is read to find its heading.
HEAD = 64 * 1024
#: So much of an unknown heading is repeated to who chose the file.
SHOWN = 120


class AccountStatementImportSheetParser(models.TransientModel):
    _inherit = "account.statement.import.sheet.parser"

    @api.model
    def _fits(self, data_file, mapping):
        """Return whether the heading of a file, in bytes, has every column that the mapping names."""
        try:
            header = self._read_heading(data_file, mapping)
            places = [
                place for name in self._get_column_names() for place in self._get_column_indexes(header, name, mapping)
            ]
        except (UserError, csv.Error, LookupError, StopIteration):
            return False
        return bool(header) and max(places, default=0) < len(header)

    @api.model
    def _read_heading(self, data_file, mapping):
        """Return the titles of the columns, as the mapping cuts them."""
        head = data_file[:HEAD]
        text = head.decode(chardet.detect(head)["encoding"] or "utf-8", errors="replace")
        options = {"delimiter": mapping._get_column_delimiter_character(), "quotechar": mapping.quotechar}
        rows = csv.reader(io.StringIO(text), **{name: value for name, value in options.items() if value})
        return self.parse_header_csv(rows, mapping)


class AccountStatementImportSheetMapping(models.Model):
    _inherit = "account.statement.import.sheet.mapping"

    bank_name = fields.Char(
        "Bank",
        help="Files of one bank are told apart by their headings. A file of another bank is refused.",
    )

    def _of_same_bank(self):
        """Return all formats of this one's bank; of no bank, those of any."""
        domain = [("bank_name", "=", self.bank_name)] if self else [("bank_name", "!=", False)]
        return self | (self.search(domain, order="id") if self.bank_name or not self else self)

    def _may_be_of(self, usual):
        """Return whether a file of this format may be of the bank whose usual format is the other one."""
        return not (self.bank_name and usual.bank_name) or self.bank_name == usual.bank_name


class AccountStatementImport(models.TransientModel):
    """The file says by its heading which of the bank's formats it has: nobody needs to know their names (SOP-11d)."""

    _inherit = "account.statement.import"

    @api.onchange("journal_id", "statement_file")
    def _onchange_file(self):
        """Say at once which bank and format the file has, or that it is another bank's, or none's."""
        if self.statement_file and not self.journal_id:
            self.journal_id = self._find_journal()
        self.sheet_mapping_id = self._find_format() or self.journal_id.sudo().default_sheet_mapping_id
        if self.statement_file and self.journal_id and self._is_strange():
            return {"warning": {"title": self.env._("Another Bank's File?"), "message": self._strange_text()}}
        if self.statement_file and not self.journal_id and not self._first_that_fits(known := self._all_formats()):
            return {"warning": {"title": self.env._("File Not Recognised"), "message": self._unknown_text(known)}}
        return None

    # === BUSINESS METHODS === #

    def _find_format(self):
        """Return the file's format: the chosen one, or another of the same bank, that fits; or none."""
        usual = self.journal_id.sudo().default_sheet_mapping_id
        known = (self.sheet_mapping_id | usual | usual.sudo()._of_same_bank()).filtered(
            lambda mapping: mapping._may_be_of(usual)
        )
        return self._first_that_fits(known).sudo(False)

    def _first_that_fits(self, mappings):
        parser, content = self.env["account.statement.import.sheet.parser"], self._content()
        fitting = (mapping for mapping in mappings if mapping.no_header or parser._fits(content, mapping))
        return next(fitting, mappings.browse()) if content else mappings.browse()

    def _find_journal(self):
        """Return the only bank of the company that customers transfer to and whose files look like this one."""
        mapping = self._first_that_fits(self._all_formats())
        journals = self.env["account.journal"].search(
            [("type", "=", "bank"), ("is_for_transfers", "=", True), ("company_id", "in", self.env.companies.ids)]
        )
        found = journals.filtered(
            lambda journal: mapping.bank_name and journal.sudo().default_sheet_mapping_id.bank_name == mapping.bank_name
        )
        return found if len(found) == 1 else journals.browse()

    def _content(self):
        try:
            return base64.b64decode(self.statement_file or b"")
        except (binascii.Error, ValueError):
            return b""

    def _all_formats(self):
        return self.env["account.statement.import.sheet.mapping"].sudo()._of_same_bank()

    def _unknown_text(self, known):
        return self.env._(
            "No bank is known whose files begin like this one. Known are: %(formats)s. Download the file from the bank "
            "again, as CSV, and don't change it.",
            formats=", ".join(known.mapped("name")),
        )

    def _is_strange(self):
        """Return whether a format is expected, and the file has none of those of the bank."""
        expected = self.sheet_mapping_id or self.journal_id.sudo().default_sheet_mapping_id
        return bool(expected) and not self._find_format()

    def _strange_text(self):
        """Return what the file has instead of a heading of the chosen bank."""
        usual = self.journal_id.sudo().default_sheet_mapping_id
        other = self._first_that_fits(self._all_formats())
        if other and not other._may_be_of(usual):
            return self.env._(
                "This is a file of %(other)s, but you chose %(bank)s: choose the bank that the file is of.",
                other=other.bank_name,
                bank=self.journal_id.display_name,
            )
        mapping = (self.sheet_mapping_id or usual).sudo()
        try:
            columns = self.env["account.statement.import.sheet.parser"]._read_heading(self._content(), mapping)
        except (csv.Error, LookupError, StopIteration):
            columns = []
        return self.env._(
            "This isn't a statement of %(bank)s as far as its first line says: “%(columns)s”. Known are: %(formats)s. "
            "Download the file from the bank again, as CSV, and don't change it.",
            bank=self.journal_id.display_name,
            columns=", ".join(columns)[:SHOWN],
            formats=", ".join((usual._of_same_bank() or mapping).mapped("name")),
        )
