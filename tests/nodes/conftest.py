"""One world for all tests: it takes half a minute to make."""

import os

import pytest

from .world import FIGURES, running


@pytest.fixture(scope="session")
def world():
    with running(os.environ["DATABASE"]) as world:
        yield world


def pytest_terminal_summary(terminalreporter):
    for line in FIGURES:
        terminalreporter.write_line(line)
