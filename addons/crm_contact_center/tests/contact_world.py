"""Two branches' contact centers, with somebody in every role and records in every state, for tests that attack them.

What other parts of the addon keep is found in the registry, and made from the fields' types where the tests know of no
better way.
"""

from datetime import date, datetime

from odoo import fields
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import ContactCenterCase

MODULE = "crm_contact_center"


def own_models(env):
    """Return the names of the models that this addon defines, views of the database too."""
    return sorted(
        name
        for name, model in env.registry.items()
        if model._original_module == MODULE and not (model._abstract or model._transient)
    )


def stored_models(env):
    """Return the names of the addon's models with a table of their own."""
    return [name for name in own_models(env) if env[name]._auto]


def dialogs(env):
    """Return the names of the addon's dialogs."""
    return sorted(name for name, model in env.registry.items() if model._original_module == MODULE and model._transient)


def route(env, model, passed=()):
    """Return the field names that lead from a record to its branch, () where it belongs to none."""
    known = env[model]._fields
    if "branch_id" in known and known["branch_id"].store:
        return ("branch_id",)
    for name, field in known.items():
        leads = field.type == "many2one" and field.store and field.required
        leads = leads and field.comodel_name in own_models(env) and field.comodel_name not in (model, *passed)
        if leads and (further := route(env, field.comodel_name, (model, *passed))):
            return (name, *further)
    return ()


