"""Get Odoo 19: a checkout that ``ODOO_SRC`` names, or Debian's own package, extracted into the project.

Nothing is installed system-wide and root isn't needed: apt works in a private folder, asks the mirrors that the machine
already uses, and Debian's keyring checks the signatures.
"""

import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

from .console import StepFailed, call, step, watched
from .paths import APT, DIST_PACKAGES, HOME, LOGS, ROOT

# Odoo's web assets are relative links into these packages' folders.
UNSTABLE = (
    "odoo-19",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-roboto-unhinted",
    "fonts-glyphicons-halflings",
    "fonts-ocr-b",
    "fonts-montserrat",
)
# Odoo wants Font Awesome 4.7 and Inconsolata.otf: unstable's are too new. The pip wheel is for want of ensurepip.
BOOKWORM = ("fonts-font-awesome", "fonts-inconsolata", "python3-pip-whl")
# Not in Debian's package, and every page logs an error without it; it only blurs the background of video calls.
MISSING_ASSET = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

ADVICE = (
    "If this machine can't reach a Debian mirror, get Odoo 19.0's source yourself and run: "
    "make run ODOO_SRC=/path/to/odoo"
)


def private_apt(folder, command, *arguments, sources=None, **options):
    """Return an apt command line that works in a private folder; by the machine's own sources or those given."""
    state = {
        "Dir::State": folder / "state",
        "Dir::State::Lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",
        "Acquire::Retries": 3,
        "Acquire::Languages": "none",
        **options,
    }
    if sources:
        state |= {"Dir::Etc::SourceList": sources, "Dir::Etc::SourceParts": "/dev/null"}
    flags = [flag for key, value in state.items() for flag in ("-o", f"{key}={value}")]
    return ["apt-get", "-q", *flags, command, *arguments]


_apt = partial(private_apt, APT)


def _prepare_folders():
    for folder in ("state", "lists/partial", "cache/archives/partial", "debs"):
        (APT / folder).mkdir(parents=True, exist_ok=True)
    (APT / "status").touch()


def mirror(apt, advice):
    """Return the address of the Debian mirror that this machine already uses.

    :param apt: makes apt's command lines, for a folder whose lists are up to date
    """
    targets = subprocess.run(
        apt("indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for line in targets.splitlines():
        origin, label, uri = line.split("|")
        if origin == label == "Debian":
            return uri
    raise StepFailed(f"No Debian mirror is configured on this machine (apt knows none of origin Debian).\n{advice}")


def _write_sources():
    uri = mirror(_apt, ADVICE)
    sources = APT / "sources.list"
    sources.write_text("".join(f"deb [signed-by={KEYRING}] {uri} {suite} main\n" for suite in ("unstable", "bookworm")))
    return sources


def _packages():
    return [f"{name}/unstable" for name in UNSTABLE] + [f"{name}/bookworm" for name in BOOKWORM]


def _megabytes(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _download(current):
    """Fetch the packages and return their files."""
    debs = APT / "debs"
    log = LOGS / "apt.log"
    current.progress("asking the mirror")
    call(_apt("update"), ADVICE, log)
    sources = _write_sources()
    call(_apt("update", sources=sources), ADVICE, log)
    uris = subprocess.run(
        _apt("download", "--print-uris", *_packages(), sources=sources), capture_output=True, text=True, check=False
    ).stdout.splitlines()
    total = sum(int(line.split()[2]) for line in uris if line.startswith("'")) / 1e6
    with watched(current, lambda: f"{_megabytes(debs):.0f} of {total:.0f} MB"):
        call(_apt("download", *_packages(), sources=sources), ADVICE, log, cwd=debs)
    return sorted(debs.glob("*.deb"))


def _extract(current, files):
    for number, deb in enumerate(files, 1):
        current.progress(f"unpacking {number} of {len(files)}")
        call(["dpkg", "-x", deb, ROOT], "Is the disk full? `make reset` starts over.", LOGS / "dpkg.log")
    asset = DIST_PACKAGES / MISSING_ASSET
    asset.parent.mkdir(parents=True, exist_ok=True)
    asset.touch()


def _check_links():
    broken = [path for path in ROOT.rglob("*") if path.is_symlink() and not path.exists()]
    if broken:
        raise StepFailed(f"Odoo's files are incomplete, {len(broken)} links lead nowhere, first: {broken[0]}\n{ADVICE}")


def _fetch():
    complete = HOME / "odoo-complete"
    with step("Odoo 19 from Debian's package") as current:
        if complete.exists():
            current.skip(f"already here ({complete.read_text().strip()})")
            return
        _prepare_folders()
        shutil.rmtree(ROOT, ignore_errors=True)
        files = _download(current)
        _extract(current, files)
        _check_links()
        version = next(file.name.split("_")[1] for file in files if file.name.startswith("odoo-19_"))
        shutil.rmtree(APT / "debs")
        shutil.rmtree(APT / "lists")
        complete.write_text(version + "\n")
        current.note = f"version {version}"


def _checkout(folder):
    with step(f"Odoo 19 from {folder}") as current:
        release = folder / "odoo/release.py"
        if not release.exists():
            raise StepFailed(f"ODOO_SRC={folder} holds no Odoo (there is no odoo/release.py in it).")
        if "(19, 0," not in release.read_text():
            raise StepFailed(f"ODOO_SRC={folder} isn't Odoo 19.0: check out its branch 19.0.")
        current.skip("used as it is")


def get():
    """Make Odoo available and return the folder from which Python imports it."""
    if os.environ.get("ODOO_SRC"):
        folder = Path(os.environ["ODOO_SRC"]).expanduser().resolve()
        _checkout(folder)
        return folder
    _fetch()
    return DIST_PACKAGES
