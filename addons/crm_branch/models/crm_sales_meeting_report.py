import io
from base64 import b64encode

import xlsxwriter

from odoo import fields, models

#: Nothing that somebody typed comes alive in a cell.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
FIGURES = ("planned_quantity", "sold_quantity", "planned_amount", "sold_amount")


class CrmSalesMeeting(models.Model):
    """The report of plan and sales that is attached to a meeting (BR-1)."""

    _inherit = "crm.sales.meeting"

    # === BUSINESS METHODS === #

    def _attach_report(self):
        """Attach the report with the figures of this moment, in place of an earlier one; with all rights."""
        self.ensure_one()
        meeting = self.sudo().with_context(lang=self.branch_id.sudo().head_id.lang or self.env.lang)
        old = meeting.attachment_id
        meeting.write(
            {
                "attachment_id": self.env["ir.attachment"]
                .sudo()
                .create(
                    {
                        "name": f"{meeting.branch_id.code}_{meeting.month:%Y-%m}.xlsx",
                        "datas": b64encode(meeting._workbook()),
                        "mimetype": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                        "res_model": self._name,
                        "res_id": self.id,
                    }
                )
                .id,
                "reported_at": fields.Datetime.now(),
            }
        )
        old.unlink()

    def _workbook(self):
        """Return an xlsx: the last period and the month so far, each by person and by product. Figures are numbers."""
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, OPTIONS) as book:
            forms = {
                "head": book.add_format({"bold": True, "bg_color": "#E6F2F3", "text_wrap": True, "valign": "top"}),
                "text": book.add_format({"num_format": "@", "valign": "top"}),
                "number": book.add_format({"num_format": "#,##0.##", "valign": "top"}),
                "percent": book.add_format({"num_format": "0%", "valign": "top"}),
                "total": book.add_format({"bold": True, "top": 1, "num_format": "#,##0.##"}),
            }
            for month in (self._period(), self.month):
                self._write_month(book.add_worksheet(f"{month:%Y-%m}"), forms, month)
        return stream.getvalue()

    def _write_month(self, sheet, forms, month):
        """Write a month: its heading, then a block by person and product, and one by product."""
        currency = self.company_id.currency_id.name
        title = self.env._(
            "%(branch)s: plan and sales of %(month)s (%(currency)s)",
            branch=self.branch_id.name,
            month=f"{month:%Y-%m}",
            currency=currency,
        )
        sheet.write_string(0, 0, f"{self.company_id.name} · {title}", forms["head"])
        line = self._write_block(sheet, forms, 2, ["user_id", "product_id"], month)
        self._write_block(sheet, forms, line + 2, ["product_id"], month)
        sheet.set_column(0, 1, 28)
        sheet.set_column(2, 7, 14)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def _write_block(self, sheet, forms, line, groups, month):
        """Write the figures by these groups from this line on; return the line after the last."""
        names = {"user_id": self.env._("Person"), "product_id": self.env._("Product")}
        empty = {"user_id": self.env._("Whole branch"), "product_id": self.env._("All products")}
        rows = self._figures(groups, month)
        titles = [*(names[group] for group in groups), *self._figure_titles()]
        for column, text in enumerate(titles):
            sheet.write_string(line, column, text, forms["head"])
        for row in rows:
            line += 1
            for column, record in enumerate(row[: len(groups)]):
                sheet.write_string(line, column, record.display_name or empty[groups[column]], forms["text"])
            self._write_figures(sheet, forms, line, len(groups), row[len(groups) :], "number")
        totals = [sum(row[len(groups) + index] for row in rows) for index in range(len(FIGURES))]
        sheet.write_string(line + 1, 0, self.env._("Total"), forms["total"])
        self._write_figures(sheet, forms, line + 1, len(groups), totals, "total")
        return line + 2

    def _write_figures(self, sheet, forms, line, column, figures, form):
        """Write units planned, sold, their share; amounts likewise."""
        for planned, sold in (figures[:2], figures[2:]):
            sheet.write_number(line, column, planned or 0, forms[form])
            sheet.write_number(line, column + 1, sold or 0, forms[form])
            if planned:
                sheet.write_number(line, column + 2, (sold or 0) / planned, forms["percent"])
            column += 3

    def _figure_titles(self):
        labels = self.env["crm.sales.performance"].fields_get(FIGURES, ["string"])
        share = self.env._("Achieved")
        texts = [labels[name]["string"] for name in FIGURES]
        return [*texts[:2], share, *texts[2:], share]

    def _figures(self, groups, month):
        """Return rows of the groups' records, then planned and sold units, planned and sold amount."""
        domain = [("branch_id", "=", self.branch_id.id), ("month", "=", month)]
        return self.env["crm.sales.performance"].sudo()._read_group(domain, groups, [f"{name}:sum" for name in FIGURES])
