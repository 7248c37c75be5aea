"""A person's name, numbers and addresses as a regular expression that Python and PostgreSQL both read."""

import re

#: Between the digits of a phone number people put these, and links write a space like this.
BETWEEN = r"(?:[\s()./-]|%20)*"
#: What HTML makes of some signs.
ESCAPED = {"'": "(?:'|&#39;|&#x27;|&apos;)", "&": "(?:&|&amp;)", '"': '(?:"|&#34;|&quot;)'}
#: Shorter words are found in too many others.
SHORTEST = 3
#: The digits of a number without its country code.
NATIONAL = 9


def pattern(names=(), numbers=(), others=()):
    """Return the expression that finds these words as whole words, or None where there are none.

    :param names: of people; two words are found in either order
    :param numbers: phone numbers, however they are written
    :param others: e-mail addresses, streets, tax numbers: as they are, spaces apart
    """
    found = {_text(text) for text in others if text}
    for name in names:
        words = (name or "").split()
        found |= {_text(" ".join(words)), _text(" ".join(reversed(words)))}
    found |= {_number(number) for number in numbers if number}
    words = sorted(found - {None}, key=lambda word: (-len(word), word))
    return rf"(?<!\w)(?:{'|'.join(words)})(?!\w)" if words else None


def _text(text):
    """Return the expression of some text, its spaces of any kind and length; None where it is too short."""
    if len(text.strip()) < SHORTEST:
        return None
    return r"\s+".join(re.sub(r"\W", _sign, word) for word in text.split())


def _sign(match):
    return ESCAPED.get(match[0], rf"\{match[0]}")


def _number(number):
    """Return the expression of a phone number, with its country code or without, however it is grouped."""
    digits = re.sub(r"\D", "", number)
    if len(digits) < NATIONAL - 2:
        return None
    code, national = digits[:-NATIONAL], digits[-NATIONAL:]
    found = BETWEEN.join(national)
    if code:
        found = rf"(?:(?:\+|00)?{BETWEEN.join(code)}{BETWEEN}|0)?{found}"
    return rf"\+?{found}"
