from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .papers_common import PapersCase


@tagged("post_install", "-at_install")
class TestOfferPresented(PapersCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.version = cls._publish()
        cls.lead = cls._create_lead(type="opportunity", user_id=cls.service_officer_a.id)
        cls.product = cls.env["product.product"].create({"name": "Router"})

    def _present(self, user=None, **values):
        values = {"lead_id": self.lead.id, "version_id": self.version.id, **values}
        return self.env["crm.offer.presented"].with_user(user or self.service_officer_a).create(values)

    def test_presented(self):
        """BR-2: what was presented, when and by whom is on the opportunity."""
        with freeze_time("2026-11-20 10:00:00"):
            offer = self._present(presented_at="2020-01-01", user_id=self.clerk.id)
        self.assertEqual((offer.user_id, offer.branch_id), (self.service_officer_a, self.branch_a))
        self.assertEqual(str(offer.presented_at), "2026-11-20 10:00:00")
        self.assertEqual(self.lead.with_user(self.service_officer_a).offer_presented_count, 1)

    def test_only_what_is_in_force(self):
        """BR-2: neither an old version, a draft, nor another branch's material is presented."""
        draft = self._create_version()
        elsewhere = self._publish(self._create_material(branch_ids=[Command.set(self.branch_b.ids)]))
        for version in (draft, elsewhere):
            with self.assertRaisesRegex(UserError, "isn't in force"):
                self._present(version_id=version.id)
        draft.action_publish()
        with self.assertRaisesRegex(UserError, "isn't in force"):
            self._present()

    def test_immutable(self):
        """BR-2: nobody changes or deletes what was presented, nor presents for another branch."""
        offer = self._present()
        for user in (*self._staff("a"), self.clerk, self.admin):
            mine = offer.with_user(user)
            for attack in (
                lambda mine=mine: mine.write({"presented_at": "2020-01-01"}),
                lambda mine=mine: mine.sudo().write({"version_id": False}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.sudo().unlink(),
            ):
                with self.subTest(user.login), self.assertRaises(UserError):
                    attack()
        with self.assertRaises(AccessError):
            self._present(branch_id=self.branch_b.id)
        for user in (self.retention_officer_a, self.cashier_a, self.branch_manager_a, self.clerk):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self._present(user)
        self.assertFalse(offer.with_user(self.service_officer_b).has_access("read"))

    def test_window(self):
        """BR-2: the officer's window lists what is in force, opens the file, and notes what was ticked."""
        leaflet = self._publish(self._create_material(name="Summer", kind="leaflet"))
        instruction = self._publish(self._create_material(name="How to", kind="instruction"))
        wizards = self.env["crm.offer.present"].with_user(self.service_officer_a)
        with Form(wizards.with_context(default_lead_id=self.lead.id)) as form:
            form.product_ids.add(self.product)
        wizard = form.record
        self.assertLessEqual(self.version | leaflet, wizard.line_ids.version_id)
        self.assertNotIn(instruction, wizard.line_ids.version_id)
        line = wizard.line_ids.filtered(lambda line: line.version_id == leaflet)
        self.assertEqual(line.action_open_files()["url"], f"/web/content/{leaflet.attachment_ids.id}")
        line.presented = True
        wizard.action_save()
        offers = self.lead.with_user(self.service_officer_a).offer_presented_ids
        self.assertEqual((offers.version_id, offers.product_id), (leaflet, self.product))

    def test_nothing_ticked(self):
        """BR-2: noting nothing is a mistake."""
        wizards = self.env["crm.offer.present"].with_user(self.service_officer_a)
        with self.assertRaises(UserError):
            wizards.create({"lead_id": self.lead.id}).action_save()

    def test_merged_leads(self):
        """BR-2: what was presented goes with the opportunity into which it is merged."""
        self._present()
        other = self._create_lead(type="opportunity", priority="3")
        merged = (self.lead | other)._merge_opportunity(auto_unlink=False)
        self.assertEqual(merged.offer_presented_ids.version_id, self.version)
