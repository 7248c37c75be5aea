from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .papers_common import PDF, PapersCase


@tagged("post_install", "-at_install")
class TestMaterial(PapersCase):
    def test_next_version_takes_the_place_of_the_last(self):
        """BR-2: a branch always sees the current version only."""
        first = self._publish()
        second = self._create_version()
        self.assertEqual((first.number, second.number), (1, 2))
        seen = self.env["crm.material.version"].with_user(self.service_officer_a)
        self.assertEqual(seen.search([("material_id", "=", self.price_list.id)]), first)
        second.action_publish()
        self.assertEqual((first.state, second.state), ("withdrawn", "published"))
        self.assertTrue(first.withdrawn_at)
        self.assertEqual(self.price_list.current_version_id, second)
        self.assertEqual(seen.search([("material_id", "=", self.price_list.id)]), second)

    def test_two_in_force_are_refused_by_the_database(self):
        """BR-2: one version of a material is in force, whatever writes it."""
        self._publish()
        second = self._create_version()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            second.sudo()._note(
                {"published_at": fields.Datetime.now(), "valid_from": "2026-01-01", "state": "published"}
            )

    def test_who_publishes(self):
        """BR-2: only headquarters' people at a headquarters publish."""
        version = self._create_version()
        for user in (*self._staff("a"), self.manager_hq, self.portal):
            with self.assertRaises(UserError):
                version.with_user(user).action_publish()
        astray = self._create_user("test_astray", "crm_branch.group_headquarters", self.branch_a)
        with self.assertRaises(AccessError):
            version.with_user(astray).action_publish()
        with self.assertRaises(AccessError):
            version.sudo().with_user(astray).sudo().action_publish()
        self.assertEqual(version.state, "draft")

    def test_published_is_immutable(self):
        """BR-2: a published version doesn't change, nor by its own headquarters."""
        version = self._publish()
        other = self._create_file()
        for vals in (
            {"changes": "Cheaper"},
            {"valid_from": "2020-01-01"},
            {"attachment_ids": [(4, other.id)]},
            {"attachment_ids": [(5,)]},
            {"published_at": "2020-01-01"},
            {"number": 7},
            {"state": "draft"},
        ):
            with self.assertRaises(UserError):
                version.write(vals)
        with self.assertRaises(UserError):
            version.unlink()
        with self.assertRaises(UserError):
            version.material_id.unlink()
        with self.assertRaises(UserError):
            version.material_id.kind = "leaflet"

    def test_noted_facts_are_not_given(self):
        """BR-2: number, moment and publisher are noted, not typed in."""
        version = self._create_version(number=9, published_at="2020-01-01", published_by_id=self.clerk.id)
        self.assertEqual((version.number, version.published_at, bool(version.published_by_id)), (1, False, False))
        with self.assertRaises(UserError):
            version.number = 9
        versions = version.with_context(default_published_at="2020-01-01 00:00:00", default_withdrawn_at="2020-01-01")
        forged = versions.create({"material_id": self.price_list.id})
        self.assertFalse(forged.published_at or forged.withdrawn_at)

    def test_incomplete_is_not_published(self):
        """BR-2: without a file, with a link, or before its day nothing is published."""
        version = self._create_version(attachment_ids=[])
        with self.assertRaisesRegex(UserError, "no file"):
            version.action_publish()
        version = self._create_version(valid_from=fields.Date.add(fields.Date.today(), days=3))
        with self.assertRaisesRegex(UserError, "later day"):
            version.action_publish()
        link = self._create_file(content=False, type="url", url="https://example.com/x.pdf")
        with self.assertRaisesRegex(UserError, "only a link"):
            self._publish(attachment_ids=[(4, link.id)])

    def test_day_of_publication(self):
        """BR-2: a version is valid from the day on which it is published, by the headquarters' clock."""
        self.headquarters.tz = "Asia/Jakarta"
        with freeze_time("2026-11-20 18:00:00"):
            version = self._publish()
        self.assertEqual(str(version.valid_from), "2026-11-21")

    def test_branches_addressed(self):
        """BR-2: what is for one branch is seen at no other."""
        material = self._create_material(branch_ids=[(6, 0, self.branch_a.ids)])
        version = self._publish(material)
        for user in self._staff("a"):
            self.assertTrue(version.with_user(user).has_access("read"))
            self.assertTrue(material.with_user(user).has_access("read"))
        for user in self._staff("b"):
            self.assertFalse(version.with_user(user).has_access("read"))
            self.assertFalse(material.with_user(user).has_access("read"))
        self.assertEqual(version.receipt_ids.branch_id, self.branch_a)
        material.branch_ids |= self.branch_b
        self.assertEqual(version.receipt_ids.branch_id, self.branch_a | self.branch_b)
        material.branch_ids = self.branch_b
        self.assertEqual(self._receipt(version, self.branch_a).state, "dropped")

    def test_new_branch_catches_up(self):
        """BR-G2: a new point of sale gets what is in force for all."""
        version = self._publish(self._create_material(branch_ids=False))
        self.assertFalse(version.receipt_ids.filtered(lambda receipt: receipt.branch_id == self.headquarters))
        branch = self._create_branch(code="TN")
        self.assertTrue(self._receipt(version, branch))

    def test_foreign_files_are_not_taken(self):
        """BR-2: a version takes no file of another document along."""
        secret = self.env["ir.attachment"].create(
            {"name": "secret.pdf", "raw": PDF, "res_model": "res.partner", "res_id": self.customer.id}
        )
        with self.assertRaises(UserError):
            self._create_version(attachment_ids=[(4, secret.id)])
        self.assertEqual(secret.res_model, "res.partner")

    def test_version_in_force_is_no_choice(self):
        """BR-2: which version is in force follows from its publication; headquarters doesn't type it either."""
        old, new = self._publish(), self._publish()
        material = self.price_list.with_user(self.clerk)
        for value in (old.id, False):
            with self.assertRaisesRegex(UserError, "was published"):
                material.write({"current_version_id": value})
        self.assertEqual(material.current_version_id, new)
        self.assertFalse(self._create_material(current_version_id=new.id).current_version_id)
        forging = material.with_context(default_current_version_id=new.id)
        self.assertFalse(forging.create({"name": "Forged", "kind": "leaflet"}).current_version_id)


