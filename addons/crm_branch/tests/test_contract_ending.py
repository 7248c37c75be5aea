from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.contract_contract_ending import CALL
from ..models.contract_contract_renewal import PREPARE
from .contract_common import ContractCase


@tagged("post_install", "-at_install")
class TestContractEnding(ContractCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("crm_branch.crm_contract_lost_reason_price")
        cls.contracts = cls.env["contract.contract"]

    def _ending(self, days=30, user=None, **values):
        """Return an active contract that ends in so many days, invoiced up to now."""
        start = self._day(days=days, years=-1)
        return self._active_of(user, date_start=start, date_end=self._day(days=days), **values)

    def _active_of(self, user=None, **values):
        if user and user != self.service_officer_a:
            contract = self._signed(user, **values)
            contract.bundle_id.action_submit()
            self._approve(contract, self.branch_manager_b)
            self._send(contract).with_user(self.clerk).action_accept()
            return contract
        return self._active(user, **values)

    def _invoice_all(self, contract):
        """Let OCA's scheduled action run until nothing is left to invoice."""
        for __ in range(40):
            if not any(contract.sudo().contract_line_ids.mapped("recurring_next_date")):
                break
            self.contracts.cron_recurring_create_invoice(contract.date_end + timedelta(days=5))

    def _end(self):
        """Let the nightly run do its work, within the test's transaction."""
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1):
            self.contracts._cron_end()

    def _contact(self, contract, outcome, user=None, **values):
        wizard = self.env["crm.contract.contact"].with_user(user or self.retention_officer_a)
        return wizard.create({"contract_id": contract.id, "outcome": outcome, **values}).action_confirm()

    def _notice(self, user):
        return self.contracts.with_user(user)._notice()["count"]

    def test_notice(self):
        """BR-8: told on opening the client, of what was signed at this point of sale and ends within 60 days."""
        soon, late = self._ending(60), self._ending(61)
        theirs = self._ending(10, self.service_officer_b)
        self.assertEqual(self._notice(self.retention_officer_a), 1)
        self.assertEqual(self._notice(self.retention_officer_b), 1)
        mine = self.contracts.with_user(self.retention_officer_a).search([("is_ending", "=", True)])
        self.assertEqual(mine, soon)
        self.assertTrue(soon.is_ending)
        self.assertFalse(late.is_ending)
        self.company.contract_ending_days = 5
        self.assertEqual(self._notice(self.retention_officer_b), 0)
        self.assertNotIn(theirs, self.contracts.search([("is_ending", "=", True)]))

    def test_number_follows_contact(self):
        """BR-8: the number in the officer's systray changes as soon as a contact is noted, not at the next login."""
        contract = self._ending(10)
        with patch.object(type(self.env["res.users"]), "_bus_send") as sent:
            self._contact(contract, "undecided", call_on=self._day(days=3))
        sent.assert_called_once_with("crm_branch.ending", {"count": 0, "overdue": 0})

    def test_notice_is_one_query(self):
        """BR-8: one statement, however many contracts end."""
        self._ending(10)
        contracts = self.contracts.with_user(self.retention_officer_a)
        contracts._notice()
        self.env.flush_all()
        with self.assertQueryCount(1):
            contracts._notice()

    def test_notice_waits_for_contact_only(self):
        """BR-8: who has decided, or is called later, isn't told again; who wasn't reached is."""
        contract = self._ending()
        self._contact(contract, "undecided", call_on=self._day(days=3))
        self.assertEqual(self._notice(self.retention_officer_a), 0)
        self._contact(contract, "not_reached")
        self.assertEqual(self._notice(self.retention_officer_a), 1)
        self._contact(contract, "undecided", call_on=self._today())
        self.assertEqual(self._notice(self.retention_officer_a), 1)
        self._contact(contract, "not_extend", lost_reason_id=self.reason.id)
        self.assertEqual(self._notice(self.retention_officer_a), 0)

    def test_contact_is_logged(self):
        """BR-9: the contact and its outcome are on the contract; who is undecided is called again."""
        contract = self._ending()
        day = self._day(days=5)
        self._contact(contract, "undecided", call_on=day, note="zastanowi się")
        contact = contract.with_user(self.retention_officer_a).interaction_ids
        self.assertEqual((contact.state, contact.contract_outcome, contact.call_on), ("done", "undecided", day))
        self.assertEqual((contract.renewal_outcome, contract.call_on), ("undecided", day))
        activity = contract.sudo().activity_ids.filtered(lambda a: a.activity_type_id == self.env.ref(CALL))
        self.assertEqual((activity.user_id, activity.date_deadline), (self.retention_officer_a, day))

    def test_not_extending_needs_a_reason(self):
        """BR-9: not without a reason; undecided not without a day; by nobody else than retention officers."""
        contract = self._ending()
        for values in ({"outcome": "not_extend"}, {"outcome": "undecided"}):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._contact(contract, **values)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._contact(contract, "undecided", call_on=self._day(days=-1))
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._contact(contract, "extend", user=self.service_officer_a)
        contact = self._create_interaction(
            self.service_officer_a,
            branch_id=self.branch_a.id,
            res_model="contract.contract",
            res_id=contract.id,
            outcome_id=self.env.ref("crm_branch.crm_interaction_outcome_not_extends").id,
            lost_reason_id=self.reason.id,
        )
        with self.assertRaises(AccessError):
            contact.action_close()
        self.assertEqual(contract.renewal_outcome, "to_contact")

    def test_other_branch(self):
        """BR-8: the other point of sale neither sees nor touches it."""
        contract = self._ending()
        with self.assertRaises(AccessError):
            self._contact(contract, "extend", user=self.retention_officer_b)
        with self.assertRaises(AccessError):
            contract.with_user(self.retention_officer_b).action_renew()

    def test_email_in_the_customers_language(self):
        """BR-9: the customer gets an e-mail; without an address the officer is told to call."""
        contract = self._ending()
        self._contact(contract, "undecided", channel="email", call_on=self._day(days=7))
        mail = self.env["mail.message"].search(
            [("model", "=", "contract.contract"), ("res_id", "=", contract.id), ("subject", "like", "ends on")]
        )
        self.assertEqual(mail.partner_ids, self.customer)
        self.assertIn(contract.code, mail.subject)
        self.customer.email = False
        with self.assertRaisesRegex(UserError, "call instead"):
            self._contact(contract, "undecided", channel="email", call_on=self._day(days=7))

    def test_renewal(self):
        """BR-9: one click prepares it from the day after, by the form in force; a service officer completes it."""
        contract = self._ending()
        action = self._contact(contract, "extend")
        renewal = self.contracts.browse(action["res_id"])
        self.assertEqual(renewal, contract.renewal_id)
        self.assertEqual(renewal.date_start, fields.Date.add(contract.date_end, days=1))
        self.assertEqual(renewal.contract_line_ids.recurring_next_date, renewal.date_start)
        self.assertEqual((renewal.approval_state, renewal.officer_id), ("draft", self.service_officer_a))
        self.assertEqual(renewal.activity_ids.activity_type_id, self.env.ref(PREPARE))
        with self.assertRaises(AccessError):
            renewal.with_user(self.retention_officer_a).write({"date_end": False})
        again = contract.with_user(self.retention_officer_a).action_renew()
        self.assertEqual(again["res_id"], renewal.id, "a second click opens the same")
        self.assertEqual(self._sign(renewal.with_user(self.service_officer_a)).approval_state, "signed")
        self.assertFalse(renewal.activity_ids.filtered(lambda one: one.activity_type_id == self.env.ref(PREPARE)))

    def test_renewal_takes_the_prices_in_force(self):
        """BR-9: the same services, at the price of headquarters' present template."""
        contract = self._ending()
        contract.sudo()._by_step().contract_line_ids.quantity = 3.0
        form = self.form.browse(self.form.with_user(self.clerk).action_new_version()["res_id"])
        form.template_id.contract_line_ids.specific_price = 45.0
        draft = self.env["crm.material.version"].search([("contract_template_id", "=", form.template_id.id)])
        draft.with_user(self.clerk).action_publish()
        renewal = contract.with_user(self.service_officer_a)._renew()
        self.assertEqual(renewal.contract_template_id, form.template_id)
        self.assertEqual(renewal.contract_line_ids.mapped(lambda line: (line.quantity, line.price_unit)), [(3.0, 45.0)])

    def test_renewal_has_no_gap(self):
        """BR-9: a renewal that starts on another day isn't signed."""
        contract = self._ending()
        renewal = contract.with_user(self.service_officer_a)._renew()
        renewal.date_start = fields.Date.add(contract.date_end, days=2)
        with self.assertRaisesRegex(UserError, "starts on that day"):
            self._sign(renewal)

    def test_ends(self):
        """BR-G3: the night after the last day ends it, once everything is invoiced; who left is lost, with reason."""
        contract = self._active(date_start=self._day(months=-3), date_end=self._day(days=-1))
        self._end()
        self.assertEqual(contract.approval_state, "active", "not before its last period is invoiced")
        self._invoice_all(contract)
        self._end()
        self.assertEqual(contract.approval_state, "ended")
        self._contact(contract, "not_extend", lost_reason_id=self.reason.id)
        row = self.env["crm.contract.analysis"].search([("contract_id", "=", contract.id), ("event", "=", "ended")])
        self.assertEqual((row.lost, row.renewed, row.lost_reason_id), (1, 0, self.reason))
        self.assertEqual((row.branch_id, row.date, row.lost_rate), (self.branch_a, contract.date_end, 100.0))

    def test_ending_is_set_based(self):
        """BR-G3: the nightly run's statements don't grow with the contracts."""
        counts = []
        for number in (2, 8):
            contracts = self.contracts.union(
                *(self._active(date_start=self._day(months=-1), date_end=self._day(days=-1)) for __ in range(number))
            )
            self._invoice_all(contracts[0])
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._end()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(set(contracts.mapped("approval_state")), {"ended"})
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_before_its_time(self):
        """BR-9: manager or headquarters end a contract on a day, with reason; not in what is invoiced already."""
        contract = self._active()
        self.contracts.cron_recurring_create_invoice(self._today())
        wizard = self.env["crm.contract.terminate"].with_user(self.branch_manager_a)
        with self.assertRaisesRegex(UserError, "invoiced until"):
            wizard.create(
                {"contract_id": contract.id, "date": self._day(days=3), "reason_id": self.reason.id}
            ).action_confirm()
        with self.assertRaisesRegex(UserError, "Say on which day"):
            contract.with_user(self.branch_manager_a)._workflow_do("terminate", "test")
        day = self._day(months=2)
        wizard.create({"contract_id": contract.id, "date": day, "reason_id": self.reason.id}).action_confirm()
        self.assertEqual((contract.date_end, contract.contract_line_ids.date_end), (day, day))
        self.assertEqual(contract.approval_state, "active")
        with self.assertRaises(AccessError):
            contract.with_user(self.service_officer_a)._by_step()._terminate(day, self.reason, "")

    def test_other_contacts(self):
        """BR-9: contacts about anything else, or with another outcome, are as they were, for everybody."""
        self._create_done(self.service_officer_a, branch_id=self.branch_a.id)
        contract = self._ending()
        about = {"res_model": "contract.contract", "res_id": contract.id, "branch_id": self.branch_a.id}
        self._create_done(self.service_officer_a, **about)
        self.assertEqual(contract.renewal_outcome, "to_contact")
