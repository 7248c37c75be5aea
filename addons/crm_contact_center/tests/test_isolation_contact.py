"""A word that only shop A's contact center knows is in no reply to shop B, and on no channel that they listen to."""

import json
import logging
import os
from types import SimpleNamespace
from unittest.mock import patch

from odoo.models import BaseModel
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.bus.models import ir_websocket
from odoo.addons.bus.models.bus import json_dump
from odoo.addons.crm_base.tests.common import CANARY
from odoo.addons.crm_base.tests.hostile import Attacker, method_calls
from odoo.addons.crm_base.tests.test_hostile_calls import QUIET

from .contact_world import ContactWorld, dialogs, own_models, route, stored_models

_logger = logging.getLogger(__name__)

EVERY = 1 if os.environ.get("HOSTILE") == "all" else 8
#: What reads: to who may read these tell the word.
READS = ("read", "web_read", "search_read", "web_search_read", "name_search", "export_data")
#: Not written by people.
TECHNICAL = ("res_model", "access_token", "lang", "key", "secret", "extension")
#: Where Odoo or our steps may have put what a contact says.
ELSEWHERE = {
    "mail.message": ["body", "subject", "preview", "record_name"],
    "mail.activity": ["note", "summary", "res_name"],
    "mail.mail": ["body_html", "subject"],
    "mail.tracking.value": ["old_value_char", "new_value_char"],
    "ir.attachment": ["name", "index_content"],
    "crm.workflow.log": ["reason", "display_name"],
    "crm.interaction": ["note", "caller_name", "display_name"],
    "crm.branch": ["name"],
    "bus.bus": ["message", "channel"],
}


