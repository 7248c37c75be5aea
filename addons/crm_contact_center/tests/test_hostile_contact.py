"""Attacks by RPC on what the contact center keeps: every role × every field and public method of the addon's models."""

import inspect
import logging
import os

from odoo.models import BaseModel
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_base.tests.hostile import CONTEXTS, Attacker, method_calls, other_value, public_methods
from odoo.addons.crm_base.tests.test_hostile_calls import QUIET

from .contact_judge import ContactJudge, Role
from .contact_world import ContactWorld, dialogs, own_models, route, stored_models

_logger = logging.getLogger(__name__)

#: Each role tries one of so many calls, and each another one; with HOSTILE=all every role tries all.
EVERY = 1 if os.environ.get("HOSTILE") == "all" else 20
#: Odoo's own fields, the same on every record that has a chatter.
FRAMEWORK = ("message_", "activity_", "website_message", "rating_", "my_activity", "has_message")
FORGED = {"workflow_permit": {"state": "done"}, "from_routing": True, "force": True}
#: Models on which Odoo's own methods are tried, too: elsewhere they are the same.
GENERIC = {"crm.queue.contact", "crm.agent", "crm.queue.decision"}
#: Models that the world can't make a record of by the types of their fields: their own tests attack them.
BARE = {
    *("crm.script.talk", "crm.script.talk.line", "crm.product.pair", "crm.suggestion"),
    *("crm.staffing.plan", "crm.staffing.shift", "crm.staffing.break"),
}
SECRETS = ("key", "secret", "address")


