"""``make reset``: throw away the databases and their files. What was downloaded stays."""

import os
import shutil

from .console import StepFailed, main, step
from .paths import DATA, HOME


def _is_running(cluster):
    """Whether a database server works on the folder: its first line names a process that lives."""
    try:
        os.kill(int((cluster / "postmaster.pid").read_text().split()[0]), 0)
    except (FileNotFoundError, IndexError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def reset():
    clusters = [HOME / "pg", HOME / "pg-test"]
    with step("Databases and their files") as current:
        if any(map(_is_running, clusters)):
            raise StepFailed("A database server is at work on them. End `make run` and `make test` first (Ctrl-C).")
        for folder in (*clusters, HOME / "nodes", DATA):
            shutil.rmtree(folder, ignore_errors=True)
        (HOME / "installed").unlink(missing_ok=True)
        current.skip("gone; `make run` makes them anew")


main(reset)
