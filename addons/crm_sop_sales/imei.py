"""IMEIs, the numbers that identify phones: what is one, and how to read them from pasted or scanned text.

Plain Python: no database, no translation. What is wrong is said by a code; ``models/crm_imei.py`` has the words.
"""

import re
import unicodedata
from dataclasses import dataclass

from stdnum import luhn

LENGTH = 15
TAC_LENGTH = 8  # the first digits: type allocation code, the same for all units of a model
IMEISV_LENGTH = 16

EMPTY = "empty"
SCIENTIFIC = "scientific"
DECIMAL = "decimal"
FOREIGN_DIGITS = "foreign_digits"
NOT_DIGITS = "not_digits"
NO_CHECK_DIGIT = "no_check_digit"
IMEISV = "imeisv"
TOO_SHORT = "too_short"
TOO_LONG = "too_long"
ZEROS = "zeros"
CHECK_DIGIT = "check_digit"
# Of a line, not of a number.
TOO_MANY = "too_many"
TWICE_IN_LINE = "twice_in_line"

_SCIENTIFIC = re.compile(r"\d([.,]\d+)?E[+-]?\d+", re.ASCII | re.IGNORECASE)
_DECIMAL = re.compile(r"\d+[.,]0+", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_SEPARATORS = re.compile(r"[,;/\t]")
_GROUPING = re.compile(r"[\s-]+")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Unit:
    """What one line of a list says: the numbers of one unit, or what is wrong with the line."""

    line: int
    text: str
    numbers: tuple = ()
    problem: str | None = None
    culprit: str = ""

    @property
    def imei(self):
        """The number that identifies the unit."""
        return self.numbers[0] if self.numbers else ""

    @property
    def imei2(self):
        """The second number of a dual-SIM unit."""
        return self.numbers[1] if len(self.numbers) > 1 else ""


def problem(number):
    """Return what is wrong with an IMEI, or None: it has 15 ASCII digits, not all zero, the last one a Luhn digit."""
    number = number or ""
    if not number:
        return EMPTY
    if not _DIGITS.fullmatch(number):
        return _problem_of_characters(number)
    if len(number) != LENGTH:
        return _problem_of_length(len(number))
    if not number.strip("0"):
        return ZEROS
    return None if luhn.checksum(number) == 0 else CHECK_DIGIT


def _problem_of_characters(text):
    if _SCIENTIFIC.fullmatch(text):
        return SCIENTIFIC
    if _DECIMAL.fullmatch(text):
        return DECIMAL
    if any(character.isdigit() and not character.isascii() for character in text):
        return FOREIGN_DIGITS
    return NOT_DIGITS


def _problem_of_length(length):
    if length == LENGTH - 1:
        return NO_CHECK_DIGIT
    if length == IMEISV_LENGTH:
        return IMEISV
    return TOO_SHORT if length < LENGTH else TOO_LONG


def parse(text):
    """Return the units that a list names, one a line; empty lines are none, but counted.

    A line holds one IMEI or, of a dual-SIM unit, two: the first identifies the unit. Between them is a comma,
    semicolon, slash, tab or space. Digits may come in groups, ``35-693803-564380-9``, where that can mean one thing
    only.
    """
    lines = enumerate((text or "").splitlines(), 1)
    return [_unit(line, content) for line, content in ((line, _visible(raw)) for line, raw in lines) if content]


def _visible(text):
    """Return the line without what nobody sees: byte order marks, zero-width and control characters, outer spaces."""
    shown = (
        character for character in text if character == "\t" or unicodedata.category(character) not in ("Cf", "Cc")
    )
    return "".join(shown).strip()


def _unit(line, text):
    numbers = [number for part in _SEPARATORS.split(text) for number in _numbers(part.strip())]
    if not numbers:
        return Unit(line, text, problem=NOT_DIGITS, culprit=text)
    for number in numbers:
        if what := problem(number):
            return Unit(line, text, problem=what, culprit=number)
    if len(numbers) > 2:
        return Unit(line, text, problem=TOO_MANY, culprit=text)
    if len(set(numbers)) < len(numbers):
        return Unit(line, text, problem=TWICE_IN_LINE, culprit=numbers[0])
    return Unit(line, text, tuple(numbers))


def _numbers(part):
    """Return the numbers in a part of a line. Groups are joined only if none of them could be a number by itself."""
    if not part:
        return []
    groups = _GROUPING.split(part)
    if len(groups) == 1:
        return groups
    if max(map(len, groups)) >= LENGTH - 1:
        return _SPACES.split(part)
    return _joined(groups) or ["".join(groups) if all(map(_DIGITS.fullmatch, groups)) else part]


def _joined(groups):
    """Return the numbers that the groups make up if they end where a number ends, else nothing."""
    joined = "".join(groups)
    ends = {sum(map(len, groups[:count])) for count in range(1, len(groups) + 1)}
    whole = (
        _DIGITS.fullmatch(joined) and len(joined) % LENGTH == 0 and {*range(LENGTH, len(joined) + 1, LENGTH)} <= ends
    )
    return [joined[start : start + LENGTH] for start in range(0, len(joined), LENGTH)] if whole else []
