"""Attacks on what the points of sale keep: every role of Kraków × every field and public method of the documents of
crm_branch, the contracts and the desks' bookings; and every dialog."""

import time

from odoo.models import BaseModel
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_base.tests.hostile import CONTEXTS, Attacker, method_calls, other_value
from odoo.addons.crm_base.tests.test_hostile_calls import QUIET

from .branch_judge import BOOKS, LAWS, BranchJudge, Role
from .branch_world import OTHERS, BranchWorld, route, stored_models, wizards
from .ours import one_in

EVERY = one_in(8)
#: Likewise of the calls of dialogs.
EVERY_DIALOG = min(EVERY, 4)
#: Odoo's own fields, the same on every record that has a chatter.
FRAMEWORK = ("message_", "activity_", "website_message", "rating_", "my_activity", "has_message")
#: The models on which Odoo's own methods are tried, too: elsewhere they are the same.
GENERIC = {"contract.contract", "crm.cash.session"}
#: Context keys that our code's guards listen to, as JSON can say them.
FORGED = {"crm_branch_step": True, "cash_step": {}, "crm_branch_consent": 1, "crm_branch_privacy": "STEP"}
#: What may be typed where it does most harm.
MONEY = (0, -5.0, 0.004, 1e12, "10", None, [10], True)


