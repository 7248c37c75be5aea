"""Where things are. Everything that is fetched, built or served lives in two ignored folders of the project."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ADDONS = PROJECT / "addons"
CONF = PROJECT / "odoo.conf"

HOME = PROJECT / ".odoo"
APT = HOME / "apt"
ROOT = HOME / "root"
DIST_PACKAGES = ROOT / "usr/lib/python3/dist-packages"
LOGS = HOME / "logs"
DATA = HOME / "data"

VENV = PROJECT / ".venv"
PYTHON = VENV / "bin/python"


def our_addons():
    """Return the names of this project's addons, sorted."""
    return sorted(manifest.parent.name for manifest in ADDONS.glob("*/__manifest__.py"))
