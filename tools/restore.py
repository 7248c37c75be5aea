"""``make restore``: a backup becomes a database again, with its files.

Under a working name first, and under its own only once everything has been found in order: each statement of the dump
was carried out, the modules are those of the manifest, each file is there and is what its name says. Until then, and if
anything is wrong, a database that was there stays as it is.
"""

import argparse
import hashlib
import os
from contextlib import ExitStack, contextmanager

from . import archive, database, loading, postgres
from .console import StepFailed, main, step, watched
from .paths import CONF, HOME, our_addons

SESSIONS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid != pg_backend_pid() AND backend_type = 'client backend'
"""


def _arguments():
    parser = argparse.ArgumentParser(prog="make restore", description="Restore a backup.")
    parser.add_argument("path", metavar="FROM", help="the backup, or - for the standard input")
    parser.add_argument("--database", help="DB=, the name that it had where it isn't given")
    parser.add_argument("--overwrite", action="store_true", help="OVERWRITE=1: in place of the database of that name")
    parser.add_argument("--neutralize", action="store_true", help="NEUTRALIZE=1: a copy to try things out")
    return parser.parse_args()


def _refuse_in_use(name):
    ((sessions,),) = postgres.execute("postgres", SESSIONS, name)
    if sessions:
        raise StepFailed(
            f"A server is at work on the database {name} ({sessions} connections): end it first,\n"
            "by Ctrl-C where `make run` serves, or `docker compose stop odoo`; with several nodes, all of them."
        )


def _refuse_taken(name, overwrite):
    if not postgres.exists(name):
        return
    if not overwrite:
        raise StepFailed(
            f"There is a database {name} already. Restore beside it: DB=another_name,\n"
            "or in its place, which throws it away with its files: OVERWRITE=1"
        )
    _refuse_in_use(name)


def _restore_files(source, name, lost):
    """Write the files that the database names, each of them checked.

    :param lost: the names that weren't there when it was backed up
    """
    rows = postgres.execute(name, "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL")
    wanted = sorted({file for (file,) in rows} - {*lost})
    store, done = database.filestore(name), 0
    with step("Files") as current, archive.no_room(store), watched(current, lambda: f"{done} of {len(wanted)}"):
        for file in wanted:
            content = _content(source, file)
            (store / file).parent.mkdir(parents=True, exist_ok=True)
            (store / file).write_bytes(content)
            done += 1
        current.skip(f"{len(wanted)}, each is what its name says")


def _content(source, file):
    """Return what is in a file of the backup; refuse one that isn't there or isn't what its name says."""
    try:
        content = source.read(archive.FILES + file)
    except KeyError as error:
        raise StepFailed(f"The backup lacks a file that the database names: {file}\nTake another one.") from error
    if not archive.FILE_NAME.fullmatch(file) or hashlib.sha1(content, usedforsecurity=False).hexdigest() != file[3:]:
        raise StepFailed(f"A file isn't what its name says: {file}\nThe backup is damaged; take another one.")
    return content


def _check_modules(name, expected):
    rows = postgres.execute(name, "SELECT name, latest_version FROM ir_module_module WHERE state = 'installed'")
    if wrong := sorted(set(rows) ^ set(expected.items())):
        raise StepFailed(f"The modules aren't those of the manifest: {wrong[:5]}\nThe backup is damaged; take another.")


@contextmanager
def _working(name):
    """Have a name to work under until the block ends; what is there at the end is dropped."""
    working = f"{name}_restoring_{os.getpid()}"
    try:
        yield working
    finally:
        if postgres.exists(working):
            _list(working)
        database.drop(working)


def _hide(name):
    """Let no server find it, whose scheduled actions would begin: Odoo passes over templates."""
    postgres.execute("postgres", "ALTER DATABASE {} IS_TEMPLATE true", names=[name])


def _list(name):
    postgres.execute("postgres", "ALTER DATABASE {} IS_TEMPLATE false", names=[name])


def _rename(stack, name, to):
    """Rename a database and its files; the stack does it the other way round if what follows fails."""
    postgres.execute("postgres", "ALTER DATABASE {} RENAME TO {}", names=[name, to])
    stack.callback(postgres.execute, "postgres", "ALTER DATABASE {} RENAME TO {}", names=[to, name])
    if database.filestore(name).exists():
        database.filestore(name).rename(database.filestore(to))
        stack.callback(database.filestore(to).rename, database.filestore(name))


def _take_over(working, name):
    """Put the restored database where it is wanted, and throw away one that was there."""
    old = f"{name}_replaced_{os.getpid()}"
    with ExitStack() as undo:
        if postgres.exists(name):
            _refuse_in_use(name)
            _rename(undo, name, old)
        elif database.filestore(name).exists():  # of a database that has gone
            database.filestore(name).rename(database.filestore(old))
        _rename(undo, working, name)
        _list(name)
        undo.pop_all()
    database.drop(old)


def _let_run_update(name):
    """`make run` updates by what it installed itself: let it update all addons, the backup's may be older."""
    if name == "crm" and (HOME / "installed").exists():
        rows = postgres.execute(name, "SELECT name FROM ir_module_module WHERE state = 'installed'")
        ours = {module for (module,) in rows} & {*our_addons()}
        (HOME / "installed").write_text("".join(f"{addon} restored\n" for addon in sorted(ours)))


def restore(path, name=None, overwrite=False, neutralize=False):
    """Restore a backup; return the database's name, and that of the one it was made of.

    :raise StepFailed: nothing has changed then
    """
    with archive.reading(path) as (source, manifest):
        origin = manifest.get("db_name")
        name = name or origin
        loading.refuse_other_odoo(manifest)
        _refuse_taken(name, overwrite)
        with step("Backup: all of it can be read"):
            archive.check(source, path)
        with _working(name) as working:
            loading.create(working)
            _hide(working)
            with step("Database") as current:
                loading.load(source, working, current)
                _check_modules(working, manifest["modules"])
            _restore_files(source, working, manifest.get("missing", ()))
            if neutralize:
                with step("Neutralised: no mail, no message, no job leaves it"):
                    loading.neutralize(working)
            with step(f"In place as {name}"):
                _take_over(working, name)
    _let_run_update(name)
    return name, origin


def run():
    wanted = _arguments()
    os.environ.setdefault("ODOO_RC", str(CONF))
    with postgres.running():
        name, origin = restore(wanted.path, wanted.database, wanted.overwrite, wanted.neutralize)
    print(f"\n  The database {name} is there, everything in it was checked.")
    if name != origin and not wanted.neutralize:
        print("  It is no trial copy: once it is served, mails and messages leave it. NEUTRALIZE=1 makes one.")
    print()


if __name__ == "__main__":
    main(run)
