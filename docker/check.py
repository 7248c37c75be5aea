#!/usr/bin/env python3
"""Fail the image's build where an addon or a library is missing: the first start would find out minutes later."""

import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import odoo.cli  # first, it sets Odoo up
import odoo.tools.pdf  # noqa: F401 - it fails where somebody installed the wrong PDF library
from odoo.modules.module import Manifest, MissingDependency, initialize_sys_path
from odoo.tools import config

ADDONS = Path(__file__).resolve().parent.parent / "addons"


def problems(names):
    """Yield what the addons miss, those included that they depend on."""
    seen, todo = set(), sorted(names)
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        manifest = Manifest.for_addon(name, display_warning=False)
        if not manifest or not manifest["installable"]:
            yield f"no addon {name}"
            continue
        try:
            manifest.check_manifest_dependencies()
        except MissingDependency as missing:
            yield f"{name}: {missing}"
        todo += manifest["depends"]


def main():
    # Its own data folder: the image's belongs to the user that Odoo runs as.
    with tempfile.TemporaryDirectory() as folder:
        config.parse_config([f"--data-dir={folder}", "--no-http"], setup_logging=True)
        initialize_sys_path()
        if not version("odoo").startswith("19.0"):
            sys.exit(f"OCA's addons need Odoo 19.0; pip sees {version('odoo')}.")
        names = {manifest.parent.name for manifest in ADDONS.glob("*/__manifest__.py")}
        found = list(problems(names)) if names else ["no addons of ours in the image"]
        sys.exit("\n".join(found) or 0)


main()
