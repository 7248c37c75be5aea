from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .contract_common import ContractCase


@tagged("post_install", "-at_install")
class TestContractWorkflow(ContractCase):
    def test_the_whole_way(self):
        """BR-7: from the counter to headquarters, each step by who does it; then it is invoiced."""
        contract = self._active()
        self.assertEqual(contract.approval_state, "active")
        steps = [(log[0], log[3].login) for log in self._history(contract)]
        officer, manager = "test_service_officer_a", "test_branch_manager_a"
        self.assertEqual(
            steps,
            [
                ("sign", officer),
                ("submit", officer),
                ("approve", manager),
                ("send", officer),
                ("accept", "test_clerk"),
            ],
        )
        self.env["contract.contract"].cron_recurring_create_invoice(self._today())
        invoice = contract.sudo()._get_related_invoices()
        self.assertEqual((invoice.state, invoice.amount_untaxed), ("posted", 50.0))

    def test_prepared_from_the_form(self):
        """BR-4: lines, rhythm and end come from headquarters' template; the officer and the branch are known."""
        contract = self._prepare_contract(date_start="2026-01-15")
        self.assertEqual(contract.contract_line_ids.product_id, self.tariff)
        self.assertEqual(str(contract.date_end), "2028-01-14")
        self.assertEqual(str(contract.contract_line_ids.date_end), "2028-01-14")
        self.assertEqual(contract.branch_id, self.branch_a)
        self.assertEqual(contract.officer_id, self.service_officer_a)
        self.assertTrue(contract.code.startswith("TA/"))

    def test_nothing_is_signed_that_lacks_something(self):
        """BR-4: a required field, a paper that wasn't seen, or the signature itself is missing."""
        contract = self._prepare_contract()
        self.customer.email = False
        with self.assertRaisesRegex(UserError, "Email\n• Dowód osobisty okazany\n• The customer’s signature"):
            contract.action_sign()
        self.assertIn("Dowód", contract.missing)

    def test_unsigned_is_not_invoiced(self):
        """BR-7: no path invoices what isn't active: scheduled action, button, wizard."""
        contract = self._approved(date_start=self._day(months=-2))
        accountant = self._create_user("test_accountant", "account.group_account_manager", self.headquarters)
        self.env["contract.contract"].cron_recurring_create_invoice(self._today())
        self.assertFalse(contract.sudo().invoice_count)
        with self.assertRaisesRegex(UserError, "is invoiced once headquarters has accepted it"):
            contract.with_user(accountant).recurring_create_invoice()
        wizard = self.env["contract.manually.create.invoice"].with_user(accountant)
        wizard = wizard.create({"invoice_date": self._day(), "contract_to_invoice_ids": [(6, 0, contract.ids)]})
        wizard.create_invoice()
        self.assertFalse(contract.sudo().invoice_count)

    def test_terms_are_locked(self):
        """BR-4: what was signed doesn't change, neither on the contract nor in its lines."""
        contract = self._signed()
        line = contract.contract_line_ids
        other = self._prepare_contract()
        for change in (
            lambda: contract.write({"partner_id": self.customer.copy().id}),
            lambda: contract.write({"date_end": self._day(years=5)}),
            lambda: contract.write({"signature": False}),
            lambda: contract.write({"contract_line_ids": [(1, line.id, {"quantity": 0.0})]}),
            lambda: line.write({"specific_price": 1.0}),
            lambda: line.write({"price_unit": 1.0}),
            lambda: line.write({"last_date_invoiced": self._day()}),
            lambda: line.write({"is_canceled": True}),
            lambda: other.contract_line_ids.write({"contract_id": contract.id}),
            lambda: line.copy({"contract_id": contract.id}),
            line.unlink,
            lambda: contract.write({"approval_state": "active"}),
            lambda: contract.write({"signed_at": False}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()
        self.assertEqual((line.price_unit, line.quantity), (50.0, 1.0))

    def test_nobody_approves_their_own(self):
        """BR-6: not who prepared, signed or submitted it, though they are a manager too."""
        both = self._create_user(
            "test_both", "crm_branch.group_service_officer,crm_branch.group_branch_manager", self.branch_a
        )
        own = self._submitted(both)
        own.check_ids.is_checked = True
        with self.assertRaises(AccessError):
            own.action_approve()
        prepared = self._prepare_contract(both)
        theirs = self._sign(prepared.with_user(self.service_officer_a))
        theirs.bundle_id.action_submit()
        prepared.check_ids.is_checked = True
        with self.assertRaisesRegex(AccessError, "somebody else approves"):
            prepared.action_approve()

    def test_manager_checks_before_approving(self):
        """BR-6: the check list is ticked off first."""
        contract = self._submitted()
        with self.assertRaisesRegex(UserError, "Dowód"):
            contract.with_user(self.branch_manager_a).action_approve()
        self._approve(contract)
        self.assertEqual(contract.check_ids.checked_by_id, self.branch_manager_a)

    def test_returned_needs_a_new_signature(self):
        """BR-6: returned with a reason, prepared anew; the old signature is void."""
        contract = self._submitted()
        theirs = contract.with_user(self.branch_manager_a)
        with self.assertRaisesRegex(UserError, "needs a reason"):
            theirs._workflow_do("return")
        theirs._workflow_do("return", "adres nieczytelny")
        contract.action_rework()
        self.assertFalse(contract.signature or contract.signed_at or contract.signature_sha256)
        with self.assertRaisesRegex(UserError, "signature"):
            contract.action_sign()
        self._sign(contract)
        self.assertEqual(contract.approval_state, "signed")

    def test_born_active(self):
        """BR-7: nothing is created in another state than draft, or as if it had been signed."""
        for values in ({"approval_state": "active"}, {"signed_at": "2026-01-01 10:00:00"}):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._prepare_contract(**values)

    def test_signature_behind_the_back(self):
        """BR-4: the file of a signature isn't exchanged through its attachment; the fingerprint would tell."""
        contract = self._signed()
        file = self.env["ir.attachment"].search(
            [("res_model", "=", "contract.contract"), ("res_id", "=", contract.id), ("res_field", "=", "signature")]
        )
        with self.assertRaises(UserError):
            file.with_user(self.service_officer_a).write({"raw": b"other"})
        file.raw = b"other"
        contract.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "isn’t the one that was taken"):
            contract.bundle_id.action_submit()

    def test_other_branch(self):
        """BR-17: a branch sees and touches its own contracts only; a cashier none."""
        contract = self._signed()
        for user in (self.service_officer_b, self.branch_manager_b, self.retention_officer_b, self.cashier_a):
            with self.assertRaises(AccessError):
                contract.with_user(user).read(["code"])
            with self.assertRaises(AccessError):
                contract.contract_line_ids.with_user(user).read(["name"])
        with self.assertRaises(AccessError):
            self._prepare_contract(branch_id=self.branch_b.id)

    def test_suppliers_contracts(self):
        """BR-7: a contract with a supplier has no such way; OCA's own rules hold."""
        accountant = self._create_user("test_accountant", "account.group_account_manager", self.headquarters)
        self.env["account.journal"].create({"name": "Zakup", "code": "ZAK", "type": "purchase"})
        contract = (
            self.env["contract.contract"]
            .with_user(accountant)
            .create(
                {
                    "name": "Czynsz",
                    "contract_type": "purchase",
                    "partner_id": self.customer.id,
                    "contract_line_ids": [
                        (0, 0, {"name": "Czynsz", "price_unit": 1000.0, "product_id": self.tariff.id})
                    ],
                }
            )
        )
        self.assertFalse(contract.branch_id)
        contract.contract_line_ids.price_unit = 1100.0
        self.assertEqual(contract.recurring_create_invoice().amount_untaxed, 1100.0)
        with self.assertRaises(AccessError):
            contract.with_user(self.service_officer_a).read(["name"])
