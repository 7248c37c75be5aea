"""Attacks on the order: every role × every field and public method of order, line, hold and wizards."""

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_base.tests.hostile import CONTEXTS, Attacker, Rows, changed_rows, method_calls, other_value
from odoo.addons.crm_sop_sales.tests.common import PhoneShopCase

from .ours import one_in

EVERY = one_in(5)
QUIET = (
    "odoo.sql_db",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.models",
    "odoo.http",
)
APPROVERS = ("crm_base.group_manager", "sales_team.group_sale_manager")
#: What is protected on a locked order, and on its lines.
ORDER_COLUMNS = """
    id, state, approval_state, price_locked_at, pricelist_id, currency_id, fiscal_position_id, partner_id,
    partner_shipping_id, company_id, warehouse_id, carrier_id, amount_untaxed, amount_tax, amount_total
"""
LINE_COLUMNS = """
    id, order_id, product_id, product_uom_qty, product_uom_id, price_unit, discount, price_total, name, display_type,
    list_price_unit, is_downpayment, reward_id, is_delivery
"""


class Role:
    def __init__(self, user):
        self.name, self.uid = user.login, user.id
        self.sells = user._has_group("sales_team.group_sale_salesman")
        self.sends = user.env["sale.order"].with_user(user).has_access("write")  # logistics and accountants may, too
        self.approves = any(user._has_group(group) for group in APPROVERS)


class OrderJudge:
    """What is protected, as the database has it, and who may change which part of it."""

    QUERY = f"""
        SELECT 'order' AS name, id, to_jsonb(t) FROM (SELECT {ORDER_COLUMNS} FROM sale_order) t
        UNION ALL SELECT 'line', id, to_jsonb(t) FROM (SELECT {LINE_COLUMNS} FROM sale_order_line) t
        UNION ALL SELECT 'tax', line.id, to_jsonb(t)
                    FROM (SELECT sale_order_line_id AS line, array_agg(account_tax_id ORDER BY account_tax_id) AS taxes
                            FROM account_tax_sale_order_line_rel GROUP BY 1) t
                    JOIN sale_order_line line ON line.id = t.line AND line.order_id = ANY(%s)
        UNION ALL SELECT 'hold', id, to_jsonb(t) FROM crm_imei_hold t
        UNION ALL SELECT 'log', id, to_jsonb(t) FROM crm_workflow_log t
    """  # noqa: S608 - only constants

    def __init__(self, env, locked, submitter):
        self.rows, self.locked, self.submitter = Rows(env.cr), set(locked.ids), submitter.id

    def snapshot(self):
        return self.rows.now(self.QUERY, list(self.locked))

    def violations(self, role, method, before, after):
        """Return what changed between the snapshots and may not be changed by that role with that method."""
        return [
            (key, before.get(key), after.get(key))
            for key in changed_rows(before, after)
            if not getattr(self, f"_may_{key[0]}")(role, method, before.get(key), after.get(key))
        ]

    def _may_order(self, role, method, before, after):
        if before is None:
            return role.sells and (after["state"], after["approval_state"]) == ("draft", "draft")
        if after is None:
            return role.sells and before["id"] not in self.locked
        if not role.sends:
            return False
        states = (before["state"], before["approval_state"], after["state"], after["approval_state"])
        same_states = states[:2] == states[2:]
        if before["id"] not in self.locked:
            return same_states or self._is_step(role, method, states)
        kept = all(
            before[key] == after[key] for key in before if key not in ("state", "approval_state", "price_locked_at")
        )
        return kept and not same_states and self._is_step(role, method, states)

    def _is_step(self, role, method, states):
        steps = {
            "action_submit": ("draft", "draft", "draft", "to_approve"),
            "action_confirm": ("draft", "approved", "sale", "approved"),
        }
        if method == "action_approve":
            return (
                role.approves and role.uid != self.submitter and states == ("draft", "to_approve", "draft", "approved")
            )
        if method == "action_quotation_sent":
            return states[1] == states[3] and states[2] == "sent"
        cancelled = method == "action_cancel" and states == (*states[:1], "draft", "cancel", "draft")
        return role.sells and (cancelled or states == steps.get(method))

    def _may_line(self, role, method, before, after):
        row = before or after
        return role.sells and row["order_id"] not in self.locked and (after or row)["order_id"] not in self.locked

    def _may_tax(self, role, method, before, after):
        return False

    def _may_hold(self, role, method, before, after):
        if before is None:
            return role.sells and method == "action_submit" and after["state"] == "held"
        if method == "action_approve":
            return role.approves and {**after, "expires_at": before["expires_at"]} == before
        is_draft = before["order_id"] not in self.locked  # a submitted order is cancelled by its form alone
        return role.sells and method == "action_cancel" and is_draft and after and after["state"] == "released"

    def _may_log(self, role, method, before, after):
        return before is None and after["user_id"] == role.uid and method.startswith("action_")