@tagged("post_install", "-at_install")
class TestHostileBranch(BranchWorld):
    """BR-17: nobody changes what isn't theirs to change, nor behind the back of a step."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles = [
            Role(user) for user in (*cls.a.values(), cls.boss, cls.clerk, cls.finance, cls.internal, cls.portal)
        ]
        cls.judge = BranchJudge(cls.env)

    # === ATTACKS === #

    def _attack(self, title, calls):
        """Let every role try its share of the calls; none may break a law. Return how many calls there are."""
        began, calls = time.monotonic(), list(calls)
        self.env.flush_all()
        before = self.judge.snapshot()
        tried, passed, violations = 0, 0, []
        for place, role in enumerate(self.roles):
            attacker = Attacker(self.env, role, self.judge)
            # who has no right at all tries a third as many
            every = EVERY if role.kinds else 3 * EVERY
            with mute_logger(*QUIET, "odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_attachment"):
                attacker.attack(calls[place % every :: every], before)
            tried, passed = tried + attacker.tried, passed + attacker.passed
            FIGURES.setdefault(role.name, [0, 0])
            FIGURES[role.name][0] += attacker.tried
            FIGURES[role.name][1] += attacker.passed
            violations += attacker.violations
        self._report(title, time.monotonic() - began, tried, passed, violations)
        return len(calls)

    def _report(self, title, seconds, tried, passed, violations):
        print(f"{title}: {seconds:.1f} s, {tried} calls, {passed} answered, {len(violations)} broke a law", flush=True)
        shown = {
            f"{role} {call[0]}.{call[1]} {str(call[2:])[:160]} {str(what)[:240]}" for role, call, *what in violations
        }
        shown = "\n".join(sorted(shown)[:60])
        self.assertFalse(violations, f"{len(violations)} of {tried} calls broke a law:\n{shown}")

    # === CALLS === #

    def _targets(self, model, most=5):
        """Return records of a model to attack: of branch A one in each state, of the boss one, and of B one."""
        path = route(self.env, model)
        if not path:
            records, state = self.env[model].search([]), self.judge._state_of(model)
            return self._one_each(records, state, 3)
        state = self.judge._state_of(model)
        ours = self._of(self.branch_a, model)
        chosen = self._one_each(ours, state, most)
        chosen |= ours.filtered(lambda record: record.create_uid == self.boss)[:2]
        return chosen | self._of(self.branch_b, model)[:1]

    def _one_each(self, records, state, most):
        if not state or state not in records:
            return records[:2]
        return records.browse().union(*(group[-1:] for group in list(records.grouped(state).values())[:most]))

    def _values(self, model, name):
        """Return values in JSON that a field may be given: a strange one, and those that would do most harm."""
        field = self.env[model]._fields[name]
        values = [other_value(field, self.env)]
        if name == "branch_id":
            values += [self.branch_b.id, self.branch_a.id]
        elif name == "company_id":
            values.append(self.env.ref("base.main_company").id)
        elif name in ("user_id", "officer_id"):
            values += [self.a["service_officer"].id, self.b["cashier"].id]
        elif field.type == "selection" and name == self.judge._state_of(model):
            values += field.get_values(self.env)
        return values

    def _base(self, record):
        """Return values by which a client would make another record like this one."""
        return {
            name: self._json(record, name)
            for name, field in record._fields.items()
            if field.store and field.required and name not in ("id", self.judge._state_of(record._name))
        }

    def _writes(self, records):
        """Write each field in each way; call every public method on each record."""
        model, ids = records._name, records.ids
        base, state = self._base(records[0]), self.judge._state_of(model)
        own = [name for name in self.env[model]._fields if not name.startswith(FRAMEWORK)]
        for place, name in enumerate(own):
            context = {**CONTEXTS[place % len(CONTEXTS)], **FORGED}
            again, field = ids[place % len(ids)], self.env[model]._fields[name]
            value, *worse = self._values(model, name)
            for id_ in ids:
                yield (model, "write", [[id_], {name: value}], {"context": context})
            if not field.store:
                continue
            yield (model, "write", [[again], {name: False}], {})
            yield (model, "web_save", [[again], {name: value}, {"display_name": {}}], {})
            yield (model, "create", [[{**base, name: value}]], {"context": context})
            yield (model, "create", [[base]], {"context": {**context, f"default_{name}": value}})
            yield (model, "copy", [[again], {name: worse[-1] if worse else value}], {})
            if field.translate:
                yield (model, "update_field_translations", [[again], name, {"en_US": "hostile", "pl_PL": "x"}], {})
            for bad in worse:
                yield (model, "create", [[{**base, name: bad}]], {})
                yield from ((model, "write", [[id_], {name: bad}], {"context": context}) for id_ in ids)
            if field.type in ("char", "text", "selection", "date", "integer", "many2one"):
                yield (model, "load", [[".id", name], [[str(again), str(value)]]], {})
        if state:
            yield (model, "web_resequence", [ids, {}], {"field_name": state})
        for id_ in ids:
            yield (model, "unlink", [[id_]], {"context": {"_force_unlink": True, **FORGED}})
        yield from self._methods(records)

    def _methods(self, records):
        """Return one call of each public method of ours on each record; on the first of some, of Odoo's too."""
        for record in records:
            for call in method_calls(self.env[record._name], record.ids):
                if (record._name in GENERIC and record == records[0]) or not hasattr(BaseModel, call[1]):
                    yield call

    def _lists(self, record):
        """Change what hangs on a document through its lists, and the document through what hangs on it."""
        for name, field in record._fields.items():
            if field.type != "one2many" or field.comodel_name not in LAWS or not record[name]:
                continue
            line = record[name][0]
            texts = [text for text in ("name", "note", "reason", "amount", "quantity", "state") if text in line]
            for text in texts[:3]:
                value = other_value(line._fields[text], self.env)
                yield (record._name, "write", [record.ids, {name: [[1, line.id, {text: value}]]}], {})
            for command in ([2, line.id, 0], [3, line.id, 0], [5, 0, 0], [6, 0, []], [0, 0, {}]):
                yield (record._name, "write", [record.ids, {name: [command]}], {"context": FORGED})

    def _files(self, records):
        """Exchange, move, publish or delete the files of documents, and slip others in."""
        files = self.env["ir.attachment"].search(
            [
                *(("res_model", "=", records._name), ("res_id", "in", records.ids)),
                ("res_field", "in", [False, *records._fields]),
            ]
        )
        content = "eA=="
        for file in files[:8]:
            for vals in (
                {"datas": content},
                {"public": True},
                {"res_id": 0},
                {"name": "x"},
                {"res_model": "res.partner"},
            ):
                yield ("ir.attachment", "write", [file.ids, vals], {"context": FORGED})
            yield ("ir.attachment", "unlink", [file.ids], {})
            yield ("ir.attachment", "generate_access_token", [file.ids], {})
        for field in [False, *(name for name, one in records._fields.items() if one.type == "binary" and one.store)]:
            place = {"res_model": records._name, "res_id": records.ids[-1], "res_field": field}
            yield ("ir.attachment", "create", [[{"name": "x", "datas": content, **place}]], {})

    def _attack_models(self, *models):
        for model in models:
            records = self._targets(model)
            calls = [*self._writes(records), *(call for record in records for call in self._lists(record))]
            if "message_ids" in records or any(field.type == "binary" for field in records._fields.values()):
                calls += self._files(records)
            with self.subTest(model):
                self.assertGreater(self._attack(model, calls), 50)

    # === TESTS === #

    def test_every_model_has_a_law(self):
        """BR-17: a new document must say who may change what of it."""
        self.assertEqual(set(stored_models(self.env)) - set(OTHERS[2:]) - set(LAWS), set())
        for model, law in LAWS.items():
            columns = {name for name, field in self.env[model]._fields.items() if field.store}
            named = {*law.steps, *law.facts, *(name for names in law.shut.values() for name in names), *law.own}
            self.assertFalse(named - columns - {"*"}, model)
        for model in set(LAWS) - set(BOOKS):
            with self.subTest(model):
                self.assertTrue(self._targets(model) or model == "crm.legal.identity", "nothing to attack")

    def test_contracts(self):
        """BR-4, BR-6, BR-7: what was signed stays; states by their steps; nobody approves their own."""
        self._attack_models("contract.contract")

    def test_contract_lines(self):
        """BR-4: neither lines nor ticks change behind the signature."""
        self._attack_models("contract.line", "crm.contract.check")

    def test_bundles_and_forms(self):
        """BR-5, BR-7: bundles, packages and forms are made and sent by their buttons."""
        self._attack_models(
            *("crm.contract.bundle", "crm.contract.package", "crm.contract.form", "crm.contract.requirement"),
            "crm.contract.lost.reason",
        )

    def test_papers(self):
        """BR-2, BR-3, BR-G2: published versions, their files, receipts, consents and presented offers stay."""
        self._attack_models(
            *("crm.material", "crm.material.version", "crm.material.receipt", "crm.consent", "crm.consent.purpose"),
            *("crm.offer.presented", "crm.privacy.log"),
        )

    def test_sessions(self):
        """BR-12c: opened, counted, closed and reviewed by the buttons; nothing else changes a day at the desk."""
        self._attack_models("crm.cash.session", "crm.cash.desk", "crm.cash.count", "crm.cash.denomination")

    def test_payments(self):
        """BR-12: what was paid, moved, searched and printed again stays as it was."""
        self._attack_models("crm.cash.payment", "crm.cash.move", "crm.cash.search", "crm.cash.duplicate")

    def test_shop(self):
        """BR-1, BR-11, BR-14, BR-15: campaigns, complaints, displays, meetings and plans follow their steps."""
        self._attack_models("crm.campaign", "crm.campaign.handout", "crm.display.task", "crm.complaint.report")
        self._attack_models("crm.complaint.terms", "crm.sales.meeting", "crm.sales.plan")

    def test_books(self):
        """BR-12a: what a desk booked isn't changed where finance keeps its books."""
        payments = self.env["crm.cash.payment"].search([("branch_id", "=", self.branch_a.id)])[:2].payment_id
        lines = self.env["account.bank.statement.line"].search([("move_id.cash_session_id", "!=", False)])[:2]
        for records in (payments, payments.move_id + lines.move_id, lines):
            names = [name for name in self.judge_columns(records._name) if name in records._fields]
            calls = [
                (
                    records._name,
                    "write",
                    [[id_], {name: other_value(records._fields[name], self.env)}],
                    {"context": FORGED},
                )
                for name in (*names, "line_ids", "invoice_ids", "payment_method_line_id")
                if name in records._fields
                for id_ in records.ids
            ]
            calls += self._methods(records)
            calls += [(records._name, "unlink", [[id_]], {}) for id_ in records.ids]
            with self.subTest(records._name):
                self.assertGreater(self._attack(records._name, calls), 50)

    def judge_columns(self, model):
        return [name.strip() for name in BOOKS[model][1].split(",")][1:]

    def test_desk_calls(self):
        """BR-12: what the cashier's screen calls, with amounts that are none, and others' sessions and searches."""
        sessions = self.env["crm.cash.session"].search([("state", "=", "opened")])
        searches = sessions.search_ids
        calls = []
        for session in sessions:
            for search in searches:
                for invoice in (*search.invoice_ids.ids, 1):
                    amounts = (1.0, *MONEY) if search.session_id == session else (1.0,)
                    for place, amount in enumerate(amounts):
                        key = f"hostile-{place:03}"
                        arguments = [session.ids, search.id, invoice, amount, 100.0, key]
                        calls.append(("crm.cash.session", "action_pay", arguments, {}))
                    calls.append(("crm.cash.session", "action_duplicate", [session.ids, search.id, invoice], {}))
            for amount in (1.0, *MONEY):
                for direction in ("in", "out", "x"):
                    arguments = [session.ids, direction, "bank", amount, "because"]
                    calls.append(("crm.cash.session", "action_move_cash", arguments, {}))
                calls.append(("crm.cash.session", "action_close", [session.ids, {"total": amount}, "because"], {}))
                calls.append(("crm.cash.desk", "action_open", [session.desk_id.ids, {"total": amount}, "because"], {}))
            calls.append(("crm.cash.session", "action_count", [session.ids], {}))
            for payment in session.payment_ids:
                calls.append(("crm.cash.payment", "action_ask_reversal", [payment.ids, "because"], {}))
        self.assertGreater(self._attack("desk calls", calls), 100)

    def test_dialogs(self):
        """BR-17: nor do the dialogs lend a right that their user hasn't: any transition, any document."""
        self.env.flush_all()
        before, violations, tried, passed = self.judge.snapshot(), [], 0, 0
        began = time.monotonic()
        for place, role in enumerate(self.roles):
            for call in list(self._dialogs())[place % EVERY_DIALOG :: EVERY_DIALOG]:
                tried += 1
                answered, found = self._confirm(role, call, before)
                passed += answered
                violations += [(role.name, call, *one) for one in found]
        self.assertGreater(passed, 10)
        self._report("dialogs", time.monotonic() - began, tried, passed, violations)

    def _dialogs(self):
        """Return model, method and values of each dialog on each document."""
        for model in sorted(LAWS):
            workflow = getattr(self.env[model], "_workflow", None)
            if not workflow or model in BOOKS:
                continue
            for record in self._targets(model):
                for step in (*(step.name for step in workflow.transitions), "_write_state"):
                    vals = {"res_model": model, "res_ids": record.ids, "transition": step, "reason": "because"}
                    yield ("crm.workflow.reason", "action_confirm", vals)
        reason = self.env["crm.contract.lost.reason"].search([], limit=1).id
        for contract in self._targets("contract.contract", 9):
            for outcome in ("extend", "not_extend", "undecided", "not_reached"):
                vals = {
                    "contract_id": contract.id,
                    "outcome": outcome,
                    "lost_reason_id": reason,
                    "call_on": "2031-01-01",
                }
                yield ("crm.contract.contact", "action_confirm", vals)
            for day in ("2001-01-01", "2031-01-01"):
                vals = {"contract_id": contract.id, "reason_id": reason, "date": day, "note": "x"}
                yield ("crm.contract.terminate", "action_confirm", vals)
            partner = contract.partner_id.id
            purposes = [
                [0, 0, {"purpose_id": one, "given": given, "version": 1}] for one in (1, 2) for given in (True, False)
            ]
            yield ("crm.consent.take", "action_save", {"partner_id": partner, "lang": "pl_PL", "line_ids": purposes})
            erase = {"partner_id": partner, "reason": "x", "is_confirmed": True}
            yield ("crm.person.erase", "action_erase", erase)
        lead = self.env["crm.offer.presented"].search([], limit=1).lead_id.id
        for branch in (self.branch_a, self.branch_b):
            vals = {"lead_id": lead, "branch_id": branch.id, "product_ids": [[6, 0, self._ref("product_cable").ids]]}
            yield ("crm.offer.present", "action_save", vals)

    def _confirm(self, role, call, before):
        """Fill in a dialog and confirm it; return whether that was answered, and what was unlawful."""
        model, method, vals = call
        found, answered = [], False
        savepoint = self.cr.savepoint(flush=False)
        with mute_logger(*QUIET, "odoo.addons.mail.models.mail_mail"):
            try:
                dialog = self.env[model].with_user(role.uid).create(vals)
                getattr(dialog, method)()
                self.env.flush_all()
                answered = True
                if model != "crm.person.erase" or "headquarters" not in role.kinds:
                    found = self.judge.violations(role, f"wizard:{method}", before, self.judge.snapshot())
            except Exception:  # noqa: BLE001, S110 - refused
                pass
        self.env.transaction.clear()
        savepoint.rollback()
        savepoint.close(rollback=False)
        return answered, found

    def test_every_dialog_is_tried(self):
        """BR-17: a new dialog must be among those that are tried."""
        tried = {model for model, *__ in self._dialogs()}
        self.assertEqual({name for name in wizards(self.env) if not name.endswith(".line")} - tried, set())

    @classmethod
    def tearDownClass(cls):
        for name, (tried, passed) in FIGURES.items():
            print(f"{name}: {tried} calls, {passed} answered")
        super().tearDownClass()


#: Role → calls tried, and answered.
FIGURES = {}
