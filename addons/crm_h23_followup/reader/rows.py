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
#: Cells that are as they are kept, as most are: one look is enough.
PLAIN = re.compile("(?![='])[^\\s\x00-\x1f\ufffd]+(?: [^\\s\x00-\x1f\ufffd]+)*")
PLAIN_SERIAL = re.compile("(?=.*[1-9])[A-Z0-9]{5,25}")
PLAIN_PLATE = re.compile("[A-Z]{1,2} [0-9]{1,4} [A-Z]{1,3}")
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
NUMBER, STATUS, PROBLEMS, BRANCH, PHONE_PROBLEM = (
    COLUMNS.index(name) for name in ("number", "status", "problems", "branch_id", "phone_problem")
)


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
    _parsers: list = field(init=False)

    def __post_init__(self):
        parsers = {
            "engine_number": self._serial,
            "frame_number": self._serial,
            "purchase_date": self._date,
            "service_date": self._date,
            "owner_phone": self._phone,
            "branch": self._branch,
            "kpb": self._service,
            "plate": self._plate,
        }
        self._parsers = [
            (
                place,
                target,
                COLUMNS.index("branch_id" if target == "branch" else target),
                parsers.get(target, self._text),
            )
            for place, target in enumerate(self.targets)
            if target
        ]
        self._header_keys = [name_key(name) for name in self.header]
        self._days = {}

    def parse(self, number, cells):
        """Return the row's values in the order of :data:`COLUMNS`."""
        row, problems = [None] * len(COLUMNS), []
        row[NUMBER], row[BRANCH] = number, self.branch_id
        if self._is_header(cells):
            problems.append(["header_again"])
        else:
            self._parse_cells(row, cells, problems)
        if problems:
            row[STATUS], row[PROBLEMS] = FAULTY, json.dumps(problems)
        return row

    def _is_header(self, cells):
        keys = self._header_keys
        return len(cells) == len(keys) and all(
            name_key(text_of(cell)) == key for cell, key in zip(cells, keys, strict=True)
        )

    def _parse_cells(self, row, cells, problems):
        wide, serials = len(cells), 0
        for place, target, index, parse in self._parsers:
            cell = cells[place] if place < wide else ""
            if type(cell) is str and not self._is_plain(cell) and (problem := _bad_text(cell)):
                problems.append([problem[0], target, *problem[1:]])
                continue
            value, problem = parse(cell)
            row[index] = value
            if problem == "landline":
                row[PHONE_PROBLEM] = problem
            elif problem:
                shown = str(value) if problem in ("future", "old") else text_of(cell)[:60]
                problems.append([problem, target, shown])
                row[index] = None
            serials += parse == self._serial and value is not None
        if self.kind != CDB and not serials and not problems:
            problems.append(["missing", "frame_number"])

    @staticmethod
    def _is_plain(text):
        return not text or (len(text) <= MAX_TEXT and PLAIN.fullmatch(text))

    # === CELLS: VALUE AND PROBLEM === #

    @staticmethod
    def _text(cell):
        if type(cell) is str and PLAIN.fullmatch(cell):
            return cell, None
        return text_of(cell).lstrip("'") or None, None

    @staticmethod
    def _plate(cell):
        if type(cell) is str and PLAIN_PLATE.fullmatch(cell):
            return cell, None
        return plate_of(text_of(cell).lstrip("'")) or None, None

    def _serial(self, cell):
        if type(cell) is str and PLAIN_SERIAL.fullmatch(cell):
            return cell, None
        text = text_of(cell)
        serial = serial_of(text)
        if not serial:
            return None, "missing" if self.kind == CDB else None
        if isinstance(cell, float) or (isinstance(cell, int) and abs(cell) >= 10**15) or ROUNDED.fullmatch(text):
            return None, "rounded"
        return (serial, None) if is_serial(serial) else (None, "serial")

    def _date(self, cell):
        key = cell["d"] if type(cell) is dict else cell
        if key not in self._days:
            self._days[key] = self._day(cell)
        return self._days[key]

    def _day(self, cell):
        if cell in ("", None):
            return None, "missing"
        day = self.dates.parse(cell)
        if day is None:
            return None, "date"
        return day, "future" if day > self.today else "old" if day < OLDEST else None

    def _phone(self, cell):
        return self.phones.parse(cell["d"] if type(cell) is dict else cell)

    def _branch(self, cell):
        key = name_key(text_of(cell))
        branch = self.branches.get(key) if key else self.branch_id
        return branch, None if branch else "branch"

    @staticmethod
    def _service(cell):
        number = service_of(cell)
        return number, None if number else "missing" if cell in ("", None) else "kpb"


def _bad_text(text):
    """Return what is wrong with a text that isn't plain, as problem and value, or None."""
    if len(text) > MAX_TEXT:
        return "long", len(text)
    if NO_TEXT.search(text):
        return ("not_text",)
    if text.lstrip()[:1] == "=":
        return "formula", text[:60]
    return None
