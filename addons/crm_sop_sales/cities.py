"""City names as people write them: plain Python, no Odoo."""

import re
import unicodedata

#: Words that say what a place is, not which one: "Kota Depok" is Depok, "Kab. Bogor" and "Bogor Regency" are Bogor.
KINDS = frozenset({"kota", "kotamadya", "kab", "kabupaten", "adm", "administrasi", "city", "regency", "of"})


def normalize(name):
    """Return a city's name without case, accents, punctuation and the words of :data:`KINDS`."""
    plain = unicodedata.normalize("NFKD", name or "").encode("ascii", "ignore").decode().casefold()
    words = [word for word in re.split(r"[^a-z0-9]+", plain) if word]
    return " ".join([word for word in words if word not in KINDS] or words)


def parse(text):
    """Return the normalized names of a list, separated by commas, semicolons or line ends."""
    return {normalize(name) for name in re.split(r"[,;\n]", text or "")} - {""}
