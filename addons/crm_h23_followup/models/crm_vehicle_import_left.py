import io

import xlsxwriter

from odoo import models
from odoo.exceptions import UserError

from ..const import CONFLICT, FAULTY, ORPHAN, REFUSALS
from ..reader import Refused, TableFile
from ..reader.table import text_of

LEFT = (FAULTY, CONFLICT, ORPHAN)


class CrmVehicleImport(models.Model):
    """The rows that weren't taken, as a file to correct and import again."""

    _inherit = "crm.vehicle.import"

    def _left_file(self):
        """Return an xlsx: the file's columns as they were, and before them row number and what is wrong.

        All cells are text: no formula comes alive, no zero gets lost.
        """
        self.ensure_one()
        rows = self.row_ids.search([("import_id", "=", self.id), ("status", "in", LEFT), ("done", "=", False)])
        messages = {row.number: row.message for row in rows}
        table = TableFile(self._content(), lambda names: names == [column.name or "" for column in self.column_ids])
        stream = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with xlsxwriter.Workbook(stream, options) as book:
            sheet = book.add_worksheet()
            text = book.add_format({"num_format": "@"})
            bold = book.add_format({"bold": True, "bg_color": "#EEEEEE"})
            try:
                with table.rows() as cells:
                    header = [self.env._("Row in the file"), self.env._("What is wrong"), *table.header]
                    self._write_line(sheet, 0, header, bold)
                    wrong = (row for row in cells if row[0] in messages)
                    for place, (number, values) in enumerate(wrong, 1):
                        line = [str(number), messages[number], *map(text_of, values)]
                        self._write_line(sheet, place, line, text)
            except Refused as error:
                words = self.env._(REFUSALS[error.code])
                raise UserError(words % error.details) from error
            sheet.freeze_panes(1, 2)
            sheet.set_column(0, 0, 10)
            sheet.set_column(1, 1, 60)
            sheet.set_column(2, len(table.header) + 1, 20)
        return stream.getvalue()

    @staticmethod
    def _write_line(sheet, place, values, form):
        for column, value in enumerate(values):
            sheet.write_string(place, column, value[:32_767], form)
