"""Card numbers in free text, which we never keep: plain Python, no Odoo.

A card's number has 13 to 19 digits, begins as an issuer's does, has one of that issuer's lengths, and ends with a Luhn
digit. Many other numbers here end with one too: IMEIs (15 digits; none begins like an American Express card), numbers
of SIM cards (89…). Digits may be in groups, in any script.
"""

import html
import itertools
import re
import unicodedata

from stdnum import luhn

SHORTEST, LONGEST = 13, 19
#: First digits from, to; lengths.
ISSUERS = (
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("300", "305", range(14, 20)),  # Diners Club
    ("3095", "3095", range(14, 20)),
    ("36", "36", range(14, 20)),
    ("38", "39", range(14, 20)),
    ("3528", "3589", range(16, 20)),  # JCB
    ("1800", "1800", (15,)),
    ("2131", "2131", (15,)),
    ("6011", "6011", range(16, 20)),  # Discover
    ("644", "659", range(16, 20)),
    ("62", "62", range(16, 20)),  # UnionPay
    ("81", "82", range(16, 20)),  # UnionPay, RuPay
    ("2200", "2205", range(16, 20)),  # Mir
    ("1946", "1946", range(16, 20)),  # GPN, Indonesia's debit cards
    ("9792", "9792", (16,)),  # Troy
    ("50", "50", range(16, 20)),  # Maestro, GPN, Verve, Elo
    ("56", "69", range(16, 20)),
    # Shorter ones only where Maestro is known to be: +60 … +66 begins telephone numbers.
    ("5018", "5018", (13, 14, 15)),
    ("5020", "5020", (13, 14, 15)),
    ("5038", "5038", (13, 14, 15)),
    ("5893", "5893", (13, 14, 15)),
    ("6304", "6304", (13, 14, 15)),
    ("6390", "6390", (13, 14, 15)),
    ("6759", "6763", (13, 14, 15)),
)
IMEI_DIGITS = 15
#: An IMEI as it is printed on boxes: 35-693803-564380-9.
IMEI_GROUPS = (2, 6, 6, 1)
#: Groups in which cards are printed, besides groups of one size with a shorter one at the end.
CARD_GROUPS = ((4, 6, 5), (4, 6, 4), (6, 10), (6, 13))
LONGEST_GROUP = 8
SIM_CARD = "89"

_UNSEEN = "\u200b"  # stands for each character that nobody sees
_BETWEEN = r"[\s\u200b._/·•\-\u2010-\u2015\u2212]"
_GROUP = r"[0-9](?:\u200b*[0-9])*"
_CHAIN = re.compile(rf"{_GROUP}(?:{_BETWEEN}{{1,3}}{_GROUP})*")
_GROUPS = re.compile(_GROUP)
_INLINE_TAG = re.compile(r"</?(?:a|b|i|u|s|em|strong|span|font|small|code|sub|sup|wbr)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def is_card_number(digits):
    """Return whether the ASCII digits can be a card's number."""
    if not SHORTEST <= len(digits) <= LONGEST:
        return False
    issued = any(low <= digits[: len(low)] <= high and len(digits) in lengths for low, high, lengths in ISSUERS)
    return issued and luhn.is_valid(digits)


def find_card_numbers(text, known=()):
    """Return (start, end, digits) of each card number in the text, from left to right, none overlapping.

    :param known: numbers that are something else, as bank accounts
    """
    found = []
    plain = text if text.isascii() else "".join(map(_plain, text))
    for chain in _CHAIN.finditer(plain):
        groups = [
            (group.start(), group.end(), group[0].replace(_UNSEEN, ""))
            for group in _GROUPS.finditer(plain, *chain.span())
        ]
        found += _find_in_chain(plain, groups, known)
    return found


def mask_card_numbers(text, known=()):
    """Return the text with all but the last four digits of every card number masked."""
    for start, end, digits in reversed(find_card_numbers(text, known) if text else ()):
        text = f"{text[:start]}•••• {digits[-4:]}{text[end:]}"
    return text


def has_card_number(text):
    """Return whether there is a card number in the text, as it is or as a browser shows it."""
    if find_card_numbers(text):
        return True
    if "<" not in text and "&" not in text:
        return False
    shown = html.unescape(_TAG.sub("\n", _INLINE_TAG.sub("", text)))
    return bool(find_card_numbers(shown))


def _plain(character):
    """Return a digit of any script as an ASCII digit, and one sign for all that nobody sees."""
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    return _UNSEEN if unicodedata.category(character) in ("Cf", "Mn", "Me") else character


def _find_in_chain(plain, groups, known):
    found, first = [], 0
    while first < len(groups):
        last = next((last for last in range(len(groups), first, -1) if _is_card(plain, groups, first, last, known)), 0)
        if last:
            window = groups[first:last]
            found.append((window[0][0], window[-1][1], "".join(digits for *__, digits in window)))
        elif inside := _find_in_long(groups[first]):
            found.append(inside)
        first = max(last, first + 1)
    return found


def _is_card(plain, groups, first, last, known):
    window = groups[first:last]
    if sum(end - start for start, end, __ in window) > 4 * LONGEST:
        return False
    digits = "".join(digits for *__, digits in window)
    if digits in known or not is_card_number(digits):
        return False
    sizes = tuple(len(digits) for *__, digits in window)
    if _is_printed_so(sizes):
        return True
    return len(window) == len(groups) and _is_evenly_spaced(plain, groups) and not _has_imei(window, sizes, digits)


def _is_printed_so(sizes):
    """Return whether cards are written in groups of these sizes."""
    *whole, rest = sizes
    even = not whole or (set(whole) == {whole[0]} and rest <= whole[0] <= LONGEST_GROUP)
    return even or sizes in CARD_GROUPS


def _is_evenly_spaced(plain, groups):
    return len({plain[left[1] : right[0]] for left, right in itertools.pairwise(groups)}) == 1


def _has_imei(window, sizes, digits):
    """Return whether it is an IMEI and something beside it, as a quantity: “356938035643809 2”."""
    if any(len(group) == IMEI_DIGITS and luhn.is_valid(group) for *__, group in window):
        return True
    return sizes[: len(IMEI_GROUPS)] == IMEI_GROUPS and luhn.is_valid(digits[:IMEI_DIGITS])


def _find_in_long(group):
    """Find a card number to which more was glued, as its date and code. IMEIs glued together are none."""
    start, end, digits = group
    if len(digits) <= LONGEST or end - start != len(digits) or digits.startswith(SIM_CARD) or _are_imeis(digits):
        return None
    for size in range(LONGEST, SHORTEST - 1, -1):
        if is_card_number(digits[:size]):
            return start, start + size, digits[:size]
    for size in (16, 15):
        if is_card_number(digits[-size:]):
            return end - size, end, digits[-size:]
    return None


def _are_imeis(digits):
    numbers = [digits[place : place + IMEI_DIGITS] for place in range(0, len(digits), IMEI_DIGITS)]
    return all(len(number) == IMEI_DIGITS and luhn.is_valid(number) for number in numbers) and not any(
        map(is_card_number, numbers)
    )
