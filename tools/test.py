"""``make test``: every addon on a database of its own, then what crosses addons on one with all of them and demo data.

Each addon is installed once. Then lanes run side by side, each on a copy of that database: two that share its tests and
the generic checks (see ``tools/lane.py``); and one that uninstalls and installs again. What crosses addons has two
lanes, and each journey a copy of its own. While they run the next database is made ready. All are dropped at the end.
Last is a real call, by Asterisk, and a load on two nodes of which one is killed.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

from . import asterisk, database, nginx, postgres, templates
from .console import StepFailed, main, step
from .paths import CONF, LOGS, PROJECT, PYTHON, our_addons

TESTS = PROJECT / "tests"
TOGETHER = "together"  # in place of an addon's name: only what crosses addons
TELEPHONY = "telephony"  # likewise: the adapter for Asterisk, and a real call
NODES = "nodes"  # likewise: two nodes behind nginx, with a replica
#: Files that take as long as others of so many bytes: they open every action.
SLOW = {"test_demo": 20_000, "test_log": 20_000}
LOG_FORMAT = ["-q", "--tb=short", "-p", "no:cacheprovider"]


class Totals:
    """How many tests ran, over all lanes, and which lanes ended badly."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.broken = []
        self._lock = threading.Lock()

    def add(self, title, report, code):
        with self._lock:
            self._add(title, report, code)

    def _add(self, title, report, code):
        ran = 0
        if report.exists():
            for suite in ET.parse(report).getroot().iter("testsuite"):
                count = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")}
                bad = count["failures"] + count["errors"]
                self.failed += bad
                self.skipped += count["skipped"]
                self.passed += count["tests"] - bad - count["skipped"]
                ran += count["tests"] - count["skipped"]
        if code or not ran:
            self.broken.append(f"{title}: {'no test ran' if not ran else f'exit status {code}'}")


