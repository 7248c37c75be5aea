"""``make backup``: a database and its files in one archive, while people work on it.

The database is what ``pg_dump`` sees of one snapshot, the files are all that this snapshot names. Odoo stores a file
before it commits what names it, and never changes one: all of them are there when the snapshot is made. Between that
moment and its turn Odoo may remove one that nothing names any more: then a newer snapshot is taken, whose files are
those that we have and a few more. Nothing is locked, nobody waits.
"""

import argparse
import hashlib
import json
import os
import zipfile
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from . import archive, database, postgres
from .console import StepFailed, main, step, watched
from .paths import CONF, PROJECT

#: Where backups go; a container has another place.
FOLDER = Path(os.environ.get("BACKUPS") or PROJECT / "backups")
DATABASE = os.environ.get("PGDATABASE") or "crm"


def _arguments():
    parser = argparse.ArgumentParser(prog="make backup", description="Back up a database and its files.")
    parser.add_argument("--database", default=DATABASE, help=f"DB=, {DATABASE} where it isn't given")
    parser.add_argument("--to", type=Path, default=FOLDER, help=f"TO=, a folder; {FOLDER} where it isn't given")
    parser.add_argument("--incomplete", action="store_true", help="INCOMPLETE=1: also without files that are lost")
    return parser.parse_args()


class Files:
    """The files of a store, on their way into a zip.

    :ivar names: those that are in it
    :ivar lost: those that aren't in the store, or aren't what their name says
    """

    def __init__(self, store, target):
        self.store, self.target = store, target
        self.names, self.lost, self.size = set(), set(), 0

    def copy(self, taken, stack):
        """Copy all files that a snapshot names; return the snapshot, which ends with the stack.

        :param taken: makes a context manager of a snapshot
        """
        before = None
        while True:
            with ExitStack() as attempt:
                snapshot = attempt.enter_context(taken())
                self._add(snapshot.names - self.names)
                # What is missing twice, and still named, wasn't removed meanwhile.
                if not self.lost or self.lost == before:
                    stack.push(attempt.pop_all())
                    return snapshot
                before = self.lost

    def _add(self, names):
        self.lost = set()
        for name in sorted(names):
            content = self._read(name)
            if content is None:
                self.lost.add(name)
            else:
                self.target.writestr(archive.FILES + name, content)
                self.names.add(name)
                self.size += len(content)

    def _read(self, name):
        """Return what is in a file, or None where it is lost."""
        if not archive.FILE_NAME.fullmatch(name):
            return None
        try:
            content = (self.store / name).read_bytes()
        except FileNotFoundError:
            return None
        return content if hashlib.sha1(content, usedforsecurity=False).hexdigest() == name[3:] else None


def _refuse_lost(lost):
    shown = "\n  ".join(lost[:10])
    raise StepFailed(
        f"{len(lost)} files that the database names are lost or damaged:\n  {shown}\n"
        "Bring them back from an older backup, or back up without them: INCOMPLETE=1 names them in the manifest."
    )


def _mb(size):
    return f"{size / 2**20:,.0f} MB"


def back_up(name, path, incomplete=False):
    """Write a backup.

    :param bool incomplete: also where files are lost
    :raise StepFailed: nothing is left behind then
    """
    from .snapshot import taken  # noqa: PLC0415 - Odoo reads where the server is when it is imported

    if not postgres.exists(name):
        raise StepFailed(f"There is no database {name}. Name another one: make backup DB=name")
    with archive.writing(path) as target, ExitStack() as stack:
        files = Files(database.filestore(name), target)
        with step("Files") as current, watched(current, lambda: f"{len(files.names)}, {_mb(files.size)}"):
            snapshot = files.copy(partial(taken, name), stack)
            current.skip(f"{len(files.names)}, {_mb(files.size)}")
        if files.lost and not incomplete:
            _refuse_lost(sorted(files.lost))
        with step("Database") as current:
            dump = zipfile.ZipInfo(archive.DUMP, datetime.now(UTC).timetuple()[:6])
            dump.compress_type = zipfile.ZIP_DEFLATED
            with target.open(dump, "w", force_zip64=True) as file:
                current.skip(_mb(snapshot.dump(file.write)))
        manifest = snapshot.manifest() | {"missing": sorted(files.lost)}
        target.writestr(archive.MANIFEST, json.dumps(manifest, indent=4))


def run():
    wanted = _arguments()
    os.environ.setdefault("ODOO_RC", str(CONF))
    now = datetime.now(UTC)
    path = wanted.to.expanduser().resolve() / f"{wanted.database}-{now:%Y-%m-%d-%H%M%S}.zip"
    with postgres.running():
        back_up(wanted.database, path, wanted.incomplete)
    print(f"\n  {path}   {_mb(path.stat().st_size)}\n  Only its owner can read it.")
    print(f"  To restore: make restore FROM={path}\n")


if __name__ == "__main__":
    main(run)
