"""Attacks on every field and every public method of a model, as a client makes them, and a judge of the damage."""

import inspect
import json
import warnings

from odoo.api import Environment
from odoo.service.model import call_kw, get_public_method
from odoo.tools import SQL

STEPS = ("action_close", "action_confirm")  # the methods that may change a state
UNIMPORTANT = frozenset(("write_date", "write_uid"))

# What a hostile client may think of. None of it is a Python object: JSON has none.
CONTEXTS = (
    {"workflow_permit": {"model": "crm.interaction", "ids": [1, 2, 3], "state": "open"}},
    {"_workflow": {"locked": {}}, "_workflow_field": "channel", "workflow": False, "force": True},
    {"default_state": "done", "default_workflow_log_ids": [[0, 0, {"reason": "x"}]], "default_user_id": 1},
    {"tracking_disable": True, "mail_notrack": True, "bin_size": True, "uid": 1, "su": True, "user_id": 1},
    {"install_mode": True, "import_file": True, "module": "crm_base", "_import_current_module": "crm_base"},
    {"_force_unlink": True, "workflow_permit": True},
    {"allowed_company_ids": [1], "company_id": 1, "active_test": False, "lang": "id_ID", "tz": "Asia/Jakarta"},
)

# What a parameter of that name is given, where a method has one.
ARGUMENTS = {
    "aggregates": ["__count"],
    "default": {"state": "done"},
    "domain": [],
    "field_name": "state",
    "field_names": ["state", "note"],
    "fields": ["state", "note"],
    "fields_spec": {"state": {}, "note": {}},
    "groupby": ["state"],
    "import_fields": ["caller_name", "state"],
    "fields_to_export": ["display_name", "state"],
    "data": [["x", "Done"]],
    "name": "x",
    "specification": {"state": {}},
    "translations": {"id_ID": "x", "en_US": "x"},
    "vals": {"state": "done"},
    "vals_list": [{"caller_name": "x", "state": "done"}],
    "values": {"state": "done"},
    "operation": "read",
    "record": {"state": "done"},
    "reason": "because",
    "transition": "close",
}
# The field that a new record can't be without.
NAMES = {
    "crm.interaction": "caller_name",
    "crm.branch": "code",
    "crm.workflow.log": "reason",
    "crm.interaction.purpose": "name",
    "crm.interaction.outcome": "name",
}
#: How often this transaction has read each table so far.
READ = "SELECT relid, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables"
#: How many rows of some tables it has written so far; what was taken back counts.
WRITTEN = """
    SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
               + pg_stat_get_xact_tuples_deleted(oid))
      FROM unnest(%s::oid[]) AS oid
"""
SLOW = {"get_views", "get_view", "load_views", "web_read_group_unity"}  # they read screens, not records


def public_methods(model):
    """Return the names of the methods of the model that a client may call."""
    names = []
    for name in dir(type(model)):
        if name.startswith("_") or name in SLOW or not callable(getattr(type(model), name, None)):
            continue
        try:
            names.append(get_public_method(model, name).__name__ and name)
        except Exception:  # noqa: BLE001, S112 - a method that a client may not call is none
            continue
    return names


def guessed_arguments(model, method):
    """Return arguments for a public method, by the names of its parameters."""
    parameters = list(inspect.signature(getattr(type(model), method)).parameters.values())[1:]
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        ARGUMENTS.get(parameter.name)
        for parameter in parameters
        if parameter.kind in plain and (parameter.default is parameter.empty or parameter.name in ARGUMENTS)
    ]


def method_calls(model, ids):
    """Return one call of each public method of the model on the records of those ids."""
    calls = []
    for method in public_methods(model):
        arguments = guessed_arguments(model, method)
        if not getattr(getattr(type(model), method), "_api_model", False):
            arguments = [ids, *arguments]
        calls.append((model._name, method, arguments, {}))
    return calls


