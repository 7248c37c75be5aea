"""``make reset``: throw away the databases and their files. What was downloaded stays."""

import shutil

from .console import main, step
from .paths import DATA, HOME


def reset():
    with step("Databases and their files") as current:
        for folder in (HOME / "pg", HOME / "pg-test", DATA):
            shutil.rmtree(folder, ignore_errors=True)
        (HOME / "installed").unlink(missing_ok=True)
        current.note = "gone; `make run` makes them anew"


main(reset)
