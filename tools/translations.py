"""``make translations``: each addon's terms into its .pot, and those into id.po and pl.po.

Translations that are there stay, terms that are gone go, new ones come without a translation. What hasn't changed is
written as it was, to the byte: no dates, and the order of the template.
"""

import os
import sys
import tempfile
from pathlib import Path

import polib

from . import database, postgres, templates
from .console import StepFailed, call, main, step
from .paths import ADDONS, LOGS, PROJECT, our_addons

PLURALS = {
    "id": "nplurals=1; plural=0;",
    "pl": "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
}
# What a header says apart from its language. No dates: they would change with every export.
METADATA = {
    "Project-Id-Version": "Odoo Server 19.0",
    "Report-Msgid-Bugs-To": "",
    "Last-Translator": "",
    "Language-Team": "",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "",
}


def _header(addon):
    """Return the comment at the top of a file, as Odoo writes it."""
    return f"Translation of Odoo Server.\nThis file contains the translation of the following modules:\n\t* {addon}\n"


def template_of(addon, exported):
    """Return what Odoo exported with a header that doesn't change."""
    template = polib.POFile()
    template.header, template.metadata = _header(addon), {**METADATA, "Plural-Forms": ""}
    template.extend(exported)
    return template


def merged(addon, language, template, known):
    """Return a translation of the template with what is known of it.

    :param known: the present translation; its own words in the header (who translated) stay
    """
    result = polib.POFile()
    result.header = _header(addon)
    result.metadata = {**METADATA, **known.metadata, "Language": language, "Plural-Forms": PLURALS[language]}
    translations = {entry.msgid: entry for entry in known if not entry.obsolete}
    for entry in template:
        old = translations.get(entry.msgid)
        result.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=old.msgstr if old else "",
                comment=entry.comment,
                tcomment=old.tcomment if old else "",
                occurrences=entry.occurrences,
                flags=old.flags if old else [],
            )
        )
    return result


def _write(path, content):
    """Write the file if that changes it; return whether it did."""
    text = f"{str(content).rstrip()}\n"
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return True


def _export(addon):
    """Return the terms of the addon, installed on a database of its own."""
    name = f"translations_{addon}_{os.getpid()}"
    template = templates.template([addon])
    with step(f"{addon}: terms") as current, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{addon}.pot"
        current.progress("installing")
        database.clone(template, name)
        try:
            database.run_odoo(name, "-i", addon, log=f"install-{name}.log")
            current.progress("exporting")
            command = database.odoo("i18n", "export", "-d", name, "-l", "pot", "-o", str(file), addon)
            log = LOGS / f"translations-{addon}.log"
            call(command, "Does the addon install?", log, cwd=PROJECT, env=database.environment())
        finally:
            database.drop(name)
        terms = list(polib.pofile(str(file))) if file.exists() else []
        current.note = f"{len(terms)}"
    return terms


def _update(addon, terms):
    """Write the addon's template and translations; say what is still to do."""
    folder = ADDONS / addon / "i18n"
    template = template_of(addon, terms)
    changed = [f"{addon}.pot"] if _write(folder / f"{addon}.pot", template) else []
    missing = []
    for language in PLURALS:
        path = folder / f"{language}.po"
        known = polib.pofile(str(path)) if path.exists() else polib.POFile()
        translation = merged(addon, language, template, known)
        changed += [path.name] if _write(path, translation) else []
        missing.append(f"{language} lacks {len([entry for entry in translation if not entry.translated()])}")
    print(f"    {addon}/i18n: {', '.join(changed) or 'nothing'} changed; {', '.join(missing)}")


def translations():
    wanted = sys.argv[1:]
    if unknown := set(wanted) - set(our_addons()):
        raise StepFailed(f"No such addon: {', '.join(unknown)}. There are: {', '.join(our_addons())}")
    with postgres.running("pg-test", throw_away=True):
        for addon in wanted or our_addons():
            _update(addon, _export(addon))


if __name__ == "__main__":
    main(translations)
