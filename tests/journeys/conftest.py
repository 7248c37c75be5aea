"""What a journey leaves behind when it fails."""

import pytest

from .browser import Person


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep a picture of each window that a failed test got by a fixture, and what stands in the way there."""
    if call.excinfo and call.when == "call":
        for value in item.funcargs.values():
            for one in value if isinstance(value, tuple) else ():
                if isinstance(one, Person):
                    one.leave_evidence(call.excinfo.value)
    return (yield)
