"""A word that only Kraków's documents know is in no reply to Poznań: whatever is called, opened, printed, searched."""

import base64
import time

from odoo.models import BaseModel
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_base.tests.common import CANARY
from odoo.addons.crm_base.tests.hostile import Attacker, method_calls
from odoo.addons.crm_base.tests.test_hostile_calls import QUIET

from .branch_world import BranchWorld, branch_models, route, wizards
from .ours import one_in

EVERY = one_in(4)
#: As it stands, and as it stands in base64 where a file begins with it, or has it after whole triples.
WORDS = (CANARY, base64.b64encode(CANARY.encode()[:9]).decode())
#: What reads; to who may read these must tell the word.
READS = ("read", "web_read", "search_read", "web_search_read", "name_search", "export_data", "formatted_read_group")


class Listener:
    """Whoever only listens needs no judge."""

    def __init__(self, user):
        self.name, self.uid = user.login, user.id


def holds(text):
    return any(word in text for word in WORDS)


@tagged("post_install", "-at_install")
class TestIsolationBranch(BranchWorld):
    """BR-17: a branch's people hear nothing of another branch's documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secret = cls._plant_canary()
        cls.env.flush_all()
        cls.env.invalidate_all()

    # === QUESTIONS === #

    def _spec(self, model):
        fields = self.env[model]._fields
        return {
            name: {"fields": {"display_name": {}}} if field.relational else {}
            for name, field in fields.items()
            if field.comodel_name != "res.users"
        }

    def _questions(self):
        """Return calls that read branch A's documents in every way, or ask for them."""
        for model in branch_models(self.env):
            if not route(self.env, model):
                continue
            records = self.secret.get(model) or self._of(self.branch_a, model)
            yield from self._read_calls(model, records)
            if model in self.secret:
                yield from self._around_calls(model, records)
            else:
                yield from self._method_calls(model, records.ids[:1])
        yield from self._everything_calls()
        yield from self._wizard_calls()

    def _read_calls(self, model, records):
        known, spec, two = self.env[model]._fields, self._spec(model), records.ids[:2]
        names = list(known)
        for name, field in known.items():
            yield (model, "read", [two, [name]], {})
            yield (model, "export_data", [two[:1], [name]], {})
            if field.store and field.type not in ("binary", "json", "one2many", "properties"):
                yield (model, "formatted_read_group", [[], [name], ["__count"]], {})
        for domain in ([], [["id", "in", records.ids]]):
            yield (model, "search_read", [domain, names], {})
            yield (model, "web_search_read", [domain, spec], {})
        yield from ((model, "web_read", [[id_], spec], {}) for id_ in records.ids[:5])
        yield (model, "read", [records.ids, names], {"load": "_classic_write"})
        yield (model, "onchange", [two[:1], {}, names, spec], {})
        for name, field in known.items():
            if field.type == "many2one" and field.comodel_name in self.secret:
                yield (model, "onchange", [[], {name: self.secret[field.comodel_name].ids[0]}, [name], spec], {})
        for word in (CANARY, CANARY[:4], ""):
            yield (model, "name_search", [word], {"limit": 1000})
            yield (model, "web_name_search", [word, {"display_name": {}}], {})

    def _method_calls(self, model, ids):
        """Return a call of each public method of ours; of Odoo's own, of what gives something back of a record."""
        given = {"copy", "copy_data", "get_metadata", "message_get_suggested_recipients", "get_formview_action"}
        for call in method_calls(self.env[model], ids):
            if not hasattr(BaseModel, call[1]) or call[1] in given:
                yield call

    def _around_calls(self, model, records):
        """Return calls of the methods, and for what hangs on the documents."""
        ids = records.ids
        yield from self._method_calls(model, ids[:1])
        about = [["res_model", "=", model], ["res_id", "in", ids]]
        yield ("mail.message", "search_read", [[["model", "=", model], ["res_id", "in", ids]], ["body", "subject"]], {})
        yield ("mail.activity", "search_read", [about, ["summary", "note", "res_name"]], {})
        yield ("mail.followers", "search_read", [about, ["display_name"]], {})
        yield ("crm.workflow.log", "search_read", [about, ["reason", "display_name"]], {})
        yield ("crm.interaction", "search_read", [about, ["note", "caller_name"]], {})
        files = self.env["ir.attachment"].search([*about, ("res_field", "in", [False, *records._fields])])
        names = ["name", "datas", "raw", "index_content"]
        yield ("ir.attachment", "search_read", [about, names], {})
        yield ("ir.attachment", "search_read", [[["id", "in", files.ids]], names], {})
        for id_ in files.ids[:4]:
            yield ("ir.attachment", "read", [[id_], names], {})
            yield ("ir.attachment", "copy", [[id_], {"res_model": False, "res_id": False}], {})
            yield ("ir.attachment", "web_read", [[id_], {name: {} for name in names}], {})

    def _everything_calls(self):
        """Return calls that look for the word wherever Odoo or our steps may have put it, without naming a document."""
        like = ["ilike", CANARY]
        for model, names in {
            "mail.message": ["body", "subject", "preview", "record_name", "tracking_value_ids"],
            "mail.mail": ["body_html", "subject"],
            "mail.activity": ["note", "summary", "res_name"],
            "mail.tracking.value": ["old_value_char", "new_value_char"],
            "ir.attachment": ["name", "index_content", "datas"],
            "crm.workflow.log": ["reason"],
            "calendar.event": ["name", "description"],
            "purchase.order": ["name", "origin"],
            "purchase.order.line": ["name"],
            "stock.picking": ["origin", "note"],
            "stock.move": ["origin", "reference"],
            "account.move": ["ref", "invoice_origin", "narration"],
            "account.move.line": ["name", "ref"],
            "account.payment": ["memo"],
            "account.bank.statement.line": ["payment_ref"],
            "utm.campaign": ["title", "name"],
            "crm.lead": ["name", "description"],
            "res.partner": ["name", "comment"],
            "crm.branch": ["name"],
        }.items():
            yield (model, "search_read", [[], names], {})
            yield (model, "search_read", [[[names[0], *like]], names], {})
            yield (model, "formatted_read_group", [[], names[:1], ["__count"]], {})
            yield (model, "name_search", [CANARY], {})

    def _wizard_calls(self):
        """Return calls that have a dialog tell of a document that its user can't read."""
        for model in (*wizards(self.env), "crm.workflow.reason"):
            names, spec = list(self.env[model]._fields), self._spec(model)
            for name, field in self.env[model]._fields.items():
                if field.type == "many2one" and field.comodel_name in self.secret:
                    vals = {name: self.secret[field.comodel_name].ids[0]}
                    yield (model, "onchange", [[], vals, names, spec], {})
                    yield (model, "web_save", [[], vals, spec], {})
                    yield (model, "onchange", [[], {}, names, spec], {"context": {f"default_{name}": vals[name]}})
        for model, records in self.secret.items():
            vals = {"res_model": model, "res_ids": records.ids[:1], "transition": "cancel", "reason": "x"}
            yield ("crm.workflow.reason", "web_save", [[], vals, self._spec("crm.workflow.reason")], {})
            active = {"active_model": model, "active_ids": records.ids[:1], "active_id": records.ids[0]}
            for wizard in wizards(self.env):
                yield (wizard, "default_get", [list(self.env[wizard]._fields)], {"context": active})

    def _listen(self, user, calls):
        attacker = Attacker(self.env, Listener(user))
        with mute_logger(*QUIET, "odoo.addons.mail.models.mail_mail"):
            attacker.attack(calls)
        return attacker.replies

    def _leaks(self, replies):
        """Return the calls whose reply holds the word more often than the call itself."""
        return [call for call, reply in replies if any(reply.count(word) > str(call).count(word) for word in WORDS)]

    # === TESTS === #

    def test_no_reply_holds_the_word(self):
        """BR-17: a word that only branch A knows is in no reply to branch B, by whatever call."""
        calls = list(self._questions())
        total = 0
        for place, user in enumerate((*self.b.values(), self.internal, self.portal)):
            began = time.monotonic()
            every = 1 if user == self.b["branch_manager"] else EVERY
            replies = self._listen(user, calls[place % every :: every])
            leaks = self._leaks(replies)
            total += len(replies)
            print(
                f"{user.login}: {len(replies)} calls, {len(leaks)} leaks, {time.monotonic() - began:.1f} s", flush=True
            )
            with self.subTest(user.login):
                shown = "\n".join(sorted({str(call)[:200] for call in leaks})[:40])
                self.assertFalse(leaks, f"{len(leaks)} leaks:\n{shown}")
        print(f"{total} calls; models: {', '.join(self.secret)}")
        self.assertGreater(total, 10000)

    def test_developers_hear_no_more(self):
        """BR-17: in developer mode Odoo's refusals say more; not this word."""
        self.patch(self.registry["res.users"], "has_group", lambda user, group: user._has_group(group))
        calls = [call for call in self._questions() if call[1] in ("read", "web_read", "export_data", "write")]
        replies = self._listen(self.b["branch_manager"], calls[:: min(2, EVERY)])
        leaks = self._leaks(replies)
        self.assertFalse(leaks, "\n".join(sorted({str(call)[:150] for call in leaks})[:30]))
        self.assertGreater(len(replies), 1000)

    def test_who_may_hears_the_word(self):
        """BR-17: the same calls tell the word to A's people and to headquarters: the questions are good."""
        calls = [call for call in self._questions() if call[1] in READS and call[1] != "formatted_read_group"]
        for user in (self.a["branch_manager"], self.clerk):
            replies = self._listen(user, calls)
            told = {call[0] for call, reply in replies if holds(reply)}
            print(f"{user.login}: {sum(holds(reply) for __, reply in replies)} of {len(replies)} calls tell the word")
            speaking = {model for model in self.secret if self._texts(model)}
            self.assertFalse(speaking - told, f"{user.login} hears nothing of these")

    def test_nothing_is_found(self):
        """BR-17: whether they hold a word or not, A's documents aren't found by B, nor counted, nor summed up."""
        asked = 0
        for model in branch_models(self.env):
            path = route(self.env, model)
            if not path:
                continue
            for user in self.b.values():
                asked += 1
                with self.subTest(f"{user.login}: {model}"), mute_logger(*QUIET):
                    documents = self.env[model].with_user(user).with_context(active_test=False)
                    if documents.has_access("read"):
                        found = documents.search([(".".join(path), "=", self.branch_a.id)])
                        self.assertFalse(found)
        self.assertGreater(asked, 100)

    def test_files(self):
        """BR-17: by address too no file of A's documents is opened, no picture shown, no discussion read."""
        files = self.env["ir.attachment"].search(
            [("res_model", "in", list(self.secret)), ("index_content", "=", CANARY), ("res_field", "!=", 0)]
        )
        one_each = {(file.res_model, file.res_field): file for file in files if file.id}
        asked = 0
        for user in (self.a["branch_manager"], *self.b.values()):
            self.authenticate(user.login, user.login)
            heard = set()
            for (model, field), file in one_each.items():
                addresses = [f"/web/content/{file.id}", f"/web/content/{file.id}?download=1"]
                if field:
                    addresses.append(f"/web/content?model={model}&field={field}&id={file.res_id}")
                    addresses.append(f"/web/image/{model}/{file.res_id}/{field}")
                for address in addresses:
                    asked += 1
                    with mute_logger(*QUIET):
                        reply = self.url_open(address)
                    if CANARY.encode() in reply.content:
                        heard.add(model)
            for model, records in self.secret.items():
                if "message_ids" in records:
                    asked += 1
                    body = {"thread_model": model, "thread_id": records.ids[0], "fetch_params": {"limit": 30}}
                    with mute_logger(*QUIET):
                        payload = self.build_rpc_payload(body)
                        reply = self.url_open("/mail/thread/messages", json=payload)
                    if CANARY in reply.text:
                        heard.add(model)
            with self.subTest(user.login):
                if user == self.a["branch_manager"]:
                    self.assertGreater(len(heard), 8)
                else:
                    self.assertFalse(heard)
        print(f"{asked} addresses asked")

    def test_reports(self):
        """BR-17: no report prints A's documents for B; each prints them for A."""
        reports = self.env["ir.actions.report"].search([("model", "in", list(self.secret))])
        printed = set()
        for report in reports:
            records = self.secret[report.model][:3]
            for user in (self.a["branch_manager"], self.clerk, *self.b.values()):
                for record in records:
                    with mute_logger(*QUIET), self.cr.savepoint() as savepoint:
                        try:
                            html = report.with_user(user)._render_qweb_html(report.report_name, record.ids)[0]
                        except Exception as error:  # noqa: BLE001 - refused, in words
                            html = str(error).encode()
                        savepoint.rollback()
                    if CANARY.encode() in html:
                        printed.add(report.report_name)
                        self.assertNotIn(user, self.b.values(), report.report_name)
        print(f"{len(reports)} reports, with the word for who may: {sorted(printed)}")
        self.assertGreater(len(printed), 3)

    def test_no_search_finds_the_word(self):
        """BR-17: nor is it found by a condition on what another record says of it."""
        asked = 0
        for model in self.env.registry:
            fields = self.env[model]._fields if not self.env[model]._abstract else {}
            for name, field in fields.items():
                if field.relational and field.comodel_name in self.secret and field._description_searchable:
                    asked += self._search_through(model, name, field.comodel_name)
        print(f"{asked} conditions asked")
        self.assertGreater(asked, 200)

    def _search_through(self, model, name, comodel):
        """Search records of the model by texts of the documents that the field leads to; return how often."""
        texts = [
            text
            for text, field in self.env[comodel]._fields.items()
            if field.store and field.type in ("char", "text", "html") and not field.translate
        ][:3]
        known = self.secret[comodel].ids
        asked = 0
        for user in (self.b["branch_manager"], self.b["service_officer"], self.b["cashier"]):
            for text in texts:
                asked += 1
                with mute_logger(*QUIET), self.cr.savepoint(flush=False) as savepoint:
                    try:
                        found = self.env[model].with_user(user).search([(f"{name}.{text}", "like", CANARY)], limit=5)
                    except Exception:  # noqa: BLE001 - refused is no answer either
                        found = ()
                    savepoint.rollback()
                with self.subTest(f"{user.login}: {model} by {name}.{text}"):
                    self.assertFalse(found, f"of {comodel} {known[:3]}")
        return asked