def other_value(field, env):
    """Return a value in JSON that a record is unlikely to have in the field."""
    if field.type == "selection":
        return field.get_values(env)[-1]
    if field.type in ("one2many", "many2many"):
        return [[5, 0, 0]]
    return {
        "boolean": False,
        "date": "2001-02-03",
        "datetime": "2001-02-03 04:05:06",
        "many2one": env.uid,
        "many2one_reference": 1,
        "integer": 77,
        "float": 77.5,
        "monetary": 77.5,
        "reference": f"crm.lead,{env['crm.lead'].search([], limit=1).id}",
        "json": [77],
    }.get(field.type, "hostile")


def field_calls(model, ids):
    """Return calls that write each field of the model in several ways, on each of the records by itself."""
    calls = []
    for name, field in model._fields.items():
        value = other_value(field, model.env)
        for id_ in ids:
            calls.append((model._name, "write", [[id_], {name: value}], {}))
            calls.append((model._name, "write", [[id_], {name: False}], {"context": CONTEXTS[id_ % len(CONTEXTS)]}))
        calls += [
            (model._name, "web_save", [[], {NAMES[model._name]: "x", name: value}, {"display_name": {}}], {}),
            (model._name, "update_field_translations", [[ids[0]], name, {"en_US": "hostile"}], {}),
        ]
        if "state" in model:
            calls += [
                (model._name, "create", [[{NAMES[model._name]: "x"}]], {"context": {f"default_{name}": value}}),
                (model._name, "copy", [[ids[0]], {name: value}], {}),
            ]
    return calls


class Rows:
    """What the database has, row by row. A row that is as it was when it was read before isn't parsed again.

    :param hidden: names of columns that don't count
    """

    def __init__(self, cr, hidden=UNIMPORTANT):
        self.cr, self.hidden, self._parsed = cr, hidden, {}

    def now(self, query, *arguments):
        """Return (name, id) → row of a query for names, ids and rows as JSON."""
        query = query if isinstance(query, SQL) else SQL(query, *arguments)
        self.cr.execute(SQL("SELECT name, id, row::text FROM (%s) AS rows (name, id, row)", query))
        return {(name, id_): self._parse(text) for name, id_, text in self.cr.fetchall()}

    def _parse(self, text):
        if text not in self._parsed:
            row = json.loads(text)
            if isinstance(row, dict):  # Odoo reads NULL, 0 and false as one value
                row = {key: value or False for key, value in row.items() if key not in self.hidden}
            self._parsed[text] = row
        return self._parsed[text]


def changed_rows(before, after):
    """Return the keys of rows that differ between two snapshots, and of those that only one of them has."""
    return [
        key
        for key in before.keys() | after.keys()
        if before.get(key) is not after.get(key) and before.get(key) != after.get(key)
    ]


