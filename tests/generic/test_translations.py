"""Indonesian and Polish are complete: every term, its placeholders intact, nothing left over from before."""

import io
import re
from collections import Counter

import polib
import pytest

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

from .findings import assert_none
from .subject import ADDON, FOLDER

LANGUAGES = ("id", "pl")
I18N = FOLDER / "i18n"

# What Python fills in, and the tags of HTML; the texts in tags' attributes are translated.
PERCENT = re.compile(r"%(?:\(\w+\))?[sdrf%]|%\(\w+\)\.\d+f|%\.\d+f")
BRACES = re.compile(r"\{\{.*?\}\}|\{[\w.!:]*\}")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
TEXT_ATTRIBUTE = re.compile(r"""\s(?:title|alt|placeholder|aria-\w+|data-tooltip)=("[^"]*"|'[^']*')""")
WORD = re.compile(r"[^\W\d_]{2,}")

# Terms that are the same word in the language, so that leaving them as they are is right. Names and abbreviations are
# the same in both.
SAME_EVERYWHERE = {
    "ASC",
    "American Express",
    "Bank",
    "CDB",
    "CRM",
    "CSV",
    "Email",
    "Excel",
    "FAQ",
    "FU-1",
    "FU-1 %(branch)s %(day)s",
    "FU-2",
    "FU-3",
    "GPN",
    "IMEI",
    "JCB",
    "KPB",
    "KPB 1",
    "KPB 2",
    "KPB 3",
    "KPB 4",
    "KTP",
    "Lift",  # the measure of what is bought together
    "MB",
    "MB)",
    "Mastercard",
    "NPS",
    "OK",
    "Odoo",
    "PDF",
    "PIC",
    "QRIS",
    "SLA",
    "SMS",
    "SOP",
    "Status: %s",
    "URL",
    "UnionPay",
    "Visa",
    "WhatsApp",
    "WhatsApp: %s",
    "<span>MB</span>",
    "object._list_name()",  # reports' file names
    "object.display_name",
    "object.number",
    "'%s %s' % (object.desk_id.code, object.day)",
    "'%s' % object.name.replace('/', '-')",
    "object.name.replace('/', '-')",
    "object.number.replace('/', '-')",
    "SHA-256:",
}
SAME = {
    "id": {
        "Admin",
        "Booking",
        "Feedback",
        "Follow-up",
        "No.",
        "Interval",
        "Home Service",  # like those above, a word of the document
        "Status",
        "Success Rate",
        "Success Rate (%)",
        "Success rate",
        "<strong>Success rate:</strong>",
        "Total",
        "Template",
        "Chat",
        "Detail",
        "Kanban",
        "Manager",
        "Pivot",
        "Standar",
        "Supervisor",
        "Target",
        "ID",
        "Model",
        "SIM",  # the driving licence
        "Promo",
        "Sales Draft",  # the document's word
        "Sales draft",
        "TAC",
        "Transfer",
        "Unit",
    },
    "pl": {
        "Marketing",
        "NIP:",
        "min)",
        "Film",
        "Import",
        "Status",
        "ID",
        "Lead",
        "Model",
        "Kanban",
        "Offline",
        "Plan",
        "Problem",
        "Region",
        "Segment",
        "System",
        "TAC",
        "Test",
        "Start",
        "Termin",
        "Terminal",
        "min",
    },
}


def placeholders(text):
    """Return what must be the same in a term and its translation, counted."""
    tags = [TEXT_ATTRIBUTE.sub("", tag) for tag in TAG.findall(text)]
    return Counter(PERCENT.findall(text) + BRACES.findall(text) + tags)


def may_be_same(text, language):
    """Return whether a translation may equal its term: a listed one, or nothing but placeholders and signs."""
    bare = TAG.sub(" ", BRACES.sub(" ", PERCENT.sub(" ", text)))
    return text in SAME_EVERYWHERE | SAME[language] or not WORD.search(bare)


