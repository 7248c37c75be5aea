"""A database's structure: all that an addon makes in it beside data."""

from . import postgres

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


def structure(name):
    """Return kind → the set of what a database has of it, each a tuple."""
    return {kind: set(postgres.execute(name, f"{query} WHERE {FILTERS[kind]}")) for kind, query in STRUCTURE.items()}
