"""An addon installs, goes without a trace and comes back: checked on a database that has only what it depends on.

Runs outside Odoo, as an administrator would: each step is a process of its own. ``make test`` has taken the first one
already: ``DATABASE`` is a copy of ``TEMPLATE`` with the addon installed, which fails where Odoo's log has a warning.
"""

import os

import pytest

from tools import database, postgres
from tools.templates import closure

ADDON = os.environ["ADDON"]
DATABASE, TEMPLATE = os.environ["DATABASE"], os.environ["TEMPLATE"]

# Everything in the database's structure that an addon can leave behind.
STRUCTURE = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes",
    "sequences": "SELECT sequence_name FROM information_schema.sequences",
    "routines": "SELECT routine_name, routine_definition FROM information_schema.routines",
    "triggers": "SELECT trigger_name, event_object_table FROM information_schema.triggers",
}
FILTERS = {
    "columns": "table_schema = 'public'",
    # Odoo's two declarations of this one relation differ (ir.rule: RESTRICT, res.groups: CASCADE); the later one wins.
    "constraints": "connamespace = 'public'::regnamespace AND conname != 'rule_group_rel_group_id_fkey'",
    "indexes": "schemaname = 'public'",
    "sequences": "sequence_schema = 'public' AND sequence_name !~ '^ir_sequence_[0-9]+'",
    "routines": "routine_schema = 'public'",
    "triggers": "trigger_schema = 'public'",
}
UNINSTALL = """
ours = env["ir.module.module"].search([("name", "in", {ours})])
ours.button_immediate_uninstall()
"""


def structure(name=DATABASE):
    return {kind: set(postgres.execute(name, f"{query} WHERE {FILTERS[kind]}")) for kind, query in STRUCTURE.items()}


@pytest.fixture(scope="module")
def before():
    return structure(TEMPLATE)


def test_1_is_installed(before):
    """The addon was installed alone."""
    assert structure() != before


def test_2_uninstalls_without_a_trace(before):
    """After uninstalling, tables, columns, constraints, indexes and data are as before."""
    ours = closure([ADDON])[0]
    database.run_script(DATABASE, UNINSTALL.format(ours=ours), log=f"lifecycle-{ADDON}-uninstall.log")
    after = structure()
    assert {kind: after[kind] - before[kind] for kind in before} == {kind: set() for kind in before}
    assert {kind: before[kind] - after[kind] for kind in before} == {kind: set() for kind in before}
    data = postgres.execute(DATABASE, "SELECT module, name FROM ir_model_data WHERE module = ANY(%s)", ours)
    assert data == []


def test_3_installs_again(before):
    """The addon comes back as if it had never been there."""
    database.run_odoo(DATABASE, "-i", ADDON, log=f"lifecycle-{ADDON}-again.log")
    assert structure() != before
