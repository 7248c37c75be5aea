"""What of the contact center may change, by whom, and how: general laws, a few exceptions, and a judge."""

from odoo.models import BaseModel
from odoo.tools import SQL

from odoo.addons.crm_base.tests.hostile import UNIMPORTANT, Rows, changed_rows

from ..models.crm_agent import KEPT
from .contact_world import MODULE, stored_models

OUTSIDER, AGENT, SUPERVISOR, ADMIN = range(4)
#: Nobody who calls changes these: the routing and the telephone write them.
IMMUTABLE = {"crm.queue.decision", "crm.telephony.event"}
#: Steps write these, no client does, and nobody deletes them.
BY_STEPS = {"crm.queue.contact", "crm.queue.contact.skill", "crm.agent.period", "crm.telephony.command"}
#: Once said they stay.
SAID = {"crm.readiness.confirmation"}
#: What some of the addon's own methods may change though its user has no right to write it by hand: (model, method).
#: The method checks by itself who may.
ALLOWED = set()
#: Tables between models that no supervisor writes by hand.
STEP_LINKS = {"crm_queue_contact_missed_rel"}
#: Written by the addon when whoever may write the record that they belong to does so.
DERIVED = {"crm.faq.text", "crm.faq.word", "crm.staffing.forecast.line"}
#: Columns that follow from another record.
FOLLOWING = frozenset(("branch_id", "company_id"))
#: Columns that are counted when somebody reads or searches.
COUNTED = frozenset()


class Role:
    """Who calls: as what, where, and what the access rights of the addon's models let them do by hand."""

    def __init__(self, user):
        self.name, self.uid = user.login, user.id
        groups = [
            (ADMIN, "base.group_system"),
            (SUPERVISOR, f"{MODULE}.group_supervisor"),
            (AGENT, f"{MODULE}.group_agent"),
        ]
        self.kind = next((kind for kind, group in groups if user._has_group(group)), OUTSIDER)
        self.branches, self.companies = set(user.visible_branch_ids.ids), set(user.company_ids.ids)
        self.agent = user.env["crm.agent"].sudo().search([("user_id", "=", user.id)]).id
        self.rights = {
            (model, operation)
            for model in stored_models(user.env)
            for operation in ("create", "write", "unlink")
            if user.env[model].with_user(user).has_access(operation)
        }


