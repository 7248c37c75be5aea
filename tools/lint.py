"""``make lint``: every check of style and form. ``make fix``: what can be mended without a person.

All checks run, also after one that failed; what each found is shown in full at the end. A check that finds nothing to
look at fails: it would otherwise pass for ever after a folder was renamed.

``python -m tools.lint xml po`` runs only the named checks; .pre-commit-config.yaml does that.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from lxml import etree

from .console import StepFailed, main, step
from .paths import ADDONS, PROJECT, VENV, our_addons
from .templates import manifest

# A limit of Weblate at OCA, which translates none of our addons.
OCA_MODULE = ("oca-checks-odoo-module", "--disable=weblate-component-too-long")
# OCA's template leaves this one out too: msgmerge and Odoo's export break lines each in their own way.
OCA_PO = ("oca-checks-po", "--disable=po-pretty-format")


def _relative(paths):
    return [str(path.relative_to(PROJECT)) for path in paths]


def _addons():
    return _relative(ADDONS / name for name in our_addons())


def _files(*patterns):
    """Return the addons' files that match, in order."""
    return _relative(sorted(path for pattern in patterns for path in ADDONS.glob(f"*/{pattern}")))


def _something(found, what):
    """Return what there is to check; raise StepFailed where there is nothing."""
    if not found:
        raise StepFailed(f"There is nothing to check: no {what}.")
    return found


def _run(program, *arguments):
    """Run a program of the virtual environment and return its exit status and its output."""
    done = subprocess.run(
        [str(VENV / "bin" / program), *arguments],
        cwd=PROJECT,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip()


def _pass(program, *arguments):
    """Run a program and raise StepFailed with all that it says unless it succeeds."""
    status, output = _run(program, *arguments)
    if status:
        raise StepFailed(output or f"{program} ended with status {status} and said nothing.")


def _ruff():
    _something(_addons(), "addon")
    _pass("ruff", "check", ".")


def _format():
    _something(_addons(), "addon")
    _pass("ruff", "format", "--check", ".")


def _pylint():
    status, output = _run("pylint", "--jobs=2", *_something(_addons(), "addon"))
    # Of a rule that it doesn't know it only speaks; its exit status is 0.
    if status or output:
        raise StepFailed(output or f"pylint ended with status {status} and said nothing.")


def _oca():
    _pass(*OCA_MODULE, *_something(_addons(), "addon"))


def _po():
    _pass(*OCA_PO, *_something(_files("i18n/*.po", "i18n/*.pot"), "addon with a translation (i18n/*.po)"))


def _named_in_manifests():
    """Return the XML files that Odoo loads, missing ones included."""
    return [
        ADDONS / addon / name
        for addon in our_addons()
        for key in ("data", "demo")
        for name in manifest(addon).get(key, [])
        if name.endswith(".xml")
    ]


def _schema():
    """Return the schema by which Odoo itself judges a data file before it loads it."""
    for folder in importlib.util.find_spec("odoo").submodule_search_locations:
        file = Path(folder) / "import_xml.rng"
        if file.exists():
            return etree.RelaxNG(etree.parse(file))
    raise StepFailed("This Odoo has no import_xml.rng: data files can't be checked against it.")


def _xml_problems(path, schema):
    """Return what is wrong with an XML file; where it isn't loaded as data, there is no schema."""
    try:
        document = etree.parse(path)
    except (OSError, etree.XMLSyntaxError) as error:
        return [f"{os.path.relpath(path, PROJECT)}: {error}"]
    if schema is None or schema.validate(document):
        return []
    return [f"{os.path.relpath(path, PROJECT)}:{entry.line}: {entry.message}" for entry in schema.error_log]


def _xml():
    loaded = _something(_named_in_manifests(), "XML file in an addon's manifest")
    others = sorted(set(ADDONS.glob("*/**/*.xml")) - set(loaded))
    schema = _schema()
    problems = [line for path in loaded for line in _xml_problems(path, schema)]
    problems += [line for path in others for line in _xml_problems(path, None)]
    if problems:
        raise StepFailed("\n".join(problems))


def _compose():
    _pass("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")


def _shell():
    scripts = _something(_relative(sorted((PROJECT / "docker").glob("*.sh"))), "script in docker/")
    problems = []
    for script in scripts:
        done = subprocess.run(["sh", "-n", script], cwd=PROJECT, capture_output=True, text=True, check=False)
        problems += [done.stderr.strip()] if done.returncode else []
    if problems:
        raise StepFailed("\n".join(problems))


def _pre_commit():
    _pass("pre-commit", "validate-config", ".pre-commit-config.yaml")


CHECKS = {
    "ruff": ("Ruff", _ruff),
    "format": ("Ruff's format", _format),
    "pylint": ("Pylint with OCA's rules for Odoo", _pylint),
    "oca": ("OCA's checks of addons", _oca),
    "po": ("OCA's checks of translations", _po),
    "xml": ("XML, by Odoo's own schema", _xml),
    "compose": ("docker-compose.yml, by its schema", _compose),
    "shell": ("The containers' scripts, by the shell itself", _shell),
    "pre-commit": (".pre-commit-config.yaml", _pre_commit),
}


def _fix_addons():
    status, output = _run(*OCA_MODULE, "--fix", *_something(_addons(), "addon"))
    # It fails for what it has just mended, too; what is left is for `make lint` to say.
    if status and "Traceback" in output:
        raise StepFailed(output)


FIXES = {
    "oca": ("OCA's fixes", _fix_addons),
    "ruff": ("Ruff's fixes", lambda: _pass("ruff", "check", "--fix", ".")),
    "format": ("Ruff's format", lambda: _pass("ruff", "format", ".")),
}


def _report(title, check):
    """Do one step; return what went wrong under its title, or None."""
    try:
        with step(title):
            check()
    except StepFailed as failure:
        return f"=== {title}\n{failure}"
    return None


def lint():
    wanted = sys.argv[1:]
    known = CHECKS
    if "--fix" in wanted:
        wanted.remove("--fix")
        known = FIXES
    if unknown := set(wanted) - set(known):
        raise StepFailed(f"There is no {', '.join(sorted(unknown))}; there are: {', '.join(known)}.")
    reports = [_report(*known[name]) for name in wanted or known]
    if failed := [report for report in reports if report]:
        raise StepFailed("\n\n".join(failed) + f"\n\n{len(failed)} of {len(reports)} failed.")


main(lint)
