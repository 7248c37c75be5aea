from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.crm_base.tests.hostile import CONTEXTS, Attacker, Role, method_calls, other_value

from .card_common import YES, CardCase, photo

MODELS = ("crm.courier.card", "crm.courier.card.try", "crm.courier.identity")
ROWS = "SELECT %s, id, to_jsonb(t) - 'write_date' - 'write_uid' FROM %s t"
DOOR = ("_door_card_check", "_door_card_swipe", "_door_cash")


class Judge:
    """Nothing of card payments, copies of IDs and the money may change at all."""

    def __init__(self, env):
        self.cr = env.cr

    def snapshot(self):
        rows = [SQL(ROWS, model, SQL.identifier(model.replace(".", "_"))) for model in MODELS]
        rows.append(SQL("SELECT 'payment', id, jsonb_build_array(state, amount) FROM account_payment"))
        rows.append(SQL("SELECT 'file', id, jsonb_build_array(store_fname, public) FROM ir_attachment"))
        rows.append(SQL("SELECT 'stop', id, jsonb_build_array(cash_collected, outcome) FROM crm_courier_stop"))
        self.cr.execute(SQL(" UNION ALL ").join(rows))
        return {(table, id_): row for table, id_, row in self.cr.fetchall()}

    def violations(self, role, method, before, after):
        return [(key, before[key], after.get(key)) for key in before if before[key] != after.get(key)]


class TestCardRoles(CardCase):
    """SOP-12: who sees and does what with card payments and copies of IDs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stop = cls._create_card_stop()
        cls.card = cls._pay(cls.stop)
        cls.copy = cls.card.sudo().identity_ids

    def test_who_reads(self):
        """SOP-12g: courier, branch, warehouse and finance read a card payment; others don't."""
        for user in (self.courier, self.officer, self.manager, self.logistics, self.accountant, self.pic):
            self.assertEqual(self.card.with_user(user).read(["state"])[0]["state"], "approved")
            self.assertTrue(self.card.try_ids.with_user(user).read(["approval_code"]))
        for user in (self.other_courier, self.stranger):
            for records in (self.card, self.card.try_ids):
                with self.assertRaises(AccessError):
                    records.with_user(user).read(["id"])

    def test_nobody_writes(self):
        """SOP-12g: no role writes, makes or deletes payments, swipes and answers."""
        for user in (self.courier, self.officer, self.manager, self.logistics, self.accountant, self.pic):
            for records in (self.card, self.card.try_ids):
                for call in (
                    lambda records=records, user=user: records.with_user(user).write({"amount": 1}),
                    lambda records=records, user=user: records.with_user(user).unlink(),
                    lambda records=records, user=user: records.with_user(user).create({"amount": 1}),
                ):
                    with self.assertRaises(UserError), self.cr.savepoint():
                        call()
        for vals in ({"amount": 1}, {"state": "voided"}, {"holder_present": False}, {"payment_id": False}):
            with self.assertRaises(UserError):
                self.card.sudo().write(vals)
        with self.assertRaisesRegex(UserError, "doesn't change"):
            self.card.try_ids._as_step().write({"amount": 1})

    def test_hostile_sweep(self):
        """SOP-12g: every method and field of payments, swipes and copies, as those who have no business with them."""
        ids = {"crm.courier.card": self.card.ids, "crm.courier.card.try": self.card.try_ids.ids}
        ids["crm.courier.identity"] = self.copy.ids
        file = self.env["ir.attachment"].search([("res_model", "=", self.copy._name), ("res_field", "=", "image")])
        calls = [("ir.attachment", "write", [file.ids, {"public": True}], {})]
        calls += [("ir.attachment", "unlink", [file.ids], {}), ("ir.attachment", "copy", [file.ids], {})]
        calls.append(("ir.attachment", "generate_access_token", [file.ids], {}))
        for model in MODELS:
            records = self.env[model].sudo().browse(ids[model])
            calls += method_calls(self.env[model], records.ids)
            for name, field in records._fields.items():
                value = other_value(field, self.env)
                for context in ({}, *CONTEXTS[:2], {"crm_courier_step": True, "crm_courier_door": True}):
                    calls.append((model, "write", [records.ids, {name: value}], {"context": context}))
            calls.append((model, "_workflow_do", [records.ids, "void", "because"], {}))
        stop = self._create_on_road(
            self._create_card_order().sudo().picking_ids.with_env(self.env),
            terminal_id=self.other_terminal.id,
        ).stop_ids
        entries = [
            self._entry(stop, "card_check", **YES, id_photo=photo()),
            self._entry(stop, "card_swipe", amount=3_000_000, result="approved", last_four="1111"),
            self._entry(stop, "cash", amount=3_000_000),
        ]
        calls += [("crm.courier.stop", "courier_send", [[entry]], {}) for entry in entries]
        calls += [("crm.courier.stop", name, [stop.ids, {}], {}) for name in DOOR]
        internal = self._create_user("card_internal", "base.group_user")
        self.env.flush_all()
        judge = Judge(self.env)
        before = judge.snapshot()
        for user in (self.other_courier, self.stranger, internal, self.officer):
            attacker = Attacker(self.env, Role(user), judge)
            attacker.attack(calls, before)
            self.assertGreater(attacker.tried, 300)
            self.assertEqual(attacker.violations, [], user.login)

    def test_nothing_is_told(self):
        """SOP-12d: to another courier nothing that they can call answers with the code, the holder, or the copy."""
        calls = []
        for model, records in (("crm.courier.card", self.card), ("crm.courier.identity", self.copy)):
            calls += method_calls(self.env[model], records.ids)
            calls.append((model, "search_read", [[], ["display_name"]], {}))
        attacker = Attacker(self.env, Role(self.other_courier))
        attacker.attack(calls)
        for call, reply in attacker.replies:
            self.assertNotIn("A1B2C3", reply, call)
            self.assertNotIn(self.partner.name, reply, call)
