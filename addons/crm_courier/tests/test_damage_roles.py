from odoo.tools import SQL

from odoo.addons.crm_base.tests.hostile import CONTEXTS, Attacker, Role, method_calls, other_value

from .damage_common import DamageCase

MODELS = ("crm.courier.replacement", "crm.courier.replacement.line", "crm.courier.unit")
WIZARDS = ("crm.courier.answer", "crm.courier.check", "crm.courier.release", "crm.courier.carrier.proof")
ROWS = "SELECT %s, id, to_jsonb(t) - 'write_date' - 'write_uid' FROM %s t"


class Judge:
    """Nothing of what was damaged may change, no unit may move and no hold."""

    def __init__(self, env):
        self.cr = env.cr

    def snapshot(self):
        tables = [model.replace(".", "_") for model in (*MODELS, "stock.quant", "crm.imei.hold")]
        rows = [SQL(ROWS, table, SQL.identifier(table)) for table in tables]
        rows.append(SQL("SELECT 'picking', id, jsonb_build_array(state, carrier_proof_state) FROM stock_picking"))
        self.cr.execute(SQL(" UNION ALL ").join(rows))
        return {(table, id_): row for table, id_, row in self.cr.fetchall()}

    def violations(self, role, method, before, after):
        return [(key, before[key], after.get(key)) for key in before if before[key] != after.get(key)]


class TestDamageRoles(DamageCase):
    """What a hostile client can do to checks, questions and answers."""

    def _calls(self, question):
        records = {
            "crm.courier.replacement": question,
            "crm.courier.replacement.line": question.line_ids,
            "crm.courier.unit": question.line_ids.unit_id,
        }
        calls = []
        for model, targets in records.items():
            calls += method_calls(self.env[model], targets.ids)
            for name, field in targets._fields.items():
                value = other_value(field, self.env)
                for context in ({}, *CONTEXTS[:2], {"crm_courier_step": True}):
                    calls.append((model, "write", [targets.ids, {name: value}], {"context": context}))
            calls.append((model, "unlink", [targets.ids], {}))
        links = {"replacement_id": question.id, "unit_id": question.line_ids.unit_id.id, "condition": "ok"}
        calls += [(model, "create", [[links]], {}) for model in (*records, *WIZARDS)]
        return calls

    def test_hostile_sweep(self):
        """SOP-8c: called by who has no business with them, no method or field of check, question or answer changes."""
        asked, answered = self._create_asked(), self._create_answered()
        internal = self._create_user("internal", "base.group_user")
        for user in (self.other_courier, self.stranger, internal, self.accountant):
            for question in (asked, answered):
                judge = Judge(self.env)
                self.env.flush_all()
                attacker = Attacker(self.env, Role(user), judge)
                attacker.attack(self._calls(question), judge.snapshot())
                self.assertGreater(attacker.tried, 200)
                self.assertEqual(attacker.violations, [], user.login)

    def test_own_courier_writes_nothing(self):
        """SOP-8c: the courier whose run it is changes neither question nor answer but by asking and checking."""
        answered = self._create_answered()
        judge = Judge(self.env)
        self.env.flush_all()
        attacker = Attacker(self.env, Role(self.courier), judge)
        attacker.attack(self._calls(answered), judge.snapshot())
        self.assertEqual(attacker.violations, [])
