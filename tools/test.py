"""``make test``: every addon on a database of its own, then what crosses addons on one with all of them and demo data.

Each addon has lanes that run side by side: two that share its tests and the generic checks; and install, uninstall,
install again. All databases are clones of templates and are dropped at the end.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

from . import database, postgres, templates
from .console import StepFailed, main, step
from .paths import CONF, LOGS, PROJECT, PYTHON, our_addons

TESTS = PROJECT / "tests"
TOGETHER = "together"  # in place of an addon's name: only what crosses addons
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


def _test_lane(addon, template, totals):
    with _cloned(template, addon) as name:
        database.run_odoo(name, "-i", addon, "--load-language=id_ID,pl_PL", log=f"install-{addon}.log")
        with _cloned(name, f"{addon}_too") as other, ThreadPoolExecutor() as lanes:
            halves = zip((name, other), _halves(addon), strict=True)
            running = [
                lanes.submit(_pytest, f"{addon} {number}", totals, "-p", "tools.lane", *_on(own), *files, ADDON=addon)
                for number, (own, files) in enumerate(halves, 1)
            ]
        for lane in running:
            lane.result()


def _halves(addon):
    """Return the addon's test files and the generic ones in two lists, as long as each other to run, by their sizes."""
    halves, sizes = ([], []), [0, 0]
    files = [*(PROJECT / "addons" / addon / "tests").glob("test_*.py"), *(TESTS / "generic").glob("test_*.py")]
    for size, file in sorted(((file.stat().st_size, file) for file in files), reverse=True):
        shorter = sizes.index(min(sizes))
        halves[shorter].append(file)
        sizes[shorter] += size
    return halves


def _lifecycle_lane(addon, template, totals):
    with _cloned(template, f"{addon}_life") as name:
        _pytest(
            f"{addon} lifecycle", totals, "-p", "no:odoo", TESTS / "lifecycle", ADDON=addon, DATABASE=name, ODOO_RC=""
        )


def _test_addon(addon, totals):
    template = templates.template([addon])
    with step(f"{addon}: its tests, generic checks, install → uninstall → install") as current:
        with ThreadPoolExecutor() as lanes:
            running = [lanes.submit(lane, addon, template, totals) for lane in (_test_lane, _lifecycle_lane)]
        for lane in running:
            lane.result()
        current.note = "ended"


def _test_together(totals):
    template = templates.template(our_addons(), demo=True)
    with step("All addons together, with demo data") as current, _cloned(template, "together") as name:
        addons = ",".join(our_addons())
        database.run_odoo(name, "-i", addons, "--with-demo", "--load-language=id_ID,pl_PL", log="install-together.log")
        _pytest("together", totals, *_on(name), TESTS / "together")
        for journey in sorted((TESTS / "journeys").glob("test_*.py")):
            _test_journey(journey, name, totals)
        current.note = "ended"


def _test_journey(journey, template, totals):
    title = journey.stem.removeprefix("test_").replace("_", " ")
    with _cloned(template, journey.stem) as name:
        _pytest(title, totals, "-p", "no:odoo", journey, DATABASE=name, ODOO_RC="")


def test():
    wanted = sys.argv[1:]
    if unknown := set(wanted) - {*our_addons(), TOGETHER}:
        raise StepFailed(f"No such addon: {', '.join(unknown)}. There are: {', '.join(our_addons())}")
    totals = Totals()
    with postgres.running("pg-test", throw_away=True):
        for addon in our_addons():
            if not wanted or addon in wanted:
                _test_addon(addon, totals)
        if not wanted or TOGETHER in wanted:
            _test_together(totals)
    for line in totals.broken:
        print(f"FAILED {line}")
    print(f"{totals.passed} passed, {totals.failed} failed, {totals.skipped} skipped")
    return bool(totals.broken or totals.failed or not totals.passed)


main(test)
