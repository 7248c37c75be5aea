"""``make test-upgrade``: a database of the release before, with demo data, brought to this one. Is it whole, and is it
what a fresh installation is?

The release before is the last tag before this commit; without tags, the last commit of an earlier day: what somebody
may have installed. ``FROM=commit`` names another one. Its own tools make its database, from its files in a folder of
their own; Odoo and OCA's addons are those of now. Then the addons that changed are updated, as `make run` does it. And:

* Odoo's log has no warning,
* every record is there, in all tables, Odoo's too, and every value is what it was, but for what data files define,
* the structure is that of a fresh installation, and so are rights, rules, views, menus, actions and jobs,
* every action of ours opens, for everybody.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from . import database, postgres, templates, whole
from .console import StepFailed, call, main, step
from .paths import CONF, HOME, LOGS, PROJECT, PYTHON, our_addons
from .run import fingerprints
from .structure import structure

OLD, UPGRADED, FRESH = (f"upgrade_{what}_{os.getpid()}" for what in ("old", "upgraded", "fresh"))
INSTALL = """
import sys
from tools import database, templates
from tools.paths import our_addons
name = sys.argv[1]
database.clone(templates.template(our_addons(), demo=True), name)
options = ["-i", ",".join(our_addons()), "--with-demo", "--load-language=id_ID,pl_PL"]
database.run_odoo(name, *options, log=f"{name}.log")
"""
#: What an upgrade has to bring to where a fresh installation is, noupdate or not.
ENFORCED = (
    "ir.model",
    "ir.rule",
    "ir.ui.",
    "ir.actions.",
    "ir.cron",
    "res.groups",
)
#: "table.column" → why an update may change it.
MEANT = {}


def _git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _previous():
    """Return the commit of the release before this one."""
    if tag := _git("describe", "--tags", "--abbrev=0", "HEAD^"):
        return tag
    day = _git("log", "-1", "--format=%cs")
    if commit := _git("rev-list", "-1", f"--until={day}T00:00:00Z", "HEAD"):
        return commit
    raise StepFailed("There is neither a tag nor a commit of an earlier day. Name one: make test-upgrade FROM=commit")


@contextmanager
def _extracted(commit):
    """Have a commit's files in a folder until the block ends, as if it were the project."""
    folder = HOME / f"upgrade-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        with (
            subprocess.Popen(["git", "archive", commit], cwd=PROJECT, stdout=subprocess.PIPE) as archive,
            tarfile.open(fileobj=archive.stdout, mode="r|") as files,
        ):
            files.extractall(folder, filter="data")
        for shared in (HOME, PYTHON.parent.parent):
            (folder / shared.name).symlink_to(shared)
        yield folder
    finally:
        shutil.rmtree(folder)


def _install(name, project):
    """Make a database with all addons of a project and demo data, by the tools of that project."""
    advice = f"Its log: {LOGS / name}.log"
    command = [PYTHON, "-c", INSTALL, name]
    call(command, advice, LOGS / f"{name}-tools.log", cwd=project)


def _update(folder):
    """Update and install what differs from the release in a folder; return it in words."""
    old, new = fingerprints(folder / "addons"), fingerprints()
    changed = sorted(addon for addon in new if addon in old and old[addon] != new[addon])
    added = sorted(new.keys() - old.keys())
    flags = [flag for key, names in (("-u", changed), ("-i", added)) if names for flag in (key, ",".join(names))]
    if not flags:
        raise StepFailed("No addon has changed since. Name an earlier commit: make test-upgrade FROM=commit")
    database.run_odoo(UPGRADED, *flags, log="upgrade-update.log")
    return " ".join(flags)


def _definitions(name):
    """Return XML id → model, noupdate, values, of all records that our addons' files define."""
    path = LOGS / f"{name}.json"
    script = (PROJECT / "tools/definitions.py").read_text()
    database.run_script(
        name, f"PATH, ADDONS = {str(path)!r}, {our_addons()!r}\n{script}", log=f"{name}-definitions.log"
    )
    return {xml_id: (model, noupdate, values) for model, xml_id, noupdate, values in json.loads(path.read_text())}


