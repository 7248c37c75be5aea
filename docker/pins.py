#!/usr/bin/env python3
"""Print the constraints under which pip may add our requirements to the official image.

constraints.txt pins Odoo's own libraries, too, at the versions of `make run`. The image brings them from Ubuntu, and
OCA's addons require `odoo`, so pip would replace them all. Therefore: what the image has stays at the version that it
has, what our requirements name gets the version that they name, and the rest comes as constraints.txt pins it. A
requirement that contradicts what the image has fails the build instead of changing a library under Odoo.
"""

import re
import sys
from importlib.metadata import distributions
from pathlib import Path

PIN = re.compile(r"([A-Za-z0-9][\w.-]*)==([^\s#;]+)")


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(file):
    """Return name → version of each pinned line of a requirements file."""
    found = (PIN.match(line) for line in Path(file).read_text(encoding="utf-8").splitlines())
    return {canonical(match[1]): match[2] for match in found if match}


def allowed(requirements, constraints, installed):
    """Return name → version of what pip may have in the end."""
    kept = {name: installed[name] for name in constraints if name in installed}
    return constraints | kept | requirements


def main():
    constraints, *requirements = sys.argv[1:]
    # The first one found is the one that Python imports.
    installed = {}
    for distribution in distributions():
        if distribution.name:
            installed.setdefault(canonical(distribution.name), distribution.version)
    named = {name: version for file in requirements for name, version in pins(file).items()}
    for name, version in sorted(allowed(named, pins(constraints), installed).items()):
        print(f"{name}=={version}")


if __name__ == "__main__":
    main()
