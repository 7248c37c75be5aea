"""What an addon's data files define, read from a database: run in an Odoo shell, with ``PATH``, ``ADDONS`` at hand.

Writes JSON: ``[model, xml id, noupdate, {field: value}]`` per record that one of our addons brought. Instead of ids,
which differ between databases, there are XML ids; where a record has none, nothing.
"""

import json

from psycopg2.extras import RealDictCursor

#: What isn't defined: when, by whom, what comes of running it, and what is derived from the rest.
SKIPPED = {
    "id",
    "create_uid",
    "create_date",
    "write_uid",
    "write_date",
    "arch_fs",
    "arch_prev",
    "nextcall",
    "lastcall",
    "failure_count",
    "first_failure_date",
    "parent_path",
    "password",
}


def xml_ids(env):
    """Return (model, id) → XML id."""
    env.cr.execute("SELECT model, res_id, min(module || '.' || name) FROM ir_model_data GROUP BY 1, 2")
    return {(model, id_): xml_id for model, id_, xml_id in env.cr.fetchall()}


def relations(env, field, ids):
    """Return id → ids of a many-to-many field."""
    env.cr.execute(
        f"SELECT {field.column1}, array_agg({field.column2}) FROM {field.relation} "  # noqa: S608 - names by the ORM
        f"WHERE {field.column1} = ANY(%s) GROUP BY 1",
        [ids],
    )
    return dict(env.cr.fetchall())


def values(model, ids, known):
    """Yield id and values of records: columns and many-to-many fields, no computed ones."""
    env, fields = model.env, {}
    for name, field in model._fields.items():
        if field.store and name not in SKIPPED and not (field.compute and field.readonly):
            fields[name] = field
    many = {name: relations(env, field, ids) for name, field in fields.items() if field.type == "many2many"}
    columns = [name for name, field in fields.items() if field.column_type]
    with env.cr._cnx.cursor(cursor_factory=RealDictCursor) as cursor:
        names = ", ".join(f'"{name}"' for name in ["id", *columns])
        cursor.execute(f"SELECT {names} FROM {model._table} WHERE id = ANY(%s)", [ids])  # noqa: S608 - likewise
        for row in cursor.fetchall():
            id_ = row.pop("id")
            for name in columns:
                if isinstance(row[name], memoryview):
                    row[name] = bytes(row[name])
                if fields[name].company_dependent or fields[name].type == "many2one_reference":
                    row.pop(name)
                elif fields[name].type == "many2one" and row[name]:
                    row[name] = known.get((fields[name].comodel_name, row[name]))
            for name, found in many.items():
                row[name] = sorted(
                    filter(None, (known.get((fields[name].comodel_name, i)) for i in found.get(id_, ())))
                )
            yield id_, row


def definitions(env, addons):
    """Yield what :data:`PATH` gets."""
    known = xml_ids(env)
    env.cr.execute(
        "SELECT model, res_id, module || '.' || name, COALESCE(noupdate, false) FROM ir_model_data "
        "WHERE module = ANY(%s) ORDER BY 1, 2",
        [addons],
    )
    ours = {}
    for model, id_, xml_id, noupdate in env.cr.fetchall():
        ours.setdefault(model, {}).setdefault(id_, []).append((xml_id, noupdate))
    for name, records in ours.items():
        if name in env and not env[name]._abstract:
            for id_, row in values(env[name], list(records), known):
                for xml_id, noupdate in records[id_]:
                    yield name, xml_id, noupdate, row


with open(PATH, "w") as file:  # noqa: F821
    json.dump(list(definitions(env, ADDONS)), file, default=str)  # noqa: F821