def _compare_structure():
    """Return how the upgraded database's structure differs from a fresh one's."""
    ours, fresh = structure(UPGRADED), structure(FRESH)
    missing = [f"{kind}: missing {one}" for kind in fresh for one in sorted(fresh[kind] - ours[kind], key=str)]
    return missing + [f"{kind}: left over {one}" for kind in fresh for one in sorted(ours[kind] - fresh[kind], key=str)]


def _compare_definitions():
    """Return how what data files define differs from a fresh installation, and what else is kept as it was."""
    ours, fresh = _definitions(UPGRADED), _definitions(FRESH)
    findings, kept = [], []
    for xml_id, (model, noupdate, values) in fresh.items():
        _model, _noupdate, found = ours.get(xml_id, (model, noupdate, None))
        if found is None:
            what = f"{xml_id} ({model}) is missing"
        elif wrong := sorted(key for key in values if values[key] != found.get(key)):
            shown = (f"{key} {str(found.get(key))[:200]!r}, fresh {str(values[key])[:200]!r}" for key in wrong)
            what = f"{xml_id} ({model}): {', '.join(shown)}"
        else:
            continue
        (findings if model.startswith(ENFORCED) or not noupdate else kept).append(what)
    findings += [f"{xml_id} ({ours[xml_id][0]}) is left over" for xml_id in ours.keys() - fresh.keys()]
    return findings, kept


def _open_screens():
    """Return what is wrong with the screens: what ``make test`` finds on a fresh database, but for new demo data."""
    options = [f"--odoo-config={CONF}", f"--odoo-database={UPGRADED}", "--odoo-http", "--odoo-log-level=warn"]
    options += [f"--odoo-extra=db-filter=^{UPGRADED}$", "-k", "not demo_data_is_there"]
    command = [str(PYTHON), "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "-p", "tools.lane", *options]
    log = LOGS / "upgrade-screens.log"
    with log.open("w") as output:
        done = subprocess.run(
            [*command, "tests/together/test_demo.py"],
            cwd=PROJECT,
            env=database.environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return [f"{log.read_text(errors='replace')[-3000:]}\nwhole log: {log}"] if done.returncode else []


def _make(commit):
    """Make the three databases."""
    with _extracted(commit) as folder, ThreadPoolExecutor(2) as lanes:
        with step(f"Databases: of {commit[:12]}, and of now, with demo data") as current:
            template = templates.template(our_addons(), demo=True)
            current.progress(f"some minutes; from {template}")
            for done in [lanes.submit(_install, OLD, folder), lanes.submit(_install, FRESH, PROJECT)]:
                done.result()
        with step("Upgrade") as current:
            database.clone(OLD, UPGRADED)
            current.skip(_update(folder))


def _report(title, findings):
    with step(title) as current:
        current.skip(f"{len(findings)} findings" if findings else "as it should be")
    for finding in findings[:60]:
        print(f"  FAILED {finding}")
    return len(findings)


def upgrade():
    commit = (sys.argv[1:] or [_previous()])[0]
    if not _git("rev-parse", "--verify", f"{commit}^{{commit}}"):
        raise StepFailed(f"There is no commit {commit}.")
    with postgres.running("pg-test", throw_away=True):
        try:
            _make(commit)
            found, count, tables = whole.compare(OLD, UPGRADED)
            found = [one for one in found if one.partition(":")[0] not in MEANT]
            bad = _report(f"{count:,} records in {tables} tables are there, and what they were", found)
            bad += _report("Structure as of a fresh installation", _compare_structure())
            found, kept = _compare_definitions()
            bad += _report("Rights, rules, views, actions, jobs as of a fresh installation", found)
            log = LOGS / "upgrade-kept.txt"
            log.write_text("\n".join(kept))
            print(f"  {len(kept)} records that a new database has otherwise are as people may have left them: {log}")
            bad += _report("Every action opens, for everybody; jobs run", _open_screens())
        finally:
            for name in (OLD, UPGRADED, FRESH):
                database.drop(name)
    print(f"\nUpgrade from {commit[:12]}: {'whole' if not bad else f'{bad} findings'}")
    return bool(bad)


if __name__ == "__main__":
    main(upgrade)
