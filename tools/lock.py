"""``make lock``: write constraints.txt, the exact version of every library, from what is installed."""

import subprocess

from .console import main, step
from .environment import CONSTRAINTS
from .paths import PYTHON

HEADER = "# Exact versions of all that the requirements files pull in: `make lock` writes it.\n"
NOT_OURS = ("pip==", "setuptools==", "odoo==", "odoo-addon-")


def lock():
    with step("constraints.txt"):
        frozen = subprocess.run([PYTHON, "-m", "pip", "freeze"], capture_output=True, text=True, check=True).stdout
        lines = [line for line in frozen.splitlines() if "==" in line and not line.startswith(NOT_OURS)]
        CONSTRAINTS.write_text(HEADER + "".join(f"{line}\n" for line in sorted(lines, key=str.lower)))


main(lock)
