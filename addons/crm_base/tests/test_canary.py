import logging

from odoo.tools import mute_logger

from .common import CANARY, CrmBaseCase
from .hostile import Attacker, Role, field_calls, method_calls, public_methods
from .test_hostile_calls import QUIET

_logger = logging.getLogger(__name__)


class TestCanary(CrmBaseCase):
    """A word that only shop A's interactions know appears in no reply to shop B."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead(user_id=cls.officer_b.id)
        values = {"caller_name": CANARY, "note": f"<p>{CANARY}</p>", "partner_id": False, "outcome_id": cls.outcome.id}
        cls.open = cls._create_interaction(**values)
        cls.cancelled = cls._create_interaction(**values)
        cls.cancelled._workflow_do("cancel", CANARY)
        cls.about = cls._create_interaction(
            user=cls.env.user, branch_id=cls.branch_a.id, res_model="crm.lead", res_id=cls.lead.id, **values
        )
        cls.of_customer = cls._create_interaction(**{**values, "partner_id": cls.customer.id})
        cls.secret = cls.open + cls.cancelled + cls.about.with_env(cls.open.env) + cls.of_customer
        cls.logs = cls.cancelled.workflow_log_ids
        cls.wizard = (
            cls.env["crm.workflow.reason"]
            .with_user(cls.officer_a)
            .create({"res_model": "crm.interaction", "res_ids": cls.open.ids, "transition": "cancel", "reason": CANARY})
        )
        cls.env.flush_all()

    def _calls(self):
        interaction, log, wizard = "crm.interaction", "crm.workflow.log", "crm.workflow.reason"
        fields = [name for name in self.env[interaction]._fields if name != "__last_update"]
        calls = []
        for model, ids in ((interaction, self.secret.ids), (log, self.logs.ids), (wizard, self.wizard.ids)):
            names = list(self.env[model]._fields)
            spec = {
                name: {"fields": {"display_name": {}}} if self.env[model]._fields[name].relational else {}
                for name in names
            }
            calls += [(model, "read", [ids, [name]], {}) for name in names]
            calls += [(model, "web_read", [[id_], spec], {}) for id_ in ids]
            calls += [(model, "export_data", [ids, [name]], {}) for name in names]
            calls += [(model, "onchange", [ids[:1], {}, names, spec], {})]
            calls += [(model, "search_read", [[], names], {})]
            calls += [(model, "web_search_read", [[], spec], {})]
            calls += [(model, "copy", [ids], {}), (model, "get_metadata", [ids], {})]
            calls += method_calls(self.env[model], ids)
        calls += field_calls(self.env[interaction], (self.cancelled + self.open).ids)
        for group in ("caller_name", "state", "branch_id", "partner_id", "user_id", "began_at:day", "res_id"):
            for method in ("web_read_group", "formatted_read_group", "read_progress_bar"):
                calls.append((interaction, method, [[], [group], ["__count"]], {}))
        calls += [(log, "formatted_read_group", [[], [group], ["__count"]], {}) for group in ("reason", "transition")]
        for name in (CANARY, CANARY[:4], ""):
            for method in ("name_search", "web_name_search"):
                calls.append((interaction, method, [name, {"display_name": {}}] if "web" in method else [name], {}))
        for model, ids in (
            ("res.partner", self.customer.ids),
            ("crm.lead", self.lead.ids),
            ("crm.branch", self.branch_a.ids),
        ):
            spec = {"interaction_ids": {"fields": {name: {} for name in fields}}, "interaction_count": {}}
            calls += [
                (model, "web_read", [ids, spec], {}),
                (model, "read", [ids, ["interaction_ids", "interaction_count"]], {}),
                (model, "export_data", [ids, ["interaction_ids/caller_name", "interaction_ids/note"]], {}),
                (model, "action_view_interactions", [ids], {}),
            ]
        return calls

    def _questions(self):
        """Return domains that would tell something by finding anything."""
        likes = [
            [(field, "ilike", CANARY)] for field in ("caller_name", "note", "display_name", "workflow_log_ids.reason")
        ]
        return [
            *(("crm.interaction", domain) for domain in likes),
            ("crm.workflow.log", [("reason", "ilike", CANARY)]),
            ("crm.workflow.reason", [("reason", "ilike", CANARY)]),
            ("res.partner", [("interaction_ids.note", "ilike", CANARY)]),
            ("res.partner", [("interaction_ids", "any", [("caller_name", "like", CANARY)])]),
            ("crm.lead", [("interaction_ids.caller_name", "ilike", CANARY)]),
            ("crm.branch", [("code", "=", "TA")]),
        ]

    def _listen(self, user, calls):
        attacker = Attacker(self.env, Role(user))
        with mute_logger(*QUIET):
            attacker.attack(calls)
        return attacker.replies

    def test_no_reply_holds_the_word(self):
        """Neither in the web client's ordinary mode nor in developer mode, where Odoo says more."""
        calls = self._calls()
        total = 0
        for developer in (False, True):
            if developer:
                self.patch(self.registry["res.users"], "has_group", lambda user, group: user._has_group(group))
            for user in (self.officer_b, self.portal if developer else self.internal):
                replies = self._listen(user, calls)
                total += len(replies)
                # what the attacker typed comes back to them
                leaks = [call for call, reply in replies if CANARY in reply and CANARY not in str(call)]
                self.assertFalse(leaks, f"{user.login}: {len(leaks)} leaks, e.g. {leaks[:3]}")
        _logger.info("%s: %s calls tried", self.id(), total)
        self.assertGreater(total, 1000)

    def test_no_question_is_answered(self):
        for model, domain in self._questions():
            for user in (self.officer_b, self.manager_hq):
                found = self.env[model].with_user(user).search_count(domain)
                with self.subTest(f"{user.login}: {model} {domain}"):
                    if user == self.officer_b:
                        self.assertEqual(found, 0)
                    elif model != "crm.workflow.reason":
                        self.assertGreater(found, 0)

    def test_counts_tell_nothing(self):
        self.assertEqual(self.customer.with_user(self.officer_b).interaction_count, 0)
        self.assertEqual(self.lead.with_user(self.officer_b).interaction_count, 0)
        self.assertEqual(self.customer.with_user(self.officer_a).interaction_count, 1)

    def test_shop_a_hears_the_word(self):
        """The calls are good for something: to shop A and to the headquarters the word is told."""
        reading = {"read", "web_read", "name_search", "web_search_read", "formatted_read_group"}
        calls = [call for call in self._calls() if call[1] in reading]
        for user in (self.officer_a, self.manager_hq):
            told = [call for call, reply in self._listen(user, calls) if CANARY in reply]
            self.assertGreater(len(told), 10, user.login)
            self.assertEqual(reading, {method for __, method, *__ in told})
        methods = public_methods(self.env["crm.interaction"])
        self.assertTrue({"write", "create", "unlink", "action_close"} <= set(methods))
        self.assertFalse([name for name in methods if name.startswith("_workflow") or name == "lock_for_update"])
