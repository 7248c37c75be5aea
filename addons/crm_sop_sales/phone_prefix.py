"""With what a stored phone number may begin of which the first digits were typed: plain Python, no Odoo."""

import re

#: What people type between the digits of a number.
TYPED = re.compile(r"\s*\+?[\d\s()./\u2010-\u2015-]*", re.ASCII)
#: Digits, with the country code, from which on it is worth looking.
SHORTEST = 5
LONGEST = 15  # E.164


def prefixes(typed, country_code):
    """Return the beginnings, in E.164, that the typed text may stand for, likeliest first; none for too short a text.

    :param country_code: the code of the country in which a number without one is understood, e.g. 62
    """
    if not TYPED.fullmatch(typed):
        return []
    digits, code = re.sub(r"\D", "", typed), str(country_code or "")
    if typed.lstrip().startswith("+"):
        found = [digits]
    elif digits.startswith("00"):
        found = [digits[2:]]
    elif digits.startswith("0"):
        found = [code + digits[1:], code + digits]  # Italy's numbers keep their zero
    else:
        found = [code + digits, digits] if code and digits.startswith(code) else [code + digits]
    return [f"+{number}" for number in found if SHORTEST <= len(number) <= LONGEST]
