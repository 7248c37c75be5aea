"""``make test-odoo``: Odoo's own tests, and OCA's, with our addons installed and without: what fails only with ours?

Both databases are made from scratch as Odoo makes them, without demo data and with nothing of ours but the addons. Each
module's tests run in both at once; with ours they are played by the procedure (:mod:`tools.procedure`). A test that
fails in plain Odoo, too, is nothing of ours; one that fails only with ours has to be mended, or stands in
:data:`MEANT` with the clause that wants it so.
"""

import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import database, postgres, templates
from .console import StepFailed, main, step
from .paths import CONF, LOGS, PROJECT, PYTHON, our_addons

MODULES = ("crm", "sale", "sale_crm", "sale_stock", "stock", "stock_delivery", "account", "helpdesk_mgmt", "contract")
PLAIN, OURS = "odootests_plain", "odootests_ours"
FIND = "import importlib.util, sys, odoo.addons; print(importlib.util.find_spec('odoo.addons.' + sys.argv[1]).origin)"
#: Test → the clause that changes on purpose what it expects.
MEANT = {}


def _make_databases():
    with step("Databases: plain Odoo, and with all our addons") as current:
        for name in (PLAIN, OURS):
            database.drop(name)
        current.progress("plain")
        database.create(PLAIN)
        modules = ",".join(templates.closure(our_addons())[1])
        database.run_odoo(PLAIN, "-i", modules, log="odootests-plain.log")
        database.run_script(PLAIN, templates.LAST_SCRIPT, log="odootests-plain-last.log")
        current.progress("ours")
        database.clone(PLAIN, OURS)
        database.run_odoo(OURS, "-i", ",".join(our_addons()), log="odootests-ours.log")


def _tests_of(module):
    """Return the folder of a module's tests."""
    done = subprocess.run([str(PYTHON), "-c", FIND, module], cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StepFailed(f"There is no module {module}: {done.stderr[-300:]}")
    return Path(done.stdout.strip()).parent / "tests"


def _run(module, name):
    """Run a module's tests on a database; return test → why it failed, or "" where it passed."""
    report = LOGS / f"{name}-{module}.xml"
    report.unlink(missing_ok=True)
    played = ["-p", "tools.procedure"] if name == OURS else []
    options = [*played, f"--odoo-config={CONF}", f"--odoo-database={name}", "--odoo-http", "--odoo-log-level=critical"]
    command = [str(PYTHON), "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider", f"--junitxml={report}"]
    with (LOGS / f"{name}-{module}.log").open("w") as log:
        subprocess.run(
            [*command, *options, f"--odoo-extra=db-filter=^{name}$", str(_tests_of(module))],
            cwd=PROJECT,
            env=database.environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if not report.exists():
        raise StepFailed(f"{module}'s tests didn't run on {name}: {log.name}")
    return dict(_outcomes(ET.parse(report).getroot()))


def _outcomes(report):
    for case in report.iter("testcase"):
        if case.find("skipped") is None:
            bad = [node.get("message") or "failed" for kind in ("failure", "error") for node in case.findall(kind)]
            yield f"{case.get('classname').split('.')[-1]}.{case.get('name')}", "\n".join(bad)


def _compare(module):
    """Return how many tests ran, how many fail in plain Odoo, and test → why it fails with our addons only."""
    with ThreadPoolExecutor(2) as lanes:
        plain, ours = lanes.map(lambda name: _run(module, name), (PLAIN, OURS))
    missing = dict.fromkeys(plain.keys() - ours.keys(), "didn't run")
    only = {test: why for test, why in ours.items() if why and not plain.get(test)}
    return len(ours), sum(map(bool, plain.values())), only | missing


def test_odoo():
    modules = sys.argv[1:] or MODULES
    found, lines = {}, []
    with postgres.running("pg-test", throw_away=True):
        try:
            _make_databases()
            for module in modules:
                with step(f"{module}: its tests, in both") as current:
                    ran, failing, only = _compare(module)
                    current.note = f"{ran} ran, {failing} fail in plain Odoo, {len(only)} only with ours"
                    lines.append(f"  {module:16}{ran:6}{failing:8}{len(only):8}")
                found |= {f"{module}: {test}": why for test, why in only.items() if test not in MEANT}
                if not ran:
                    found[module] = "no test ran"
        finally:
            for name in (PLAIN, OURS):
                database.drop(name)
    print(f"\n  {'module':16}{'tests':>6}{'plain':>8}{'ours':>8}", *lines, sep="\n")
    for test, why in found.items():
        print(f"\nFAILED only with ours: {test}\n  {why[:600]}")
    return bool(found)


main(test_odoo)
