import base64
import os
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError

from .card_common import CardCase, photo


class TestCardIdentity(CardCase):
    """SOP-12d: a copy of an ID is seen by few, and gone when its time is over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stop = cls._create_card_stop()
        cls._verify(cls.stop)
        cls.copy = cls.stop.card_ids.sudo().identity_ids

    def _files(self, copies):
        return self.env["ir.attachment"].search(
            [("res_model", "=", "crm.courier.identity"), ("res_field", "=", "image"), ("res_id", "in", copies.ids)]
        )

    def test_who_sees_it(self):
        """SOP-12d: head of finance and committee see the copy; the courier who took it and everybody else don't."""
        file = self._files(self.copy)
        self.assertFalse(file.public)
        self.assertFalse(file.access_token)
        for user in (self.head_of_finance, self.pic):
            self.assertTrue(self.copy.with_user(user).read(["image"])[0]["image"])
        portal = self._create_customer_user()
        for user in (self.courier, self.other_courier, self.officer, self.logistics, self.accountant, portal):
            with self.assertRaises(AccessError):
                self.copy.with_user(user).read(["kind"])
            with self.assertRaises(AccessError):
                file.with_user(user).read(["datas"])
            with self.assertRaises(AccessError):
                file.with_user(user).raw  # noqa: B018
            found = self.env["ir.attachment"].with_user(user).search([("id", "=", file.id), ("res_field", "!=", False)])
            self.assertFalse(found)
            self.assertNotIn("identity_ids", self.stop.card_ids.with_user(user).fields_get())

    def _create_customer_user(self):
        group = self.env.ref("base.group_portal")
        partner = self.partner.id
        return self.env["res.users"].create({"login": "card_portal", "partner_id": partner, "group_ids": group.ids})

    def test_nobody_changes_it(self):
        """SOP-12d: nobody writes, adds or deletes a copy, or lets it live longer."""
        for user in (self.courier, self.head_of_finance, self.pic, self.manager):
            own = self.copy.with_user(user)
            for call in (
                lambda own=own: own.write({"erase_on": "2099-01-01"}),
                own.unlink,
                lambda own=own: own.create({"card_id": self.stop.card_ids.id}),
                lambda user=user: self._files(self.copy).with_user(user).unlink(),
            ):
                with self.assertRaises(UserError), self.cr.savepoint():
                    call()
        with self.assertRaises(UserError):
            self.copy.write({"erase_on": "2099-01-01"})

    def test_time(self):
        """SOP-12d: it is kept as many days as the setting says, from the branch's day on."""
        self.assertEqual(self.copy.erase_on, fields.Date.add(self.branch._today(), days=30))

    def test_picture_is_made_anew(self):
        """SOP-12d: what a phone writes into a picture besides, as a place, isn't kept; it isn't larger than needed."""
        big = photo(size=(3000, 2000), comment=b"secret place")
        self.assertIn(b"secret place", base64.b64decode(big))
        self._verify(self.stop, id_photo=big)
        copy = self.stop.card_ids.sudo().identity_ids.filtered("image")
        self.assertEqual(len(copy), 1, "the older one is erased")
        self.assertNotIn(b"secret place", base64.b64decode(copy.image))

    def test_cron(self):
        """SOP-12d: every day a job does it, and has Odoo remove the files at once."""
        cron = self.env.ref("crm_courier.ir_cron_erase_identities")
        self.assertEqual((cron.interval_type, cron.interval_number, cron.active), ("days", 1, True))
        day = self.copy.erase_on
        attachments = type(self.env["ir.attachment"])
        with (
            patch.object(fields.Date, "today", lambda *__: day),
            patch.object(attachments, "_gc_file_store", lambda *__: called.append(True)),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *__, **___: None),
        ):
            called = []
            self.env["crm.courier.identity"].with_user(cron.user_id)._cron_erase()
        self.assertTrue(called and self.copy.erased_at)


class TestCardIdentityFiles(CardCase):
    """SOP-12d: the files of copies go; the tests here really remove them, so each has a picture of its own."""

    def _files(self, copies):
        return self.env["ir.attachment"].search(
            [("res_model", "=", "crm.courier.identity"), ("res_field", "=", "image"), ("res_id", "in", copies.ids)]
        )

    def _take_others(self, shade, count=1):
        """Take pictures that no other test has: their file is really removed."""
        pickings = [self._create_card_order().sudo().picking_ids.with_env(self.env) for _ in range(count)]
        run = self._create_on_road(*pickings, courier=self.other_courier, terminal_id=self.other_terminal.id)
        for stop in run.stop_ids:
            self._verify(stop, id_photo=photo(shade))
        return run.stop_ids.card_ids.sudo().identity_ids.sorted("id")

    def test_erased(self):
        """SOP-12d: on its day it is erased, picture, file and kind, and its history says so."""
        copy = self._take_others(10)
        file = self._files(copy)
        path = file._full_path(file.store_fname)
        self.assertTrue(os.path.exists(path))
        identities = self.env["crm.courier.identity"]
        self.assertFalse(identities._erase_due())
        day = copy.erase_on
        with patch.object(fields.Date, "today", lambda *__: day - timedelta(days=1)):
            self.assertFalse(identities._erase_due())
        with patch.object(fields.Date, "today", lambda *__: day):
            self.assertIn(copy, identities._erase_due())
        self.assertFalse(file.exists() or copy.image or copy.kind)
        self.assertTrue(copy.erased_at)
        self.env["ir.attachment"]._gc_file_store_unsafe()
        self.assertFalse(os.path.exists(path))
        logs = copy.card_id.workflow_log_ids.filtered(lambda log: log.transition == "erase_id")
        self.assertIn("The copy of the ID was erased: its time is over.", logs.mapped("reason"))

    def test_same_picture_twice(self):
        """SOP-12d: Odoo keeps the same file once for two copies: it goes with the second."""
        first, second = self._take_others(20, count=2)
        file = self._files(first)
        self.assertEqual(file.store_fname, self._files(second).store_fname)
        path = file._full_path(file.store_fname)
        for copy, remains in ((first, True), (second, False)):
            copy._erase("test")
            self.env.flush_all()
            self.env["ir.attachment"]._gc_file_store_unsafe()
            self.assertEqual(os.path.exists(path), remains)
