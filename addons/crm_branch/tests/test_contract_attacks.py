from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.contract_contract import BY_STEP
from .contract_common import PNG, ContractCase

#: What a client may put into the context. None of it is our own object.
CONTEXTS = (
    {},
    {"crm_branch_step": True, "workflow_permit": True, "tracking_disable": True},
    {"crm_branch_step": {"object": "STEP"}, "install_mode": True, "_force_unlink": True},
    {"default_approval_state": "active", "default_signed_at": "2026-01-01 00:00:00", "default_officer_id": 1},
)
VALUES = {
    "activated_at": "2026-01-01 10:00:00",
    "bundle_id": 1,
    "call_on": "2026-01-01",
    "clauses": "<p>x</p>",
    "contacted_at": "2026-01-01 10:00:00",
    "form_version_id": 1,
    "last_date_invoiced": "2030-01-01",
    "lost_reason_id": 1,
    "officer_id": 1,
    "package_id": 1,
    "renewal_outcome": "extend",
    "renewed_from_id": 1,
    "scan_sha256": "0" * 64,
    "signature_sha256": "0" * 64,
    "signed_at": "2026-01-01 10:00:00",
    "signed_on": "2026-01-01",
}
STEPS = ("action_sign", "action_approve", "action_accept", "action_rework", "action_pack", "recurring_create_invoice")


