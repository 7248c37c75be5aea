"""Reading a table of type allocation codes (TAC) from a CSV file. Plain Python: no database, no translation."""

import csv
import io
import re
from dataclasses import dataclass, field

COLUMNS = ("tac", "model")
LARGEST = 5_000_000  # bytes

TOO_LARGE = "too_large"
UTF16 = "utf16"
NOT_TEXT = "not_text"
NOT_UTF8 = "not_utf8"
WRONG_COLUMNS = "wrong_columns"
NO_ROWS = "no_rows"

CODE = "code"
MODEL = "model"
FIELDS = "fields"

_CODE = re.compile(r"[0-9]{8}")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ()+./_-]{0,39}")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t"


class Unreadable(Exception):
    """The file as a whole can't be read; its argument says why, as a code."""


@dataclass
class Table:
    """What a file says: code → its models in the file's order; and the rows that say nothing usable."""

    models: dict = field(default_factory=dict)
    bad: list = field(default_factory=list)  # (line, what is wrong, the row as text)
    repeated: int = 0


def read(content):
    """Return the table in a file's bytes.

    :raise Unreadable: it is too large, no UTF-8 text, without the columns ``tac`` and ``model``, or empty
    """
    lines = io.StringIO(_text(content), newline="")
    header = lines.readline()
    delimiter = next((sign for sign in _DELIMITERS if sign in header), ",")
    reader = csv.reader(lines, delimiter=delimiter)
    columns = [name.strip(' "').lower() for name in header.strip().split(delimiter)]
    if sorted(columns) != sorted(COLUMNS):
        raise Unreadable(WRONG_COLUMNS)
    table = Table()
    for line, row in _rows(reader):
        _add(table, line, row, columns)
    if not table.models and not table.bad:
        raise Unreadable(NO_ROWS)
    return table


def _text(content):
    if len(content) > LARGEST:
        raise Unreadable(TOO_LARGE)
    if content.startswith(_UTF16_MARKS):
        raise Unreadable(UTF16)
    if b"\0" in content:
        raise Unreadable(NOT_TEXT)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(NOT_UTF8) from error


def _rows(reader):
    """Return each row with the number of its last line in the file; the header was line 1."""
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num + 1, row
    except csv.Error as error:
        raise Unreadable(NOT_TEXT) from error


def _add(table, line, row, columns):
    if len(row) != len(columns):
        table.bad.append((line, FIELDS, " ".join(row)))
        return
    values = {name: cell.strip() for name, cell in zip(columns, row, strict=True)}
    code, model = (values[name] for name in COLUMNS)
    if not _CODE.fullmatch(code):
        table.bad.append((line, CODE, code))
    elif not _MODEL.fullmatch(model):
        table.bad.append((line, MODEL, model))
    elif model in table.models.setdefault(code, []):
        table.repeated += 1
    else:
        table.models[code].append(model)