def term_problem(msgid, entry, language):
    """Return what is wrong with the translation of one term, or None."""
    if entry is None or not entry.msgstr.strip():
        return "isn't translated"
    if entry.fuzzy:
        return "is marked fuzzy"
    if placeholders(msgid) != placeholders(entry.msgstr):
        return f"has other placeholders in its translation {entry.msgstr!r}"
    if entry.msgstr == msgid and not may_be_same(msgid, language):
        return "is translated by itself; if that is right, list it in tests/generic/test_translations.py"
    return None


def problems(template, translation, language):
    """Return what is wrong with a translation, held beside its template."""
    entries = {entry.msgid: entry for entry in translation if not entry.obsolete}
    wanted = {entry.msgid for entry in template}
    found = {msgid: term_problem(msgid, entries.get(msgid), language) for msgid in wanted}
    found |= dict.fromkeys(entries.keys() - wanted, "isn't in the addon any more")
    return [f"{language}: {msgid!r} {problem}" for msgid, problem in found.items() if problem]


def stale(template, terms):
    """Return in what the template's terms differ from the addon's."""
    there = {entry.msgid for entry in template}
    return [f"new: {term!r}; run make translations" for term in terms - there] + [
        f"gone: {term!r}; run make translations" for term in there - terms
    ]


def read(path):
    """Return a translation file; fail where it is missing."""
    assert path.exists(), f"{path.relative_to(FOLDER.parent)} is missing: run make translations"
    return polib.pofile(str(path))


@tagged("post_install", "-at_install")
class TestTemplate(TransactionCase):
    def test_template_has_the_terms_of_the_addon(self):
        buffer = io.BytesIO()
        trans_export(None, [ADDON], buffer, "po", self.env)
        terms = {entry.msgid for entry in polib.pofile(buffer.getvalue().decode())}
        assert_none(stale(read(I18N / f"{ADDON}.pot"), terms))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_is_translated(language):
    assert_none(problems(read(I18N / f"{ADDON}.pot"), read(I18N / f"{language}.po"), language))


# === EACH CHECK FINDS WHAT IT IS FOR === #


def _entry(msgid, msgstr="", **options):
    return polib.POEntry(msgid=msgid, msgstr=msgstr, **options)


@pytest.mark.parametrize(
    ("msgid", "msgstr"),
    [
        ("Branch", "Cabang"),
        ("%(a)s is %(b)s.", "%(b)s to %(a)s."),
        ("<b title='x'>Branch</b> {{ object.name }}", "<b title='y'>Cabang</b> {{ object.name }}"),
        ("WhatsApp", "WhatsApp"),
        ("%s: %s", "%s: %s"),
    ],
)
def test_good_terms(msgid, msgstr):
    assert term_problem(msgid, _entry(msgid, msgstr), "id") is None


@pytest.mark.parametrize(
    ("msgid", "msgstr", "problem"),
    [
        ("Branch", " ", "isn't translated"),
        ("Branch", "Branch", "by itself"),
        ("%(name)s is late", "%(nama)s terlambat", "placeholders"),
        ("%s of %s", "%s", "placeholders"),
        ("<b>Late</b>", "Terlambat", "placeholders"),
        ("Hello {name}", "Halo {nama}", "placeholders"),
    ],
)
def test_bad_terms(msgid, msgstr, problem):
    assert problem in term_problem(msgid, _entry(msgid, msgstr), "id")


def test_fuzzy_missing_and_left_over_terms():
    translation = [_entry("Late", "Terlambat", flags=["fuzzy"]), _entry("Old", "Lama")]
    assert sorted(problems([_entry("Late"), _entry("New")], translation, "id")) == [
        "id: 'Late' is marked fuzzy",
        "id: 'New' isn't translated",
        "id: 'Old' isn't in the addon any more",
    ]


def test_stale_template():
    assert len(stale([_entry("Old"), _entry("Kept")], {"Kept", "New"})) == 2
