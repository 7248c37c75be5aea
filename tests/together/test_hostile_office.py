"""Attacks on what the office writes down: every role × every field and public method of complaint, proof, payment,
cancellation, fee, call after delivery, offer and promotion told, and the money's side of order and delivery."""

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_base.tests.hostile import CONTEXTS, Attacker, Rows, changed_rows, method_calls, other_value
from odoo.addons.crm_sop_sales.models.crm_cancellation import CLAIMS, FACTS
from odoo.addons.crm_sop_sales.models.crm_cancellation import FOLLOWING as OF_ORDER
from odoo.addons.crm_sop_sales.models.crm_lead_product import FOLLOWING
from odoo.addons.crm_sop_sales.models.helpdesk_ticket import ANSWERED, REGISTERED
from odoo.addons.crm_sop_sales.models.helpdesk_ticket_guard import KEPT
from odoo.addons.crm_sop_sales.tests.complaint_common import ANSWER
from odoo.addons.crm_sop_sales.tests.complaint_common import FACTS as TOLD
from odoo.addons.crm_sop_sales.tests.transfer_common import TransferCase, png

from .test_hostile_order import EVERY, QUIET

#: Columns that nobody's hand writes, whatever the document's state.
NEVER = {
    "call": {"delivered_order_id", "res_model", "res_id", "partner_id"},
    "form": FACTS | OF_ORDER | {"name", "order_id"},
    "offer": FOLLOWING - {"taken_share"} | {"lead_id", "kind"},
    "order": {"state", "approval_state", "payment_choice", "transfer_account_id", "transfer_promised_at"},
    "payment": {"amount", "order_id", "surplus", "surplus_choice", "partner_id", "journal_id", "currency_id"},
    "proof": {"state", "payment_id", "by_customer", "company_id", "user_id"},
    "ticket": {"is_complaint", "answered_at", "answered_by_id", "stage_id", "closed_date"},
}
COLUMNS = {
    "order": "id, state, approval_state, payment_choice, transfer_account_id, transfer_promised_at, transfer_state, "
    "transfer_received, transfer_missing, transfer_surplus, delivery_call_state, procedure_stage",
    "payment": "id, state, amount, order_id, surplus, surplus_choice, partner_id, journal_id, currency_id, "
    "payment_type, cancellation_id",
    "fee": "id, state, amount_total, partner_id, currency_id, payment_state",
    "picking": "id, state, sale_id",
    "call": "id, state, delivered_order_id, res_model, res_id, partner_id, outcome_id",
}
TABLES = {
    "ticket": "helpdesk_ticket",
    "proof": "crm_transfer_proof",
    "payment": "account_payment",
    "form": "crm_cancellation",
    "fee": "account_move WHERE id IN (SELECT invoice_id FROM crm_cancellation)",
    "call": "crm_interaction WHERE delivered_order_id IS NOT NULL",
    "offer": "crm_lead_product",
    "told": "crm_promotion_told",
    "order": "sale_order",
    "picking": "stock_picking",
    "log": "crm_workflow_log",
}


class Role:
    def __init__(self, user):
        self.name, self.uid = user.login, user.id
        self.sells = user._has_group("sales_team.group_sale_salesman")
        self.answers = user._has_group("crm_base.group_officer")
        self.manages = user._has_group("crm_base.group_manager")
        self.finance = user._has_group("account.group_account_invoice")
        self.sends = user._has_group("stock.group_stock_user")


