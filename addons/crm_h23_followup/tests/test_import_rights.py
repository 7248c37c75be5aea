from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase

from odoo.addons.crm_base.tests.hostile import public_methods

from .import_common import ImportCase

FACTS = {"new_count": 1, "row_count": 5, "done_count": 3, "question": {"code": "x"}, "user_id": 1, "sheet": "x"}


class TestImportRights(ImportCase, HttpCase):
    """Who imports, and what nobody can do by a call (H23-2, H23-4.1.1)."""

    def setUp(self):
        super().setUp()
        self.document = self._upload(self._cdb(self._cdb_row(1), self._cdb_row(2, **{"No HP": "x"})))

    def test_who_imports(self):
        """H23-2: managers import, for branches that they see; others neither see nor import."""
        for user in (self.officer_a, self.officer_b, self.internal, self.portal):
            with self.subTest(user.login):
                with self.assertRaises(UserError):
                    self._upload(self._cdb(), user=user)
                with self.assertRaises(AccessError):
                    self.document.with_user(user).action_apply()
                with self.assertRaises(AccessError):
                    self.document.row_ids.with_user(user).read(["owner_phone"])
        with self.assertRaises(AccessError):
            self._upload(self._cdb(), branch_id=self.branch_b.id)
        draft = self._upload(self._cdb(), read=False)
        with self.assertRaises(AccessError):
            draft.branch_id = self.branch_b

    def test_a_file_is_its_uploaders(self):
        """H23-2: a file may hold rows of several branches: other managers of the branch don't see it."""
        colleague = self._create_user("test_manager_a2", "crm_base.group_manager", self.branch_a)
        for user in (colleague, self.manager_b):
            with self.subTest(user.login):
                self.assertFalse(self.imports.with_user(user).search([]))
                for record in (self.document, self.document.row_ids[0], self.document.column_ids[0]):
                    with self.assertRaises(AccessError):
                        record.with_user(user).read()
        self.assertTrue(self.document.with_user(self.manager_hq).read())

    def test_figures_and_rows_are_facts(self):
        """H23-4.1.1: no manager, headquarters or administrator writes figures, rows or columns by a call."""
        row = self.document.row_ids[0]
        for user in (self.manager_a, self.manager_hq):
            document = self.document.with_user(user).with_context(import_fact=True)
            for name, value in FACTS.items():
                with self.subTest(f"{user.login} {name}"), self.assertRaises(UserError):
                    document.write({name: value})
            with self.assertRaises(UserError):
                document.create({"kind": "cdb", "branch_id": self.branch_a.id, "new_count": 4})
            with self.assertRaises(UserError):
                document.with_context(default_row_count=5).create({"kind": "cdb", "branch_id": self.branch_a.id})
            for values in ({"status": "new"}, {"owner_name": "x"}, {"done": True}, {"vehicle_id": self.vehicle.id}):
                with self.subTest(f"{user.login} {values}"), self.assertRaises(UserError):
                    row.with_user(user).write(values)
            with self.assertRaises(UserError):
                row.with_user(user).action_take()
            with self.assertRaises(AccessError):
                row.with_user(user).create({"import_id": self.document.id, "number": 77})
            with self.assertRaises(UserError):
                document.write({"row_ids": [[0, 0, {"number": 77}]]})
            with self.assertRaises(UserError):
                document.write({"row_ids": [[1, row.id, {"status": "unchanged"}]]})
            with self.assertRaises(UserError):
                self.document.column_ids[0].with_user(user).target = "plate"
            with self.assertRaises(UserError):
                document.state = "done"
            with self.assertRaises(UserError):
                document.file = b"eA=="

    def test_private_methods_stay_private(self):
        """H23-4.1.1: what reads, classifies and takes over can't be called from outside."""
        private = {
            "crm.vehicle.import": (
                "_read_file",
                "_classify",
                "_apply_batch",
                "_cron_apply",
                "_write_facts",
                "_finish",
                "_left_file",
                "_workflow_do",
            ),
            "crm.vehicle": ("_ensure_partners", "_stop_follow_up", "_purchase_date_changed"),
            "crm.vehicle.service": ("_services_imported",),
            "crm.vehicle.import.mapping": ("_remember", "_recall"),
        }
        for model, names in private.items():
            public = public_methods(self.env[model])
            for name in names:
                self.assertTrue(hasattr(self.env[model], name), name)
                self.assertNotIn(name, public)

    def test_download(self):
        """H23-2: rows to correct are downloaded by who may see them."""
        url = f"/crm_h23_followup/import/{self.document.id}/left"
        self.authenticate("test_manager_a", "test_manager_a")
        answer = self.url_open(url)
        self.assertEqual((answer.status_code, answer.content[:4]), (200, b"PK\x03\x04"))
        for login in ("test_manager_b", "test_officer_a", "test_portal"):
            with self.subTest(login):
                self.authenticate(login, login)
                self.assertNotEqual(self.url_open(url).status_code, 200)
