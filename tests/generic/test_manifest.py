"""The addon's manifest and files agree, and no file grows out of hand."""

import re

from tools.templates import manifest

from .findings import assert_none
from .subject import ADDON, FOLDER

AUTHOR = "Customer Operations Suite contributors"
VERSION = re.compile(r"19\.0(\.\d+){3}")
# Folders all of whose data files Odoo loads, and the manifest's key that lists them.
LOADED = {"views": "data", "data": "data", "security": "data", "wizards": "data", "report": "data", "demo": "demo"}
LONGEST = 400  # lines


def key_problems(content):
    """Return what is wrong with the manifest's own words."""
    problems = [f"the manifest has no {key}" for key in ("name", "summary", "depends") if not content.get(key)]
    if content.get("author") != AUTHOR:
        problems.append(f"the author isn't {AUTHOR}")
    if content.get("license") != "AGPL-3":
        problems.append("the license isn't AGPL-3")
    if not VERSION.fullmatch(content.get("version", "")):
        problems.append(f"the version {content.get('version')!r} isn't 19.0.x.y.z")
    return problems


def file_problems(content, folder):
    """Return the files that the manifest lists and that are missing, and those that it forgot."""
    problems = []
    for key in ("data", "demo"):
        gone = [name for name in content.get(key, []) if not (folder / name).is_file()]
        problems += [f"{key} lists {name}, which is missing" for name in gone]
    for name, key in LOADED.items():
        there = [path for kind in ("xml", "csv") for path in (folder / name).rglob(f"*.{kind}")]
        names = {path.relative_to(folder).as_posix() for path in there}
        problems += [f"{name} isn't listed under {key}" for name in names - set(content.get(key, []))]
    return problems


def presentation_problems(folder):
    """Return what an administrator looking for the addon would miss."""
    problems = []
    if not [*folder.glob("README.*"), *folder.glob("readme/DESCRIPTION.*")]:
        problems.append("there is neither readme/DESCRIPTION.md nor README.md")
    if not (folder / "static/description/icon.png").is_file():
        problems.append("static/description/icon.png is missing")
    return problems


def long_files(folder, longest=LONGEST):
    """Return the Python files, tests left out, that have too many lines."""
    sources = [path for path in folder.rglob("*.py") if "tests" not in path.relative_to(folder).parts]
    lengths = {path: len(path.read_text().splitlines()) for path in sources}
    return [
        f"{path.relative_to(folder)} has {length} lines, more than {longest}"
        for path, length in lengths.items()
        if length > longest
    ]


def test_manifest():
    assert_none(key_problems(manifest(ADDON)))


def test_files_are_listed_and_there():
    assert_none(file_problems(manifest(ADDON), FOLDER))


def test_readme_and_icon():
    assert_none(presentation_problems(FOLDER))


def test_no_long_file():
    assert_none(long_files(FOLDER))


# === EACH CHECK FINDS WHAT IT IS FOR === #


def test_bad_manifest():
    good = {"name": "x", "summary": "x", "author": AUTHOR, "depends": ["base"], "license": "AGPL-3"}
    good["version"] = "19.0.1.0.0"
    assert key_problems(good) == []
    assert len(key_problems({**good, "summary": "", "license": "LGPL-3", "version": "1.0", "author": "Me"})) == 4


def test_forgotten_missing_and_long_files(tmp_path):
    (tmp_path / "views").mkdir()
    (tmp_path / "views/forgotten.xml").write_text("<odoo/>")
    (tmp_path / "long.py").write_text("\n" * 3)
    assert file_problems({"data": ["data/missing.xml"]}, tmp_path) == [
        "data lists data/missing.xml, which is missing",
        "views/forgotten.xml isn't listed under data",
    ]
    assert len(presentation_problems(tmp_path)) == 2
    assert long_files(tmp_path, longest=2) == ["long.py has 3 lines, more than 2"]
