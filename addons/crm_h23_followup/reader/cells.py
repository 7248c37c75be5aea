"""What the cells of a column mean: dates, phone numbers, numbers of services. Equal cells are read once."""

import re
from datetime import date, timedelta

import phonenumbers

from odoo.addons.crm_whatsapp.utils import number_of

from .table import date_of, text_of

SPLIT = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})")
TOGETHER = re.compile(r"(\d{2})(\d{2})(\d{4})")
NAMED = re.compile(r"(\d{1,2})[-/. ]*([^\W\d]{3,9})\.?[-/., ]*(\d{4}|\d{2})")
CLOCK = re.compile(r"[ T]+\d{1,2}[:.]\d{2}([:.]\d{2})?([.,]\d+)?( ?[AaPp][Mm])?Z?$")
MONTHS = ["jan", "feb", "mar", "apr", "mei", "jun", "jul", "agu", "sep", "okt", "nov", "des"]
MONTH_WORDS = {"may": "mei", "aug": "agu", "agt": "agu", "ags": "agu", "oct": "okt", "nop": "nov", "dec": "des"}
EPOCH, FROM_1904 = date(1899, 12, 30), 1462
#: Days that a number may stand for: 1980 to 2099.
SERIALS = range(29_221, 73_051)

POWER = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+")
POINT = re.compile(r"\d{6,}[.,]\d{1,2}")
NO_PHONE = re.compile(r"[-–.0*xX#]*|n/?a|none|null|tidak ada|tdk ada|kosong|brak", re.IGNORECASE)
FILLING = re.compile(r"[\s()./\u2010-\u2015-]+")
SERVICE = re.compile(r"(?:KPB|ASS|KE|SERVICE|SERVIS|FREE|-|:|\s)*([1-4])", re.IGNORECASE)


class Dates:
    """Read dates; note whether the column says if day or month comes first.

    :param order: ``dmy``, ``mdy``, or empty: the day comes first until the column says otherwise
    :ivar day_first: a text that can only be read with the day first, or None
    :ivar month_first: likewise with the month
    :ivar doubtful: a text that can be read both ways, as different dates
    """

    def __init__(self, order, since_1904=False):
        self._month_leads = order == "mdy"
        self._epoch = EPOCH + timedelta(days=FROM_1904 if since_1904 else 0)
        self._known = {}
        self.day_first = self.month_first = self.doubtful = None

    def parse(self, cell):
        """Return the date, or None where the cell is no date."""
        key = cell["d"] if isinstance(cell, dict) else cell
        if key not in self._known:
            self._known[key] = date_of(cell) if isinstance(cell, dict) else self._date_of_text(text_of(cell))
        return self._known[key]

    def _date_of_text(self, text):
        text = CLOCK.sub("", text.lstrip("'"))
        try:
            if text.isdigit() and len(text) == 5:
                return self._epoch + timedelta(days=int(text)) if int(text) in SERIALS else None
            if text.isdigit() and len(text) == 8 and text[:2] in ("19", "20") and 1 <= int(text[4:6]) <= 12:
                return date(int(text[:4]), int(text[4:6]), int(text[6:]))
            if match := NAMED.fullmatch(text):
                day, month, year = match.groups()
                return date(_year(year), _month(month), int(day))
            if match := SPLIT.fullmatch(text) or TOGETHER.fullmatch(text):
                return self._date_of_parts(*match.groups(), text)
        except ValueError:
            return None
        return None

    def _date_of_parts(self, first, second, third, text):
        if len(first) == 4:
            return date(int(first), int(second), int(third))
        if len(first) == 3 or len(third) not in (2, 4):
            return None
        self._note(int(first), int(second), text)
        day, month = (second, first) if self._month_leads else (first, second)
        return date(_year(third), int(month), int(day))

    def _note(self, first, second, text):
        if first > 12 >= second:
            self.day_first = self.day_first or text
        elif second > 12 >= first:
            self.month_first = self.month_first or text
        elif first != second:
            self.doubtful = self.doubtful or text


def _year(text):
    return int(text) if len(text) == 4 else 2000 + int(text)


def _month(word):
    start = word[:3].lower()
    return MONTHS.index(MONTH_WORDS.get(start, start)) + 1


class Phones:
    """Read phone numbers as E.164. The country’s mobile numbers are known by its numbering plan.

    :param country: the country of numbers without a prefix, as a record
    """

    def __init__(self, country):
        self._country = country
        self._known = {}
        plan = phonenumbers.PhoneMetadata.metadata_for_region(country.code or "", None)
        self._code = str(plan.country_code) if plan else ""
        mobile = plan and plan.mobile and plan.mobile.national_number_pattern
        trunk = (plan and plan.national_prefix) or ""
        self._mobile = (
            re.compile(rf"(?:\+?{self._code}|00{self._code}|{trunk})?({mobile})", re.ASCII) if mobile else None
        )

    def parse(self, cell):
        """Return ``(number, problem)``. The problem is None, ``landline`` (the number is right), or with no number
        ``rounded``, ``point`` or ``phone``.
        """
        if type(cell) is str and self._mobile and (match := self._mobile.fullmatch(cell)):
            return f"+{self._code}{match.group(1)}", None
        if cell not in self._known:
            self._known[cell] = self._number_of(cell)
        return self._known[cell]

    def _number_of(self, cell):
        if isinstance(cell, (int, float)):
            if cell != int(cell) or (cell and cell % 10_000 == 0):
                return None, "rounded"
            cell = str(int(cell))
        text = text_of(cell).lstrip("'").strip()
        if NO_PHONE.fullmatch(text):
            return None, None
        if POWER.fullmatch(text):
            return None, "rounded"
        if POINT.fullmatch(text):
            return None, "point"
        digits = FILLING.sub("", text)
        if self._mobile and (match := self._mobile.fullmatch(digits)):
            return f"+{self._code}{match.group(1)}", None
        return self._number_of_any(text)

    def _number_of_any(self, text):
        number, problem = number_of(text, self._country)
        if problem == "landline":
            parsed = phonenumbers.parse(text, self._country.code)
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), problem
        return (number, None) if number else (None, "phone")


def service_of(cell):
    """Return the number of a free service, 1 to 4, or None."""
    match = SERVICE.fullmatch(text_of(cell))
    return int(match.group(1)) if match else None