class OfficeJudge:
    """What is protected, as the database has it, and who may change which column of it by which method."""

    QUERY = " UNION ALL ".join(  # only constants
        f"SELECT '{name}' AS name, id, to_jsonb(t) FROM (SELECT {COLUMNS.get(name, '*')} FROM {table}) t"  # noqa: S608
        for name, table in TABLES.items()
    )

    def __init__(self, env, orders, tickets):
        self.rows, self.orders, self.tickets = Rows(env.cr), set(orders.ids), set(tickets.ids)

    def snapshot(self):
        return self.rows.now(self.QUERY)

    def violations(self, role, method, before, after):
        """Return what changed between the snapshots and may not be changed by that role with that method."""
        changed = changed_rows(before, after)
        self.logged = {
            (after[key]["res_model"], after[key]["res_id"])
            for key in changed
            if key[0] == "log" and key not in before and after[key]["user_id"] == role.uid
        }
        found = []
        for table, id_ in changed:
            old, new = before.get((table, id_)), after.get((table, id_))
            names = {name for name in old if old[name] != new.get(name)} if old and new else None
            if names is not None and not method.startswith("action_") and names & NEVER.get(table, set()):
                allowed = False
            else:
                allowed = getattr(self, f"_may_{table}")(role, method, old, new, names)
            if not allowed:
                found.append(((table, id_), names or old or new))
        return found

    def _is_step(self, model, row, method):
        return method.startswith("action_") and (model, row["id"]) in self.logged

    def _may_log(self, role, method, old, new, names):
        return old is None and new["user_id"] == role.uid and method.startswith("action_")

    def _may_ticket(self, role, method, old, new, names):
        if old is None:
            promised = bool(new["deadline"]) and not role.manages  # a manager may promise a day by hand
            return role.answers and new["complaint_state"] == "new" and not new["answered_at"] and not promised
        if new is None:
            return role.manages and old["complaint_state"] == "new"
        if names == {"access_token"}:
            return True
        if "complaint_state" in names:
            return role.answers and self._is_step("helpdesk.ticket", new, method)
        if names & {"deadline", "priority"} and not role.manages:
            return False
        locked = {"registered": REGISTERED, "solved": ANSWERED}.get(old["complaint_state"], ())
        return role.answers and not names & set(locked) - {"number"} and not names & KEPT & {"answered_at", "stage_id"}

    def _may_proof(self, role, method, old, new, names):
        writes = role.sells or role.finance
        if old is None:
            entered = (new["state"], new["payment_id"], new["by_customer"]) == ("received", False, False)
            return writes and entered and new["entered_by_id"] == role.uid
        facts = names and not names <= {"message_main_attachment_id"}
        return (
            new is not None
            and writes
            and (not facts or (old["state"] == "received" and new["entered_by_id"] == role.uid))
        )

    def _may_payment(self, role, method, old, new, names):
        if old is None:
            return role.finance and not new["order_id"]
        if not old["order_id"]:
            return role.finance and not (new or {}).get("order_id")
        states = (old["state"], (new or old)["state"])
        taken_back = new is not None and (states[1] not in ("in_process", "paid") or states == ("paid", "in_process"))
        return role.finance and names == {"state"} and (taken_back or "button_" in method or "action_" in method)

    def _may_form(self, role, method, old, new, names):
        if old is None:
            return role.sells and new["state"] == "draft" and not any(new[name] for name in ("fee_amount", "waiver"))
        if new is None or old["state"] in ("confirmed", "withdrawn"):
            return False
        if "state" in names:
            return role.sells and self._is_step("crm.cancellation", new, method)
        if method == "action_confirm_defect":
            return role.sends or role.manages
        return role.sells and not (old["state"] == "waiting" and names & set(CLAIMS))

    def _may_fee(self, role, method, old, new, names):
        if old is None:
            return role.sells and method == "action_confirm"
        kept = new is not None and not names & {"amount_total", "partner_id", "currency_id"}
        return role.finance and (kept or "posted" not in (old["state"], (new or old)["state"]))

    def _may_call(self, role, method, old, new, names):
        if old is None:  # the next one is planned when this one came to nothing
            return role.answers and method.startswith("action_")
        stepped = new is not None and ("state" not in names or self._is_step("crm.interaction", new, method))
        return role.answers and stepped

    def _may_offer(self, role, method, old, new, names):
        if new and bool(new["taken_share"]) != (new["answer"] == "ordered"):
            return False
        noted = new and (
            not new["answer"] or (old and old["answer"] == new["answer"]) or new["answered_by_id"] == role.uid
        )
        return role.sells and bool(new is None or noted)

    def _may_told(self, role, method, old, new, names):
        if old is None:
            return role.sells and new["user_id"] == role.uid
        return new is None and role.manages

    def _may_order(self, role, method, old, new, names):
        if old is None or new is None:
            return (
                role.sells
                and old is None
                and not any(new[name] for name in ("transfer_received", "transfer_promised_at"))
            )
        if old["id"] not in self.orders:
            return role.sells or role.finance or role.sends
        follows = {"transfer_state", "transfer_received", "transfer_missing", "transfer_surplus", "procedure_stage"}
        if names <= follows | {"transfer_promised_at"}:
            less = new["transfer_received"] < old["transfer_received"]  # finance takes money back
            return role.finance and (less or "action_" in method or "button_" in method)
        if names <= {"delivery_call_state", "procedure_stage"}:
            return role.answers and method.startswith("action_")
        return role.sells and method == "action_confirm"  # a cancellation form's

    def _may_picking(self, role, method, old, new, names):
        if old is None or new is None:
            return new is not None and (role.sends or role.sells or role.finance) and new["state"] == "draft"
        if names == {"state"} and new["state"] in ("confirmed", "assigned"):  # reserved or not: held all the same
            return role.sends or role.sells or role.finance
        return role.sells and method == "action_confirm" and new["state"] == "cancel"