@tagged("post_install", "-at_install")
class TestHostileContact(ContactWorld):
    """CC-2, CC-3: nobody changes what isn't theirs to change, nor behind the back of a step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        agents = (cls.agent_1.user_id, cls.agent_2.user_id, cls.agent_b.user_id)
        others = (cls.officer_a, cls.internal, cls.portal, cls.public, cls.admin)
        cls.roles = [Role(user) for user in (*agents, cls.supervisor, cls.supervisor_b, *others)]
        cls.judge = ContactJudge(cls.env)

    # === ATTACKS === #

    def _attack(self, title, calls, every=EVERY):
        """Let every role try its share of the calls; none may break a law. Return how many calls there are."""
        calls = list(calls)
        self.env.flush_all()
        before = self.judge.snapshot()
        tried, passed, violations = 0, 0, []
        for place, role in enumerate(self.roles):
            attacker = Attacker(self.env, role, self.judge)
            # who has no right at all tries a third as many
            share = every if role.kind else 3 * every
            with mute_logger(*QUIET, "odoo.addons.mail.models.mail_mail"):
                attacker.attack(calls[place % share :: share], before)
            tried, passed = tried + attacker.tried, passed + attacker.passed
            violations += attacker.violations
        _logger.info("%s: %s calls, %s answered, %s broke a law", title, tried, passed, len(violations))
        shown = {
            f"{role} {call[0]}.{call[1]} {str(call[2:])[:200]} {str(what)[:300]}" for role, call, *what in violations
        }
        shown = "\n".join(sorted(shown)[:60])
        self.assertFalse(violations, f"{len(violations)} of {tried} calls broke a law:\n{shown}")
        return len(calls)

    # === CALLS === #

    def _targets(self, model):
        """Return records of a model to attack: of shop A one in each state and one of each agent's, of shop B one."""
        if model == "crm.queue.contact":
            return self.work_a | self.work_b[:2]
        if not route(self.env, model):
            return self.env[model].search([], limit=2)
        ours = self._of(self.branch_a, model)
        state = next((name for name in ("state", "mode") if name in self.env[model]._fields), None)
        groups = ours.grouped(state).values() if state and ours._fields[state].store else [ours]
        return ours.browse().union(*(group[:2] for group in groups)) | self._of(self.branch_b, model)[:1]

    def _values(self, model, name):
        """Return values in JSON that a field may be given: a strange one, and those that would do most harm."""
        field = self.env[model]._fields[name]
        values = [other_value(field, self.env)]
        if (
            field.type == "many2one"
            and field.comodel_name in stored_models(self.env)
            and route(self.env, field.comodel_name)
        ):
            values += [self._of(branch, field.comodel_name)[:1].id for branch in (self.branch_b, self.branch_a)]
        elif field.type in ("many2many", "one2many") and field.comodel_name in stored_models(self.env):
            theirs = self._of(self.branch_b, field.comodel_name)[:1].id
            values += [[[4, theirs, 0]], [[6, 0, [theirs]]], [[3, theirs, 0]]]
        elif name == "branch_id":
            values += [self.branch_b.id, self.branch_a.id]
        elif field.comodel_name == "res.users":
            values += [self.agent_2.user_id.id, self.agent_b.user_id.id]
        elif field.type == "selection":
            values = field.get_values(self.env)
        return values

    def _writes(self, records):
        """Write, create, copy, load each field in each way; delete."""
        model, ids = records._name, records.ids
        base = {
            name: self._json(records[0], name)
            for name, field in records._fields.items()
            if field.store and field.required and name != "id"
        }
        for place, name in enumerate(name for name in records._fields if not name.startswith(FRAMEWORK)):
            field, context = records._fields[name], {**CONTEXTS[place % len(CONTEXTS)], **FORGED}
            again, values = ids[place % len(ids)], self._values(model, name)
            for value in values:
                yield from ((model, "write", [[id_], {name: value}], {"context": context}) for id_ in ids)
            if not field.store:
                continue
            for value in values:
                yield (model, "create", [[{**base, name: value}]], {"context": context})
                yield (model, "create", [[base]], {"context": {**context, f"default_{name}": value}})
                yield (model, "copy", [[again], {name: value}], {})
            value = values[-1]
            yield (model, "web_save", [[], {**base, name: value}, {"display_name": {}}], {})
            if field.translate:
                yield (model, "update_field_translations", [[again], name, {"en_US": "hostile"}], {})
            if field.type in ("char", "text", "selection", "datetime", "integer", "many2one"):
                yield (model, "load", [[".id", name], [[str(again), str(value)]]], {})
            if field.type == "one2many":
                yield from self._lists(records, name)
        for id_ in ids:
            yield (model, "unlink", [[id_]], {"context": {"_force_unlink": True, "module_uninstall": True, **FORGED}})
            yield (model, "action_archive", [[id_]], {})

    def _lists(self, records, name):
        """Change what hangs on a record through its list."""
        model, field, lines = records._name, records._fields[name], records[name][:1]
        texts = [text for text in lines._fields if lines._fields[text].type in ("char", "integer", "text")]
        for line in lines:
            owner = line[field.inverse_name] if line._fields[field.inverse_name].relational else records[:1]
            for text in texts[:4]:
                command = [1, line.id, {text: other_value(line._fields[text], self.env)}]
                yield (model, "write", [owner.ids, {name: [command]}], {})
            for command in ([2, line.id, 0], [3, line.id, 0], [5, 0, 0], [0, 0, {}]):
                yield (model, "write", [owner.ids, {name: [command]}], {"context": FORGED})

    def _arguments(self):
        """Return values for the parameters of the addon's methods, by their names."""
        return {
            "queue_id": [self.queue.id, self.queue_b.id, False, 10**9],
            "agent_id": [False, self.agent_2.id, self.agent_b.id, self.agent_1.id, "x"],
            "purpose_id": [self.purpose.id, False, [1, 2]],
            "outcome_id": [self.outcome.id, 10**9, "x"],
            "partner_id": [self.customer.id, self.customer_b.id, False, 10**9],
            "pause_id": [self.break_.id, False, -1, True],
            "mode": ["available", "paused", "offline", "busy", False],
            "note": ["x", False, {"a": 1}],
            "number": ["+6281234567890", "", "x" * 100, None],
            "name": ["x", "", None],
            "phone": ["+6281234567899", "", None],
            "state": ["done", "waiting"],
            "step": ["done", "answer"],
            "product_id": [1, 10**9],
            "answer": ["accepted", "refused", "x"],
        }

    def _methods(self, records):
        """Call every public method of ours on each record, with various arguments; of some, Odoo's too."""
        known = self._arguments()
        for name in public_methods(records):
            if hasattr(BaseModel, name):
                continue
            method = getattr(type(records), name)
            named = [p for p in list(inspect.signature(method).parameters)[1:] if p not in ("args", "kwargs")]
            choices = [known.get(parameter, [1, "x", False]) for parameter in named]
            for place in range(max(map(len, choices), default=1)):
                arguments = {p: values[place % len(values)] for p, values in zip(named, choices, strict=True)}
                if getattr(method, "_api_model", False):
                    yield (records._name, name, [], arguments)
                else:
                    yield from ((records._name, name, [[id_]], arguments) for id_ in records.ids)
        if records._name in GENERIC:
            for record in records[:2]:
                yield from (call for call in method_calls(record, record.ids) if hasattr(BaseModel, call[1]))

    def _attack_models(self, *models):
        for model in models:
            if not (records := self._targets(model)):
                continue
            with self.subTest(model):
                self.assertGreater(self._attack(model, [*self._writes(records), *self._methods(records)]), 20)

    # === TESTS === #

    def test_every_model_is_attacked(self):
        """CC-2: there is a record of each model to attack; what can't be made by its fields is made by the world."""
        bare = {model for model in stored_models(self.env) if not self._targets(model)}
        self.assertFalse(bare - BARE, {model: self.why.get(model) for model in bare})

    def test_contacts(self):
        """CC-2, CC-3: contacts change by the desk's steps only, by whom they are with, or by a supervisor there."""
        records = self._targets("crm.queue.contact")
        self._attack("steps", self._methods(records), max(EVERY // 5, 1))
        self._attack("crm.queue.contact", self._writes(records))
        self._attack_models("crm.queue.contact.skill")

    def test_what_is_kept(self):
        """CC-1, CC-2a, CC-8b, CC-11: decisions, times, events, orders and confirmations stay as they were."""
        self._attack_models("crm.queue.decision", "crm.agent.period", "crm.telephony.event")
        self._attack_models("crm.telephony.command", "crm.readiness.confirmation")

    def test_agents_and_queues(self):
        """CC-2b: who serves which queue with which skills, supervisors say where they are; what agents do, nobody."""
        self._attack_models("crm.agent", "crm.agent.skill", "crm.agent.pause")
        self._attack_models("crm.queue", "crm.queue.skill", "crm.skill")

    def test_telephones(self):
        """CC-1: numbers by supervisors, systems by administrators."""
        self._attack_models("crm.telephony.system", "crm.telephony.number", "crm.readiness.item")

    def test_other_models(self):
        """CC-2 to CC-11: what the other parts of the addon keep, by the general laws."""
        named = {"crm.agent", "crm.queue", "crm.skill", "crm.readiness.item", "crm.readiness.confirmation"}
        prefixes = ("crm.queue.", "crm.agent.p", "crm.agent.skill", "crm.telephony.")
        others = [model for model in stored_models(self.env) if model not in named and not model.startswith(prefixes)]
        self._attack_models(*others)

    def test_views_and_dialogs(self):
        """CC-10: nor do reports and dialogs lend a right that their user hasn't."""
        calls = []
        for model in own_models(self.env):
            if not self.env[model]._auto and (records := self.env[model].search([], limit=3)):
                calls += self._methods(records)
        for model in dialogs(self.env):
            names = [name for name, field in self.env[model]._fields.items() if field.type == "many2one"]
            for name in names:
                calls += [(model, "create", [[{name: value}]], {}) for value in self._values(model, name)]
        if calls:
            self._attack("views and dialogs", calls)

    def test_secrets(self):
        """CC-1: a system's key, secret and address are told to administrators only, nor guessed by a question."""
        system = self._of(self.branch_a, "crm.telephony.system")
        told = {user.login: self._ask_secrets(user, system) for user in self._everybody()}
        self.assertEqual({login for login, found in told.items() if found}, {self.admin.login})

    def _everybody(self):
        agents = (self.agent_1.user_id, self.agent_b.user_id)
        return (*agents, self.supervisor, self.supervisor_b, self.officer_a, self.internal, self.portal, self.admin)

    def _ask_secrets(self, user, system):
        """Return the calls that told the secret or the key, or by finding something, that it begins so."""
        model, ids, found = "crm.telephony.system", system.ids, []
        secrets = (system.secret, system.key)
        spec = {name: {} for name in SECRETS}
        calls = [
            *((model, "read", [ids, [name]], {}) for name in SECRETS),
            *((model, "export_data", [ids, [name]], {}) for name in SECRETS),
            *((model, "formatted_read_group", [[], [name], ["__count"]], {}) for name in SECRETS[:2]),
            (model, "web_read", [ids, spec], {}),
            (model, "read", [ids], {}),
            (model, "search_read", [[["id", "in", ids]]], {}),
            (model, "onchange", [ids, {}, [], spec], {}),
            (model, "copy_data", [ids], {}),
            ("crm.queue", "search_read", [[], ["name"]], {"order": "name"}),
            ("crm.telephony.event", "export_data", [[1], ["system_id/secret"]], {}),
        ]
        attacker = Attacker(self.env, Role(user))
        with mute_logger(*QUIET):
            attacker.attack(calls)
            found += [call for call, reply in attacker.replies if any(secret in reply for secret in secrets)]
            attacker.replies.clear()
            for name, secret in zip(("secret", "key"), secrets, strict=True):
                for domain in ([[name, "=like", f"{secret[:4]}%"]], [[f"system_id.{name}", "=", secret]]):
                    asked = model if "." not in domain[0][0] else "crm.telephony.event"
                    attacker.attack([(asked, "search_count", [domain], {})])
            found += [call for call, reply in attacker.replies if reply.isdecimal() and int(reply)]
        return found
