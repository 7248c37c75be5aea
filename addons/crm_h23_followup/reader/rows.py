"""A row of a report as the columns of ``crm.vehicle.import.row``. Plain Python, and quick."""

import json
import re
from dataclasses import dataclass, field
from datetime import date

from ..const import CDB, FAULTY
from ..identity import is_serial, name_key, plate_of, serial_of
from .cells import Dates, Phones, service_of
from .table import text_of

#: Control characters, and what stands for bytes that couldn't be read.
NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\ufffd]")
MAX_TEXT = 250
OLDEST = date(1980, 1, 1)
#: What a spreadsheet program makes of a number of many digits.
ROUNDED = re.compile(r"\d+[.,]\d+(E[+-]?\d+)?|\d+E\+\d+", re.IGNORECASE)
#: The columns of the result, in order.
COLUMNS = (
    "number",
    "status",
    "problems",
    "branch_id",
    "engine_number",
    "frame_number",
    "purchase_date",
    "owner_name",
    "owner_phone",
    "phone_problem",
    "model_name",
    "plate",
    "owner_street",
    "owner_city",
    "kpb",
    "service_date",
    "dealer",
)
TEXTS = ("owner_name", "model_name", "plate", "owner_street", "owner_city", "dealer")


@dataclass
class RowReader:
    """Read rows.

    :param kind: which report
    :param header: names of the file's columns
    :param targets: what each column holds, or a false value
    :param branches: key of code or name → branch id, those that the importer sees
    :param branch_id: the branch of rows that name none
    :param today: what is later lies in the future
    """

    kind: str
    header: list
    targets: list
    dates: Dates
    phones: Phones
    branches: dict
    branch_id: int
    today: date
    places: dict = field(init=False)

    def __post_init__(self):
        self.places = {target: place for place, target in enumerate(self.targets) if target}
        self._header_keys = [name_key(name) for name in self.header]

    def parse(self, number, cells):
        """Return the row's values in the order of :data:`COLUMNS`."""
        row, problems = dict.fromkeys(COLUMNS), []
        row["number"], row["branch_id"] = number, self.branch_id
        if self._is_header(cells):
            problems.append(["header_again"])
        else:
            self._read_cells(row, cells, problems)
        if problems:
            row["status"], row["problems"] = FAULTY, json.dumps(problems)
        return tuple(row.values())

    def _is_header(self, cells):
        keys = self._header_keys
        return len(cells) == len(keys) and all(
            name_key(text_of(cell)) == key for cell, key in zip(cells, keys, strict=True)
        )

    def _read_cells(self, row, cells, problems):
        wide = len(cells)
        for target, place in self.places.items():
            cell = cells[place] if place < wide else ""
            if isinstance(cell, str) and (problem := self._bad_text(target, cell)):
                problems.append(problem)
            elif target in TEXTS:
                row[target] = plate_of(cell) if target == "plate" and cell else text_of(cell).lstrip("'") or None
            else:
                self._read_cell(row, target, cell, problems)
        if self.kind != CDB and not (row["engine_number"] or row["frame_number"] or problems):
            problems.append(["missing", "frame_number"])

    @staticmethod
    def _bad_text(target, text):
        if len(text) > MAX_TEXT:
            return ["long", target, len(text)]
        if NO_TEXT.search(text):
            return ["not_text", target]
        if text.lstrip()[:1] == "=":
            return ["formula", target, text[:60]]
        return None

    def _read_cell(self, row, target, cell, problems):
        if target in ("engine_number", "frame_number"):
            problem = self._read_serial(row, target, cell)
        elif target in ("purchase_date", "service_date"):
            problem = self._read_date(row, target, cell)
        elif target == "owner_phone":
            problem = self._read_phone(row, cell)
        elif target == "branch":
            problem = self._read_branch(row, cell)
        else:
            row["kpb"] = service_of(cell)
            problem = None if row["kpb"] else ["kpb" if cell else "missing", "kpb", text_of(cell)]
        if problem:
            problems.append(problem)

    def _read_serial(self, row, target, cell):
        text = text_of(cell)
        serial = serial_of(text)
        if not serial:
            return ["missing", target] if self.kind == CDB else None
        if isinstance(cell, float) or (isinstance(cell, int) and abs(cell) >= 10**15) or ROUNDED.fullmatch(text):
            return ["rounded", target, text]
        if not is_serial(serial):
            return ["serial", target, text[:60]]
        row[target] = serial
        return None

    def _read_date(self, row, target, cell):
        if cell in ("", None):
            return ["missing", target]
        day = self.dates.parse(cell)
        if day is None:
            return ["date", target, text_of(cell)[:60]]
        if day > self.today:
            return ["future", target, str(day)]
        if day < OLDEST:
            return ["old", target, str(day)]
        row[target] = day
        return None

    def _read_phone(self, row, cell):
        number, problem = self.phones.parse(cell if not isinstance(cell, dict) else cell["d"])
        row["owner_phone"] = number
        if problem == "landline":
            row["phone_problem"] = problem
            return None
        return [problem, "owner_phone", text_of(cell)[:60]] if problem else None

    def _read_branch(self, row, cell):
        if key := name_key(text_of(cell)):
            row["branch_id"] = self.branches.get(key)
            if not row["branch_id"]:
                return ["branch", "branch", text_of(cell)[:60]]
        return None


def copy_line(values, first):
    """Return a row as PostgreSQL's COPY takes it, the value ``first`` in front."""
    texts = [str(first)]
    for value in values:
        if value is None:
            texts.append("\\N")
        elif isinstance(value, str):
            text = value.replace("\\", "\\\\")
            texts.append(text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r"))
        else:
            texts.append(str(value))
    return "\t".join(texts) + "\n"