@tagged("post_install", "-at_install")
class TestHostileOffice(TransferCase):
    """Complaints, money, cancellations and calls are changed by none who may not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["crm.branch"].create(
            {"name": "Office", "code": "HO", "company_id": cls.company.id, "warehouse_id": cls.warehouse.id}
        )
        cls.branch.user_ids += cls.officer + cls.other_officer + cls.manager
        cls.officer.branch_id = cls.branch
        cls._make_complaints()
        cls._make_transfers()
        cls._make_cancellations()
        cls._make_inquiry()
        cls.env.flush_all()
        internal = cls._create_user("internal", "base.group_user", company_id=cls.company.id, company_ids=cls.company)
        portal = cls.env["res.users"].create(
            {
                "login": "sop_portal",
                "partner_id": cls.partner.id,
                "group_ids": cls.env.ref("base.group_portal"),
                "company_id": cls.company.id,
                "company_ids": cls.company,
            }
        )
        users = cls.officer, cls.other_officer, cls.manager, cls.sales_manager, cls.logistics, cls.accountant
        cls.roles = [Role(user) for user in (*users, internal, portal, cls.env.ref("base.public_user"))]

    @classmethod
    def _make_complaints(cls):
        tickets = cls.env["helpdesk.ticket"].with_user(cls.officer).with_context(new_complaint=True)
        values = {"partner_id": cls.partner.id, "description": "<p>Dead</p>", "branch_id": cls.branch.id, **TOLD}
        cls.tickets = tickets.create([values, {**values}])
        decision = cls.env.ref("crm_sop_sales.crm_complaint_decision_warranty")
        for ticket in cls.tickets:
            ticket.action_register()
        cls.tickets[1].write({"decision_id": decision.id, **ANSWER})
        cls.tickets[1].action_solve()

    @classmethod
    def _make_transfers(cls):
        cls.waiting, cls.paid = cls._create_transfer_order(), cls._create_transfer_order()
        cls.proofs = cls._create_proof(cls.waiting) + cls._create_proof(cls.paid)
        cls.payment = cls._confirm(cls.proofs[1])
        cls.picking = cls.waiting.sudo().picking_ids
        cls.delivered = cls._create_approved()
        cls.delivered.action_confirm()
        cls._deliver(cls.delivered)
        cls.call = cls.delivered.sudo().delivery_call_ids

    @classmethod
    def _make_cancellations(cls):
        orders = [cls._create_approved() for __ in range(2)]
        cancelled = cls._create_transfer_order()
        cls._confirm(cls._create_proof(cancelled))
        cls.forms = cls.env["crm.cancellation"].with_user(cls.officer).concat(*map(cls._create_form, orders))
        cls.forms[1]._workflow_do("request", "She is a regular customer.")
        cls.forms += cls._cancel(cancelled)
        cls.fee = cls.forms[2].sudo().invoice_id
        cls.orders = cls.waiting + cls.paid + cls.delivered + cls.forms.order_id

    @classmethod
    def _make_inquiry(cls):
        lead = {"name": "Wish", "type": "opportunity", "partner_id": cls.partner.id, "user_id": cls.officer.id}
        cls.lead = cls.env["crm.lead"].with_user(cls.officer).create({**lead, "company_id": cls.company.id})
        cls.offer = cls.env["crm.lead.product"].with_user(cls.officer)
        cls.offer = cls.offer.create({"lead_id": cls.lead.id, "product_id": cls.phone.id})
        program = cls.env["loyalty.program"].create({"name": "Lebaran", "program_type": "promotion"})
        told = cls.env["crm.promotion.told"].with_user(cls.officer)
        cls.told = told.create({"partner_id": cls.partner.id, "program_id": program.id})

    def _attack(self, *calls):
        """Let every role try its share of the calls; return how many there are. None may break a rule."""
        judge = OfficeJudge(self.env, self.orders, self.tickets)
        self.env.flush_all()
        before = judge.snapshot()
        calls = [call for group in calls for call in group]
        tried, passed, violations = 0, 0, []
        for place, role in enumerate(self.roles):
            attacker = Attacker(self.env, role, judge)
            with mute_logger(*QUIET, "odoo.addons.mail.models.mail_mail"):
                attacker.attack(calls[place % EVERY :: EVERY], before)
            tried, passed = tried + attacker.tried, passed + attacker.passed
            violations += attacker.violations
        print(f"{self._testMethodName}: {tried} calls tried, {passed} answered, {len(violations)} broke a rule")
        shown = "\n".join(
            map(str, {(one[0], one[1][1], str(one[1][2])[:150], str(one[2:])[:300]) for one in violations})
        )
        self.assertFalse(violations, f"{len(violations)} of {tried} calls broke a rule:\n{shown}")
        self.assertGreater(passed, 0, "not one call was answered: the attacks are at fault")
        return tried * EVERY

    def _writes(self, records, names=None, create=None):
        """Write each field of each record, by itself and by way of the web client, with what a client may think of."""
        model, ids = records._name, records.ids
        for place, name in enumerate(names or self.env[model]._fields):
            value = other_value(self.env[model]._fields[name], self.env)
            context = CONTEXTS[place % len(CONTEXTS)]
            for id_ in ids:
                yield (model, "write", [[id_], {name: value}], {"context": context})
            again = ids[place % len(ids)]
            yield (model, "write", [[again], {name: False}], {})
            yield (model, "web_save", [[again], {name: value}, {"display_name": {}}], {})
            if create:
                yield (model, "create", [[{**create, name: value}]], {})
                yield (model, "create", [[create]], {"context": {**context, f"default_{name}": value}})
                yield (model, "copy", [[again], {name: value}], {})

    def _methods(self, records):
        return [call for record in records for call in method_calls(self.env[records._name], record.ids)]

    def _lists(self, parent, name, line):
        """Change a line through the list of its parent."""
        for command in ([1, line.id, {"state": "draft"}], [2, line.id, 0], [3, line.id, 0], [5, 0, 0], [0, 0, {}]):
            yield (parent._name, "write", [parent.ids[:1], {name: [command]}], {})

    def test_complaints(self):
        """SOP-G3, SOP-G4, SOP-T7: status, stage, deadline and answer change by the steps of who may do them."""
        create = {"name": "x", "description": "x", "team_id": self.tickets[0].team_id.id, "partner_id": self.partner.id}
        self.assertGreater(self._attack(self._writes(self.tickets, create=create), self._methods(self.tickets)), 1500)

    def test_proofs(self):
        """SOP-11b, SOP-11c: a proof is confirmed by finance's dialog alone, and stays what it was then."""
        create = {"order_id": self.waiting.id, "bank_account_id": self.mandiri.bank_account_id.id, "amount": 5}
        create |= {"file": png(77).hex(), "transfer_date": "2026-01-02"}
        calls = self._writes(self.proofs, create=create)
        self.assertGreater(
            self._attack(calls, self._methods(self.proofs), self._lists(self.paid, "proof_ids", self.proofs[1])), 1500
        )

    def test_payments(self):
        """SOP-11c: nobody makes money an order's by hand, nor changes what was confirmed."""
        create = {"amount": 5, "payment_type": "inbound", "partner_id": self.partner.id, "journal_id": self.bca.id}
        link = {"order_id": self.waiting.id}
        calls = [
            ("account.payment", "create", [[{**create, **link}]], {}),
            ("account.payment", "create", [[create]], {"context": {"default_order_id": self.waiting.id}}),
            ("account.payment", "web_save", [[], create, {}], {"context": {"default_order_id": self.waiting.id}}),
            *self._lists(self.paid, "payment_ids", self.payment),
        ]
        fields_ = self._writes(self.payment, create=create)
        self.assertGreater(self._attack(calls, fields_, self._methods(self.payment)), 1200)

    def test_cancellations(self):
        """SOP-6, SOP-10: fee, waiver and refund follow from facts; what is decided stays."""
        reason = self.env.ref("crm_sop_sales.crm_cancellation_reason_mind")
        create = {"order_id": self._create_approved().id, "reason_id": reason.id, "note": "x"}
        calls = self._writes(self.forms, create=create)
        lists = self._lists(self.forms[2].order_id, "cancellation_ids", self.forms[2])
        self.assertGreater(self._attack(calls, self._methods(self.forms), lists), 2500)

    def test_fee_invoices(self):
        """SOP-6: the fee's invoice is for the fee."""
        line = self.fee.invoice_line_ids
        names = [name for name, field in self.env["account.move"]._fields.items() if field.store]
        cheaper = [
            ("account.move", "write", [self.fee.ids, {"invoice_line_ids": [command]}], {})
            for command in ([1, line.id, {"price_unit": 1}], [2, line.id, 0], [0, 0, {"name": "x", "price_unit": -5}])
        ]
        cheaper.append(("account.move.line", "write", [line.ids, {"price_unit": 1}], {}))
        steps = [("account.move", name, [self.fee.ids], {}) for name in ("action_post", "button_cancel", "unlink")]
        self.assertGreater(self._attack(self._writes(self.fee, names), cheaper, steps), 300)

    def test_calls_after_delivery(self):
        """SOP-14: the call stays about its order, and is closed by its step."""
        create = {"caller_name": "x", "res_model": "sale.order", "res_id": self.delivered.id}
        calls = self._writes(self.call, create=create)
        lists = self._lists(self.delivered, "delivery_call_ids", self.call)
        self.assertGreater(self._attack(calls, self._methods(self.call), lists), 800)

    def test_inquiries(self):
        """SOP-3b1, SOP-T6: who was told, and what was answered to whom, is the server's to note."""
        other = self._create_phone("Other", 1)
        offer = {"lead_id": self.lead.id, "product_id": other.id, "answer": "interested"}
        partner = self._create_customer("Other")
        told = {"partner_id": partner.id, "program_id": self.told.program_id.id}
        calls = [*self._writes(self.offer, create=offer), *self._writes(self.told, create=told)]
        calls += self._methods(self.offer) + self._methods(self.told)
        lists = self._lists(self.lead, "product_line_ids", self.offer)
        self.assertGreater(self._attack(calls, lists), 2000)

    def test_orders_and_deliveries(self):
        """SOP-11b, SOP-11c: what the money came to is written by nobody, and nothing leaves before it has come."""
        money = [name for name in self.env["sale.order"]._fields if "transfer" in name or "deliver" in name]
        money += ["payment_choice", "proof_ids", "payment_ids", "cancellation_ids"]
        calls = [*self._writes(self.orders, money), *self._writes(self.picking)]
        for name in ("transfer_promised_at", "transfer_state", "transfer_received", "delivery_call_state"):
            value = other_value(self.env["sale.order"]._fields[name], self.env)
            context = {"context": {f"default_{name}": value}}
            calls.append(("sale.order", "create", [[{"partner_id": self.partner.id}]], context))
        calls += self._methods(self.picking) + self._methods(self.picking.move_ids)
        self.assertGreater(self._attack(calls), 3000)

    def test_wizards(self):
        """SOP-11c, SOP-6: nor do the dialogs lend a right that their user hasn't."""
        today = fields.Date.to_string(fields.Date.today())
        money = {"order_id": self.waiting.id, "journal_id": self.mandiri.id, "date": today, "amount": 3e6}
        choice = {"order_id": self.paid.id, "payment_choice": "handover", "reason": "x"}
        for user in (self.officer, self.other_officer, self.manager, self.logistics, self.accountant):
            judge = OfficeJudge(self.env, self.orders, self.tickets)
            self.env.flush_all()
            before = judge.snapshot()
            for model, vals in (
                ("crm.transfer.confirm", money),
                ("crm.transfer.confirm", {**money, "proof_id": self.proofs[1].id}),
                ("crm.transfer.confirm", {**money, "proof_id": self.proofs[0].id, "order_id": self.paid.id}),
                ("crm.payment.choice", choice),
                *(
                    (
                        "crm.workflow.reason",
                        {"res_model": doc._name, "res_ids": doc.ids, "transition": step, "reason": "x"},
                    )
                    for doc in (self.tickets, self.proofs, self.forms[2:], self.call)
                    for step in ("confirm", "waive", "refuse", "reopen", "reject", "_write_state")
                ),
            ):
                if user == self.manager and (model == "crm.payment.choice" or vals.get("transition") == "reopen"):
                    continue
                refused = self.assertRaises(Exception)
                with self.subTest(user=user.login, model=model), mute_logger(*QUIET), refused, self.cr.savepoint():
                    self.env[model].with_user(user).create(vals).action_confirm()
            self.env.flush_all()
            self.assertEqual(judge.snapshot(), before)
