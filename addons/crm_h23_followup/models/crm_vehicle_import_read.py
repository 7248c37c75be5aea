import csv
import io
import itertools

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..const import A2, CDB, OF_KIND, REFUSALS, REQUIRED
from ..identity import name_key
from ..reader import Refused, TableFile
from ..reader.cells import Dates, Phones
from ..reader.rows import COLUMNS, RowReader
from ..reader.table import text_of

#: Rows that are sent to the database at a time.
CHUNK = 5_000
#: How many known names make a row the one with the column names.
KNOWN_NAMES = 2
STAGE = "crm_vehicle_import_stage"


class CrmVehicleImport(models.Model):
    """Reading the file: its columns, its cells, into a temporary table and from there, classified, among the rows."""

    _inherit = "crm.vehicle.import"

    def _read_file(self):
        """Read the file; return whether its rows are there, or else a question to the person was noted.

        :raise UserError: the file can't be read
        """
        self.ensure_one()
        self._write_facts({"question": False})
        headers = self.env["crm.vehicle.import.header"]._targets(self.kind)
        table = TableFile(self._content(), lambda names: _known(names, headers) >= KNOWN_NAMES)
        try:
            with table.rows() as rows:
                targets = self._find_columns(table, headers, rows := _Peeked(rows))
                return self._read_rows(table, targets, rows) and self._keep_rows(table, targets)
        except Refused as error:
            words = self.env._(REFUSALS[error.code])
            raise UserError(words % error.details) from error

    def _content(self):
        attachment = self.env["ir.attachment"].sudo()
        domain = [("res_model", "=", self._name), ("res_field", "=", "file"), ("res_id", "=", self.id)]
        if not (found := attachment.search(domain, limit=1)):
            raise UserError(self.env._("Choose the file first."))
        return found.raw or b""

    # === COLUMNS === #

    def _find_columns(self, table, headers, rows):
        """Return what each column holds: as chosen, as the last time, or by its name."""
        if self.column_ids and [column.name or "" for column in self.column_ids] == table.header:
            return [column.target or None for column in self.column_ids]
        targets = self.env["crm.vehicle.import.mapping"]._recall(self.company_id, self.kind, table.header)
        if targets is None:
            targets = self._targets_by_name(table.header, headers)
        self._make_columns(table.header, targets, rows.first)
        return targets

    def _targets_by_name(self, header, headers):
        """Return the target of each column by its name; of two columns with the same target the first has it."""
        wanted = set(OF_KIND[self.kind])
        targets = []
        for name in header:
            target = headers.get(name_key(name))
            targets.append(target if target in wanted else None)
            wanted.discard(target)
        return targets

    def _make_columns(self, header, targets, first):
        self.sudo().column_ids.unlink()
        samples = [
            " · ".join(filter(None, (text_of(cells[place])[:40] for __, cells in first if place < len(cells))))
            for place in range(len(header))
        ]
        self.env["crm.vehicle.import.column"].sudo().create(
            [
                {"import_id": self.id, "place": place, "name": name, "target": target, "sample": sample}
                for place, (name, target, sample) in enumerate(zip(header, targets, samples, strict=True), 1)
            ]
        )

    def _question_about(self, targets):
        """Return what a person must say about the columns, or None."""
        given = [target for target in targets if target]
        if double := [name for name in OF_KIND[self.kind] if given.count(name) > 1]:
            return {"code": "double", "targets": double}
        if missing := [name for name in REQUIRED[self.kind] if name not in given]:
            return {"code": "missing", "targets": missing}
        if self.kind == A2 and not {"engine_number", "frame_number"} & set(given):
            return {"code": "either"}
        return None

    # === ROWS === #

    def _read_rows(self, table, targets, rows):
        """Bring the rows into the temporary table; return whether nothing has to be asked."""
        targets = [target if target in OF_KIND[self.kind] else None for target in targets]
        question = self._question_about(targets)
        if not question:
            dates = Dates(self.date_order, table.since_1904)
            self._stage(self._row_reader(table, targets, dates), rows)
            question = self._question_about_dates(dates)
            if not question and dates.month_first and not self.date_order:
                dates = Dates("mdy", table.since_1904)
                with table.rows() as again:
                    self._stage(self._row_reader(table, targets, dates), again)
        if question:
            self._write_facts({"question": question, "sheet": table.sheet, "header_row": table.header_row})
        return not question

    def _question_about_dates(self, dates):
        if self.date_order:
            return None
        if dates.day_first and dates.month_first:
            return {"code": "mixed", "day": dates.day_first, "month": dates.month_first}
        if dates.doubtful and not (dates.day_first or dates.month_first):
            return {"code": "date", "text": dates.doubtful}
        return None

    def _row_reader(self, table, targets, dates):
        branches = self.env["crm.branch"].search([("company_id", "=", self.company_id.id)])
        names = {name_key(branch.name): branch.id for branch in branches}
        codes = {name_key(branch.code): branch.id for branch in branches}
        return RowReader(
            self.kind,
            table.header,
            targets,
            dates,
            Phones(self.branch_id.sudo()._country()),
            names | codes,
            self.branch_id.id,
            self.branch_id._today(),
        )

    def _stage(self, reader, rows):
        """Copy the rows into a temporary table, made anew."""
        cr = self.env.cr
        self.env.flush_all()
        columns = SQL(", ").join(SQL.identifier(name) for name in COLUMNS)
        stage = SQL.identifier(STAGE)
        cr.execute(SQL("DROP TABLE IF EXISTS %s", stage))
        cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS SELECT %s FROM crm_vehicle_import_row WHERE FALSE",
                stage,
                columns,
            )
        )
        copy = f"COPY {STAGE} ({', '.join(COLUMNS)}) FROM STDIN (FORMAT csv)"
        while chunk := list(itertools.islice(rows, CHUNK)):
            lines = io.StringIO()
            csv.writer(lines).writerows(reader.parse(number, cells) for number, cells in chunk)
            lines.seek(0)
            cr.copy_expert(copy, lines)
        cr.execute(SQL("ANALYZE %s", stage))

    def _keep_rows(self, table, targets):
        """Classify the rows and keep them, the figures and what the columns hold; return True."""
        self._forget_rows()
        self._classify(CDB if self.kind == CDB else A2)
        self.env.cr.execute(SQL("DROP TABLE %s", SQL.identifier(STAGE)))
        self._write_facts({**self._counts(), "sheet": table.sheet, "header_row": table.header_row})
        self.env["crm.vehicle.import.mapping"]._remember(self.company_id, self.kind, table.header, targets)
        return True


class _Peeked:
    """An iterator of rows whose first three can be looked at before."""

    def __init__(self, rows):
        self.first = list(itertools.islice(rows, 3))
        self._rows = itertools.chain(self.first, rows)

    def __iter__(self):
        return self._rows

    def __next__(self):
        return next(self._rows)


def _known(names, headers):
    """Return how many of the names are known names of columns."""
    return len({name_key(name) for name in names if name} & headers.keys())
