import io

import xlsxwriter

from odoo import models
from odoo.tools import format_date

from ..followup_const import KPBS, STEPS
from .crm_followup_figures import FIGURES

#: Nothing that a customer or admin typed comes alive in a cell.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class CrmFollowupSummary(models.Model):
    """The file that goes out with the summary (H23-4.5.3)."""

    _inherit = "crm.followup.summary"

    # === BUSINESS METHODS === #

    def _workbook(self):
        """Return an xlsx in the language of the environment: figures by admin, by KPB and follow-up, the contacts with
        result and feedback, the bookings. Figures are numbers, all else is text.
        """
        self.ensure_one()
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, OPTIONS) as book:
            forms = {
                "head": book.add_format({"bold": True, "bg_color": "#E6F2F3", "text_wrap": True, "valign": "top"}),
                "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
                "number": book.add_format({"num_format": "0", "valign": "top"}),
                "total": book.add_format({"bold": True, "top": 1, "num_format": "0"}),
            }
            figures = self._figures()
            self._write_sheet(book, forms, self.env._("By Admin"), *self._admin_rows(figures), total=True)
            self._write_sheet(book, forms, self.env._("By KPB and Follow-up"), *self._step_rows(figures), total=True)
            self._write_sheet(book, forms, self.env._("Contacts"), *self._contact_rows(), wide=(9, 10))
            self._write_sheet(book, forms, self.env._("Bookings"), *self._booking_rows())
        return stream.getvalue()

    def _write_sheet(self, book, forms, name, header, rows, total=False, wide=()):
        """Write one sheet: heading, line of titles, rows; the last row stands out where it is the total."""
        sheet = book.add_worksheet(name[:31])
        sheet.write_string(0, 0, f"{self.branch_id.name} · {format_date(self.env, self.day)}", forms["head"])
        for column, title in enumerate(header):
            sheet.write_string(1, column, title, forms["head"])
            sheet.set_column(column, column, 45 if column in wide else max(12, min(24, len(title) + 2)))
        sheet.set_column(0, 0, 26)
        for line, row in enumerate(rows, 2):
            last = total and line == len(rows) + 1
            for column, value in enumerate(row):
                if isinstance(value, int) and not isinstance(value, bool):
                    sheet.write_number(line, column, value, forms["total" if last else "number"])
                else:
                    sheet.write_string(line, column, str(value or "")[:32_767], forms["total" if last else "text"])
        sheet.freeze_panes(2, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def _figure_titles(self):
        labels = self.fields_get(FIGURES, ["string"])
        return [labels[name]["string"] for name in FIGURES]

    def _admin_rows(self, figures):
        states = dict(self.env["crm.followup.report"]._fields["state"]._description_selection(self.env))
        rows = []
        for line in figures["admins"]:
            name = line["name"] or self.env._("Without admin")
            words = states.get(line["state"], "")
            if line.get("late"):
                words = self.env._("%s, late", words)
            rows.append([name, words, *(line[name] for name in FIGURES)])
        rows.append(self._total_row(figures["total"]))
        return [self.env._("Admin"), self.env._("Report"), *self._figure_titles()], rows

    def _total_row(self, figures):
        return [self.env._("Total"), "", *(figures[name] for name in FIGURES)]

    def _step_rows(self, figures):
        kpbs, steps = dict(KPBS), dict(STEPS)
        rows = [
            [kpbs.get(line["kpb"], ""), steps.get(line["step"], ""), *(line[name] for name in FIGURES)]
            for line in figures["steps"]
        ]
        rows.append(self._total_row(figures["total"]))
        return [self.env._("KPB"), self.env._("Follow-up"), *self._figure_titles()], rows

    def _contact_rows(self):
        """Return titles and rows of the follow-ups that the day touched."""
        start, stop = self.branch_id._day_bounds(self.day)
        within = self.env["crm.followup.report"]._within
        domain = [("branch_id", "=", self.branch_id.id), "|", "|"]
        domain += [*within("done_at", start, stop), *within("sent_at", start, stop)]
        domain += [("id", "in", self._called_ids(start, stop))]
        followups = self.env["crm.followup"].search(domain, order="user_id, done_at, id")
        results = dict(followups._fields["result"]._description_selection(self.env))
        channels = dict(followups._fields["channel"]._description_selection(self.env))
        kpbs, steps = dict(KPBS), dict(STEPS)
        header = [
            self.env._("Customer"),
            self.env._("Phone"),
            self.env._("Vehicle"),
            self.env._("Plate"),
            self.env._("KPB"),
            self.env._("Follow-up"),
            self.env._("Channel"),
            self.env._("Admin"),
            self.env._("Result"),
            self.env._("Feedback"),
            self.env._("Refused because"),
            self.env._("Time"),
        ]
        rows = [
            [
                followup.owner_name,
                followup.owner_phone,
                followup.model_name,
                followup.plate,
                kpbs[followup.kpb],
                steps[followup.step],
                channels[followup.channel],
                followup.user_id.name,
                results.get(followup.result) or self.env._("No result yet"),
                followup.feedback,
                followup.reason_id.name,
                followup.branch_id._local_text(followup.done_at or followup.sent_at),
            ]
            for followup in followups
        ]
        return header, rows

    def _called_ids(self, start, stop):
        """Return the ids of the follow-ups that were called in that time and aren't done: call backs."""
        contacts = self.env["crm.interaction"].search(
            [
                ("res_model", "=", "crm.followup"),
                ("branch_id", "=", self.branch_id.id),
                ("state", "=", "done"),
                ("ended_at", ">=", start),
                ("ended_at", "<", stop),
            ]
        )
        return contacts.mapped("res_id")

    def _booking_rows(self):
        """Return titles and rows of what was booked or serviced on the day."""
        start, stop = self.branch_id._day_bounds(self.day)
        booked = self.env["crm.followup.report"]._within("booked_at", start, stop)
        domain = [("branch_id", "=", self.branch_id.id), "|", *booked, ("serviced_on", "=", self.day)]
        cases = self.env["crm.followup.case"].search(domain, order="user_id, id")
        states = dict(cases._fields["state"]._description_selection(self.env))
        sources = dict(cases._fields["service_source"]._description_selection(self.env))
        kinds = dict(self.env["crm.service.booking"]._fields["kind"]._description_selection(self.env))
        latest = {case: case.booking_ids.sorted("id")[-1:] for case in cases}
        header = [
            self.env._("Customer"),
            self.env._("Phone"),
            self.env._("Vehicle"),
            self.env._("Plate"),
            self.env._("KPB"),
            self.env._("Admin"),
            self.env._("Status"),
            self.env._("Booked on"),
            self.env._("Booked for"),
            self.env._("Where"),
            self.env._("Serviced on"),
            self.env._("Known from"),
        ]
        rows = [
            [
                case.owner_name,
                case.owner_phone,
                case.model_name,
                case.plate,
                dict(KPBS)[case.kpb],
                case.user_id.name,
                states[case.state],
                case.booked_at and format_date(self.env, case.branch_id._local(case.booked_at).date()),
                booking and f"{format_date(self.env, booking.day)} {booking.hours}",
                kinds.get(booking.kind),
                case.serviced_on and format_date(self.env, case.serviced_on),
                sources.get(case.service_source),
            ]
            for case, booking in latest.items()
        ]
        return header, rows
