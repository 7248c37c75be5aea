"""What checks return: findings, one line each, so that a run shows everything that is wrong and not only the first."""

from contextlib import contextmanager

import psycopg2
from lxml import etree

from odoo.exceptions import UserError

# How many findings a failing check shows.
SHOWN = 40

# What a broken view, domain or access right raises; anything else is a bug of the check itself.
TROUBLE = (
    UserError,  # with AccessError and ValidationError
    AttributeError,
    KeyError,
    NotImplementedError,
    TypeError,
    ValueError,
    etree.LxmlError,
    psycopg2.Error,
)


class Findings(list):
    """What is wrong, one line each."""

    @contextmanager
    def attempt(self, env, what):
        """Do the block in a savepoint; where it fails, that is a finding."""
        try:
            with env.cr.savepoint():
                yield
        except TROUBLE as error:
            self.append(f"{what}: {type(error).__name__}: {' '.join(str(error).split())[:400]}")


def assert_none(findings):
    """Fail with one line for each finding, up to what a person reads."""
    __tracebackhide__ = True
    if findings:
        lines = sorted(set(findings))
        more = [f"… and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
        raise AssertionError("\n  ".join([f"{len(lines)} found", *lines[:SHOWN], *more]))
