from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.contract_contract_handing import RETURNED
from ..models.crm_contract_bundle import CHECK, HAND_IN, SEND
from ..models.crm_contract_package import FINALISE
from .contract_common import ContractCase


@tagged("post_install", "-at_install")
class TestContractHanding(ContractCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch_a.head_id = cls.branch_manager_a
        cls.headquarters.head_id = cls.clerk

    def _activities(self, record, kind):
        return record.sudo().activity_ids.filtered(lambda activity: activity.activity_type_id == self.env.ref(kind))

    def test_day_is_handed_in_together(self):
        """BR-5: an officer's signed contracts of a day are one bundle, handed to the manager, who is told."""
        first, second = self._signed(), self._signed()
        bundle = first.bundle_id
        self.assertEqual(second.bundle_id, bundle)
        self.assertEqual((bundle.state, bundle.day, bundle.user_id), ("open", self._today(), self.service_officer_a))
        action = self.env["crm.contract.bundle"].with_user(self.service_officer_a).action_submit_mine()
        self.assertEqual(action["res_id"], bundle.id)
        self.assertEqual({first.approval_state, second.approval_state}, {"submitted"})
        self.assertEqual(self._activities(bundle, CHECK).user_id, self.branch_manager_a)
        third = self._signed()
        self.assertNotEqual(third.bundle_id, bundle, "on demand: the next signature opens another")

    def test_nothing_to_hand_in(self):
        """BR-5: an empty bundle isn't handed in, nor is one twice, nor somebody else's."""
        with self.assertRaisesRegex(UserError, "no signed contract"):
            self.env["crm.contract.bundle"].with_user(self.service_officer_a).action_submit_mine()
        contract = self._signed()
        bundle = contract.bundle_id
        other = self._create_user("test_colleague", "crm_branch.group_service_officer", self.branch_a)
        with self.assertRaises(AccessError):
            bundle.with_user(other).action_submit()
        with self.assertRaises(AccessError):
            bundle.with_user(self.branch_manager_a).action_submit()
        contract._workflow_do("void", "test")
        self.assertFalse(contract.bundle_id)
        with self.assertRaisesRegex(UserError, "no signed contract"):
            bundle.action_submit()

    def test_manager_asks(self):
        """BR-5: the manager may ask at any time; the officer gets one activity, not several."""
        bundle = self._signed().bundle_id
        for __ in range(2):
            bundle.with_user(self.branch_manager_a).action_ask()
        self.assertEqual(self._activities(bundle, HAND_IN).user_id, self.service_officer_a)
        with self.assertRaises(AccessError):
            bundle.with_user(self.service_officer_a).action_ask()

    def test_not_handed_in_at_the_end_of_the_day(self):
        """BR-5: at the set hour of the branch's clock the officer is asked and the manager told, once."""
        with freeze_time("2026-07-01 10:00:00"):
            bundle = self._signed().bundle_id
        bundles = self.env["crm.contract.bundle"]
        with freeze_time("2026-07-01 15:59:00"):  # 17:59 in Warsaw
            bundles._cron_unsubmitted()
            self.assertFalse(bundle.is_late)
        with freeze_time("2026-07-01 16:01:00"):
            bundles._cron_unsubmitted()
            bundles._cron_unsubmitted()
        self.assertTrue(bundle.is_late)
        self.assertEqual(len(self._activities(bundle, HAND_IN)), 1)
        told = self.env["mail.message"].search(
            [("model", "=", "crm.branch"), ("res_id", "=", self.branch_a.id), ("subject", "like", "not handed in")]
        )
        self.assertIn(self.service_officer_a.name, told.body)
        self.assertEqual(told.notified_partner_ids, self.branch_manager_a.partner_id)
        colleague = self._create_user("test_colleague", "crm_branch.group_service_officer", self.branch_a)
        bundle.with_user(colleague).action_submit()
        self.assertFalse(self._activities(bundle, HAND_IN))

    def test_everybody_is_told(self):
        """BR-18: the officer of approval and return, headquarters of a package, the customer that it is active."""
        one, other = self._signed(), self._signed()
        bundle = one.bundle_id
        bundle.action_submit()
        self._approve(one)
        self.assertEqual(self._activities(bundle, SEND).user_id, self.service_officer_a)
        self.assertTrue(self._activities(bundle, CHECK))
        other.with_user(self.branch_manager_a)._workflow_do("return", "brak podpisu na drugiej stronie")
        self.assertFalse(self._activities(bundle, CHECK), "nothing waits any more")
        activity = self._activities(other, RETURNED)
        self.assertEqual(activity.user_id, self.service_officer_a)
        self.assertIn("brak podpisu", activity.note)
        self.assertIn("brak podpisu", other.return_reason)
        self._send(one)
        package = one.package_id
        self.assertFalse(self._activities(bundle, SEND))
        self.assertEqual(self._activities(package, FINALISE).user_id, self.clerk)
        package.with_user(self.clerk).action_accept_all()
        self.assertFalse(self._activities(package, FINALISE))
        mail = self.env["mail.mail"].search([("model", "=", one._name), ("res_id", "=", one.id)])
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn(one.code, mail.subject)
        told = self.env["mail.message"].search([("model", "=", package._name), ("res_id", "=", package.id)])
        self.assertIn(self.service_officer_a.partner_id, told.notified_partner_ids)

    def test_package(self):
        """BR-7: approved contracts of one branch go under one number; headquarters accepts or returns each."""
        contracts = self._approved() | self._approved() | self._approved()
        contracts.action_pack()
        package = contracts.package_id
        self.assertRegex(package.name, r"^PAK/\d{4}/\d{5}$")
        package.action_send()
        self.assertEqual(set(contracts.mapped("approval_state")), {"sent"})
        accepted, declined, waiting = contracts
        accepted.with_user(self.clerk).action_accept()
        declined.with_user(self.clerk)._workflow_do("decline", "brak NIP")
        self.assertEqual(package.pending_count, 1)
        self.assertEqual(
            contracts.mapped("approval_state"), ["active", "returned", "sent"], "headquarters decides on each"
        )
        for user in (self.service_officer_a, self.branch_manager_a):
            with self.assertRaises(AccessError):
                waiting.with_user(user).action_accept()

    def test_package_of_what_is_not_approved(self):
        """BR-7: only approved contracts of one branch are packed, by a service officer; nobody types a package in."""
        signed, approved = self._signed(), self._approved()
        theirs = self._signed(self.service_officer_b)
        theirs.bundle_id.action_submit()
        self._approve(theirs, self.branch_manager_b)
        with self.assertRaisesRegex(UserError, "approved contracts of one branch"):
            (signed | approved).action_pack()
        with self.assertRaisesRegex(UserError, "approved contracts of one branch"):
            (theirs | approved).sudo().action_pack()
        with self.assertRaises(AccessError):
            approved.with_user(self.branch_manager_a).action_pack()
        with self.assertRaises(AccessError):
            self.env["crm.contract.package"].with_user(self.service_officer_a).create({"branch_id": self.branch_a.id})

    def test_headquarters_means_there(self):
        """BR-7: the group alone doesn't finalise: one belongs to a headquarters."""
        contract = self._sent()
        groups = "crm_branch.group_headquarters"
        local = self._create_user("test_local_clerk", groups, self.branch_a)
        with self.assertRaises(AccessError):
            contract.with_user(local).action_accept()
        contract.with_user(self.clerk).action_accept()

    def test_cover_list_and_contract_print(self):
        """BR-4: the contract prints filled, with form, version, address, clauses, consent; the package its list."""
        contract = self._sent()
        self.customer.write({"zip": "31-001", "city": "Kraków"})
        reports = self.env["ir.actions.report"].with_user(self.service_officer_a)
        html = reports._render_qweb_html("crm_branch.report_contract", contract.ids)[0].decode()
        words = ("Jan Nowak", "Długa 5", "31-001", "Okres wypowiedzenia", "data:image/png", "50.00")
        for text in (contract.code, *words):
            self.assertIn(text, html)
        self.assertIn(f"Version: {self.version.number}", " ".join(html.replace("<span>", "").split()))
        html = reports._render_qweb_html("crm_branch.report_contract_package", contract.package_id.ids)[0].decode()
        self.assertIn(contract.package_id.name, html)
        self.assertIn(contract.code, html)
        self.assertIn("test_branch_manager_a", html)
