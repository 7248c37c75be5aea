"""What Debian has to install itself: the PDF printer, and the browser that the tests drive."""

import os
import shutil
import subprocess

from .console import StepFailed, call, step
from .paths import LOGS

PDF = {"wkhtmltopdf": "wkhtmltopdf"}
BROWSER = {"chromium": "chromium"}


def _installer():
    """Return the prefix that makes apt-get work here, or None where it can't."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def _install(prefix, packages):
    """Install the packages; return whether that went well."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            call([*prefix, "apt-get", "-q", *command], "", LOGS / "apt-install.log", env=quiet)
    except StepFailed:
        return False
    return True


def ensure(title, programs, needed=False):
    """Have each program (name → package) on this machine, or name the command that brings it.

    Raise StepFailed where one is missing and ``needed``.
    """
    with step(title) as current:
        missing = sorted(package for program, package in programs.items() if not shutil.which(program))
        if not missing:
            current.skip("already here")
            return
        prefix = _installer()
        if prefix is not None:
            current.progress(f"installing {', '.join(missing)}")
            if _install(prefix, missing):
                return
        advice = f"{', '.join(missing)} is missing; as root: apt-get update && apt-get install {' '.join(missing)}"
        if needed:
            raise StepFailed(advice)
        current.skip(advice)
