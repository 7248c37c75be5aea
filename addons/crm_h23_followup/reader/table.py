"""A table that somebody uploaded, as rows of cells: what reads it is another process (``child.py``)."""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import date
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")
#: Bytes of an upload; 100,000 rows of twelve columns are 7 million.
MAX_FILE = 20 << 20
#: How far down the row with the column names may be.
HEAD = 25


class Refused(Exception):
    """The file isn't read.

    :param code: one of ``empty``, ``too_big``, ``too_big_inside``, ``too_many_columns``, ``too_many_rows``,
        ``encrypted``, ``html``, ``xml``, ``not_table``, ``quote``, ``broken``
    :param details: what the words for it need: ``count``, ``row``
    """

    def __init__(self, code, **details):
        super().__init__(code)
        self.code, self.details = code, details


class TableFile:
    """One sheet of an uploaded file: the first visible one on which ``is_header`` knows the column names.

    Where it knows none, it is the first sheet, and the first row with something in it holds the names.

    :ivar sheet: its name, empty for a text file
    :ivar header: list of column names, as texts
    :ivar header_row: number of that row
    :ivar since_1904: whether the file counts days from 1904
    """

    def __init__(self, content, is_header):
        self._content, self._is_header = content, is_header
        self.sheet, self.header, self.header_row, self.since_1904 = "", [], 0, False

    @contextmanager
    def rows(self):
        """Have an iterator of ``(row number, cells)`` below the header; the attributes are known then.

        :raise Refused: the file can't be read; also while the rows are taken
        """
        if len(self._content) > MAX_FILE:
            raise Refused("too_big")
        for first in (False, True):
            with self._sent() as values:
                found = self._found(values, first)
                if found is not None:
                    yield found
                    return
        raise Refused("empty")

    def _found(self, values, first):
        """Find the header; return an iterator of the rows below it, or None."""
        left = HEAD
        for value in values:
            if isinstance(value, dict):
                self.sheet, left = value.get("sheet"), HEAD
                continue
            for place, (number, cells) in enumerate(value[:left], 1):
                names = [text_of(cell) for cell in cells]
                if any(names) and (first or self._is_header(names)):
                    self.header, self.header_row = names, number
                    return self._below(value[place:], values)
            left = max(left - len(value), 0)
        return None

    @staticmethod
    def _below(rest, values):
        yield from rest
        for value in values:
            if isinstance(value, dict):  # another sheet begins, or the end
                return
            yield from value

    @contextmanager
    def _sent(self):
        """Have an iterator of what the reading process sends, until the block ends."""
        with tempfile.NamedTemporaryFile(prefix="crm-import-") as file:
            file.write(self._content)
            file.flush()
            command = [sys.executable, "-s", str(CHILD), file.name]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            with subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
            ) as process:
                try:
                    yield self._values(process)
                finally:
                    process.kill()

    def _values(self, process):
        for line in process.stdout:
            value = json.loads(line)
            if isinstance(value, dict):
                if "error" in value:
                    raise Refused(value.pop("error"), **value)
                self.since_1904 |= value.get("since_1904", False)
                if "since_1904" in value:
                    continue
            yield value
            if isinstance(value, dict) and "end" in value:
                return
        raise Refused("too_big_inside")  # it was ended: no memory or time left


def text_of(cell):
    """Return a cell as text in one line, a date as ``2026-11-22``."""
    match cell:
        case None:
            return ""
        case dict():
            return cell["d"]
        case bool():
            return str(cell).upper()
        case str():
            return " ".join(cell.split())
    return str(cell)


def date_of(cell):
    """Return the date that a cell is, or None where it isn't one."""
    if isinstance(cell, dict):
        try:
            return date.fromisoformat(cell["d"])
        except ValueError:
            return None
    return None
