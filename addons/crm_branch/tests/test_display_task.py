from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .shop_common import ShopCase
from .test_complaint_report import PDF, SVG, picture


@tagged("post_install", "-at_install")
class TestDisplayTask(ShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch_a.head_id = cls.branch_manager_a
        cls.task = cls._create_task()

    @classmethod
    def _create_task(cls, user=None, **values):
        values = {"name": "Spring window", "date_due": "2026-03-20", "user_id": cls.service_officer_a.id, **values}
        return cls.env["crm.display.task"].with_user(user or cls.branch_manager_a).create(values)

    def _finish(self):
        task = self.task.with_user(self.service_officer_a)
        task.write({"photo_before": picture(), "photo_after": picture("JPEG")})
        task.action_finish()
        return task

    def test_photo_and_check(self):
        """BR-15: photo before and after, then the manager's check."""
        self.assertEqual(self.task.activity_ids.user_id, self.service_officer_a)
        task = self._finish()
        self.assertEqual((task.state, task.done_by_id), ("done", self.service_officer_a))
        self.assertEqual(task.sudo().activity_ids.user_id, self.branch_manager_a)
        self.task.action_approve()
        self.assertEqual((self.task.state, self.task.checked_by_id), ("approved", self.branch_manager_a))
        self.assertFalse(self.task.activity_ids)

    def test_photos_are_needed(self):
        """BR-15: both photos, and real ones: no SVG, no PDF."""
        task = self.task.with_user(self.service_officer_a)
        with self.assertRaisesRegex(UserError, "Before"):
            task.action_finish()
        task.photo_before = picture()
        with self.assertRaisesRegex(UserError, "After"):
            task.action_finish()
        for content in (SVG, PDF, "eA=="):
            with self.assertRaisesRegex(UserError, "only a JPEG or PNG"):
                task.photo_after = content
            with self.assertRaisesRegex(UserError, "only a JPEG or PNG"):
                self._create_task(photo_before=content)

    def test_returned(self):
        """BR-15: the manager returns a poor display with a reason."""
        task = self._finish()
        with self.assertRaisesRegex(UserError, "reason"):
            self.task._workflow_do("return")
        self.task._workflow_do("return", "The leaflets are missing")
        self.assertEqual((task.state, task.sudo().activity_ids.user_id), ("todo", self.service_officer_a))
        self.assertEqual(self._history(task)[-1][-1], "The leaflets are missing")
        task.action_finish()

    def test_not_ones_own(self):
        """BR-15: nobody approves or returns a display of their own; officers approve none."""
        task = self._finish()
        with self.assertRaises(AccessError):
            task.action_approve()
        self.service_officer_a.group_ids += self.env.ref("crm_branch.group_branch_manager")
        with self.assertRaisesRegex(AccessError, "somebody else"):
            task.action_approve()

    def test_locked(self):
        """BR-15: what was handed in doesn't change; facts and state are typed by nobody."""
        with self.assertRaises(UserError):
            self.task.done_by_id = self.branch_manager_a
        with self.assertRaises(UserError):
            self.task.state = "approved"
        task = self._finish()
        for vals in ({"photo_after": picture()}, {"date_due": "2099-01-01"}, {"name": "x"}):
            with self.assertRaises(UserError):
                task.write(vals)
        with self.assertRaises(UserError):
            self.task.unlink()

    def test_overdue(self):
        """BR-15: a display is late from the day after, by the branch's calendar."""
        tasks = self.env["crm.display.task"].with_user(self.branch_manager_a)
        for now, late in (("2026-03-20 16:59:00", False), ("2026-03-20 17:00:00", True)):
            with freeze_time(now):
                self.task.invalidate_recordset()
                found = tasks.search([("is_overdue", "=", True), ("id", "=", self.task.id)])
                self.assertEqual((self.task.is_overdue, bool(found)), (late, late))

    def test_roles_and_branches(self):
        """BR-17: officers and managers make displays, the headquarters asks for them, another branch sees none."""
        self._create_task(self.service_officer_a)
        self._create_task(self.clerk, branch_id=self.branch_a.id)
        for user in (self.retention_officer_a, self.cashier_a, self.internal, self.portal):
            with self.assertRaises(AccessError, msg=user.login):
                self._create_task(user, branch_id=self.branch_a.id)
            with self.assertRaises(AccessError, msg=user.login):
                self.task.with_user(user).read(["name"])
        for user in (self.service_officer_b, self.branch_manager_b):
            for name in ("action_finish", "action_approve"):
                with self.assertRaises(AccessError, msg=user.login):
                    getattr(self.task.with_user(user), name)()
            with self.assertRaises(AccessError):
                self.task.with_user(user).read(["photo_before"])
        with self.assertRaises(AccessError):
            self._finish().with_user(self.clerk).action_approve()
