"""``make test``: every addon on a database of its own, then what crosses addons on one with all of them and demo data.

Each addon is installed once. Then lanes run side by side, each on a copy of that database: two that share its tests and
the generic checks (see ``tools/lane.py``); and one that uninstalls and installs again. What crosses addons has two,
each file on a copy of its own. While they run the next database is made ready. All are dropped at the end. Last is a
real call, by Asterisk.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

from . import asterisk, database, postgres, templates
from .console import StepFailed, main, step
from .paths import CONF, LOGS, PROJECT, PYTHON, our_addons

TESTS = PROJECT / "tests"
TOGETHER = "together"  # in place of an addon's name: only what crosses addons
TELEPHONY = "telephony"  # likewise: the adapter for Asterisk, and a real call
#: Files that take longer than their size says: they open every action.
SLOW = ("test_demo", "test_log")
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
    """Return the addon's test files and the generic ones in two lists, as long as each other to run, by their sizes."""
    halves, sizes = ([], []), [0, 0]
    files = [*(PROJECT / "addons" / addon / "tests").glob("test_*.py"), *(TESTS / "generic").glob("test_*.py")]
    for size, file in sorted(((file.stat().st_size, file) for file in files), reverse=True):
        shorter = sizes.index(min(sizes))
        halves[shorter].append(file)
        sizes[shorter] += size
    return halves


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
    with step("All addons together, with demo data") as current, contextlib.ExitStack() as stack:
        stack.callback(database.drop, name)
        files = [*(TESTS / "together").glob("test_*.py"), *(TESTS / "journeys").glob("test_*.py")]
        with ThreadPoolExecutor(2) as lanes:
            longest_first = sorted(files, key=lambda file: (file.stem in SLOW, file.stat().st_size), reverse=True)
            running = [lanes.submit(_test_crossing, file, name, totals) for file in longest_first]
        for lane in running:
            lane.result()
        current.note = "ended"


def _test_crossing(file, template, totals):
    """Run a file of tests that cross addons on its own copy of the database: journeys by a server of their own."""
    title = file.stem.removeprefix("test_").replace("_", " ")
    with _cloned(template, file.stem) as name:
        if file.parent.name == "journeys":
            _pytest(title, totals, "-p", "no:odoo", file, DATABASE=name, ODOO_RC="")
        else:
            _pytest(title, totals, *_on(name), file)


def _prepare_telephony():
    asterisk.get()
    addon = "crm_contact_center"
    name = f"test_{TELEPHONY}_{os.getpid()}"
    database.clone(templates.template([addon]), name)
    database.run_odoo(name, "-i", addon, log=f"install-{TELEPHONY}.log")
    return name


def _test_telephony(prepared, totals):
    """Call by telephone, alone: these tests watch the clock. Where there is no Asterisk, that is a failure."""
    try:
        name = prepared.result()
    except StepFailed as failure:
        totals.broken.append(f"{TELEPHONY}: {failure}")
        return
    with step("Telephone: the adapter, and a real call") as current, contextlib.ExitStack() as stack:
        stack.callback(database.drop, name)
        _pytest(TELEPHONY, totals, "-p", "no:odoo", TESTS / "telephony", DATABASE=name, ODOO_RC="")
        current.note = "ended"


def test():
    wanted = sys.argv[1:]
    if unknown := set(wanted) - {*our_addons(), TOGETHER, TELEPHONY}:
        raise StepFailed(f"No such addon: {', '.join(unknown)}. There are: {', '.join(our_addons())}")
    totals = Totals()
    addons = [addon for addon in our_addons() if not wanted or addon in wanted]
    with postgres.running("pg-test", throw_away=True), ThreadPoolExecutor(1) as preparer:
        prepared = [(addon, preparer.submit(_prepare_addon, addon)) for addon in addons]
        together = preparer.submit(_prepare_together) if not wanted or TOGETHER in wanted else None
        telephony = preparer.submit(_prepare_telephony) if not wanted or TELEPHONY in wanted else None
        try:
            for addon, ready in prepared:
                _test_addon(addon, *ready.result(), totals)
            if together:
                _test_together(together.result(), totals)
            if telephony:
                _test_telephony(telephony, totals)
        finally:
            preparer.shutdown(cancel_futures=True)
    for line in totals.broken:
        print(f"FAILED {line}")
    print(f"{totals.passed} passed, {totals.failed} failed, {totals.skipped} skipped")
    return bool(totals.broken or totals.failed or not totals.passed)


main(test)
