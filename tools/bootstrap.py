"""Bring this machine to where Odoo can run, then go on as the tool that was asked for, inside the virtual environment.

``python3 -m tools.bootstrap run`` needs nothing but Python's standard library, apt and dpkg.
"""

import os
import sys

from . import environment, odoo_source, system
from .console import StepFailed, main
from .paths import LOGS, PROJECT, PYTHON

TOOLS = {
    "run": (system.PDF, {}),
    "nodes": (system.PDF, {}),
    "backup": ({}, {}),
    "restore": ({}, {}),
    "test": ({}, system.PDF | system.BROWSER),
    "odoo_tests": ({}, system.PDF | system.BROWSER),
    "upgrade": ({}, {}),
    "lint": ({}, {}),
    "translations": ({}, {}),
    "lock": ({}, {}),
    "prepare": ({}, {}),
}


def bootstrap():
    tool, *arguments = sys.argv[1:] or ["prepare"]
    if tool not in TOOLS:
        raise StepFailed(f"There is no tool {tool!r}; there are: {', '.join(TOOLS)}.")
    if sys.version_info < (3, 10):
        raise StepFailed("Odoo 19 needs Python 3.10 or newer.")
    LOGS.mkdir(parents=True, exist_ok=True)
    environment.prepare(odoo_source.get())
    wanted, needed = TOOLS[tool]
    if needed:
        system.ensure("PDF printer and browser for the tests", needed, needed=True)
    if wanted:
        system.ensure("PDF printer", wanted)
    if tool != "prepare":
        os.chdir(PROJECT)
        os.execv(PYTHON, [str(PYTHON), "-m", f"tools.{tool}", *arguments])


main(bootstrap)
