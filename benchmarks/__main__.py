"""``make bench``: all benchmarks, one after the other, and their results as a page; about an hour and a half.

``python -m benchmarks routing holds`` runs those only, and writes no page.
"""

import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from tools.console import main
from tools.paths import PROJECT

from . import report

NAMES = (
    "pick_and_swap",
    "stock_growth",
    "order_cost",
    "holds",
    "http_confirm",
    "phone_search",
    "random_carts",
    "card_numbers",
    "courier_day",
    "whatsapp_faults",
    "whatsapp_blast",
    "followups",
    "followup_days",
    "vehicle_import",
    "last_slot",
    "contracts",
    "routing",
    "telephony",
)


def _run(name, folder):
    """Run one; return what :func:`report.write` takes of it."""
    kept, began = folder / name, time.monotonic()
    status = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}"],
        cwd=PROJECT,
        env={**os.environ, report.KEPT: str(kept)},
        check=False,
    ).returncode
    words = Path(find_spec(f"benchmarks.{name}").origin).read_text().removeprefix('"""').splitlines()[0]
    return name, words.removesuffix('"""'), time.monotonic() - began, status, report.read(kept)


def run():
    about, wanted, results = report.machine(), sys.argv[1:], []
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted or NAMES:
            results.append(_run(name, Path(folder)))
            if not wanted:
                report.write(about, results)  # so that an interrupted run leaves what it found
    missed = [name for name, __, ___, status, ____ in results if status]
    print(f"\nMissed a goal or failed: {', '.join(missed) or 'none'}")
    return len(missed)


main(run)
