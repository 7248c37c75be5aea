"""Get Asterisk and SIPp to test the telephone with: Debian's packages, extracted beside Odoo's, nothing installed.

They are unstable's, with every library they need, the C library among them: the machine's own are too old for them,
so programs are started by the loader that came along. As with Odoo, apt works in a private folder, asks the mirror that
the machine already uses, and Debian's keyring checks the signatures.
"""

import shutil
import subprocess

from . import odoo_source
from .console import call, step, watched
from .paths import HOME, LOGS

FOLDER = HOME / "asterisk"
ROOT = FOLDER / "root"
PACKAGES = ("asterisk", "sip-tester")
# What installing would need, running doesn't.
LEFT_OUT = (
    "adduser",
    "debconf",
    "dirmngr",
    "gnupg",
    "gpg",
    "libperl",
    "libpython",
    "login",
    "passwd",
    "perl",
    "python",
)
ADVICE = (
    "The test of a real call needs Asterisk and SIPp from a Debian mirror (about 90 MB, once). "
    "All else is tested without them: make test ADDON=crm_contact_center."
)


def _apt(command, *arguments):
    """Return an apt command line: with the machine's own sources until ours are written."""
    # An empty status, as if nothing were installed, so that all libraries come; the system's own lock is for those who
    # install.
    apt, sources = FOLDER / "apt", FOLDER / "apt/sources.list"
    unlocked = {"Debug::NoLocking": 1}
    return odoo_source.private_apt(apt, command, *arguments, sources=sources.exists() and sources, **unlocked)


def _prepare(log):
    apt = FOLDER / "apt"
    for folder in ("state", "lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    call(_apt("update"), ADVICE, log)
    mirror = odoo_source.mirror(_apt, ADVICE)
    (apt / "sources.list").write_text(f"deb [signed-by={odoo_source.KEYRING}] {mirror} unstable main\n")


def _download(current, log):
    archives = FOLDER / "apt/cache/archives"
    call(_apt("update"), ADVICE, log)
    with watched(
        current, lambda: f"{sum(deb.stat().st_size for deb in archives.glob('*.deb')) / 1e6:.0f} MB of about 90"
    ):
        call(_apt("install", "--download-only", "--no-install-recommends", "-y", *PACKAGES), ADVICE, log)
    return sorted(archives.glob("*.deb"))


def get():
    """Have Asterisk and SIPp in the project.

    :raise StepFailed: they can't be had here
    """
    complete = FOLDER / "complete"
    with step("Asterisk and SIPp from Debian's packages") as current:
        if complete.exists():
            current.skip(f"already here ({complete.read_text().strip()})")
            return
        shutil.rmtree(FOLDER, ignore_errors=True)
        current.progress("asking the mirror")
        log = LOGS / "asterisk-apt.log"
        _prepare(log)
        files = _download(current, log)
        current.progress("unpacking")
        for deb in files:
            if not deb.name.startswith(LEFT_OUT):
                call(["dpkg", "-x", deb, ROOT], "Is the disk full?", LOGS / "asterisk-dpkg.log")
        shutil.rmtree(FOLDER / "apt")
        current.progress("trying them")
        version = _version()
        complete.write_text(version + "\n")
        current.note = version


def _version():
    call(program("asterisk", "-V"), ADVICE, LOGS / "asterisk-try.log")
    return subprocess.run(program("asterisk", "-V"), capture_output=True, text=True, check=True).stdout.strip()


def libraries():
    """Return the folder of the libraries that came along, by the machine's kind."""
    return next(ROOT.glob("usr/lib/*-linux-gnu*"))


def program(name, *arguments):
    """Return the command line of one of the programs that came along."""
    folder = libraries()
    loader = next(folder.glob("ld-linux*.so.*"))
    path = next(ROOT / place / name for place in ("usr/bin", "usr/sbin") if (ROOT / place / name).exists())
    return [str(loader), "--library-path", f"{folder}:{folder / 'asterisk'}", str(path), *map(str, arguments)]
