"""Rows copied by SQL: a hundred thousand documents like one that Odoo made. Runs inside an Odoo process."""

from odoo.tools import SQL

#: Ids of copies begin here: copy ``n`` of the ``k``-th row of a document has ``FIRST + 10 n + k``.
FIRST = 10_000_000


def copy(env, records, count, **changed):
    """Copy a document's rows of one table; return nothing: ids are known.

    :param records: the rows, one document's lines in their order
    :param changed: column → SQL of its value in copy ``n``
    """
    env.flush_all()
    table, ids = records._table, tuple(records.ids)
    env.cr.execute(
        """SELECT column_name FROM information_schema.columns
            WHERE table_name = %s AND is_generated = 'NEVER' AND column_name != 'id'""",
        [table],
    )
    names = [name for (name,) in env.cr.fetchall()]
    values = [changed.get(name) or SQL("source.%s", SQL.identifier(name)) for name in names]
    env.cr.execute(
        SQL(
            """INSERT INTO %(table)s (id, %(names)s)
               SELECT %(first)s + 10 * n + source.place, %(values)s
                 FROM (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM %(table)s WHERE id IN %(ids)s) source
                CROSS JOIN generate_series(1, %(count)s) n""",
            table=SQL.identifier(table),
            names=SQL(", ").join(map(SQL.identifier, names)),
            first=FIRST,
            values=SQL(", ").join(values),
            ids=ids,
            count=count,
        )
    )
    env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))


def copied(place=0):
    """Return the SQL of the id of copy ``n``."""
    return SQL("%s + 10 * n + %s", FIRST, place)


def renamed(prefix):
    """Return the SQL of a name of its own for copy ``n``."""
    return SQL("%s || n", prefix)
