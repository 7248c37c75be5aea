"""What the project's own tools promise, where a mistake would cost somebody's work."""

import polib

from tools.translations import merged, template_of


def _terms(*names):
    return [polib.POEntry(msgid=name, comment="module: a") for name in names]


def _translation(known, *names):
    return merged("a", "id", template_of("a", _terms(*names)), known)


def test_merging_keeps_adds_and_drops():
    known = polib.POFile()
    known.metadata = {"Last-Translator": "Sari"}
    known.extend(
        [
            polib.POEntry(msgid="Kept", msgstr="Tetap", tcomment="checked"),
            polib.POEntry(msgid="Doubtful", msgstr="Ragu", flags=["fuzzy"]),
            polib.POEntry(msgid="Gone", msgstr="Hilang"),
        ]
    )
    result = _translation(known, "New", "Kept", "Doubtful")
    assert [(entry.msgid, entry.msgstr) for entry in result] == [("New", ""), ("Kept", "Tetap"), ("Doubtful", "Ragu")]
    assert result.find("Kept").tcomment == "checked"
    assert result.find("Doubtful").fuzzy
    assert (result.metadata["Last-Translator"], result.metadata["Language"]) == ("Sari", "id")


def test_merging_again_changes_nothing():
    once = _translation(polib.POFile(), "One", "Two")
    assert str(_translation(polib.pofile(str(once)), "One", "Two")) == str(once)
    assert "-Date" not in str(once)
