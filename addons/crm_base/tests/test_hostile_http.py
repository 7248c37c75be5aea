import contextlib
import json
from datetime import timedelta
from unittest import SkipTest
from xmlrpc.client import Fault

from odoo import fields
from odoo.tests import HttpCase
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from .common import CANARY, CrmBaseCase
from .hostile import Judge

QUIET = (
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.rpc.controllers.jsonrpc",
    "odoo.addons.rpc.controllers.xmlrpc",
    "odoo.http",
    "odoo.sql_db",
)


class TestHostileHttp(CrmBaseCase, HttpCase):
    """The same attacks over the wire, a sample of them: by the web client's way, JSON-RPC, XML-RPC and /json/2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.http_port():
            raise SkipTest("these tests need Odoo's HTTP server (--odoo-http)")
        cls.open_a = cls._create_interaction(outcome_id=cls.outcome.id)
        cls.done_a = cls._create_done(caller_name=CANARY)
        cls.open_b = cls._create_interaction(user=cls.officer_b, outcome_id=cls.outcome.id)
        cls.log = cls.done_a.workflow_log_ids
        cls.env.flush_all()
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        cls.keys = {
            user: cls.env["res.users.apikeys"].with_user(user)._generate("rpc", "test", tomorrow)
            for user in (cls.officer_a, cls.manager_a, cls.internal)
        }

    # === WAYS IN === #

    def _by_web_client(self, user, model, method, ids, keywords):
        if self.session is None or self.session.uid != user.id:
            self.authenticate(user.login, user.login)
        params = {"model": model, "method": method, "args": [ids] if ids is not None else [], "kwargs": keywords}
        reply = self.url_open("/web/dataset/call_kw", json=self.build_rpc_payload(params))
        return reply.status_code == 200 and "error" not in reply.json(), reply.text

    def _by_jsonrpc(self, user, model, method, ids, keywords):
        args = [get_db_name(), user.id, user.login, model, method, [ids] if ids is not None else [], keywords]
        params = {"service": "object", "method": "execute_kw", "args": args}
        reply = self.url_open("/jsonrpc", json=self.build_rpc_payload(params))
        return reply.status_code == 200 and "error" not in reply.json(), reply.text

    def _by_xmlrpc(self, user, model, method, ids, keywords):
        args = [ids] if ids is not None else []
        try:
            reply = self.xmlrpc_object.execute_kw(get_db_name(), user.id, user.login, model, method, args, keywords)
        except Fault as fault:
            return False, fault.faultString
        return True, str(reply)

    def _by_json2(self, user, model, method, ids, keywords):
        headers = {"Authorization": f"Bearer {self.keys[user]}", "X-Odoo-Database": get_db_name()}
        body = {**keywords, **({"ids": ids} if ids is not None else {})}
        reply = self.url_open(
            f"/json/2/{model}/{method}", data=json.dumps(body), headers={**headers, "Content-Type": "application/json"}
        )
        return reply.status_code == 200, reply.text

    def _ways(self, user):
        """Return the ways in that the user tries: the officer all of them, others what they would have at hand."""
        return {
            self.officer_a: (self._by_web_client, self._by_jsonrpc, self._by_xmlrpc, self._by_json2),
            self.manager_a: (self._by_web_client, self._by_json2),
            self.internal: (self._by_json2,),
            self.portal: (self._by_web_client,),
        }[user]

    # === ATTACKS === #

    def _attacks(self):
        """Return calls that neither an officer nor a manager of shop A may make: (model, method, ids, keywords)."""
        interaction, log, branch = "crm.interaction", "crm.workflow.log", "crm.branch"
        done, own, foreign, logs = self.done_a.ids, self.open_a.ids, self.open_b.ids, self.log.ids
        permit = {"workflow_permit": {"model": interaction, "ids": own, "state": "done"}}
        line = {
            "res_model": interaction,
            "res_id": done[0],
            "transition": "x",
            "source": "x",
            "target": "x",
            "user_id": 2,
        }
        return [
            (interaction, "write", own, {"vals": {"state": "done"}}),
            (interaction, "write", own, {"vals": {"state": "done"}, "context": permit}),
            (interaction, "write", own, {"vals": {"state": "done"}, "context": {"tracking_disable": True, "su": True}}),
            (interaction, "write", own, {"vals": {"branch_id": self.branch_b.id}}),
            (interaction, "write", done, {"vals": {"note": "hostile"}}),
            (interaction, "write", done, {"vals": {"workflow_log_ids": False}}),
            (interaction, "write", done, {"vals": {"workflow_log_ids": [[2, logs[0], 0]]}}),
            (interaction, "web_save", done, {"vals": {"state": "open"}, "specification": {}}),
            (interaction, "unlink", done, {}),
            (interaction, "unlink", done, {"context": {"_force_unlink": True}}),
            (interaction, "copy", done, {"default": {"state": "done"}}),
            (interaction, "create", None, {"vals_list": [{"caller_name": "x", "state": "done"}]}),
            (interaction, "create", None, {"vals_list": [{"caller_name": "x", "branch_id": self.branch_b.id}]}),
            (interaction, "action_close", foreign, {}),
            (interaction, "write", foreign, {"vals": {"note": "hostile"}}),
            (interaction, "_workflow_do", own, {"name": "close"}),
            (interaction, "_write_state", own, {"state": "done"}),
            (log, "write", logs, {"vals": {"reason": "hostile"}}),
            (log, "unlink", logs, {}),
            (log, "create", None, {"vals_list": [line]}),
            (branch, "write", self.branch_a.ids, {"vals": {"kind": "headquarters"}}),
            (branch, "write", self.branch_b.ids, {"vals": {"user_ids": [[4, self.officer_a.id]]}}),
            (branch, "create", None, {"vals_list": [{"name": "x", "code": "TX", "kind": "headquarters"}]}),
            ("res.partner", "write", self.customer.ids, {"vals": {"interaction_ids": [[2, done[0], 0]]}}),
            ("res.users", "write", self.officer_a.ids, {"vals": {"branch_ids": [[4, self.branch_b.id]]}}),
        ]

    def test_no_way_in_changes_what_is_protected(self):
        judge = Judge(self.env)
        before = judge.snapshot()
        tried = 0
        for user in (self.officer_a, self.manager_a, self.internal, self.portal):
            for way in self._ways(user):
                for attack in self._attacks():
                    tried += 1
                    with mute_logger(*QUIET):
                        answered, reply = way(user, *attack)
                    self.assertFalse(answered, f"{user.login} {way.__name__} {attack}: {reply[:300]}")
                self.env.invalidate_all()
                self.assertEqual(judge.snapshot(), before, f"{user.login} {way.__name__}")
        self._logger.info("%s calls over HTTP tried, none changed anything", tried)
        self.assertGreaterEqual(tried, 200)

    def test_every_way_in_lets_an_officer_work(self):
        """The attacks failed for what they asked, not for how they were sent."""
        for way in self._ways(self.officer_a):
            with self.subTest(way.__name__), mute_logger(*QUIET):
                name = f"by {way.__name__}"
                answered, reply = way(
                    self.officer_a, "crm.interaction", "write", self.open_a.ids, {"vals": {"caller_name": name}}
                )
                self.assertTrue(answered, reply[:300])
                self.open_a.invalidate_recordset()
                self.assertEqual(self.open_a.caller_name, name)

    def test_refusal_says_why(self):
        """Over HTTP too the user gets the rule's own words, not an internal error."""
        attack = ("crm.interaction", "write", self.done_a.ids, {"vals": {"note": "hostile"}})
        for way in self._ways(self.officer_a):
            with self.subTest(way.__name__), mute_logger(*QUIET):
                self.assertIn("can't be changed any more", way(self.officer_a, *attack)[1].replace("\\u2019", "'"))

    def test_developer_mode_does_not_name_what_it_refuses(self):
        self.authenticate(self.officer_b.login, self.officer_b.login, session_extra={"debug": "1"})
        self.assertTrue(self.officer_b._has_group("base.group_no_one"))
        calls = [
            ("crm.interaction", "read", self.done_a.ids, {"fields": ["caller_name"]}),
            ("crm.interaction", "web_read", self.done_a.ids, {"specification": {"display_name": {}}}),
            ("crm.interaction", "write", self.done_a.ids, {"vals": {"note": "x"}}),
            ("crm.interaction", "action_close", self.done_a.ids, {}),
            ("crm.workflow.log", "read", self.log.ids, {"fields": ["res_name"]}),
        ]
        for call in calls:
            with mute_logger(*QUIET):
                answered, reply = self._by_web_client(self.officer_b, *call)
            with self.subTest(call[1]):
                self.assertFalse(answered and call[1] != "read", reply[:300])
                self.assertNotIn(CANARY, reply)
                self.assertNotIn("Budi Santoso", reply)

    def test_nobody_without_a_key_gets_in(self):
        for headers in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": f"Bearer {self.keys[self.officer_a][:-1]}"},
        ):
            with mute_logger(*QUIET), contextlib.suppress(ConnectionError):
                reply = self.url_open(
                    "/json/2/crm.interaction/write",
                    data=json.dumps({"ids": self.open_a.ids, "vals": {"caller_name": "hostile"}}),
                    headers={"Content-Type": "application/json", "X-Odoo-Database": get_db_name(), **headers},
                )
                self.assertIn(reply.status_code, (401, 403))
        self.open_a.invalidate_recordset()
        self.assertFalse(self.open_a.caller_name)
