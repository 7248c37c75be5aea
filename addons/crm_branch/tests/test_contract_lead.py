from odoo.exceptions import AccessError, RedirectWarning
from odoo.tests import Form, tagged

from .contract_common import ContractCase


@tagged("post_install", "-at_install")
class TestContractLead(ContractCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = {"name": "Abonament", "type": "opportunity", "user_id": cls.service_officer_a.id}
        cls.lead = cls.env["crm.lead"].create({**values, "partner_id": cls.customer.id})

    def _prepare(self, user=None):
        return self.lead.with_user(user or self.service_officer_a).action_prepare_contract()

    def test_prepared_from_opportunity(self):
        """BR-4: a contract is prepared from its opportunity, which leads to it."""
        action = self._prepare()
        contracts = self.env["contract.contract"].with_user(self.service_officer_a).with_context(**action["context"])
        with Form(contracts, view=action["views"][0][0]) as form:
            form.contract_template_id = self.template
        contract = form.record
        self.assertEqual((contract.partner_id, contract.lead_id), (self.customer, self.lead))
        for user in (self.service_officer_a, self.branch_manager_a):
            theirs = self.lead.with_user(user)
            self.assertEqual(theirs.contract_count, 1)
            self.assertEqual(contracts.search(theirs.action_view_contracts()["domain"]), contract)

    def test_consent_comes_first(self):
        """BR-3: without consent the officer is led to where it is taken, not to a contract."""
        stranger = self.env["res.partner"].create({"name": "Ewa Nowa"})
        self.lead.partner_id = stranger
        with self.assertRaisesRegex(RedirectWarning, "Ewa Nowa hasn’t consented") as raised:
            self._prepare()
        action = raised.exception.args[1]
        self.assertEqual(
            (action["res_model"], action["context"]["default_partner_id"]), ("crm.consent.take", stranger.id)
        )
        self._consent(stranger)
        self._prepare()

    def test_other_branch(self):
        """BR-17: a cashier, who reads no opportunity, prepares nothing from one."""
        with self.assertRaises(AccessError):
            self._prepare(self.cashier_a)
