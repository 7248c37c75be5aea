"""Attacks on the deliveries: every role × every field and public method of run, stop, unit, signature, entry, swipe,
copy of an ID, replacement and discrepancy; what a phone may send; the dialogs; files by their address."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.crm_base.tests.hostile import CONTEXTS, Attacker, Rows, changed_rows, method_calls, other_value
from odoo.addons.crm_courier.tests.card_common import YES, CardCase, photo
from odoo.addons.crm_courier.tests.common import drawing

from .test_hostile_order import EVERY, QUIET

MODELS = (
    "crm.courier.stop",
    "crm.courier.unit",
    "crm.courier.entry",
    "crm.courier.signature",
    "crm.courier.card",
    "crm.courier.card.try",
    "crm.courier.identity",
    "crm.courier.replacement",
    "crm.courier.replacement.line",
    "crm.courier.discrepancy",
    "crm.courier.equipment.check",
    "crm.courier.equipment",
    "crm.courier.terminal",
    "stock.picking.batch",
)
ROWS = "SELECT %s AS name, id, to_jsonb(t) - 'write_date' - 'write_uid' - 'message_main_attachment_id' FROM %s t"
BESIDES = (
    ("log", "SELECT 'log', id, to_jsonb(t) FROM crm_workflow_log t"),
    ("payment", "SELECT 'payment', id, jsonb_build_object('state', state, 'amount', amount) FROM account_payment"),
    ("hold", "SELECT 'hold', id, jsonb_build_object('lot', lot_id, 'state', state) FROM crm_imei_hold"),
    ("picking", "SELECT 'picking', id, jsonb_build_object('state', state, 'batch', batch_id) FROM stock_picking"),
    (
        "file",
        "SELECT 'file', id, jsonb_build_object('file', store_fname, 'public', public, 'model', res_model, "
        "'res_id', res_id, 'field', res_field) FROM ir_attachment WHERE res_model LIKE 'crm.courier%%'",
    ),
)
#: What may follow from the steps of a role, on what it has to do with; nothing follows from anything else.
STEPS = {
    "courier": {"batch", "stop", "unit", "check", "entry", "signature", "replacement", "line", "log"},
    "officer": {"batch", "stop", "log"},
    "manager": {"batch", "stop", "log", "payment"},
    "warehouse": {"batch", "stop", "unit", "check", "entry", "replacement", "line", "log", "picking"},
    "finance": set(),
}
SHORT = {
    "stock.picking.batch": "batch",
    "crm.courier.equipment.check": "check",
    "crm.courier.replacement.line": "line",
}
#: What a hand may write: the words on a run, the reason of a discrepancy, and what is set up.
WORDS = {"description", "name", "properties", "scheduled_date", "dock_id", "vehicle_id", "vehicle_category_id"}
SETUP = {"terminal", "equipment"}
#: What steps alone write, and in which states a new row begins.
STEPPED = {
    "run_state",
    "reviewed_by_id",
    "outcome",
    "proof_received",
    "payment_proof_received",
    "counted_at",
    "left_at",
}
PLANNED = (None, False, "planned")


class Role:
    def __init__(self, user, kind=None):
        self.name, self.uid, self.kind = user.login, user.id, kind
        self.sets_up = any(user._has_group(group) for group in ("crm_courier.group_pic", "crm_base.group_manager"))


class CourierJudge:
    """What is protected, as the database has it, and who may change which part of it by what."""

    def __init__(self, env, runs):
        self.rows = Rows(env.cr, hidden=())
        self.planned = set(runs.filtered(lambda run: run.run_state == "planned").ids)
        names = {model: SHORT.get(model, model.split(".")[-1]) for model in MODELS}
        rows = [SQL(ROWS, names[model], SQL.identifier(env[model]._table)) for model in MODELS]
        self.query = SQL(" UNION ALL ").join([*rows, *(SQL(query) for __, query in BESIDES)])

    def snapshot(self):
        return self.rows.now(self.query)

    def violations(self, role, method, before, after):
        return [
            (key, before.get(key), after.get(key))
            for key in changed_rows(before, after)
            if not self._may(role, method, key[0], before.get(key), after.get(key))
        ]

    def _may(self, role, method, table, old, new):
        if table in SETUP or role.kind is None:
            return table in SETUP and role.sets_up
        names = {name for name in old if old[name] != new.get(name)} if old and new else set()
        if table == "check" and names == {"sequence"}:
            return role.sets_up  # it follows the list of equipment
        if table == "discrepancy":
            return role.kind in ("officer", "manager") and names <= {"reason", "explained_by_id", "explained_at"}
        if role.kind == "warehouse" and self._may_plan(table, old, new, names):
            return True
        own = table != "log" or (old is None and new["user_id"] == role.uid)
        return own and method.startswith("action_") and table in STEPS[role.kind]

    def _may_plan(self, table, old, new, names):
        """Whether the warehouse may do that by hand: plan runs and their stops, word them, and move its own batches."""
        column = {"batch": "id", "stop": "run_id", "unit": "run_id", "picking": "batch"}.get(table)
        if not column or names & STEPPED:
            return False
        if old is None:
            return not any(new.get(name) for name in STEPPED - {"run_state"}) and new.get("run_state") in PLANNED
        batch = table == "batch" and (not old["is_courier_run"] or bool(names and names <= WORDS))
        return batch or (old[column] or (new or {}).get(column)) in self.planned


@tagged("post_install", "-at_install")
class TestHostileCourier(CardCase):
    """Runs, goods, cards, copies of IDs and money are changed by none who may not, nor seen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paid = cls._create_card_stop()
        cls._pay(cls.paid)
        cls._say(cls.paid, "delivered", has_proof=True, has_payment_proof=True)
        cls.damaged = cls._create_on_road(cls._create_delivery(2)).stop_ids
        unit = cls.damaged.unit_ids[0]
        check = {"unit_id": unit.id, "condition": "damaged", "note": "A line", "photo": photo()}
        cls._send(cls.courier, cls._entry(cls.damaged, "check", **check))
        cls._send(cls.courier, cls._entry(cls.damaged, "ask_replacement", note="Same colour"))
        cls._send(cls.courier, cls._entry(cls.damaged, "sign", document="invoice", name="Dewi", image=drawing()))
        cls.counted = cls._create_back(cls._create_delivery()).stop_ids
        cls._count(cls.counted.run_id, cash=1)
        cls.planned = cls._create_run(cls._create_delivery()).stop_ids
        cls.stops = cls.paid + cls.damaged + cls.counted + cls.planned
        cls.runs = cls.stops.run_id
        cls.env.flush_all()
        internal = cls._create_user("courier_internal", "base.group_user")
        portal = cls.env["res.users"].create(
            {"login": "courier_portal", "partner_id": cls.partner.id, "group_ids": cls.env.ref("base.group_portal")}
        )
        cls.outsiders = cls.other_courier, cls.stranger, internal, portal, cls.env.ref("base.public_user")
        cls.roles = [Role(user) for user in cls.outsiders]
        cls.roles += [
            Role(cls.courier, "courier"),
            Role(cls.officer, "officer"),
            Role(cls.manager, "manager"),
            Role(cls.logistics, "warehouse"),
            Role(cls.pic, "warehouse"),
            Role(cls.accountant, "finance"),
        ]

    def _records(self, model):
        about = {"stock.picking.batch": ("id", self.runs.ids)}
        field, ids = about.get(model, ("id", self.env[model].sudo().search([]).ids))
        return self.env[model].sudo().search([(field, "in", ids)])

    def _attack(self, roles, *calls):
        """Let each role try its share of the calls; return how many there are. None may break a rule."""
        judge = CourierJudge(self.env, self.runs.sudo())
        self.env.flush_all()
        before = judge.snapshot()
        calls = [call for group in calls for call in group]
        tried, passed, violations = 0, 0, []
        for place, role in enumerate(roles):
            attacker = Attacker(self.env, role, judge)
            with mute_logger(*QUIET, "odoo.addons.mail.models.mail_mail"):
                attacker.attack(calls[place % EVERY :: EVERY], before)
            tried, passed = tried + attacker.tried, passed + attacker.passed
            violations += attacker.violations
        print(f"{self._testMethodName}: {tried} calls tried, {passed} answered, {len(violations)} broke a rule")
        shown = "\n".join(
            sorted({f"{one[0]} {one[1][:2]} {str(one[1][2:])[:120]}: {str(one[2:])[:400]}" for one in violations})
        )
        self.assertFalse(violations, f"{len(violations)} of {tried} calls broke a rule:\n{shown}")
        return tried * EVERY

    def _writes(self, model):
        """Write each field of each record, by itself and by way of the web client, with what a client may think of."""
        ids = self._records(model).ids
        fields = self.env[model]._fields
        ours = [name for name, field in fields.items() if field.store and "crm_courier" in field._modules]
        for place, name in enumerate([*ours, "create_uid"]):
            value = other_value(fields[name], self.env)
            context = {**CONTEXTS[place % len(CONTEXTS)], "crm_courier_step": True, "crm_courier_door": True}
            yield (model, "write", [ids, {name: value}], {"context": context})
            yield (model, "write", [ids[:1], {name: False}], {})
            yield (model, "web_save", [ids[-1:], {name: value}, {"display_name": {}}], {})
            yield (model, "create", [[{name: value}]], {"context": {f"default_{name}": value, **context}})
            yield (model, "copy", [ids[:1], {name: value}], {})

    def _lists(self):
        """Change lines through the lists of their parents."""
        lines = (
            (self.runs, ("stop_ids", "unit_ids", "equipment_ids", "discrepancy_ids", "picking_ids", "move_line_ids")),
            (self.stops, ("unit_ids", "signature_ids", "entry_ids", "card_ids", "replacement_ids")),
            (self.stops.card_ids, ("try_ids", "identity_ids")),
            (self.stops.replacement_ids, ("line_ids",)),
            (self.stops.order_id, ("courier_stop_ids", "card_ids", "replacement_ids")),
        )
        for parents, names in lines:
            for name in names:
                for parent in parents.sudo():
                    ids = parent[name].ids[:1] or [1]
                    for command in (
                        [1, ids[0], {"sequence": 7}],
                        [2, ids[0], 0],
                        [3, ids[0], 0],
                        [5, 0, 0],
                        [0, 0, {}],
                    ):
                        yield (parent._name, "write", [parent.ids, {name: [command]}], {})

    def _phone(self):
        """Everything that a phone can send, for every stop."""
        swipe = {"amount": 3_000_000, "result": "approved", "terminal_id": self.terminal.id, "last_four": "1111"}
        swipe |= {"approval_code": "ZZZ999", "authorisation_code": "778899"}
        for stop in self.stops:
            unit = stop.unit_ids[:1].id
            for kind, values in (
                ("check", {"unit_id": unit, "condition": "damaged", "note": "x"}),
                ("check", {"unit_id": unit, "condition": "ok"}),
                ("sign", {"document": "delivery_note", "name": "x", "image": drawing()}),
                ("cash", {"amount": stop.to_collect}),
                ("card_check", {**YES, "id_photo": photo()}),
                ("card_swipe", swipe),
                ("ask_replacement", {"note": "x"}),
                ("outcome", {"outcome": "brought_back", "note": "x"}),
                ("outcome", {"outcome": "delivered"}),
                ("write", {"outcome": "delivered"}),
                ("_write_facts", {"to_collect": 0}),
            ):
                for method in ("courier_send", "_receive"):
                    yield ("crm.courier.stop", method, [[self._entry(stop, kind, **values)]], {})
        yield from (
            ("crm.courier.stop", name, [self.stops.ids, {}], {}) for name in ("_door_sign", "_write_facts", "sudo")
        )

    def test_deliveries(self):
        """SOP-7, SOP-8a, SOP-13: runs, stops, units, signatures and entries change by the steps of who may do them."""
        models = ("stock.picking.batch", "crm.courier.stop", "crm.courier.unit")
        models += ("crm.courier.signature", "crm.courier.entry", "crm.courier.equipment.check")
        calls = [call for model in models for call in self._writes(model)]
        calls += [call for model in models for call in method_calls(self.env[model], self._records(model).ids)]
        self.assertGreater(self._attack(self.roles, calls, self._lists()), 3_000)

    def test_money_and_damage(self):
        """SOP-8b, SOP-8c, SOP-12, SOP-13b: so do cards, swipes, copies of IDs, replacements and discrepancies."""
        models = [model for model in MODELS if "card" in model or "replacement" in model]
        models += ["crm.courier.identity", "crm.courier.discrepancy", "crm.courier.equipment", "crm.courier.terminal"]
        calls = [call for model in models for call in self._writes(model)]
        calls += [call for model in models for call in method_calls(self.env[model], self._records(model).ids)]
        self.assertGreater(self._attack(self.roles, calls), 3_000)

    def test_phone(self):
        """SOP-7: nobody without business at a door enters anything there."""
        roles = [role for role in self.roles if role.kind not in ("courier", "warehouse")]
        self.assertGreater(self._attack(roles, self._phone()), 500)

    def test_dialogs(self):
        """SOP-7, SOP-8c, SOP-13a: nor do the dialogs lend a right that their user hasn't."""
        replacement = self.damaged.replacement_ids
        dialogs = (
            ("crm.courier.outcome", {"stop_id": self.damaged.id, "outcome": "brought_back", "note": "x"}),
            ("crm.courier.check", {"unit_id": self.damaged.unit_ids[0].id, "condition": "ok"}),
            ("crm.courier.count", {"run_id": self.counted.run_id.id}),
            ("crm.courier.answer", {"replacement_id": replacement.id}),
            ("crm.courier.carrier.proof", {"picking_id": self.counted.picking_id.id, "file": "aaaa"}),
            ("crm.courier.release", {"reason": "x", "quant_ids": [[6, 0, self.env["stock.quant"].search([]).ids]]}),
            *(
                ("crm.workflow.reason", {"res_model": doc._name, "res_ids": doc.ids, "transition": step, "reason": "x"})
                for doc, steps in (
                    (self.runs[0], ("recall", "unload", "come_back", "hand_over", "close", "cancel", "_write_state")),
                    (self.paid.card_ids, ("void", "check", "stop", "decline", "approve")),
                    (replacement, ("answer", "none", "exchange", "close", "withdraw")),
                )
                for step in steps
            ),
        )
        judge = CourierJudge(self.env, self.runs.sudo())
        self.env.flush_all()
        before = judge.snapshot()
        for user in (*self.outsiders, self.accountant):
            for model, vals in dialogs:
                for button in ("action_confirm", "action_answer", "action_none", "action_release"):
                    if not hasattr(type(self.env[model]), button):
                        continue
                    refused = self.assertRaises(Exception)
                    told = self.subTest(user=user.login, model=model, button=button, step=vals.get("transition"))
                    with told, mute_logger(*QUIET), refused, self.cr.savepoint():
                        getattr(self.env[model].with_user(user).create(vals), button)()
        self.env.flush_all()
        self.assertEqual(judge.snapshot(), before)

    def test_files(self):
        """SOP-12d, SOP-12i: signatures, photos and copies of IDs aren't served to others by any address."""
        records = [
            (self.paid.card_ids.sudo().identity_ids, "image"),
            (self.damaged.signature_ids, "image"),
            (self.damaged.unit_ids.filtered("photo"), "photo"),
        ]
        for record, field in records:
            about = [("res_model", "=", record._name), ("res_field", "=", field), ("res_id", "in", record.ids)]
            file = self.env["ir.attachment"].sudo().search(about)
            self.assertEqual(len(file), 1, record)
            for user in (*self.outsiders, *([self.courier] if field == "image" and "identity" in record._name else [])):
                binary = self.env["ir.binary"].with_user(user)
                for target in (record, file):
                    for token in (None, "x", file.access_token or "y"):
                        with self.subTest(user=user.login, model=target._name), self.assertRaises(AccessError):
                            found = binary._find_record(res_model=target._name, res_id=target.id, access_token=token)
                            binary._get_stream_from(found, field if target == record else "raw")
                for call in ("read", "export_data"):
                    with self.assertRaises(UserError):
                        getattr(file.with_user(user), call)(["datas"])
                self.assertFalse(file.with_user(user)._filtered_access("read"))