@tagged("post_install", "-at_install")
class TestHostileOrder(PhoneShopCase):
    """Price, quantity, state, approval and hold are changed by none who may not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_units(cls.phone, 12)
        cls.tax = cls.env["account.tax"].create({"name": "Hostile", "amount": 5})
        cls.waiting = cls._create_order(2)
        cls.waiting.action_submit()
        cls.approved = cls._create_approved(1)
        cls.sold = cls._create_approved(1)
        cls.sold.action_confirm()
        cls.draft = cls._create_order(1)
        cls.locked = cls.waiting + cls.approved + cls.sold
        cls.env.flush_all()
        internal = cls._create_user("internal", "base.group_user")
        portal = cls.env["res.users"].create(
            {
                "login": "sop_portal",
                "name": "P",
                "partner_id": cls.partner.id,
                "group_ids": cls.env.ref("base.group_portal"),
            }
        )
        users = (
            cls.officer,
            cls.other_officer,
            cls.manager,
            cls.sales_manager,
            cls.logistics,
            cls.accountant,
            internal,
        )
        cls.roles = [Role(user) for user in (*users, portal, cls.env.ref("base.public_user"))]

    def _attack(self, calls):
        """Let every role try its share of the calls; return how many there are. None may break a rule."""
        judge = OrderJudge(self.env, self.locked, self.officer)
        self.env.flush_all()
        before = judge.snapshot()
        tried, passed, violations = 0, 0, []
        for place, role in enumerate(self.roles):
            attacker = Attacker(self.env, role, judge)
            with mute_logger(*QUIET):
                attacker.attack(calls[place % EVERY :: EVERY], before)
            tried, passed = tried + attacker.tried, passed + attacker.passed
            violations += attacker.violations
        print(f"{self._testMethodName}: {tried} calls tried, {passed} answered, {len(violations)} broke a rule")
        self.assertFalse(violations, f"{len(violations)} of {tried} calls broke a rule, e.g. {violations[:3]}")
        self.assertGreater(passed, 0, "not one call was answered: the attacks are at fault")
        return tried * EVERY

    def _writes(self, model, ids):
        for name, field in self.env[model]._fields.items():
            value = [[6, 0, [self.tax.id]]] if name == "tax_ids" else other_value(field, self.env)
            for place, id_ in enumerate(ids):
                yield (
                    model,
                    "write",
                    [[id_], {name: value}],
                    {"context": CONTEXTS[(place + len(name)) % len(CONTEXTS)]},
                )
            yield (model, "web_save", [[ids[0]], {name: value}, {"display_name": {}}], {})

    def test_fields_of_the_order(self):
        """SOP-3c3, SOP-4a: no role writes state, approval or price of a submitted order, field by field."""
        calls = list(self._writes("sale.order", self.locked.ids))
        for default in ({"state": "sale"}, {"approval_state": "approved"}, {"price_locked_at": "2026-01-01 00:00:00"}):
            calls.append(("sale.order", "copy", [self.waiting.ids, default], {}))
            calls.append(("sale.order", "create", [{"partner_id": self.partner.id, **default}], {}))
        self.assertGreater(self._attack(calls), 5000)

    def test_fields_of_its_lines(self):
        """SOP-4a, SOP-4b: nor of its lines, directly or through the order, nor by creating, moving or copying lines."""
        lines = self.locked.order_line.filtered(lambda line: not line.is_delivery)
        calls = list(self._writes("sale.order.line", lines.ids))
        for name, field in self.env["sale.order.line"]._fields.items():
            value = [[6, 0, [self.tax.id]]] if name == "tax_ids" else other_value(field, self.env)
            order, line = self.waiting.id, lines[0].id
            calls.append(("sale.order", "write", [[order], {"order_line": [[1, line, {name: value}]]}], {}))
            vals = {"order_id": order, "product_id": self.phone.id, name: value}
            calls.append(("sale.order.line", "create", [vals], {}))
            calls.append(("sale.order", "write", [[order], {"order_line": [[0, 0, vals]]}], {}))
        for command in (
            [2, lines[0].id, 0],
            [3, lines[0].id, 0],
            [5, 0, 0],
            [6, 0, []],
            [4, self.draft.order_line[0].id, 0],
        ):
            calls.append(("sale.order", "write", [[self.waiting.id], {"order_line": [command]}], {}))
        calls.append(("sale.order.line", "write", [self.draft.order_line.ids, {"order_id": self.waiting.id}], {}))
        calls.append(("sale.order.line", "unlink", [lines.ids], {}))
        calls.append(("sale.order.line", "unlink", [lines.ids], {"context": {"_force_unlink": True}}))
        self.assertGreater(self._attack(calls), 5000)

    def test_defaults_of_the_context(self):
        """SOP-4a: no new line gets into a submitted order by a default of the context, as what nobody checks."""
        order, kinds = self.waiting.id, ("is_downpayment", "is_delivery", "is_reward_line", "is_expense")
        contexts = [
            {"default_order_id": order},
            *({"default_order_id": order, f"default_{name}": True} for name in kinds),
        ]
        values = [{"product_id": self.phone.id, "product_uom_qty": count, "price_unit": 1} for count in (0, 1, -1)]
        values += [{**vals, "order_id": order, **dict.fromkeys(kinds, True)} for vals in values]
        values.append({"order_id": self.draft.id, "product_id": self.phone.id})  # on a draft everything may be said
        calls = []
        for context in contexts:
            context |= {"default_price_unit": -1000, "default_product_uom_qty": 5}
            for vals in values:
                calls.append(("sale.order.line", "create", [vals], {"context": context}))
                calls.append(("sale.order.line", "web_save", [[], vals, {"display_name": {}}], {"context": context}))
                calls.append(("sale.order", "write", [[order], {"order_line": [[0, 0, vals]]}], {"context": context}))
        self.assertGreater(self._attack(calls), 500)

    def test_what_is_there_already_written_again(self):
        """SOP-4a: to write the value that a field has, alone or beside a computed one, makes no price anew."""
        self.phone.list_price += 100_000
        calls = []
        for model, records in (("sale.order", self.locked), ("sale.order.line", self.locked.order_line)):
            for record in records:
                (values,) = self.env[model].browse(record.id).read(load=None)
                for name in values.keys() & {name for name, field in self.env[model]._fields.items() if field.store}:
                    value = [[6, 0, values[name]]] if isinstance(values[name], list) else values[name]
                    calls.append((model, "write", [record.ids, {name: value}], {}))
        self.assertGreater(self._attack(calls), 3000)

    def test_holds(self):
        """SOP-4b: no role makes, moves, releases or deletes a hold, other than by what happens to the order."""
        hold, other = self.waiting.hold_ids[0], self.approved.hold_ids
        calls = list(self._writes("crm.imei.hold", [hold.id, other.id]))
        vals = {"lot_id": other.lot_id.id, "order_id": self.draft.id, "line_id": self.draft.order_line[0].id}
        vals |= {"user_id": self.officer.id, "held_at": "2026-01-01 00:00:00"}
        calls.append(("crm.imei.hold", "create", [vals], {}))
        calls.append(("crm.imei.hold", "unlink", [[hold.id]], {}))
        calls.append(("sale.order", "write", [[self.waiting.id], {"hold_ids": [[5, 0, 0]]}], {}))
        calls.append(
            ("sale.order.line", "write", [self.waiting.order_line.ids[:1], {"hold_ids": [[2, hold.id, 0]]}], {})
        )
        calls += method_calls(self.env["crm.imei.hold"], [hold.id])
        self.assertGreater(self._attack(calls), 800)

    def test_public_methods(self):
        """SOP-3c3, SOP-4a: nor does any public method of order, line or wizard do it, for whom it isn't."""
        calls = []
        for order in self.locked + self.draft:
            calls += method_calls(self.env["sale.order"], order.ids)
            calls += method_calls(self.env["sale.order.line"], order.order_line.ids[:1])
        self.assertGreater(self._attack(calls), 3000)

    def test_steps_through_the_reason_wizard(self):
        """SOP-3c3, SOP-4a: asking for a reason gives no right to the step."""
        judge = OrderJudge(self.env, self.locked, self.officer)
        before = judge.snapshot()
        calls = []
        for user in (self.officer, self.other_officer, self.logistics, self.accountant):
            wizard = self.env["crm.workflow.reason"].with_user(user)
            for step in ("approve", "reject", "unlock", "submit", "nonsense", "_write_state"):
                calls.append(
                    wizard.create(
                        {"res_model": "sale.order", "res_ids": self.locked.ids, "transition": step, "reason": "because"}
                    )
                )
        for wizard in calls:
            with self.assertRaises(Exception), self.cr.savepoint():  # noqa: B017 - any refusal will do
                wizard.action_confirm()
        self.env.flush_all()
        self.assertEqual(judge.snapshot(), before)

    def test_a_thousand_price_changes(self):
        """SOP-4a: the list price changes a thousand times, and no locked line moves."""
        before = self.locked.order_line.read(["price_unit", "discount", "price_total", "list_price_unit"])
        for price in range(1000):
            self.phone.list_price = price
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(
            self.locked.order_line.read(["price_unit", "discount", "price_total", "list_price_unit"]), before
        )
