from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .papers_common import PapersCase


@tagged("post_install", "-at_install")
class TestMaterialReceipt(PapersCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch_a.write({"head_id": cls.branch_manager_a.id, "coordinator_id": cls.clerk.id})
        cls.branch_b.write({"head_id": cls.branch_manager_b.id, "coordinator_id": cls.clerk.id})
        cls.sent = fields.Datetime.now().replace(microsecond=0)
        with freeze_time(cls.sent):
            cls.version = cls._publish()
        cls.receipt = cls.version.sudo().receipt_ids.filtered(lambda receipt: receipt.branch_id == cls.branch_a)

    def _after(self, **delta):
        return freeze_time(self.sent + timedelta(**delta))

    def _run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("crm_branch.ir_cron_escalate_receipts").method_direct_trigger()

    def _asked(self, kind, receipt=None):
        kind = self.env.ref(f"crm_branch.mail_activity_type_{kind}")
        return (receipt or self.receipt).activity_ids.filtered(lambda act: act.activity_type_id == kind).user_id

    def test_made_on_publication(self):
        """BR-G2: each branch addressed has one receipt, and its people are asked."""
        self.assertEqual(self.version.receipt_ids.branch_id, self.branch_a | self.branch_b)
        self.assertEqual(self.receipt.sent_at, self.version.published_at)
        self.assertEqual(self.receipt.due_at, self.sent + timedelta(minutes=60))
        self.assertEqual(self._asked("material"), self.branch_a.user_ids)
        self.version.sudo()._deliver()
        self.assertEqual(len(self.version.receipt_ids), 2)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.receipt.copy()

    def test_confirmed(self):
        """BR-G2: somebody of the branch confirms; who, when and after how many minutes is kept."""
        with self._after(minutes=42):
            self.receipt.with_user(self.cashier_a).action_receive()
        self.assertEqual((self.receipt.state, self.receipt.minutes), ("received", 42.0))
        self.assertEqual(self.receipt.received_by_id, self.cashier_a)
        self.assertFalse(self.receipt.is_late)
        self.assertFalse(self.receipt.activity_ids)
        with self._after(minutes=99):
            self.receipt.with_user(self.branch_manager_a).action_receive()
        self.assertEqual(self.receipt.received_by_id, self.cashier_a)

    def test_not_for_another_branch(self):
        """BR-G2: nobody confirms for another branch, headquarters neither."""
        for user in (*self._staff("b"), self.clerk, self.manager_hq, self.admin, self.portal, self.internal):
            with self.subTest(user.login), self.assertRaises(UserError):
                self.receipt.with_user(user).action_receive()
        self.assertEqual(self.receipt.state, "waiting")

    def test_facts_are_not_written(self):
        """BR-G2: a receipt isn't written, made or deleted by hand."""
        for user in (*self._staff("a"), self.clerk, self.admin):
            receipt = self.receipt.with_user(user)
            for vals in (
                {"received_at": self.sent},
                {"due_at": "2030-01-01"},
                {"state": "received"},
                {"minutes": 1},
                {"branch_id": self.branch_b.id},
            ):
                with self.subTest(user.login, vals=vals), self.assertRaises(UserError):
                    receipt.write(vals)
            with self.assertRaises(UserError):
                receipt.unlink()
            with self.assertRaises(UserError):
                receipt.create({"version_id": self.version.id, "branch_id": self.branch_a.id})

    def test_late_ones_are_escalated_once(self):
        """BR-G2: head and coordinator of a branch that hasn't confirmed within the hour are told, once."""
        receipts = self.env["crm.material.receipt"]
        other = self._receipt(self.version, self.branch_b)
        other.with_user(self.cashier_b).action_receive()
        with self._after(minutes=60):
            self._run_cron()
            self.assertFalse(self._asked("material_late"))
            self.assertFalse(self.receipt.is_late)
        with self._after(minutes=61):
            self._run_cron()
            self.assertEqual(self._asked("material_late"), self.branch_manager_a | self.clerk)
            self.assertFalse(other.escalated_at)
            self.assertTrue(self.receipt.is_late)
            self.assertIn(self.receipt, receipts.search([("is_late", "=", True)]))
            self._run_cron()
            kind = self.env.ref("crm_branch.mail_activity_type_material_late")
            told = self.receipt.activity_ids.filtered(lambda act: act.activity_type_id == kind)
            self.assertEqual(len(told), 2)
        with self._after(minutes=90):
            self.receipt.with_user(self.cashier_a).action_receive()
        self.assertTrue(self.receipt.is_late)
        self.assertFalse(self.receipt.activity_ids)
        self.assertEqual(receipts.search([("is_late", "=", True)]), self.receipt)

    def test_setting(self):
        """BR-G2: the hour is a setting of the company."""
        self.company.material_receipt_minutes = 30
        version = self._publish()
        receipt = self._receipt(version, self.branch_a)
        self.assertEqual(receipt.due_at - receipt.sent_at, timedelta(minutes=30))
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.company.material_receipt_minutes = 0
            self.company.flush_recordset()

    def test_superseded_needs_no_receipt(self):
        """BR-G2: what was replaced before anybody confirmed it isn't asked for any more, nor escalated."""
        self._publish()
        self.assertEqual(self.receipt.state, "dropped")
        self.assertFalse(self.receipt.activity_ids)
        with self.assertRaises(UserError):
            self.receipt.with_user(self.cashier_a).action_receive()

    def test_cost_does_not_grow_with_branches(self):
        """BR-G2: publishing to many branches costs no queries per branch."""
        material = self._create_material(branch_ids=False)
        version = self._create_version(material)
        self.env.flush_all()
        start = self.cr.sql_log_count
        version.action_publish()
        few = self.cr.sql_log_count - start
        self.env["crm.branch"].create([{"name": f"B{i}", "code": f"B{i}"} for i in range(20)])
        version = self._create_version(material)
        self.env.flush_all()
        start = self.cr.sql_log_count
        version.action_publish()
        many = self.cr.sql_log_count - start
        self.assertLess(many - few, 40, f"{few} → {many}")
