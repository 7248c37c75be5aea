"""A backup while clients write and files are removed, and what is restored from it."""

import hashlib
import subprocess
import zipfile
from contextlib import ExitStack, nullcontext
from types import SimpleNamespace

import pytest

from tools import database, postgres
from tools.backup import Files
from tools.paths import PROJECT

from .backups import WRITES, left_over, run
from .world import FIGURES

NEUTRAL = "SELECT value FROM ir_config_parameter WHERE key = 'database.is_neutralized'"


@pytest.fixture(scope="module")
def restored(world, taken):
    """The name of a database that the backup was restored to."""
    name = f"{world.name}_restored"
    done = run("restore", taken.path, "--database", name)
    assert done.code == 0, done.said
    FIGURES.append(f"restored and checked in {done.took:.1f} s")
    yield name
    database.drop(name)


def parameter(name, key):
    return postgres.execute(name, "SELECT value FROM ir_config_parameter WHERE key = %s", key)[0][0]


def test_all_that_was_acknowledged(taken, restored):
    """Every contact and file that was acknowledged before the backup began; and people went on working meanwhile."""
    rows = postgres.execute(
        restored,
        """SELECT i.caller_name, a.checksum
             FROM crm_interaction i
             JOIN ir_attachment a ON a.res_model = 'crm.interaction' AND a.res_id = i.id""",
    )
    assert len(taken.before) >= WRITES
    assert taken.before.items() <= dict(rows).items()
    assert taken.meanwhile


def test_all_files_can_be_read(restored):
    """Also those that were written or removed while the backup was made: there as the database says, none too many."""
    rows = postgres.execute(restored, "SELECT DISTINCT store_fname FROM ir_attachment WHERE store_fname IS NOT NULL")
    store = database.filestore(restored)
    wanted = {name for (name,) in rows}
    assert {str(path.relative_to(store)) for path in store.rglob("*") if path.is_file()} == wanted
    for name in wanted:
        content = (store / name).read_bytes()
        assert hashlib.sha1(content, usedforsecurity=False).hexdigest() == name.partition("/")[2]


def test_same_identity(world, restored):
    """What was signed before, customers' links among it, is good after a restore."""
    assert parameter(restored, "database.secret") == parameter(world.name, "database.secret")
    assert not postgres.execute(restored, NEUTRAL)


def test_nobody_else_reads_it(taken):
    assert taken.path.stat().st_mode & 0o777 == 0o600


def test_replaced_by_a_neutral_copy(world, taken, restored):
    """A database that is there is overwritten when told so only; a copy to try things out reaches nobody."""
    refused = run("restore", taken.path, "--database", restored)
    assert (refused.code, "OVERWRITE=1" in refused.said) == (1, True)
    assert not postgres.execute(restored, NEUTRAL)
    done = run("restore", taken.path, "--database", restored, "--overwrite", "--neutralize")
    assert done.code == 0, done.said
    assert postgres.execute(restored, NEUTRAL)
    assert parameter(restored, "database.secret") != parameter(world.name, "database.secret")
    jobs = "SELECT c.cron_name FROM ir_cron c JOIN ir_act_server s ON s.id = c.ir_actions_server_id WHERE c.active"
    assert len(postgres.execute(restored, jobs)) <= 1
    secrets = "SELECT id, key, secret FROM crm_telephony_system"
    real, copy = (set(postgres.execute(name, secrets)) for name in (world.name, restored))
    assert real
    assert not real & copy
    assert left_over(world) == []


def test_not_below_a_server(world, taken):
    """A database that is served isn't replaced, and stays as it is."""
    count = world.execute("SELECT count(*) FROM crm_interaction")
    refused = run("restore", taken.path, "--database", world.name, "--overwrite")
    assert (refused.code, "at work on the database" in refused.said) == (1, True)
    assert world.execute("SELECT count(*) FROM crm_interaction") == count


def test_odoo_restores_it(world, taken):
    """It is Odoo's own format: Odoo's command takes it, too."""
    name = f"{world.name}_by_odoo"
    command = database.odoo("db", "--config", "odoo.conf", "load", name, str(taken.path))
    try:
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        ((count,),) = postgres.execute(name, "SELECT count(*) FROM crm_interaction WHERE caller_name LIKE 'backup %%'")
        assert count >= len(taken.before)
    finally:
        database.drop(name)


@pytest.fixture
def store(tmp_path):
    """Return a function that puts a file into a store and returns its name; and the store."""

    def put(content):
        sha = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        (tmp_path / sha[:2]).mkdir(exist_ok=True)
        (tmp_path / sha[:2] / sha).write_bytes(content)
        return f"{sha[:2]}/{sha}"

    return put, tmp_path


def copied(folder, *snapshots):
    """Copy the files that snapshots name, one after the other; return these and which snapshot it is."""
    taken = iter([nullcontext(SimpleNamespace(names=names)) for names in snapshots])
    with zipfile.ZipFile(folder / "out.zip", "w") as target, ExitStack() as stack:
        files = Files(folder, target)
        snapshot = files.copy(lambda: next(taken), stack)
    return files, snapshot.names


def test_file_that_was_removed_meanwhile(store):
    """What Odoo removes between the snapshot and its turn: the next snapshot doesn't name it, and is the one."""
    put, folder = store
    kept, gone, later = put(b"kept"), put(b"gone"), put(b"later")
    (folder / gone).unlink()
    files, names = copied(folder, {kept, gone}, {kept, later})
    assert (names, files.names, files.lost) == ({kept, later}, {kept, later}, set())


def test_file_that_is_lost(store):
    """What is still named, and missing or another one: that isn't passed over in silence."""
    put, folder = store
    kept, gone, other = put(b"kept"), put(b"gone"), put(b"other")
    (folder / gone).unlink()
    (folder / other).write_bytes(b"another")
    files, _names = copied(folder, *[{kept, gone, other, "../../etc/passwd"}] * 2)
    assert (files.names, files.lost) == ({kept}, {gone, other, "../../etc/passwd"})