@tagged("post_install", "-at_install")
class TestContractAttacks(ContractCase):
    """What a client may try by RPC, as everybody who works there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everybody = [
            getattr(cls, f"{role}_{letter}")
            for letter in "ab"
            for role in ("service_officer", "retention_officer", "cashier", "branch_manager")
        ]
        cls.everybody += [cls.clerk, cls.internal, cls.portal]
        cls.accountant = cls._create_user("test_books", "account.group_account_manager", cls.headquarters)

    def _call(self, user, model, method, *args, context=None, **kwargs):
        """Call as a client does; return whether it was refused."""
        self.env.flush_all()
        try:
            with self.cr.savepoint(), mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_model"):
                call_kw(self.env(user=user)[model], method, list(args), {**kwargs, "context": context or {}})
                self.env.flush_all()
        except (UserError, ValueError, TypeError):
            self.env.invalidate_all()
            return True
        except Exception as refused:  # noqa: BLE001  # the database refuses too
            self.env.invalidate_all()
            return type(refused).__module__.startswith("psycopg2")
        return False

    def _state(self, contract):
        self.env.invalidate_all()
        line = contract.sudo().contract_line_ids
        return (
            contract.sudo().read([*BY_STEP, "approval_state", "partner_id", "date_start", "date_end", "branch_id"]),
            line.read(["price_unit", "quantity", "discount", "last_date_invoiced", "date_end", "is_canceled"]),
        )

    def test_nobody_writes_what_steps_write(self):
        """BR-7: no field of a step is typed in, by nobody, in no state, whatever the context says."""
        self.assertEqual(set(VALUES), set(BY_STEP))
        calls = 0
        for contract in (self._prepare_contract(), self._signed(), self._submitted(), self._active()):
            before = self._state(contract)
            for user in [*self.everybody, self.accountant]:
                for number, (name, value) in enumerate(VALUES.items()):
                    context = CONTEXTS[number % len(CONTEXTS)]
                    self._call(user, "contract.contract", "write", contract.ids, {name: value}, context=context)
                    calls += 1
                for context in CONTEXTS:
                    values = {"approval_state": "active"}
                    self._call(user, "contract.contract", "write", contract.ids, values, context=context)
                    self._call(user, "contract.contract", "web_save", contract.ids, values, {}, context=context)
                    calls += 2
            self.assertEqual(self._state(contract), before)
        self.assertGreater(calls, 1000)

    def test_nobody_changes_what_is_signed(self):
        """BR-4: neither terms nor lines, by nobody, in no state after the signature."""
        other = self._prepare_contract()
        for contract in (self._signed(), self._approved(), self._active()):
            line = contract.contract_line_ids
            before = self._state(contract)
            for user in [*self.everybody, self.accountant]:
                for context in CONTEXTS:
                    for model, ids, method, *args in (
                        ("contract.contract", contract.ids, "write", {"partner_id": self.portal.partner_id.id}),
                        ("contract.contract", contract.ids, "write", {"date_end": "2040-01-01"}),
                        ("contract.contract", contract.ids, "write", {"active": False}),
                        ("contract.contract", contract.ids, "write", {"contract_type": "purchase"}),
                        ("contract.contract", contract.ids, "write", {"branch_id": self.branch_b.id}),
                        ("contract.contract", contract.ids, "write", {"contract_line_ids": [[5]]}),
                        ("contract.contract", contract.ids, "write", {"contract_line_fixed_ids": [[2, line.id]]}),
                        ("contract.contract", contract.ids, "action_archive"),
                        ("contract.contract", contract.ids, "unlink"),
                        ("contract.line", line.ids, "write", {"price_unit": 1.0}),
                        ("contract.line", line.ids, "write", {"specific_price": 1.0, "discount": 100.0}),
                        ("contract.line", line.ids, "write", {"quantity": 0.0}),
                        ("contract.line", line.ids, "write", {"is_canceled": True}),
                        ("contract.line", line.ids, "write", {"contract_id": other.id}),
                        ("contract.line", line.ids, "write", {"last_date_invoiced": "2030-01-01"}),
                        ("contract.line", line.ids, "write", {"recurring_next_date": "2099-01-01"}),
                        ("contract.line", line.ids, "unlink"),
                        ("contract.line", line.ids, "copy", {"contract_id": contract.id}),
                        ("contract.line", [], "create", {"contract_id": contract.id, "name": "x", "quantity": 1}),
                    ):
                        if method == "create":
                            self._call(user, model, method, [args[0]], context=context)
                        else:
                            self._call(user, model, method, ids, *args, context=context)
            self.assertEqual(self._state(contract), before)

    def test_each_step_is_for_its_role(self):
        """BR-17: of everybody, only who does a step can do it."""
        for contract, step, allowed in (
            (self._prepare_contract(), "action_sign", self.service_officer_a),
            (self._submitted(), "action_approve", self.branch_manager_a),
            (self._approved(), "action_pack", self.service_officer_a),
            (self._sent(), "action_accept", self.clerk),
        ):
            contract.check_ids.sudo()._write({"is_present": True, "is_checked": True})
            contract.check_ids.invalidate_recordset()
            if step == "action_sign":
                contract.signature = PNG
            before = self._state(contract)
            for user in [*self.everybody, self.accountant]:
                if user != allowed:
                    self.assertTrue(self._call(user, "contract.contract", step, contract.ids), (step, user.login))
            self.assertEqual(self._state(contract), before)
            self.assertFalse(self._call(allowed, "contract.contract", step, contract.ids), step)

    def test_steps_out_of_order(self):
        """BR-7: nobody does a step before its time, nor twice."""
        for contract in (self._prepare_contract(), self._signed(), self._active()):
            before = self._state(contract)[0]
            for user in self.everybody:
                for step in STEPS:
                    if contract.approval_state == "active" and step == "recurring_create_invoice":
                        continue
                    self.assertTrue(self._call(user, "contract.contract", step, contract.ids), (step, user.login))
            self.assertEqual(self._state(contract)[0], before)

    def test_who_prepares(self):
        """BR-17: service officers prepare contracts, at their branch; nobody else who works there does."""
        values = {"partner_id": self.customer.id, "contract_template_id": self.template.id}
        for user in self.everybody:
            values["branch_id"] = self.branch_a.id
            refused = self._call(user, "contract.contract", "create", [values])
            self.assertEqual(refused, user != self.service_officer_a, user.login)
        contract = self._prepare_contract()
        for user in (self.branch_manager_a, self.clerk, self.retention_officer_a):
            self.assertTrue(self._call(user, "contract.contract", "write", contract.ids, {"date_end": False}))
            self.assertTrue(self._call(user, "contract.line", "write", contract.contract_line_ids.ids, {"quantity": 5}))

    def test_defaults_of_the_context(self):
        """BR-9: what steps write isn't given by the context's defaults either."""
        values = {"partner_id": self.customer.id, "contract_template_id": self.template.id}
        for name, value in VALUES.items():
            if name != "officer_id":
                context = {f"default_{name}": value}
                refused = self._call(self.service_officer_a, "contract.contract", "create", [values], context=context)
                self.assertTrue(refused, name)

    def test_check_list(self):
        """BR-6: officers tick while drafting, managers before approving; nobody the other's column."""
        contract = self._submitted()
        check = contract.check_ids
        for user in self.everybody:
            self.assertTrue(self._call(user, "crm.contract.check", "write", check.ids, {"is_present": False}))
            refused = self._call(user, "crm.contract.check", "write", check.ids, {"is_checked": True})
            self.assertEqual(refused, user != self.branch_manager_a, user.login)
            self.assertTrue(self._call(user, "crm.contract.check", "unlink", check.ids))
            self.assertTrue(
                self._call(user, "crm.contract.check", "create", [{"contract_id": contract.id, "requirement_id": 1}])
            )

    def test_other_branch_is_silent(self):
        """BR-17: a word in a contract of branch A is in no reply to branch B."""
        canary = "Kenari7341"
        contract = self._prepare_contract(note=canary, code=canary)
        contract.contract_line_ids.name = canary
        for user in (self.service_officer_b, self.retention_officer_b, self.branch_manager_b, self.cashier_b):
            for model in ("contract.contract", "contract.line", "crm.contract.bundle", "crm.contract.check"):
                env = self.env(user=user)
                for method, args in (
                    ("search_read", ([],)),
                    ("name_search", (canary,)),
                    ("formatted_read_group", ([], ["create_uid"], ["__count"])),
                    ("read", (contract.ids if model == "contract.contract" else contract.contract_line_ids.ids,)),
                ):
                    try:
                        reply = str(call_kw(env[model], method, list(args), {}))
                    except (AccessError, ValueError) as refused:
                        reply = str(refused)
                    self.assertNotIn(canary, reply, (user.login, model, method))

    def test_portal(self):
        """BR-17: a customer on the portal sees their own contract once it is active, and nobody else's lines."""
        contract = self._active()
        draft = self._prepare_contract()
        stranger = self.portal
        for record in (contract, contract.contract_line_ids, contract.modification_ids):
            self.assertTrue(self._call(stranger, record._name, "read", record.ids, ["display_name"]))
        self.assertFalse(self.env["contract.line"].with_user(stranger).search([]))
        customer = self._create_user("test_kunde", "base.group_portal", self.env["crm.branch"])
        customer.partner_id = self.customer
        draft.sudo().message_subscribe(self.customer.ids)
        theirs = self.env["contract.contract"].with_user(customer)
        self.assertEqual(theirs.search([]), contract)
        self.assertEqual(self.env["contract.line"].with_user(customer).search([]), contract.contract_line_ids)
