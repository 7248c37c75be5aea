"""The virtual environment: pinned libraries, and Odoo importable from wherever its source is."""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from .console import StepFailed, call, step
from .paths import LOGS, PROJECT, PYTHON, ROOT, VENV

CONSTRAINTS = PROJECT / "constraints.txt"
REQUIREMENTS = [PROJECT / name for name in ("requirements.txt", "requirements-odoo.txt", "requirements-dev.txt")]
OCA = PROJECT / "requirements-oca.txt"
ADVICE = "Is a package registry within reach? The versions are pinned in constraints.txt."


def _fingerprint():
    digest = hashlib.sha256()
    for file in (CONSTRAINTS, *REQUIREMENTS, OCA):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _pip_wheel():
    """Return the pip that Debian ships as a wheel: its Python can't make one by itself."""
    for folder in (ROOT / "usr/share/python-wheels", "/usr/share/python-wheels"):
        for wheel in sorted(Path(folder).glob("pip-*.whl")):
            return wheel
    raise StepFailed(
        "This Python has neither ensurepip nor pip. As root: apt-get install python3-venv, then try again."
    )


def _make_venv():
    shutil.rmtree(VENV, ignore_errors=True)
    log = LOGS / "venv.log"
    advice = "Python 3.11 with its venv module is needed (Debian: python3)."
    if importlib.util.find_spec("ensurepip"):
        call([sys.executable, "-m", "venv", VENV], advice, log)
        return
    wheel = _pip_wheel()
    call([sys.executable, "-m", "venv", "--without-pip", VENV], advice, log)
    call([PYTHON, wheel / "pip", "install", "--no-index", wheel], advice, log)


def _usable():
    """Whether there is a virtual environment that runs: not one half made, nor of a Python that is gone."""
    check = [PYTHON, "-m", "pip", "--version"]
    return PYTHON.exists() and subprocess.run(check, capture_output=True, check=False).returncode == 0


def _link_odoo(source):
    """Make ``import odoo`` find the source, and pip see it as installed so that OCA's wheels accept it."""
    packages = subprocess.run(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    packages = Path(packages)
    (packages / "odoo-source.pth").write_text(f"{source}\n")
    metadata = packages / "odoo-19.0.dist-info"
    if any(source.glob("odoo*-info")):
        shutil.rmtree(metadata, ignore_errors=True)
        return
    metadata.mkdir(exist_ok=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: odoo\nVersion: 19.0\n")
    (metadata / "INSTALLER").write_text("make run\n")


def prepare(source):
    """Make the virtual environment for the Odoo in ``source``; do nothing where it is up to date."""
    stamp = VENV / "requirements.sha256"
    wanted = _fingerprint()
    with step("Python libraries, pinned") as current:
        if stamp.exists() and stamp.read_text() == wanted:
            current.skip("already here")
        else:
            if not _usable():
                current.progress("making a virtual environment")
                _make_venv()
            _link_odoo(source)
            current.progress("installing, about a minute")
            requirements = [flag for file in REQUIREMENTS for flag in ("-r", file)]
            install = [PYTHON, "-m", "pip", "install"]
            call([*install, "-c", CONSTRAINTS, *requirements], ADVICE, LOGS / "pip.log")
            call([*install, "--no-deps", "-r", OCA], ADVICE, LOGS / "pip-oca.log")
            stamp.write_text(wanted)
        _link_odoo(source)
