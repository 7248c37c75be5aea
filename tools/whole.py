"""Two states of one database, before an update and after it: is everything still there, and what it was?"""

import contextlib

from . import postgres

COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
#: An update rewrites what describes the addons themselves: that is compared with a fresh installation.
DESCRIPTIONS = ("ir_model", "ir_module", "ir_ui_", "ir_act_", "ir_asset", "ir_profile", "base_registry", "bus_")
#: Who wrote last says nothing of what; jobs go on running.
VOLATILE = {"write_date", "write_uid", "nextcall", "lastcall"}
#: What comes and goes by itself.
FILTERS = {"ir_attachment": "url IS NULL OR url NOT LIKE '/web/assets/%%'"}


def _columns(name):
    """Return table → its columns."""
    tables = {table for (table,) in postgres.execute(name, TABLES)}
    found = {}
    for table, column in postgres.execute(name, COLUMNS):
        if table in tables and not table.startswith(DESCRIPTIONS):
            found.setdefault(table, set()).add(column)
    return found


def _defined(name):
    """Return model → ids of the records whose values the addons' files give at each update."""
    query = "SELECT model, array_agg(res_id) FROM ir_model_data WHERE NOT COALESCE(noupdate, false) GROUP BY 1"
    return {model.replace(".", "_"): set(ids) for model, ids in postgres.execute(name, query)}


def _rows(connection, table, columns):
    """Return id → values as text; of a relation, which has no ids, values → ``()``."""
    names = ", ".join(f'"{column}"::text' for column in columns)
    key = "id" if "id" in columns else f"({names})::text" if len(columns) > 1 else names
    where = FILTERS.get(table)
    with connection.cursor() as cursor:
        query = f'SELECT {key}, {names} FROM "{table}"' + (f" WHERE {where}" if where else "")  # noqa: S608
        cursor.execute(query, [])
        return {row[0]: row[1:] if key == "id" else () for row in cursor}


def _compare(table, columns, before, after, defined):
    gone = before.keys() - after.keys()
    if gone:
        yield f"{table}: {len(gone)} of {len(before)} are gone: {sorted(gone)[:5]}"
    changed = {}
    for id_ in before.keys() & after.keys() - defined:
        for column, old, new in zip(columns, before[id_], after[id_], strict=False):
            if old != new:
                changed.setdefault(column, []).append((id_, old, new))
    for column, found in sorted(changed.items()):
        id_, old, new = found[0]
        yield f"{table}.{column}: {len(found)} changed, e.g. {id_}: {str(old)[:60]!r} → {str(new)[:60]!r}"


def compare(before, after):
    """Return what an update has lost or changed, how many records there were, and in how many tables.

    :param before: the name of a copy of the database from before the update
    """
    old, new, defined = _columns(before), _columns(after), _defined(after)
    findings = [f"{table}: the table is gone" for table in old.keys() - new.keys()]
    count = tables = 0
    with contextlib.closing(postgres.connect(before)) as first, contextlib.closing(postgres.connect(after)) as second:
        for table in sorted(old.keys() & new.keys()):
            findings += [f"{table}.{column}: the column is gone" for column in sorted(old[table] - new[table])]
            columns = sorted((old[table] & new[table]) - VOLATILE)
            rows = _rows(first, table, columns)
            if rows:
                count, tables = count + len(rows), tables + 1
                findings += _compare(table, columns, rows, _rows(second, table, columns), defined.get(table, set()))
    return findings, count, tables
