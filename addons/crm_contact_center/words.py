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


def trimmed(word, letters=1):
    """Return the word and what is left of it without one letter, or up to so many.

    Two words of which one letter is wrong, missing, too many or swapped share one of these: they are what an index
    can look up, where comparing with all words would take too long.
    """
    found = {word}
    for _letter in range(letters):
        found |= {each[:place] + each[place + 1 :] for each in found for place in range(len(each))}
    return sorted(found)


def distance(one, other):
    """Return how many letters are wrong, missing, too many or swapped with the next one between two words."""
    before, row = None, list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before_that, before, row = before, row, [i]
        for j, other_letter in enumerate(other, 1):
            cost = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (letter != other_letter))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], other_letter):
                cost = min(cost, before_that[j - 2] + 1)
            row.append(cost)
    return row[-1]


def wrong(word):
    """Return how many letters may be wrong for the word to be still known."""
    return 1 if len(word) < 7 else 2


def nearest(word, candidates):
    """Return the candidate that was probably meant, None if it is too far: one letter, in words of 7 and more two."""
    most = wrong(word)
    near = [(distance(word, candidate), candidate) for candidate in candidates]
    return min((pair for pair in near if pair[0] <= most), default=(0, None))[1]