def _pytest(title, totals, *arguments, **variables):
    """Run pytest, show its output in one piece when it ends, and count its tests."""
    name = title.replace(" ", "-")
    report = LOGS / f"{name}.xml"
    report.unlink(missing_ok=True)
    started = time.monotonic()
    done = subprocess.run(
        [str(PYTHON), "-m", "pytest", *LOG_FORMAT, f"--junitxml={report}", *map(str, arguments)],
        cwd=PROJECT,
        env={**database.environment(), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    (LOGS / f"{name}.log").write_text(done.stdout)
    print(f"--- {title}, {time.monotonic() - started:.0f} s\n{done.stdout}", flush=True)
    totals.add(title, report, done.returncode)


def _on(name):
    """Return pytest-odoo's options for a database."""
    return [
        f"--odoo-config={CONF}",
        f"--odoo-database={name}",
        "--odoo-http",
        "--odoo-log-level=warn",
        f"--odoo-extra=db-filter=^{name}$",
    ]


@contextlib.contextmanager
def _cloned(template, purpose):
    name = f"test_{purpose}_{os.getpid()}"
    database.clone(template, name)
    try:
        yield name
    finally:
        database.drop(name)


def _test_lane(title, addon, name, files, totals):
    _pytest(title, totals, "-p", "tools.lane", *_on(name), *files, ADDON=addon)


def _halves(addon):
    """Return the addon's test files and the generic ones in two lists."""
    return _halved([*(PROJECT / "addons" / addon / "tests").glob("test_*.py"), *(TESTS / "generic").glob("test_*.py")])


def _halved(files):
    """Return the files in two lists, as long as each other to run."""
    halves, sizes = ([], []), [0, 0]
    for file in _longest_first(files):
        shorter = sizes.index(min(sizes))
        halves[shorter].append(file)
        sizes[shorter] += _length(file)
    return halves


def _longest_first(files):
    return sorted(files, key=lambda file: (-_length(file), file))


def _length(file):
    """Return how long a file may take, beside others: by its size, unless what it goes through is elsewhere."""
    return SLOW.get(file.stem, file.stat().st_size)


def _lifecycle_lane(addon, name, template, totals):
    variables = {"ADDON": addon, "DATABASE": name, "TEMPLATE": template, "ODOO_RC": ""}
    _pytest(f"{addon} lifecycle", totals, "-p", "no:odoo", TESTS / "lifecycle", **variables)


def _prepare_addon(addon):
    """Return the addon's template and a copy of it with the addon installed. The next one's while this one is tested:
    an installation keeps one processor busy.
    """
    template = templates.template([addon])
    installed = f"test_{addon}_{os.getpid()}"
    database.clone(template, installed)
    database.run_odoo(installed, "-i", addon, "--load-language=id_ID,pl_PL", log=f"install-{addon}.log")
    return template, installed


def _test_addon(addon, template, installed, totals):
    purposes = [f"{addon}_{lane}" for lane in ("1", "2", "life")]
    title = f"{addon}: its tests, generic checks, install → uninstall → install"
    with step(title) as current, contextlib.ExitStack() as stack:
        stack.callback(database.drop, installed)
        *names, life = [stack.enter_context(_cloned(installed, purpose)) for purpose in purposes]
        with ThreadPoolExecutor() as lanes:
            running = [
                lanes.submit(_test_lane, f"{addon} {number}", addon, name, files, totals)
                for number, (name, files) in enumerate(zip(names, _halves(addon), strict=True), 1)
            ]
            running.append(lanes.submit(_lifecycle_lane, addon, life, template, totals))
        for lane in running:
            lane.result()
        current.note = "ended"


#: What the first browser on a database waits for; made once, each journey's copy has it.
BUNDLES = """
for bundle, css in (("web.assets_web", True), ("web.assets_frontend", True), ("web.assets_frontend_lazy", False)):
    env["ir.qweb"]._get_asset_bundle(bundle, css=False, js=True).js()
    if css:
        env["ir.qweb"]._get_asset_bundle(bundle, css=True, js=False).css()
"""


def _prepare_together():
    template, name = templates.template(our_addons(), demo=True), f"test_{TOGETHER}_{os.getpid()}"
    database.clone(template, name)
    addons = ",".join(our_addons())
    database.run_odoo(name, "-i", addons, "--with-demo", "--load-language=id_ID,pl_PL", log="install-together.log")
    database.run_script(name, BUNDLES, log="bundles-together.log")
    return name


def _test_together(name, totals):
    """Run two halves of what crosses addons, then the journeys, each by a server of its own: two at a time."""
    halves = _halved((TESTS / TOGETHER).glob("test_*.py"))
    journeys = _longest_first((TESTS / "journeys").glob("test_*.py"))
    with step("All addons together, with demo data") as current, contextlib.ExitStack() as stack:
        stack.callback(database.drop, name)
        with ThreadPoolExecutor(2) as lanes:
            running = [lanes.submit(_test_half, n, files, name, totals) for n, files in enumerate(halves, 1)]
            running += [lanes.submit(_test_journey, file, name, totals) for file in journeys]
        for lane in running:
            lane.result()
        current.note = "ended"


def _test_half(number, files, template, totals):
    with _cloned(template, f"{TOGETHER}_{number}") as name:
        _pytest(f"{TOGETHER} {number}", totals, "-p", "tools.lane", *_on(name), *files)


def _test_journey(file, template, totals):
    with _cloned(template, file.stem) as name:
        title = file.stem.removeprefix("test_").replace("_", " ")
        _pytest(title, totals, "-p", "no:odoo", file, DATABASE=name, ODOO_RC="")


def _prepare_contact_center(purpose):
    """Return the name of a database with the contact center, for a lane that serves it."""
    addon = "crm_contact_center"
    name = f"test_{purpose}_{os.getpid()}"
    database.clone(templates.template([addon]), name)
    database.run_odoo(name, "-i", addon, log=f"install-{purpose}.log")
    return name


def _prepare_telephony():
    asterisk.get()
    return _prepare_contact_center(TELEPHONY)


def _prepare_nodes():
    nginx.get()
    return _prepare_contact_center(NODES)


def _test_served(title, purpose, prepared, totals):
    """Run a lane of tests that serve a database themselves, alone: they watch the clock. What they need and isn't there
    is a failure.
    """
    try:
        name = prepared.result()
    except StepFailed as failure:
        totals.broken.append(f"{purpose}: {failure}")
        return
    with step(title) as current, contextlib.ExitStack() as stack:
        stack.callback(database.drop, name)
        _pytest(purpose, totals, "-p", "no:odoo", TESTS / purpose, DATABASE=name, ODOO_RC="")
        current.note = "ended"


def test():
    wanted = sys.argv[1:]
    if unknown := set(wanted) - {*our_addons(), TOGETHER, TELEPHONY, NODES}:
        raise StepFailed(f"No such addon: {', '.join(unknown)}. There are: {', '.join(our_addons())}")
    totals = Totals()
    addons = [addon for addon in our_addons() if not wanted or addon in wanted]
    with postgres.running("pg-test", throw_away=True), ThreadPoolExecutor(1) as preparer:
        prepared = [(addon, preparer.submit(_prepare_addon, addon)) for addon in addons]
        together = preparer.submit(_prepare_together) if not wanted or TOGETHER in wanted else None
        telephony = preparer.submit(_prepare_telephony) if not wanted or TELEPHONY in wanted else None
        nodes = preparer.submit(_prepare_nodes) if not wanted or NODES in wanted else None
        try:
            for addon, ready in prepared:
                _test_addon(addon, *ready.result(), totals)
            if together:
                _test_together(together.result(), totals)
            if telephony:
                _test_served("Telephone: the adapter, and a real call", TELEPHONY, telephony, totals)
            if nodes:
                _test_served("Several nodes: killed under load, replica, scheduled actions", NODES, nodes, totals)
        finally:
            preparer.shutdown(cancel_futures=True)
    for line in totals.broken:
        print(f"FAILED {line}")
    print(f"{totals.passed} passed, {totals.failed} failed, {totals.skipped} skipped")
    return bool(totals.broken or totals.failed or not totals.passed)


main(test)
