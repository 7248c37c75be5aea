"""An addon installs, goes without a trace and comes back: checked on a database that has only what it depends on.

Runs outside Odoo, as an administrator would: each step is a process of its own. ``make test`` has taken the first one
already: ``DATABASE`` is a copy of ``TEMPLATE`` with the addon installed, which fails where Odoo's log has a warning.
"""

import os

import pytest

from tools import database, postgres
from tools.structure import structure
from tools.templates import closure

ADDON = os.environ["ADDON"]
DATABASE, TEMPLATE = os.environ["DATABASE"], os.environ["TEMPLATE"]

UNINSTALL = """
ours = env["ir.module.module"].search([("name", "in", {ours})])
ours.button_immediate_uninstall()
"""


@pytest.fixture(scope="module")
def before():
    return structure(TEMPLATE)


def test_1_is_installed(before):
    """The addon was installed alone."""
    assert structure(DATABASE) != before


def test_2_uninstalls_without_a_trace(before):
    """After uninstalling, tables, columns, constraints, indexes and data are as before."""
    ours = closure([ADDON])[0]
    database.run_script(DATABASE, UNINSTALL.format(ours=ours), log=f"lifecycle-{ADDON}-uninstall.log")
    after = structure(DATABASE)
    assert {kind: after[kind] - before[kind] for kind in before} == {kind: set() for kind in before}
    assert {kind: before[kind] - after[kind] for kind in before} == {kind: set() for kind in before}
    data = postgres.execute(DATABASE, "SELECT module, name FROM ir_model_data WHERE module = ANY(%s)", ours)
    assert data == []


def test_3_installs_again(before):
    """The addon comes back as if it had never been there."""
    database.run_odoo(DATABASE, "-i", ADDON, log=f"lifecycle-{ADDON}-again.log")
    assert structure(DATABASE) != before
