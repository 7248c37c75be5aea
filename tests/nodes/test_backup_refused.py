"""What isn't a whole backup is refused; what can't become one leaves nothing."""

import resource
import signal
import subprocess
import zipfile

import pytest

from tools import postgres
from tools.paths import PROJECT, PYTHON

from .backups import left_over, run
from .world import wait_until


def truncated(path, to):
    to.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def damaged(path, to):
    """Change one byte of what is in the dump."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as source:
        info = source.getinfo("dump.sql")
    content[info.header_offset + info.compress_size // 2] ^= 0xFF
    to.write_bytes(content)


def rewritten(change):
    """Return a function that writes a backup anew, each member as ``change`` returns it; None leaves it out."""

    def rewrite(path, to):
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(to, "w") as target:
            for name in source.namelist():
                if (content := change(name, source.read(name))) is not None:
                    target.writestr(name, content)

    return rewrite


def cut_dump(name, content):
    return content[: len(content) // 2].rpartition(b"\n\\.\n")[0] + b"\n\\.\n" if name == "dump.sql" else content


def without_files(name, content):
    return None if name.startswith("filestore/") else content


def other_files(name, content):
    return content + b"!" if name.startswith("filestore/") else content


def other_modules(name, content):
    return content.replace(b'"crm_base": "19', b'"crm_base": "18') if name == "manifest.json" else content


def no_backup(_path, to):
    to.write_bytes(b"no backup")


SPOILT = {
    "truncated": (truncated, "not a whole one"),
    "damaged": (damaged, "Take another one"),
    "cut": (rewritten(cut_dump), "ends early"),
    "files": (rewritten(without_files), "lacks a file"),
    "other files": (rewritten(other_files), "isn't what its name says"),
    "modules": (rewritten(other_modules), "modules aren't those"),
    "no backup": (no_backup, "no backup"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_spoilt_is_refused(world, taken, tmp_path, how):
    """A backup that isn't whole is refused in words, and leaves neither database nor files."""
    spoil, words = SPOILT[how]
    spoil(taken.path, tmp_path / "spoilt.zip")
    done = run("restore", tmp_path / "spoilt.zip", "--database", f"{world.name}_spoilt")
    assert (done.code, words in done.said, "Traceback" in done.said) == (1, True, False), done.said
    assert not postgres.exists(f"{world.name}_spoilt")
    assert left_over(world) == []


@pytest.mark.parametrize("share", [0.1, 0.95])
def test_disk_is_full(world, taken, tmp_path, share):
    """There is no room, for the files or for the end of the dump: it says so, and leaves nothing."""
    room = int(taken.path.stat().st_size * share)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    done = run("backup", "--database", world.name, "--to", tmp_path / "full", preexec_fn=limit)
    assert (done.code, "no room" in done.said, "Traceback" in done.said) == (1, True, False), done.said
    assert [*(tmp_path / "full").iterdir()] == []


def test_killed(world, tmp_path):
    """A backup that is killed leaves nothing that looks like one; the next one removes what it left."""
    process = subprocess.Popen(
        [str(PYTHON), "-m", "tools.backup", "--database", world.name, "--to", str(tmp_path)],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: [path for path in tmp_path.iterdir() if path.stat().st_size], "the backup has begun")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
    assert run("backup", "--database", world.name, "--to", tmp_path).code == 0
    assert [path.suffix for path in tmp_path.iterdir()] == [".zip"]


def test_no_such_database(tmp_path):
    done = run("backup", "--database", "nobody", "--to", tmp_path / "none")
    assert (done.code, "There is no database nobody" in done.said) == (1, True)
    assert not (tmp_path / "none").exists()
