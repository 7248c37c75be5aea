"""Solve a plan: as well as this machine can."""

import json
import logging
import os
import subprocess
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from . import greedy
from .problem import shift_from_json

_logger = logging.getLogger(__name__)

CHILD = Path(__file__).with_name("child.py")
#: Seconds that the process may take beyond the search itself: to start, to build the model, to write.
MORE = 25


def has_solver():
    """Return whether ``ortools`` is installed."""
    return find_spec("ortools") is not None


def solve(problem, seconds):
    """Return (shifts, ``proven``, ``best`` or ``greedy``): the last where ``ortools`` isn't there, or failed."""
    simple = greedy.solve(problem)
    if not has_solver() or not seconds:
        return simple, "greedy"
    values = {"problem": problem.as_json(), "seconds": seconds, "hint": [asdict(shift) for shift in simple]}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(
            [sys.executable, "-s", str(CHILD)],
            input=json.dumps(values).encode(),
            capture_output=True,
            timeout=seconds + MORE,
            env=environment,
            check=True,
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        _logger.warning("The solver failed, the plan is a simple one: %s", getattr(error, "stderr", None) or error)
        return simple, "greedy"
    shifts = [shift_from_json(one) for one in answer["shifts"]]
    if problem.short(shifts) > problem.short(simple):
        return simple, "best"
    return shifts, "proven" if answer["proven"] else "best"