@tagged("post_install", "-at_install")
class TestMaterialFiles(PapersCase):
    def test_files_of_published_versions_stay(self):
        """BR-2: the file of a published version isn't changed, deleted, joined or moved, by nobody."""
        version = self._publish()
        file = version.attachment_ids
        other = self._create_file(name="other.pdf")
        for user in (self.clerk, self.admin, self.service_officer_a, self.branch_manager_a):
            mine = file.with_user(user)
            for attack in (
                lambda mine=mine: mine.write({"raw": b"%PDF-cheaper"}),
                lambda mine=mine: mine.write({"datas": self._base64(b"%PDF-cheaper")}),
                lambda mine=mine: mine.write({"name": "x.pdf"}),
                lambda mine=mine: mine.write({"res_id": 0}),
                lambda mine=mine: mine.write({"res_model": "res.partner", "res_id": self.customer.id}),
                lambda mine=mine: mine.write({"public": True}),
                lambda mine=mine: mine.generate_access_token(),
                lambda mine=mine: mine.unlink(),
                lambda user=user: self._create_file(user, res_id=version.id),
                lambda user=user: (
                    self.env["ir.attachment"]
                    .with_user(user)
                    .with_context(default_res_model=version._name, default_res_id=version.id)
                    .create({"name": "x.pdf", "raw": PDF})
                ),
                lambda user=user: other.with_user(user).write({"res_id": version.id}),
                lambda user=user: other.with_user(user).sudo().write({"res_id": version.id}),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    attack()
        self.assertEqual(version.attachment_ids, file)
        self.assertTrue(file.raw.startswith(PDF))

    def test_files_can_be_moved_between_stores(self):
        """BR-2: repeating the same content, as Odoo does when it moves files, is no change."""
        file = self._publish().attachment_ids
        file.sudo().write({"raw": file.raw, "mimetype": file.mimetype})

    def test_public_files_are_refused(self):
        """BR-2: the file of a draft gets no link that would outlive it."""
        file = self._create_version().attachment_ids
        with self.assertRaises(UserError):
            file.public = True
        with self.assertRaises(UserError):
            self._create_file(public=True)

    def test_old_files_are_not_read_in_branches(self):
        """BR-2: a branch reads the current version's file, and neither a draft's nor an old one's."""
        first = self._publish()
        draft = self._create_version()
        for user in self._staff("a"):
            files = self.env["ir.attachment"].with_user(user)
            self.assertTrue(files.browse(first.attachment_ids.id).raw)
            self.assertEqual(first.with_user(user).attachment_ids, first.attachment_ids)
            with self.assertRaises(AccessError):
                files.browse(draft.attachment_ids.id).read(["name", "datas"])
        second = self._publish()
        old = first.attachment_ids.id
        self.env.invalidate_all()
        for user in self._staff("a"):
            files = self.env["ir.attachment"].with_user(user)
            with self.assertRaises(AccessError):
                files.browse(old).read(["name", "datas"])
            self.assertFalse(files.search([("id", "=", old)]))
            self.assertFalse(files.search([("res_model", "=", first._name), ("res_id", "=", first.id)]))
            self.assertTrue(files.browse(second.attachment_ids.id).raw)
            receipt = self._receipt(first, self.branch_a).with_user(user)
            self.assertEqual((receipt.file_ids, receipt.changes), (files.browse(), False))

    def test_strays_of_a_draft_go(self):
        """BR-2: what was taken off the draft isn't kept beside the published version."""
        version = self._create_version()
        kept, stray = version.attachment_ids, self._create_file(name="stray.pdf", res_id=version.id)
        version.action_publish()
        self.assertTrue(kept.exists())
        self.assertFalse(stray.exists())


@tagged("post_install", "-at_install")
class TestMaterialDownload(PapersCase, HttpCase):
    def test_download(self):
        """BR-2: over the web too, a branch downloads the current version only."""
        first = self._publish()
        old = first.attachment_ids.id
        self.authenticate("test_service_officer_a", "test_service_officer_a")
        self.assertEqual(self.url_open(f"/web/content/{old}").status_code, 200)
        second = self._publish()
        for url in (f"/web/content/{old}", f"/web/content/ir.attachment/{old}/datas", f"/web/image/{old}"):
            answer = self.url_open(url)
            self.assertNotIn(PDF, answer.content, url)
        self.assertEqual(self.url_open(f"/web/content/{second.attachment_ids.id}").status_code, 200)