class Judge:
    """What is protected, as the database has it, and who may change which part of it."""

    QUERY = """
        SELECT 'crm_interaction' AS name, id, to_jsonb(t) FROM crm_interaction t
        UNION ALL SELECT 'crm_workflow_log', id, to_jsonb(t) FROM crm_workflow_log t
        UNION ALL SELECT 'crm_branch', id, to_jsonb(t) FROM crm_branch t
        UNION ALL SELECT 'crm_interaction_purpose', id, to_jsonb(t) FROM crm_interaction_purpose t
        UNION ALL SELECT 'crm_interaction_outcome', id, to_jsonb(t) FROM crm_interaction_outcome t
        UNION ALL SELECT 'members', branch_id, to_jsonb(array_agg(user_id ORDER BY user_id))
                    FROM crm_branch_users_rel GROUP BY branch_id
    """

    def __init__(self, env):
        self.rows = Rows(env.cr)
        self.workflow = env["crm.interaction"]._workflow

    def snapshot(self):
        return self.rows.now(self.QUERY)

    def violations(self, role, method, before, after):
        """Return what changed between the snapshots and may not be changed by that role with that method."""
        changed = changed_rows(before, after)
        logged = {
            after[key]["res_id"]: after[key]
            for key in changed
            if key[0] == "crm_workflow_log" and key not in before and after[key]["user_id"] == role.uid
        }
        return [
            (key, before.get(key), after.get(key))
            for key in changed
            if not getattr(self, f"_may_{key[0]}")(role, method, before.get(key), after.get(key), key[1], logged)
        ]

    def _may_crm_interaction(self, role, method, before, after, id_, logged):
        if not role.writes or any(row and row["branch_id"] not in role.branches for row in (before, after)):
            return False
        if after is None:
            return role.manages and before["state"] == "open"
        if before is None or before["state"] == after["state"]:
            return after["state"] == "open"
        log = logged.get(id_)
        if method not in STEPS or log is None:
            return False
        step = self.workflow.find(log["transition"])
        return (
            before["state"] in step.source
            and after["state"] == step.target
            and (role.manages or not step.groups)
            and bool(log["reason"] or not step.reason)
        )

    def _may_crm_workflow_log(self, role, method, before, after, id_, logged):
        return before is None and method in STEPS and role.writes and after["user_id"] == role.uid

    def _may_crm_branch(self, role, method, before, after, id_, logged):
        if role.oversees:
            return role.manages
        kept = all(before and after and before[key] == after[key] for key in ("kind", "company_id", "active"))
        return role.manages and id_ in role.branches and kept

    def _may_members(self, role, method, before, after, id_, logged):
        return role.manages and (role.oversees or id_ in role.branches)

    def _may_crm_interaction_purpose(self, role, *__):
        return role.manages

    _may_crm_interaction_outcome = _may_crm_interaction_purpose


class Role:
    def __init__(self, user):
        self.name, self.uid = user.login, user.id
        self.writes = user._has_group("crm_base.group_officer")
        self.manages = user._has_group("crm_base.group_manager")
        self.oversees = user._sees_all_branches()
        self.branches = set(user.visible_branch_ids.ids)


class Attacker:
    """Calls as the role, and takes back each call after it was judged: the next one finds everything as before."""

    def __init__(self, env, role, judge=None):
        self.cr, self.registry, self.role, self.judge = env.cr, env.registry, role, judge
        self.tried = self.passed = 0
        self.violations, self.replies = [], []

    def attack(self, calls, before=None):
        """Make the calls; judge what they changed, or without a judge listen to what is answered.

        Where not a row was written of what the judge looks at, there is nothing to judge.
        """
        tables = self._find_judged() if self.judge else []
        warnings.simplefilter("ignore", DeprecationWarning)  # pytest gives each test its own filters
        for call in calls:
            model, method, arguments, keywords = call
            self.tried += 1
            savepoint = self.cr.savepoint(flush=False)
            written = self._count_written(tables)
            env = Environment(self.cr, self.role.uid, {})
            env.transaction.default_env = env
            try:
                reply = call_kw(env[model], method, json.loads(json.dumps(arguments)), keywords)
                env.flush_all()
            except Exception as error:  # noqa: BLE001 - whatever goes wrong, the server takes back the whole request
                reply = error
            else:
                self.passed += 1
                if self.judge and self._count_written(tables) != written:
                    found = self.judge.violations(self.role, method, before, self.judge.snapshot())
                    self.violations += [(self.role.name, call, *violation) for violation in found]
            if not self.judge:
                self.replies.append((call, str(reply)))
            env.transaction.clear()
            savepoint.rollback()
            savepoint.close(rollback=False)
            if self.registry.cache_invalidated:
                self.registry.clear_all_caches()
                self.registry.cache_invalidated.clear()

    def _find_judged(self):
        """Return the ids of the tables that the judge looks at: of those that the database says it has read."""
        before = self._count_read()
        self.judge.snapshot()
        tables = [table for table, count in self._count_read().items() if count != before.get(table)]
        if not tables:
            raise AssertionError("PostgreSQL doesn't count: no damage would be seen. Set track_counts = on.")
        return tables

    def _count_read(self):
        self.cr.execute(READ)
        return dict(self.cr.fetchall())

    def _count_written(self, tables):
        self.cr.execute(WRITTEN, [tables])
        return self.cr.fetchone()[0]
