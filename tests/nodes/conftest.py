"""One world for all tests: it takes half a minute to make."""

import os

import pytest

from .backups import back_up
from .world import FIGURES, running


@pytest.fixture(scope="session")
def world():
    with running(os.environ["DATABASE"]) as world:
        yield world


@pytest.fixture(scope="session")
def taken(world, tmp_path_factory):
    return back_up(world, tmp_path_factory.mktemp("backups"))


def pytest_terminal_summary(terminalreporter):
    for line in FIGURES:
        terminalreporter.write_line(line)
