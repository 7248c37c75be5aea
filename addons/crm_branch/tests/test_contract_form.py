from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .contract_common import PNG, ContractCase


@tagged("post_install", "-at_install")
class TestContractForm(ContractCase):
    def test_consent_first(self):
        """BR-3: without the customer's consent no contract is prepared, nor is a draft given to such a customer."""
        stranger = self.env["res.partner"].create({"name": "Ewa Bez Zgody", "email": "ewa@example.com"})
        with self.assertRaisesRegex(UserError, "no consent"):
            self._prepare_contract(partner_id=stranger.id)
        contract = self._prepare_contract()
        with self.assertRaisesRegex(UserError, "no consent"):
            contract.partner_id = stranger
        with self.assertRaisesRegex(UserError, "no consent"):
            contract.copy({"partner_id": stranger.id})

    def test_consent_withdrawn(self):
        """BR-3: consent that was withdrawn before the signature stops it."""
        contract = self._prepare_contract()
        contract.check_ids.is_present = True
        contract.signature = PNG
        self.customer._valid_consents()._withdraw("phone", "test")
        with self.assertRaisesRegex(UserError, "no consent"):
            contract.action_sign()

    def test_only_the_form_in_force(self):
        """BR-4: what headquarters has replaced is signed no more; the contract says which version it was."""
        contract = self._signed()
        self.assertEqual(contract.form_version_id, self.version)
        late = self._prepare_contract()
        form = self.form.browse(self.form.with_user(self.clerk).action_new_version()["res_id"])
        draft = self.env["crm.material.version"].search([("contract_template_id", "=", form.template_id.id)])
        self.assertEqual(draft.state, "draft")
        draft.with_user(self.clerk).action_publish()
        late.check_ids.is_present = True
        late.signature = PNG
        with self.assertRaisesRegex(UserError, "form that is in force"):
            late.action_sign()
        late.contract_template_id = form.template_id
        self._sign(late)
        self.assertEqual(late.form_version_id, draft)
        self.assertEqual(contract.form_version_id, self.version, "what was signed stays")

    def test_headquarters_makes_forms(self):
        """BR-4: headquarters reads and makes forms on the screen; officers use them and change nothing."""
        template = self.template.copy({"name": "Other"})
        with Form(self.env["crm.contract.form"].with_user(self.clerk)) as form:
            form.template_id = template.with_user(self.clerk)
            form.partner_field_ids.add(self._field("res.partner", "phone"))
            with form.requirement_ids.new() as line:
                line.name = "Regulamin wręczony"
        made = form.record.web_read({"partner_field_ids": {"fields": {"display_name": {}}}})
        self.assertIn("Phone", made[0]["partner_field_ids"][0]["display_name"])
        with self.assertRaises(AccessError):
            form.record.with_user(self.service_officer_a).duration_months = 1

    def test_form_for_other_branches(self):
        """BR-4: a form that headquarters publishes for one branch isn't signed at another."""
        self.material.branch_ids = self.branch_b
        contract = self._prepare_contract()
        self.assertIn("form that is in force", contract.missing)

    def test_published_form_stays(self):
        """BR-4: neither template, lines, check list nor clauses of a published version change."""
        for change in (
            lambda: self.template.write({"name": "Other"}),
            lambda: self.template.contract_line_ids.write({"specific_price": 1.0}),
            self.template.contract_line_ids.unlink,
            lambda: self.template.write({"contract_line_ids": [Command.create({"name": "x", "quantity": 1})]}),
            lambda: self.form.write({"clauses": "<p>Other</p>"}),
            lambda: self.form.write({"partner_field_ids": [Command.clear()]}),
            lambda: self.form.requirement_ids.write({"is_required": False}),
            self.form.unlink,
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()

    def test_clauses_are_those_that_were_signed(self):
        """BR-4: the print of a signed contract doesn't follow the form."""
        contract = self._signed()
        self.assertIn("Okres wypowiedzenia", contract.clauses)

    def test_prices_stay(self):
        """BR-4: a price that follows a price list stays what it was when the customer signed."""
        contract = self._prepare_contract()
        contract.contract_line_ids.automatic_price = True
        self.assertEqual(contract.contract_line_ids.price_unit, 50.0)
        self._sign(contract)
        self.tariff.list_price = 99.0
        contract.invalidate_recordset()
        self.assertEqual(contract.contract_line_ids.price_unit, 50.0)

    def test_bad_dates_and_prices(self):
        """BR-4: an end before the start, a negative price or quantity, and a drawing that is none are refused."""
        contract = self._prepare_contract()
        with self.assertRaises(Exception), self.cr.savepoint():  # noqa: B017  # OCA says it, or the database
            contract.date_end = self._day(days=-1)
            contract.flush_recordset()
        contract.contract_line_ids.specific_price = -5.0
        self.assertIn("make sense", contract.missing)
        contract.contract_line_ids.write({"specific_price": 5.0, "quantity": 0.0})
        self.assertIn("make sense", contract.missing)
        contract.contract_line_ids.quantity = 1.0
        contract.check_ids.is_present = True
        contract.signed_scan = b"PHN2Zz48L3N2Zz4="
        with self.assertRaisesRegex(UserError, "PDF, PNG or JPEG"):
            contract.action_sign()

    def test_next_invoice_is_no_choice(self):
        """BR-7: a date of the next invoice that somebody typed into a draft doesn't put off the invoices."""
        contract = self._prepare_contract()
        contract.contract_line_ids.recurring_next_date = "2099-01-01"
        contract.recurring_next_date = "2099-01-01"
        self._sign(contract)
        self.assertEqual(contract.recurring_next_date, self._today())
        self.assertEqual(contract.contract_line_ids.recurring_next_date, self._today())

    def test_on_the_screen(self):
        """BR-4: choosing the form fills in lines, rhythm and end; lines follow the contract's days."""
        contracts = self.env["contract.contract"].with_user(self.service_officer_a)
        with Form(contracts, view="crm_branch.contract_contract_view_form") as form:
            form.partner_id = self.customer
            form.contract_template_id = self.template
            form.date_start = "2026-03-01"
            self.assertEqual(str(form.date_end), "2028-02-29")
        contract = form.record
        self.assertEqual(contract.contract_line_ids.product_id, self.tariff)
        self.assertEqual(str(contract.contract_line_ids.date_end), "2028-02-29")
        self.assertEqual(str(contract.contract_line_ids.recurring_next_date), "2026-03-01")
        contract.date_start = "2026-04-01"
        self.assertEqual(str(contract.contract_line_ids.date_start), "2026-04-01")