@tagged("post_install", "-at_install")
class TestIsolationContact(ContactWorld):
    """CC-2, CC-3: a branch's people hear nothing of another branch's callers, queues, agents and telephones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secret = {}
        for model in stored_models(cls.env):
            if records := cls._of(cls.branch_a, model):
                cls.secret[model] = records
                cls._write_texts(model, records.ids)
        cls.cr.execute(
            "UPDATE crm_interaction SET caller_name = %(word)s, note = %(word)s, partner_id = NULL"
            " WHERE id = ANY(%(ids)s)",
            {"word": CANARY, "ids": cls.work_a.interaction_id.ids},
        )
        # customers are everybody's; these contacts say who it is themselves
        cls.cr.execute("UPDATE crm_queue_contact SET partner_id = NULL WHERE id = ANY(%s)", [cls.work_a.ids])
        cls.queue.message_post(body=CANARY)
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _texts(cls, model):
        """Return the names of the fields of a model that may hold the word."""
        return [
            name
            for name, field in cls.env[model]._fields.items()
            if field.store and field.column_type and field.type in ("char", "text", "html")
            if not (field.related or name in TECHNICAL)
        ]

    @classmethod
    def _write_texts(cls, model, ids):
        """Write the word in the database: no constraint of a text keeps it out."""
        for name in cls._texts(model):
            kind = cls.env[model]._fields[name]
            word = f"'{CANARY}' || id" if kind.type == "char" else f"'{CANARY}'"
            word = f"jsonb_build_object('en_US', {word})" if kind.translate else word
            try:
                with cls.cr.savepoint(flush=False), mute_logger("odoo.sql_db"):
                    cls.cr.execute(
                        f'UPDATE {cls.env[model]._table} SET "{name}" = {word} WHERE id = ANY(%s)',  # noqa: S608
                        [ids],
                    )
            except Exception:  # noqa: BLE001, S112 - the database has a form for it that the word hasn't
                continue

    # === QUESTIONS === #

    def _spec(self, model):
        fields = self.env[model]._fields
        return {
            name: {"fields": {"display_name": {}}} if field.relational else {}
            for name, field in fields.items()
            if field.comodel_name != "res.users"
        }

    def _questions(self):
        """Return calls that read shop A's records in every way, or ask for them."""
        for model in own_models(self.env):
            records = self.secret.get(model, self._of(self.branch_a, model))
            yield from self._read_calls(model, records or self.env[model].search([], limit=3))
            yield from self._method_calls(model, records.ids[:2])
        for model, names in ELSEWHERE.items():
            yield (model, "search_read", [[], names], {})
            yield (model, "search_read", [[[names[0], "ilike", CANARY]], names], {})
            yield (model, "name_search", [CANARY], {})
        yield from self._around_calls()

    def _read_calls(self, model, records):
        known, spec, two = self.env[model]._fields, self._spec(model), records.ids[:2]
        names = list(known)
        for name, field in known.items():
            yield (model, "read", [two, [name]], {})
            yield (model, "export_data", [two[:1], [name]], {})
            if field.store and field.type not in ("binary", "json", "one2many", "properties"):
                yield (model, "formatted_read_group", [[], [name], ["__count"]], {})
            if field.type == "many2one" and field.comodel_name in self.secret:
                ids = self.secret[field.comodel_name].ids
                yield (model, "onchange", [[], {name: ids[0]}, [name], spec], {})
                yield (model, "onchange", [[], {}, names, spec], {"context": {f"default_{name}": ids[0]}})
                yield (model, "export_data", [two[:1], [f"{name}/display_name"]], {})
                if records:
                    theirs = self._of(self.branch_b, model)[:1] or records[:1]
                    yield (
                        model,
                        "web_save",
                        [theirs.ids, {name: ids[0]}, {name: spec[name]} if name in spec else {}],
                        {},
                    )
        for domain in ([], [["id", "in", records.ids]]):
            yield (model, "search_read", [domain, names], {})
            yield (model, "web_search_read", [domain, spec], {})
        yield from ((model, "web_read", [[id_], spec], {}) for id_ in records.ids[:4])
        yield (model, "onchange", [two[:1], {}, names, spec], {})
        for word in (CANARY, CANARY[:4], ""):
            yield (model, "name_search", [word], {"limit": 1000})

    def _method_calls(self, model, ids):
        """Return a call of each public method of ours; of Odoo's own, of what gives something back of a record."""
        given = {"copy", "copy_data", "get_metadata", "get_formview_action"}
        for id_ in ids or [1]:
            for call in method_calls(self.env[model], [id_]):
                if not hasattr(BaseModel, call[1]) or call[1] in given:
                    yield call

    def _around_calls(self):
        """Return calls of dialogs, and of what other models tell of contacts."""
        for model in dialogs(self.env):
            names, spec = list(self.env[model]._fields), self._spec(model)
            for name, field in self.env[model]._fields.items():
                if field.type == "many2one" and field.comodel_name in self.secret:
                    vals = {name: self.secret[field.comodel_name].ids[0]}
                    yield (model, "onchange", [[], vals, names, spec], {})
                    yield (model, "web_save", [[], vals, spec], {})
        for contact in self.work_a:
            for method, arguments in (
                ("action_wrap_up", {"purpose_id": self.purpose.id, "outcome_id": self.outcome.id}),
                ("action_transfer", {"queue_id": self.queue_b.id}),
                ("action_transfer", {"agent_id": self.agent_b.id}),
            ):
                yield ("crm.queue.contact", method, [contact.ids], arguments)
        for model in self.secret:
            if not (self.env[model]._rec_name or self.env[model]._rec_names_search):
                continue  # Odoo finds everything by the name of what has none
            yield (model, "search_count", [[["display_name", "ilike", CANARY]]], {})
        for name in ("first_queue_id", "agent_id", "decision_ids", "need_ids"):
            yield ("crm.queue.contact", "search_count", [[[f"{name}.display_name", "ilike", CANARY]]], {})

    def _listen(self, user, calls):
        attacker = Attacker(self.env, SimpleNamespace(name=user.login, uid=user.id))
        with mute_logger(*QUIET, "odoo.addons.mail.models.mail_mail"):
            attacker.attack(calls)
        return attacker.replies

    @staticmethod
    def _around(reply):
        place = reply.index(CANARY)
        return reply[max(0, place - 60) : place + 40]

    # === TESTS === #

    def test_no_reply_holds_the_word(self):
        """CC-2: a word that only shop A knows is in no reply to shop B's people, nor to who has no right at all."""
        calls, total = list(self._questions()), 0
        users = (self.supervisor_b, self.agent_b.user_id, self.officer_b, self.internal, self.portal, self.public)
        for place, user in enumerate(users):
            every = 1 if user == self.supervisor_b else EVERY * (1 if user == self.agent_b.user_id else 2)
            replies = self._listen(user, calls[place % every :: every])
            leaks = {
                f"{str(call)[:200]} → {self._around(reply)}"
                for call, reply in replies
                if reply.count(CANARY) > str(call).count(CANARY)
            }
            leaks |= {
                f"counted: {call}"
                for call, reply in replies
                if call[1] == "search_count" and reply not in ("0", "") and reply.isdecimal()
            }
            total += len(replies)
            _logger.info("%s: %s calls, %s leaks", user.login, len(replies), len(leaks))
            with self.subTest(user.login):
                self.assertFalse(leaks, "\n".join(sorted(leaks)[:40]))
        self.assertGreater(total, 1000)

    def test_who_may_hears_the_word(self):
        """CC-3: the same calls tell the word to shop A's people: the questions are good."""
        calls = [call for call in self._questions() if call[1] in READS]
        for user, least in ((self.supervisor, 8), (self.agent_2.user_id, 4)):
            told = {call[0] for call, reply in self._listen(user, calls[:: max(EVERY // 2, 1)]) if CANARY in reply}
            self.assertGreaterEqual(len(told), least, f"{user.login} hears only of {told}")

    def test_colleagues_read(self):
        """CC-3: an agent reads the contacts of their branch, those of colleagues too; they don't act on them."""
        theirs = self.work_a.filtered(lambda contact: contact.agent_id == self.agent_1)
        other = theirs.with_user(self.agent_2.user_id)
        self.assertEqual(len(other.mapped("caller_name")), len(theirs))
        self.assertFalse(theirs.with_user(self.agent_2.user_id).has_access("write"))

    def test_nothing_is_found(self):
        """CC-2: shop A's records aren't found by shop B, nor counted, whether they hold a word or not."""
        asked = 0
        for model in own_models(self.env):
            if not (path := route(self.env, model)):
                continue
            for user in (self.supervisor_b, self.agent_b.user_id):
                records = self.env[model].with_user(user).with_context(active_test=False)
                if records.has_access("read"):
                    asked += 1
                    with self.subTest(f"{user.login}: {model}"):
                        self.assertFalse(records.search([(".".join(path), "=", self.branch_a.id)]))
        self.assertGreater(asked, 15)

    def test_desk_and_wall(self):
        """CC-2e, CC-3: neither the desk nor the wall of shop B says anything of shop A."""
        desk = self.env["crm.agent"].with_user(self.agent_b.user_id).desk_state()
        self.assertTrue(desk["contacts"])
        wall = self.env["crm.queue"].with_user(self.supervisor_b).wall()
        self.assertEqual([queue["id"] for queue in wall["queues"]], self.queue_b.ids)
        self.assertNotIn(CANARY, json_dump([desk, wall]))
        self.assertIn(CANARY, json_dump(self.env["crm.queue"].with_user(self.supervisor).wall()))

    def test_bus(self):
        """CC-2e: what goes over the bus says only that something changed; shop B doesn't even hear that."""
        sent = []
        bus = self.registry["bus.bus"]
        self.patch(bus, "_sendone", lambda self, channel, kind, message: sent.append((channel, kind, message)))
        active = self.work_a.filtered(lambda contact: contact.state == "active" and contact.channel == "chat")
        for contact in active:
            contact.with_user(contact.agent_id.user_id).action_end()
        self.env.flush_all()
        self.assertTrue(sent)
        for channel, kind, message in sent:
            with self.subTest(kind):
                self.assertNotIn(CANARY, json.dumps(message, default=str))
                self.assertNotIn(channel, self._channels(self.supervisor_b) + self._channels(self.agent_b.user_id))
        self.assertIn(self.branch_a, self._channels(self.supervisor))

    def _channels(self, user):
        """Return what a user's web client listens to, whatever channels it asks for."""
        asked = [f"crm.branch,{self.branch_a.id}", f"res.users_{self.agent_1.user_id.id}", "crm_contact_center/changed"]
        websocket = self.env["ir.websocket"].with_user(user)
        with patch(f"{ir_websocket.__name__}.request", SimpleNamespace(session=SimpleNamespace(uid=user.id))):
            return [*websocket._build_bus_channel_list(asked), user.partner_id, user]
