"""What the benchmarks share: two databases from one template, Odoo processes on them, and tables.

Plain Odoo is a clone of the template with everything that our addon depends on and none of ours; ours is another clone
of the same template with ``crm_sop_sales`` installed. Both are measured in turns: what disturbs one disturbs the other.
"""

import contextlib
import multiprocessing
import os
import statistics
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tools import database, postgres, templates
from tools.console import StepFailed, main, step
from tools.paths import CONF, LOGS, PROJECT

from .report import keep

__all__ = ["main"]  # what runs a benchmark

ADDON = "crm_sop_sales"
#: Width from which a column of a table is words.
WORDS = 24
PLAIN, OURS = "bench_plain", "bench_ours"


# === DATABASES === #


@contextlib.contextmanager
def databases(*more, addons=(ADDON,)):
    """Have a plain database and one of ours, each copied as often as there are suffixes, until the block ends."""
    names = [base + suffix for suffix in ("", *more) for base in (PLAIN, OURS)]
    with postgres.running("pg-test", throw_away=True):
        template = templates.template(addons)
        try:
            with step("Databases: plain Odoo, and Odoo with ours"):
                for name in names:
                    database.drop(name)
                for name in (PLAIN, OURS):
                    database.clone(template, name)
                database.run_odoo(OURS, "-i", ",".join(addons), log="bench-install.log")
                for suffix in more:
                    for name in (PLAIN, OURS):
                        database.clone(name, name + suffix)
            yield
        finally:
            for name in names:
                database.drop(name)


@contextlib.contextmanager
def one_database(name, addon):
    """Have a database with one of our addons until the block ends."""
    with postgres.running("pg-test", throw_away=True):
        template = templates.template([addon])
        try:
            with step("Database"):
                database.drop(name)
                database.clone(template, name)
                database.run_odoo(name, "-i", addon, log="bench-install.log")
            yield
        finally:
            database.drop(name)


# === PROCESSES === #


def _serve(name, pipe):
    """Load the database's registry and answer calls until the pipe is closed."""
    os.chdir(PROJECT)
    import odoo.cli  # noqa: F401, PLC0415 - first, it sets Odoo up
    from odoo.modules.registry import Registry  # noqa: PLC0415
    from odoo.tools import config  # noqa: PLC0415

    options = ["-c", str(CONF), "-d", name, "--no-http", f"--logfile={LOGS / name}.log", "--max-cron-threads=0"]
    config.parse_config(options, setup_logging=True)
    registry = Registry(name)
    pipe.send((True, None))
    while call := pipe.recv():
        function, arguments = call
        try:
            pipe.send((True, function(registry, *arguments)))
        except Exception:  # noqa: BLE001 - whatever it is, the benchmark that asked shows it
            pipe.send((False, traceback.format_exc()))


class Odoo:
    """A process with a database's registry, like a server's worker. It runs ``function(registry, *arguments)``."""

    def __init__(self, name):
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(name, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.ours = name.startswith(OURS)

    def start(self, function, *arguments):
        self._pipe.send((function, arguments))

    def result(self):
        """Return what the call that was started returned; raise StepFailed with its traceback if it failed."""
        done, value = self._pipe.recv()
        if not done:
            raise StepFailed(value)
        return value

    def call(self, function, *arguments):
        self.start(function, *arguments)
        return self.result()

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self._pipe.send(None)
        self._process.join(20)
        self._process.kill()


@contextlib.contextmanager
def processes(*names):
    """Have one Odoo process for each name, loaded, until the block ends."""
    started = [Odoo(name) for name in names]
    try:
        for odoo in started:
            odoo.result()
        yield started
    finally:
        with ThreadPoolExecutor() as pool:
            list(pool.map(Odoo.close, started))


def all_at_once(odoos, function, *arguments, each=()):
    """Run the function in all processes at the same time; return the results and the seconds until the last had ended.

    :param each: one more, first, argument for each process
    """
    began = time.monotonic()
    for odoo, own in zip(odoos, each or [()] * len(odoos), strict=True):
        odoo.start(function, *([own] if each else []), *arguments)
    results = [odoo.result() for odoo in odoos]
    return results, time.monotonic() - began


# === INSIDE AN ODOO PROCESS === #


def transaction(registry, work, login=None):
    """Run ``work(env)`` in a transaction as Odoo runs a request, retries included.

    :return: what it returned, and how often it had to be tried again
    """
    from odoo.api import SUPERUSER_ID, Environment  # noqa: PLC0415
    from odoo.service.model import retrying  # noqa: PLC0415

    tries = []

    def attempt():
        tries.append(1)
        return work(env)

    with registry.cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        if login:
            env = env(user=_user_id(env, login))
        result = retrying(attempt, env)
    return result, len(tries) - 1


def _user_id(env, login):
    env.cr.execute("SELECT id FROM res_users WHERE login = %s", [login])
    return env.cr.fetchone()[0]


class Cost(NamedTuple):
    """What a request took.

    :param busy: milliseconds that the Odoo process and its database backends were working. One request after the other
        that is the time on an idle machine, and what else runs on this one disturbs it little
    :param wall: milliseconds by the clock
    :param queries: on all connections
    """

    busy: float
    wall: float
    queries: int


def measured(registry, work, login=None):
    """Run ``work(env)`` as a request of that user; return its :class:`Cost` and its result."""
    from odoo import sql_db  # noqa: PLC0415

    before = _backends_busy(registry)
    queries, began, worked = sql_db.sql_counter, time.perf_counter(), time.process_time()
    result, __ = transaction(registry, work, login)
    worked, wall, queries = time.process_time() - worked, time.perf_counter() - began, sql_db.sql_counter - queries
    after = _backends_busy(registry)
    worked += sum(after[pid] - before.get(pid, 0) for pid in after) / 1e9
    return Cost(worked * 1000, wall * 1000, queries), result


def _backends_busy(registry):
    """Return process id → nanoseconds on a processor, of the database's backends."""
    with registry.cursor() as cr:
        cr.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND client_port IS NOT NULL")
        pids = [pid for (pid,) in cr.fetchall()]
    return {pid: int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids}


# === FIGURES === #


def percentile(values, share):
    """Return the value below which that share of the values lies."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def median(values):
    return statistics.median(values)


def table(title, header, rows):
    """Print rows as text in columns: the first to the left, figures to the right."""
    rows = [[str(cell) for cell in row] for row in [header, *rows]]
    keep("table", title=title, header=rows[0], rows=rows[1:])
    widths = [max(len(row[place]) for row in rows) for place in range(len(header))]
    print(f"\n{title}")
    for row in rows:
        figures = zip(row[1:], widths[1:], strict=True)
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) if width < WORDS else cell for cell, width in figures)]
        print("  " + "  ".join(cells).rstrip())
    sys.stdout.flush()


def verdict(*goals):
    """Print each (words, met) pair; return the exit status: 0 where all are met."""
    print()
    keep("verdict", goals=[(words, bool(met)) for words, met in goals])
    for words, met in goals:
        print(f"  {'met   ' if met else 'MISSED'}  {words}")
    return 0 if all(met for __, met in goals) else 1
