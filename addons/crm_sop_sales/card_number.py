"""Card numbers in free text, which we never keep: plain Python, no Odoo."""

import re

from stdnum import luhn

#: 13 to 19 digits, in groups or not.
LONG_NUMBER = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
IMEI_DIGITS = 15
#: American Express has cards of 15 digits; no IMEI begins like this.
AMEX = ("34", "37")


def is_card_number(digits):
    """Return whether the digits can be a card's number. An IMEI passes the same check and isn't one."""
    if not luhn.is_valid(digits) or not digits.strip("0"):
        return False
    return len(digits) != IMEI_DIGITS or digits.startswith(AMEX)


def mask_card_numbers(text, known=()):
    """Return the text with all but the last four digits of every card number masked.

    :param known: numbers that are something else, as bank accounts
    """

    def mask(match):
        digits = re.sub(r"\D", "", match[0])
        return f"•••• {digits[-4:]}" if digits not in known and is_card_number(digits) else match[0]

    return LONG_NUMBER.sub(mask, text) if text else text