class ContactJudge:
    """Compares all rows of the addon's tables, and of the tables between them."""

    def __init__(self, env):
        self.env, self.rows = env, Rows(env.cr, UNIMPORTANT | COUNTED)
        self.models = stored_models(env)
        self.links = self._find_links()
        self.parents = {
            model: [
                (name, field.comodel_name)
                for name, field in env[model]._fields.items()
                if field.type == "many2one" and field.store and field.required and field.comodel_name in self.models
            ]
            for model in self.models
        }
        self.query = self._make_query()

    def _find_links(self):
        """Return table → (its two columns, their models)."""
        links = {}
        for model in self.models:
            for field in self.env[model]._fields.values():
                if field.type == "many2many" and field.store and field.relation not in links:
                    links[field.relation] = ((field.column1, model), (field.column2, field.comodel_name))
        return links

    def _make_query(self):
        parts = [
            SQL("SELECT %s::text AS name, id, to_jsonb(t) FROM %s t", model, SQL.identifier(self.env[model]._table))
            for model in self.models
        ]
        parts += [
            SQL(
                "SELECT %s::text, %s, to_jsonb(array_agg(%s ORDER BY 1)) FROM %s GROUP BY 2",
                table,
                SQL.identifier(left),
                SQL.identifier(right),
                SQL.identifier(table),
            )
            for table, ((left, __), (right, __)) in self.links.items()
        ]
        parts.append(
            SQL(
                "SELECT 'crm_workflow_log', id, to_jsonb(t) FROM crm_workflow_log t WHERE res_model IN %s",
                tuple(self.models),
            )
        )
        return SQL(" UNION ALL ").join(parts)

    def snapshot(self):
        return self.rows.now(self.query)

    # === WHOSE IT IS === #

    def _branches(self, rows, model, row, passed=()):
        """Return the branches that a row belongs to, by its own column or those of what it belongs to."""
        if not row or model in passed:
            return set()
        if "branch_id" in row:
            return {row["branch_id"]} - {False}
        found = set()
        for name, parent in self.parents.get(model, ()):
            found |= self._branches(rows, parent, rows.get((parent, row[name])), (*passed, model))
        return found

    def _is_own(self, role, model, row):
        """Return whether the row is about the user: their agent's, or with them."""
        if not row:
            return True
        if model == "crm.queue.contact":
            return bool(role.agent) and row["agent_id"] == role.agent
        if model == "crm.queue.contact.skill":
            return True  # the contact itself is judged
        return row.get("user_id") == role.uid or (bool(role.agent) and row.get("agent_id") == role.agent)

    # === LAWS === #

    def violations(self, role, method, before, after):
        """Return what changed between the snapshots and may not be changed by that role with that method."""
        changed = changed_rows(before, after)
        logs = [after[key] for key in changed if key[0] == "crm_workflow_log" and key not in before]
        found = []
        for key in changed:
            name, id_ = key
            old, new = before.get(key), after.get(key)
            if name == "crm_workflow_log":
                lawful = old is None and new["user_id"] == role.uid and not hasattr(BaseModel, method)
            elif name in self.links:
                lawful = self._may_link(role, method, name, id_, old, new, before)
            else:
                lawful = self._may(role, method, name, old, new, before, after)
                lawful = lawful and self._by_workflow(role, name, id_, old, new, logs)
            if not lawful:
                found.append((key, *self._difference(old, new)))
        return found

    @staticmethod
    def _difference(old, new):
        if not (isinstance(old, dict) and isinstance(new, dict)):
            return old, new
        names = [name for name in old.keys() | new.keys() if old.get(name) != new.get(name)]
        return {name: old.get(name) for name in names}, {name: new.get(name) for name in names}

    def _may(self, role, method, model, old, new, before, after):
        if (model, method) in ALLOWED:
            return True
        if role.kind == OUTSIDER:
            return False
        branches = self._branches(before, model, old) | self._branches(after, model, new)
        return self._is_here(role, branches, old, new) and self._may_here(role, method, model, old, new)

    def _may_here(self, role, method, model, old, new):
        """Return whether the role may do that to a row of its own branch."""
        operation = "create" if old is None else "unlink" if new is None else "write"
        by_hand = hasattr(BaseModel, method)
        if operation == "write" and self._is_following(model, self._difference(old, new)[0].keys()):
            return role.kind == ADMIN  # what follows its system or queue to another branch
        if model in SAID:
            return operation == "create" and role.kind >= SUPERVISOR and new["user_id"] == role.uid
        if model in DERIVED:
            return role.kind >= SUPERVISOR
        by_client = by_hand or (operation == "unlink" and model != "crm.queue.contact.skill")
        if model in IMMUTABLE or (model in BY_STEPS and by_client):
            return False
        if model == "crm.agent" and not self._may_agent(role, by_hand, old, new):
            return False
        own = role.kind >= SUPERVISOR or self._is_own(role, model, old or new)
        return (model, operation) in role.rights if by_hand else own

    def _is_following(self, model, names):
        return names <= FOLLOWING and all(self.env[model]._fields[name].related for name in names)

    def _is_here(self, role, branches, *rows):
        if role.kind == ADMIN:
            return True
        companies = {row["company_id"] for row in rows if row and row.get("company_id")}
        return branches <= role.branches and companies <= role.companies

    def _may_agent(self, role, by_hand, old, new):
        """What an agent does isn't typed; what they are isn't changed by what they do."""
        if not (old and new):
            fresh = {"mode": "offline", "status": "offline"}
            idle = not new or all(new.get(name) == fresh.get(name, False) for name in KEPT - {"status_since"})
            return idle and by_hand
        changed = {name for name in new if old.get(name) != new.get(name)}
        return not changed & KEPT if by_hand else changed <= KEPT

    def _may_link(self, role, method, table, id_, old, new, before):
        """Both ends of a link that is made or cut are the role's, and one of them is theirs to write."""
        if role.kind == OUTSIDER or (table in STEP_LINKS and hasattr(BaseModel, method)):
            return False
        if role.kind == ADMIN:
            return True
        (__, left), (__, right) = self.links[table]
        touched = set(old or ()) ^ set(new or ())
        branches = self._branches(before, left, before.get((left, id_)))
        for other in touched:
            branches |= self._branches(before, right, before.get((right, other)))
        by_right = any((model, "write") in role.rights for model in (left, right))
        return branches <= role.branches and (by_right or not hasattr(BaseModel, method))

    def _by_workflow(self, role, model, id_, old, new, logs):
        """A state changes by the table's steps only, each with a line of the history by whoever did it."""
        workflow = getattr(self.env[model], "_workflow", None)
        if not workflow:
            return True
        name = self.env[model]._workflow_field
        if new is None:
            return old[name] in workflow.deletable
        state = old[name] if old else workflow.initial
        for log in sorted(
            (log for log in logs if (log["res_model"], log["res_id"]) == (model, id_)), key=lambda log: log["id"]
        ):
            step = workflow.find(log["transition"])
            if log["user_id"] != role.uid or state not in step.source:
                return False
            state = step.target
        return new[name] == state
