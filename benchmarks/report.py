"""What the benchmarks of one run found, kept as they end and written as a page: ``benchmarks/RESULTS.md``."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from tools import postgres
from tools.paths import HOME

PAGE = Path(__file__).parent / "RESULTS.md"
#: In the environment of a benchmark: the file to which it adds what it finds, a line of JSON each.
KEPT = "BENCHMARK_FINDINGS"
HEADER = """# Results of all benchmarks

`make bench` writes this page. A benchmark takes turns with its peer, plain Odoo or the plain way, so that other work on
the machine disturbs both; what counts are the ratios. Each file's docstring says what is measured.

| machine | |
|---|---|
"""


def keep(kind, **found):
    """Add a finding to the run's file, where there is a run."""
    if path := os.environ.get(KEPT):
        with Path(path).open("a") as findings:
            findings.write(json.dumps({"kind": kind, **found}) + "\n")


def read(path):
    """Return the findings that a benchmark kept."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def machine():
    """Return what ran the benchmarks: words → words."""
    cpu = {line.split(":")[0].strip(): line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if ":" in line}
    memory = next(int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal"))
    with postgres.running("pg-test", throw_away=True):
        ((server,),) = postgres.execute("postgres", "SHOW server_version")
    odoo = HOME / "odoo-complete"
    return {
        "begun": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "processor": f"{os.cpu_count()} × {cpu.get('model name', platform.machine())}",
        "memory": f"{memory / 2**20:.0f} GiB",
        "load when it began": f"{os.getloadavg()[0]:.1f}",
        "software": f"Odoo {odoo.read_text().strip() if odoo.exists() else '19.0'}, PostgreSQL {server}, "
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}",
    }


def _lines(path):
    return Path(path).read_text().splitlines()


def write(about, results):
    """Write the page.

    :param about: what :func:`machine` returned
    :param results: (name of a benchmark, its first line of words, seconds, exit status, findings)
    """
    parts = [HEADER, *(f"| {name} | {value} |\n" for name, value in about.items())]
    parts.append("\n## Goals\n\n| benchmark | goal | |\n|---|---|---|\n")
    for name, __, ___, status, findings in results:
        goals = [goal for found in findings if found["kind"] == "verdict" for goal in found["goals"]]
        parts += [f"| {name} | {_cell(words)} | {'met' if met else '**missed**'} |\n" for words, met in goals]
        if not goals:
            parts.append(
                f"| {name} | {'no goal' if not status else 'failed'} | {'' if not status else '**missed**'} |\n"
            )
    for name, words, seconds, __, findings in results:
        parts.append(f"\n## {name}\n\n{words} ({seconds / 60:.0f} min)\n")
        parts += [_table(found) for found in findings if found["kind"] == "table"]
    PAGE.write_text("".join(parts))


def _table(found):
    head, *rows = [[_cell(cell) for cell in row] for row in (found["header"], *found["rows"])]
    lines = [head, ["---"] * len(head), *rows]
    return f"\n{found['title']}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value):
    return str(value).strip().replace("|", "\\|")
