"""Numbers, names and addresses as people write them, made comparable: plain Python, no Odoo."""

import re
import unicodedata

#: Letters that Unicode doesn't take apart into a plain one and its mark.
PLAIN = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})
#: What people write before a street's name, or between house and flat, or leave out.
STREET_WORDS = frozenset(
    (
        *("ul", "ulica", "al", "aleja", "aleje", "pl", "plac", "os", "osiedle", "rondo", "skwer"),
        *("jl", "jalan", "jln", "no", "nr", "nomor", "m", "mieszkanie", "lok", "lokal"),
    )
)
WORD = re.compile(r"[^\W\d_]+|\d+")


def fold(text):
    """Return the text in small plain letters: “Łódź” → “lodz”."""
    plain = unicodedata.normalize("NFKD", str(text or "").casefold().translate(PLAIN))
    return "".join(char for char in plain if not unicodedata.combining(char)).translate(PLAIN)


def words(text):
    """Return the words and numbers of the text in small plain letters, as written."""
    return WORD.findall(fold(text))


def number_key(text):
    """Return the letters and digits of a document's number, large: “inv/2026-00012” → “INV202600012”."""
    return "".join(re.findall(r"[A-Z0-9]", unicodedata.normalize("NFKC", str(text or "")).upper()))


def street_key(text):
    """Return the street with house and flat, whatever the order and the abbreviations; empty without a number."""
    found = [word for word in words(text) if word not in STREET_WORDS]
    return tuple(sorted(found)) if any(map(str.isdigit, found)) else ()


def city_key(text):
    return " ".join(words(text))


def zip_key(text):
    return number_key(text)


def is_same_name(first_name, surname, name):
    """Return whether the name holds first name and surname, in any order, further given names aside."""
    given, family, full = words(first_name), words(surname), words(name)
    if len("".join(given)) < 2 or len("".join(family)) < 2:
        return False
    for word in (*given, *family):
        if word not in full:
            return False
        full.remove(word)
    return True


def phone_key(text):
    """Return the digits that make the number of a phone, country code aside; empty if it is too short."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", str(text or "")))
    return digits[-9:] if len(digits) >= 7 else ""
