import logging

from odoo.tools import mute_logger

from .common import CANARY, CrmBaseCase
from .hostile import CONTEXTS, Attacker, Judge, Role, field_calls, method_calls, public_methods

_logger = logging.getLogger(__name__)
QUIET = (
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.mail.models.mail_thread",
    "odoo.http",
    "odoo.models",
    "odoo.sql_db",
)


class TestHostileCalls(CrmBaseCase):
    """For every role: every field, every public method, crafted contexts, through what the server does with a call.

    Nothing that a role may not change has changed in the database afterwards.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_a = cls._create_interaction(outcome_id=cls.outcome.id)
        cls.done_a = cls._create_done()
        cls.cancelled_a = cls._create_cancelled()
        cls.open_b = cls._create_interaction(user=cls.officer_b, outcome_id=cls.outcome.id)
        cls.done_b = cls._create_done(user=cls.officer_b)
        cls.all = cls.open_a + cls.done_a + cls.cancelled_a + cls.open_b.sudo() + cls.done_b.sudo()
        cls.lead = cls._create_lead(user_id=cls.officer_a.id)
        cls.env.flush_all()
        cls.roles = [
            Role(user)
            for user in (
                cls.officer_a,
                cls.manager_a,
                cls.manager_hq,
                cls.internal,
                cls.portal,
                cls.admin,
            )
        ]

    def _attack(self, calls):
        """Let every role try the calls; return how many were tried, after asserting that none broke a rule."""
        judge = Judge(self.env)
        self.env.flush_all()
        before = judge.snapshot()
        tried = passed = 0
        violations = []
        for role in self.roles:
            attacker = Attacker(self.env, role, judge)
            with mute_logger(*QUIET):
                attacker.attack(calls, before)
            tried += attacker.tried
            passed += attacker.passed
            violations += attacker.violations
        self.assertEqual(judge.snapshot(), before, "the attacks themselves left something behind")
        _logger.info("%s: %s calls tried, %s answered, %s broke a rule", self.id(), tried, passed, len(violations))
        self.assertFalse(violations, f"{len(violations)} of {tried} calls broke a rule, e.g. {violations[:3]}")
        self.assertGreater(passed, 0, "not one call was answered: the attacks are at fault")
        return tried

    def test_fields_of_interactions(self):
        records = self.open_a + self.done_a + self.open_b
        self.assertGreater(self._attack(field_calls(self.env["crm.interaction"], records.ids)), 1500)

    def test_fields_of_other_models(self):
        calls = [
            *field_calls(self.env["crm.branch"], (self.branch_a + self.branch_b).ids),
            *field_calls(self.env["crm.workflow.log"], self.done_a.sudo().workflow_log_ids.ids),
            *field_calls(self.env["crm.interaction.purpose"], self.purpose.ids),
            *field_calls(self.env["crm.interaction.outcome"], self.outcome.ids),
        ]
        self.assertGreater(self._attack(calls), 1500)

    def test_public_methods(self):
        calls = [
            *method_calls(self.env["crm.interaction"], self.done_a.ids),
            *method_calls(self.env["crm.interaction"], self.open_b.ids),
            *method_calls(self.env["crm.workflow.log"], self.done_a.sudo().workflow_log_ids.ids),
            *method_calls(self.env["crm.branch"], self.branch_b.ids),
        ]
        self.assertGreater(self._attack(calls), 1000)

    def test_contexts(self):
        """Whatever the context says, on the calls that matter most."""
        logs = self.all.sudo().workflow_log_ids.ids
        calls = []
        for context in CONTEXTS:
            keywords = {"context": context}
            for id_ in (self.open_a + self.done_a + self.open_b).ids:
                calls += [
                    ("crm.interaction", "write", [[id_], {"state": state}], keywords)
                    for state in ("open", "done", "cancelled", False)
                ]
                calls += [
                    ("crm.interaction", "unlink", [[id_]], keywords),
                    ("crm.interaction", "write", [[id_], {"note": "hostile"}], keywords),
                    ("crm.interaction", "write", [[id_], {"branch_id": self.branch_b.id}], keywords),
                    ("crm.interaction", "write", [[id_], {"workflow_log_ids": False}], keywords),
                    ("crm.interaction", "load", [[".id", "state"], [[str(id_), "Open"]]], keywords),
                    ("crm.interaction", "load", [[".id", "note"], [[str(id_), "hostile"]]], keywords),
                    ("crm.interaction", "action_close", [[id_, id_]], keywords),
                ]
            calls += [
                ("crm.interaction", "create", [{"caller_name": "x", "state": "done"}], keywords),
                ("crm.interaction", "create", [{"caller_name": "x", "branch_id": self.branch_b.id}], keywords),
                ("crm.workflow.log", "unlink", [logs], keywords),
                ("crm.workflow.log", "write", [logs, {"reason": "hostile"}], keywords),
                ("crm.branch", "write", [self.branch_a.ids, {"kind": "headquarters"}], keywords),
                ("crm.branch", "unlink", [self.branch_b.ids], keywords),
            ]
        self.assertGreater(self._attack(calls), 1000)

    def test_private_methods_stay_private(self):
        """What writes below the guards can't be called from outside, by whatever name."""
        for model, names in (
            ("crm.interaction", ("_workflow_do", "_write_state", "_write", "_record_transition", "_lock_for_step")),
            ("crm.workflow.log", ("_record", "_readable_domain", "_write", "_search")),
            ("crm.workflow.reason", ("_documents",)),
            ("crm.branch", ("_forget_visibility", "_check_headquarters")),
        ):
            public = public_methods(self.env[model])
            for name in names:
                self.assertTrue(hasattr(self.env[model], name), name)
                self.assertNotIn(name, public)
        calls = [("crm.interaction", "_workflow_do", [[id_], "close", "because"], {}) for id_ in self.all.ids]
        with self.assertRaisesRegex(AssertionError, "not one call was answered"):
            self._attack(calls)

    def test_wizard_confirmed_by_every_role(self):
        """Every role × every document × every step, with the wizard made by that role or by another one."""
        tried = 0
        judge = Judge(self.env)
        before = judge.snapshot()
        violations = []
        for role in self.roles:
            attacker = Attacker(self.env, role, judge)
            for transition in ("close", "cancel", "reopen", "nonsense"):
                for id_ in self.all.ids:
                    for owner in (role.uid, self.admin.id):
                        values = {"res_model": "crm.interaction", "res_ids": [id_], "transition": transition}
                        wizards = self.env["crm.workflow.reason"].with_user(owner).sudo()
                        wizard = wizards.create({**values, "reason": "because"})
                        self.env.flush_all()
                        with mute_logger(*QUIET):
                            attacker.attack([("crm.workflow.reason", "action_confirm", [wizard.ids], {})], before)
            tried += attacker.tried
            violations += attacker.violations
        _logger.info("%s: %s calls tried, %s broke a rule", self.id(), tried, len(violations))
        self.assertFalse(violations, violations[:3])

    def test_by_way_of_other_records(self):
        """Customers, leads and users have lists of interactions, branches and history: commands on them are writes."""
        done, foreign = self.done_a.id, self.open_b.id
        log = self.done_a.sudo().workflow_log_ids.id
        calls = []
        for id_ in (done, foreign):
            for command in (
                [1, id_, {"state": "open"}],
                [1, id_, {"note": "hostile"}],
                [2, id_, 0],
                [3, id_, 0],
                [4, id_, 0],
                [5, 0, 0],
                [6, 0, []],
                [0, 0, {"caller_name": "x", "state": "done"}],
                [0, 0, {"caller_name": "x", "branch_id": self.branch_b.id}],
            ):
                values = {"interaction_ids": [command]}
                calls.append(("res.partner", "write", [self.company.partner_id.ids, values], {}))
                calls.append(("res.partner", "write", [self.customer.ids, values], {}))
                calls.append(("crm.lead", "write", [self.lead.ids, values], {}))
        for command in (
            [1, log, {"reason": "x"}],
            [2, log, 0],
            [3, log, 0],
            [4, log, 0],
            [5, 0, 0],
            [0, 0, {"reason": "x"}],
        ):
            for id_ in self.all.ids:
                calls.append(("crm.interaction", "write", [[id_], {"workflow_log_ids": [command]}], {}))
        for role in self.roles:
            for names in ("branch_ids", "visible_branch_ids", "branch_id"):
                value = self.branch_b.id if names == "branch_id" else [[6, 0, [self.branch_b.id]]]
                calls.append(("res.users", "write", [[role.uid], {names: value}], {}))
        admin = self.roles.pop()  # who may give anybody a branch, and so is judged by the others' measure in vain
        self._attack(calls)
        self.roles.append(admin)

    def test_the_judge_sees_what_is_wrong(self):
        """The attacks above prove something only if a broken rule would be seen: here each one is broken by SQL."""
        judge = Judge(self.env)
        officer = self.roles[0]
        for query, ids in (
            ("UPDATE crm_interaction SET state = 'open' WHERE id = %s", self.done_a),
            ("UPDATE crm_interaction SET note = 'x' WHERE id = %s", self.done_a),
            ("UPDATE crm_interaction SET state = 'done' WHERE id = %s", self.open_a),
            ("UPDATE crm_interaction SET note = 'x' WHERE id = %s", self.open_b),
            ("DELETE FROM crm_interaction WHERE id = %s", self.open_a),
            ("UPDATE crm_workflow_log SET reason = 'x' WHERE id = %s", self.done_a.sudo().workflow_log_ids),
            ("DELETE FROM crm_workflow_log WHERE id = %s", self.done_a.sudo().workflow_log_ids),
            ("UPDATE crm_branch SET kind = 'headquarters' WHERE id = %s", self.branch_a),
            ("DELETE FROM crm_branch_users_rel WHERE branch_id = %s", self.branch_b),
            ("UPDATE crm_interaction_outcome SET reached = NOT reached WHERE id = %s", self.outcome),
        ):
            before = judge.snapshot()
            attacker = Attacker(self.env, officer, judge)
            tables = attacker._find_judged()
            with self.subTest(query), self.cr.savepoint() as savepoint:
                written = attacker._count_written(tables)
                self.cr.execute(query, [ids.ids[0]])
                self.assertNotEqual(attacker._count_written(tables), written, "nobody would have looked")
                self.assertEqual(len(judge.violations(officer, "write", before, judge.snapshot())), 1)
                savepoint.rollback()
        self.assertNotIn(CANARY, str(before))