class ContactWorld(ContactCenterCase):
    """Shop A and shop B at work: contacts in every state, telephone systems, what else the addon keeps."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supervisor_b = cls._create_user("test_supervisor_b", f"{MODULE}.group_supervisor", cls.branch_b)
        cls.public = cls.env.ref("base.public_user")
        cls.customer_b = cls.env["res.partner"].create({"name": "Wulan", "phone": "0812 3456 7000"})
        for agent in (cls.agent_1, cls.agent_2, cls.agent_b):
            agent.capacity = 1000
        cls.work_a = cls._work(cls.queue, cls.agent_1, cls.customer)
        cls.work_a |= cls._work(cls.queue, cls.agent_2, cls.customer)[:2]
        cls.work_b = cls._work(cls.queue_b, cls.agent_b, cls.customer_b)
        cls._configure(cls.queue, cls.agent_1, "601", "1001")
        cls._configure(cls.queue_b, cls.agent_b, "602", "1002")
        item = cls.env["crm.readiness.item"].search([], limit=1)
        for user in (cls.supervisor, cls.supervisor_b):
            confirmations = cls.env["crm.readiness.confirmation"].with_user(user)
            confirmations.create({"item_id": item.id, "note": "Seen"})
        cls.env["product.product"].create([{"name": "Cable"}, {"name": "Router"}])
        cls._make_others()
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _work(cls, queue, agent, customer):
        """Let contacts come, and leave one in each state that there is; three of them with the agent."""
        agent._set_mode("available")
        values = {"queue_id": queue.id, "partner_id": customer.id, "phone": customer.phone, "words": "My bill"}
        contacts = cls.contacts._enter(
            [
                *({**values, "channel": "chat", "only_agent_id": agent.id} for __ in range(4)),
                {**values, "channel": "call", "key": f"test:{agent.id}", "only_agent_id": agent.id},
                *({**values, "channel": "chat"} for __ in range(3)),
            ]
        )
        offered, active, wrapup, done, call, __, abandoned, callback = contacts
        # as the routing does it: others of the database's contacts aren't touched
        for contact in (offered, active, wrapup, done, call):
            contact.write({"agent_id": agent.id, "offered_at": fields.Datetime.now()})
            contact._workflow_do("offer")
        cls.env["crm.queue.decision"]._record(
            [{"contact_id": offered.id, "queue_id": queue.id, "agent_id": agent.id, "reasons": {str(agent.id): "able"}}]
        )
        for contact in (active, wrapup, done, call):
            contact._answer()
        for contact in (wrapup, done):
            contact._end()
        done._wrap_up(cls.purpose, cls.outcome, "Solved")
        abandoned._abandon()
        callback.callback_at = fields.Datetime.add(fields.Datetime.now(), days=1)
        callback._workflow_do("postpone")
        return active | contacts

    @classmethod
    def _configure(cls, queue, agent, called, extension):
        """Connect a telephone system to the queue, with what it told and what it is to do."""
        agent.extension = extension
        agent.skill_ids = [Command.create({"skill_id": cls.skill.id, "level": 3})]
        queue.skill_ids = [Command.create({"skill_id": cls.skill.id, "level": 1})]
        system = cls.env["crm.telephony.system"].create(
            {
                "name": f"PBX {called}",
                "branch_id": queue.branch_id.id,
                "queue_id": queue.id,
                "number_ids": [Command.create({"number": called, "queue_id": queue.id})],
            }
        )
        about = {"system_id": system.id, "uid": "u1", "call": "c1", "sequence": 1, "kind": "ended"}
        cls.env["crm.telephony.event"].create({**about, "at": fields.Datetime.now(), "number": called, "words": "x"})
        cls.env["crm.telephony.command"].create(
            {"system_id": system.id, "kind": "dial", "agent_id": agent.id, "extension": extension, "number": called}
        )

    # === WHAT OTHER PARTS KEEP === #

    @classmethod
    def _make_others(cls):
        """Make a record for each branch of what nobody has made yet; three times, for one may need another."""
        cls.why = {}
        for __ in range(3):
            for model in stored_models(cls.env):
                shared = not route(cls.env, model)
                for branch in (cls.branch_a, cls.branch_b):
                    records = cls.env[model].search([], limit=1) if shared else cls._of(branch, model)
                    if not records and cls._make(model, branch):
                        cls.why.pop(model, None)

    @classmethod
    def _make(cls, model, branch):
        """Make a record from the fields' types; return whether that worked."""
        cls.env.flush_all()  # what is still to be computed would be forgotten with an attempt
        with mute_logger("odoo.sql_db"), cls.cr.savepoint(flush=False) as savepoint:
            try:
                given = set(cls.env[model].default_get(list(cls.env[model]._fields)))
                vals = {
                    name: cls._guess(model, name, branch)
                    for name, field in cls.env[model]._fields.items()
                    if name == "branch_id" or (field.required and field.store and not field.related)
                    if name not in given or name in ("branch_id", "company_id")
                    if not field.compute or not field.readonly
                }
                made = bool(cls.env[model].create(vals))
                cls.env.flush_all()
            except Exception as error:  # noqa: BLE001 - a model that this can't make is named among the bare ones
                cls.why[model] = str(error)
                cls.env.transaction.clear()
                savepoint.rollback()
                return False
        return made

    @classmethod
    def _guess(cls, model, name, branch):
        field = cls.env[model]._fields[name]
        if name in ("branch_id", "res_model", "res_id"):  # where it is, and the document that it is about
            contact = cls._of(branch, "crm.queue.contact")[0]
            return {"branch_id": branch.id, "res_model": contact._name, "res_id": contact.id}[name]
        if field.type == "many2one":
            if field.comodel_name == "res.users":
                return (cls.agent_1 if branch == cls.branch_a else cls.agent_b).user_id.id
            ours = field.comodel_name in own_models(cls.env) and route(cls.env, field.comodel_name)
            records = cls._of(branch, field.comodel_name) if ours else cls.env[field.comodel_name].search([], limit=1)
            return records[:1].id
        if field.type == "many2many":
            return [Command.set(cls._of(branch, field.comodel_name)[:1].ids)]
        if field.type == "selection":
            return field.get_values(cls.env)[0]
        days = 1 if name.startswith(("end", "until", "to_", "stop")) or name.endswith(("_to", "_until")) else 0
        now = fields.Datetime.add(fields.Datetime.now(), days=days)
        known = {"date": now.date(), "datetime": now, "boolean": True, "json": {}}
        return known.get(field.type, 1 if field.type in ("integer", "float", "monetary") else f"test-{branch.id}")

    @classmethod
    def _of(cls, branch, model):
        """Return the branch's records of a model, archived ones too; none of a model that belongs to no branch."""
        path = route(cls.env, model)
        records = cls.env[model].with_context(active_test=False)
        if not path:
            return records.browse()
        return records.search([(".".join(path), "=", branch.id)]).with_context(active_test=True)

    @staticmethod
    def _json(record, name):
        """Return a field's value as a client would write it."""
        value = record._fields[name].convert_to_write(record[name], record)
        if isinstance(value, datetime):
            return value.isoformat(" ", "seconds")
        if isinstance(value, date):
            return value.isoformat()
        return value.decode() if isinstance(value, bytes) else value
