"""Words of what visitors type: which of them are searched for, which may be kept (CC-4). No ORM."""

import re

from odoo.tools import remove_accents

#: How much of a question is read, in characters and in words.
MOST_CHARACTERS = 2000
MOST_WORDS = 24
WORD = re.compile(r"[^\W_]+")
#: PostgreSQL's configuration for full text by language; the others are compared as they are written.
CONFIGURATIONS = {
    "ar": "arabic", "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
    "hu": "hungarian", "id": "indonesian", "it": "italian", "nb": "norwegian", "nl": "dutch", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
#: Words that say nothing, in languages for which PostgreSQL has no list.
POLISH = (
    "a aby ale bez bo by byc co czy dla do gdzie i ich ile jak jaka jaki jakie jest jestem ktora ktory ktore lub ma"
    " mam mi mnie moge moj moja moje mozna musze na nad nie o od oraz po pod prosze przez przy sa sie skad ta tak te"
    " tego ten to tu w we z za ze"
)
EMPTY = {"pl": frozenset(POLISH.split())}


def configuration(lang, known):
    """Return the name of PostgreSQL's configuration for the language, of those that it has."""
    name = CONFIGURATIONS.get((lang or "")[:2], "simple")
    return name if name in known else "simple"


def folded(text):
    """Return the text in lower case without accents."""
    return remove_accents(text or "").replace("ł", "l").replace("Ł", "l").lower()


def asked(text, lang):
    """Return the words of a question in their order, without those that say nothing."""
    empty = EMPTY.get((lang or "")[:2], ())
    words = WORD.findall(folded((text or "")[:MOST_CHARACTERS]))
    return list(dict.fromkeys(word for word in words if len(word) > 1 and word not in empty))[:MOST_WORDS]


def keepable(words):
    """Return the words that may be counted when nothing is found: no numbers, and nothing that looks like data.

    What somebody types into a search box may be their telephone number or an IMEI: whatever has a digit stays out.
    """
    return [word for word in words if 3 <= len(word) <= 40 and word.isalpha()]
