"""A backup's file, in Odoo's own format: a zip with ``dump.sql``, ``filestore/`` and ``manifest.json``.

It has its name only when it is whole and on the disk, and nobody but its owner reads it.
"""

import contextlib
import errno
import fcntl
import json
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path

from .console import StepFailed

DUMP, MANIFEST, FILES = "dump.sql", "manifest.json", "filestore/"
#: How Odoo names a file of its store: by the SHA-1 of what is in it.
FILE_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{40}")
#: What a backup is called until it is whole.
PART = (".backup-", ".part")
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
BLOCK = 1 << 20


def _clear(folder):
    """Remove what backups that were killed have left; who is still at one holds a lock on it."""
    for part in folder.glob("*".join(PART)):
        with contextlib.suppress(OSError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()


@contextlib.contextmanager
def no_room(folder):
    """Say what to do where a disk is full, or a folder can't be written."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            free = shutil.disk_usage(folder).free // 2**20
            raise StepFailed(
                f"There is no room for it in {folder} ({free} MB free): {error.strerror}.\n"
                "Nothing was left behind. Make room, or name another folder."
            ) from error
        if isinstance(error, PermissionError | FileNotFoundError | NotADirectoryError):
            raise StepFailed(f"{error.filename or folder}: {error.strerror}.") from error
        raise


@contextlib.contextmanager
def writing(path):
    """Yield a zip to fill; read it once more and give it its name at the end, or leave nothing."""
    folder = path.parent
    with no_room(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _clear(folder)
        handle, part = tempfile.mkstemp(PART[1], PART[0], folder)  # mode 0600
        try:
            with os.fdopen(handle, "w+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
                    yield target
                _check(file, path)
                os.fsync(file.fileno())
                Path(part).rename(path)
            _sync(folder)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise


def check(source, name):
    """Refuse an archive of which a part isn't what was put into it."""
    if bad := source.testzip():
        raise StepFailed(f"{name} is damaged at {bad}: a disk or memory is at fault. Take another one.")


def _check(file, path):
    file.flush()
    with zipfile.ZipFile(file) as source:
        check(source, path.name)


def _sync(folder):
    """Have the name on the disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def reading(path):
    """Yield a backup's zip and its manifest; refuse what isn't whole.

    :param path: ``-`` for the standard input
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(_refusing_damage(path))
        file = stack.enter_context(_opened(path))
        try:
            source = stack.enter_context(zipfile.ZipFile(file))
            if missing := {DUMP, MANIFEST} - {*source.namelist()}:
                raise StepFailed(f"{path} is no backup of Odoo: it has no {' and no '.join(sorted(missing))}.")
            manifest = json.loads(source.read(MANIFEST))
        except (zipfile.BadZipFile, ValueError) as error:
            raise StepFailed(f"{path} is no backup, or not a whole one: {error}.\nTake another one.") from error
        yield source, manifest


def _opened(path):
    """Return the file; what comes by a pipe is kept aside first: a zip is read from its end."""
    if path != "-":
        try:
            return open(path, "rb")
        except OSError as error:
            raise StepFailed(f"{path}: {error.strerror}.") from error
    kept = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    shutil.copyfileobj(os.fdopen(0, "rb", closefd=False), kept, BLOCK)
    return kept


@contextlib.contextmanager
def _refusing_damage(path):
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise StepFailed(f"{path} is damaged: {error}.\nTake another one.") from error
