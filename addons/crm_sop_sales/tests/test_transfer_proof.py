import base64

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form

from .transfer_common import PDF, TransferCase, png


class TestTransferProof(TransferCase):
    """What a customer shows for a transfer, and who may say what to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_transfer_order()

    def test_the_file_is_looked_into(self):
        """SOP-11b: a PDF or a picture by its content; its name follows."""
        proof = self._create_proof(self.order, content=png(), file_name="../../bukti.svg")
        self.assertEqual((proof.mimetype, proof.file_name), ("image/png", "bukti.png"))
        self.assertEqual(len(proof.sha256), 64)
        bad = (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"MZ\x90", b"", b"\x89PNG\r\n\x1a\nbroken", b"GIF89a")
        for content in bad:
            with self.subTest(content=content), self.assertRaisesRegex(UserError, "PDF, JPG or PNG"):
                self._create_proof(self.order, file=base64.b64encode(content))
            with self.subTest(content=content), self.assertRaisesRegex(UserError, "PDF, JPG or PNG"):
                proof.write({"file": base64.b64encode(content)})

    def test_a_large_file_is_refused(self):
        """SOP-11b: ten megabytes, or what the company sets."""
        self.company.transfer_proof_megabytes = 1
        with self.assertRaisesRegex(UserError, "larger than 1 MB"):
            self._create_proof(self.order, content=PDF + b"0" * 2**20)

    def test_the_same_file_or_reference_twice(self):
        """SOP-11b: found, and the other order is named to those who may see it."""
        proof = self._create_proof(self.order, content=PDF, reference="FT 123-45")
        again = self._create_transfer_order(confirm=False)
        with self.assertRaisesRegex(UserError, self.order.name):
            self._create_proof(again, content=PDF)
        with self.assertRaisesRegex(UserError, self.order.name):
            self._create_proof(again, reference="ft12345")
        foreign = self._create_transfer_order(confirm=False, user=self.other_officer)
        with self.assertRaisesRegex(UserError, "of another transfer") as refusal:
            self._create_proof(foreign, user=self.other_officer, content=PDF)
        self.assertNotIn(self.order.name, str(refusal.exception))
        proof.with_user(self.accountant)._workflow_do("reject", "Not readable")
        self._create_proof(again, content=PDF, reference="FT12345")

    def test_a_different_amount_shows_at_once(self):
        """SOP-11d: on the proof and on the order."""
        proof = self._create_proof(self.order, amount=2_900_000)
        self.assertIn("less than", proof.difference_text)
        self.assertIn("less than", self.order.message_ids[0].body)
        self.assertFalse(self._create_proof(self.order).difference_text)

    def test_only_finance_confirms_and_not_their_own(self):
        """SOP-11c: officers and managers can't; finance can't what they entered themselves."""
        proof = self._create_proof(self.order)
        for user in (self.officer, self.manager, self.sales_manager, self.logistics):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._confirm(proof, user=user)
        own = self._create_proof(self.order, user=self.accountant)
        with self.assertRaisesRegex(AccessError, "somebody else of finance"):
            self._confirm(own)
        changed = self._create_proof(self.order)
        changed.with_user(self.accountant).write({"amount": 5})
        with self.assertRaisesRegex(AccessError, "somebody else of finance"):
            self._confirm(changed)
        self._confirm(own, user=self.other_accountant)
        self.assertEqual(own.state, "confirmed")

    def test_no_path_around_the_confirmation(self):
        """SOP-11c: not by writing the state, the payment, nor the step without the money."""
        proof = self._create_proof(self.order)
        with self.assertRaisesRegex(UserError, "by its buttons"):
            proof.with_user(self.accountant).write({"state": "confirmed"})
        with self.assertRaisesRegex(UserError, "nobody writes it"):
            proof.with_user(self.accountant).write({"payment_id": 1})
        with self.assertRaisesRegex(UserError, "nobody writes it"):
            self._create_proof(self.order, entered_by_id=self.manager.id)
        with self.assertRaisesRegex(UserError, "what has arrived"):
            proof.with_user(self.accountant)._workflow_do("confirm")
        with self.assertRaisesRegex(UserError, "begins as"):
            self._create_proof(self.order, state="confirmed")
        with self.assertRaisesRegex(AccessError, "Only finance"):
            self.order.with_user(self.manager)._receive_transfer(1, fields.Date.today(), self.mandiri)

    def test_what_is_confirmed_doesnt_change(self):
        """SOP-11c: neither amount nor file, by no path; it isn't deleted or duplicated either."""
        proof = self._create_proof(self.order)
        self._confirm(proof)
        for user in (self.officer, self.manager, self.accountant):
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "can't be changed any more"):
                proof.with_user(user).write({"amount": 1})
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "can't be changed any more"):
                proof.with_user(user).write({"file": base64.b64encode(png(7))})
        with self.assertRaisesRegex(UserError, "can't be deleted"):
            proof.sudo().unlink()
        with self.assertRaisesRegex(UserError, "isn't duplicated"):
            proof.copy()

    def test_the_file_isnt_changed_behind_the_proof(self):
        """SOP-11b: its attachment is nobody's to write, replace or delete."""
        proof = self._create_proof(self.order)
        files = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", "crm.transfer.proof"), ("res_field", "=", "file"), ("res_id", "=", proof.id)])
        )
        file = files.with_user(self.officer)
        with self.assertRaisesRegex(UserError, "on its document itself"):
            file.write({"raw": b"<svg/>"})
        with self.assertRaisesRegex(UserError, "on its document itself"):
            file.unlink()
        with self.assertRaisesRegex(UserError, "on its document itself"):
            file.create({"name": "x", "res_model": proof._name, "res_id": proof.id, "res_field": "file", "raw": b"x"})

    def test_rejected_with_a_reason_that_is_told(self):
        """SOP-11b: the customer gets an e-mail, the officer a call to make."""
        self.partner.email = "rina@example.com"
        proof = self._create_proof(self.order)
        with self.assertRaises(AccessError):
            proof._workflow_do("reject", "I don't like it")
        with self.assertRaisesRegex(UserError, "needs a reason"):
            proof.with_user(self.accountant)._workflow_do("reject")
        proof.with_user(self.accountant)._workflow_do("reject", "Nothing has arrived")
        mail = self.env["mail.mail"].search([("subject", "ilike", "your proof of transfer")], limit=1, order="id desc")
        self.assertIn("Nothing has arrived", mail.body_html)
        self.assertIn(self.officer, self.order.activity_ids.user_id)
        self.assertEqual(self.order.transfer_state, "no_proof")

    def test_another_companys_proof(self):
        """SOP-11c: finance of another company neither sees nor confirms it."""
        proof = self._create_proof(self.order)
        stranger = self._create_user("stranger", "account.group_account_invoice")
        home = self.env["res.company"].create({"name": "Elsewhere"})
        stranger.write({"company_ids": [Command.set(home.ids)], "company_id": home.id})
        foreign = proof.with_user(stranger).with_context(allowed_company_ids=home.ids)
        with self.assertRaises(AccessError):
            foreign.action_confirm()
        with self.assertRaises(AccessError):
            foreign._confirm(3_000_000, fields.Date.today(), self.mandiri)

    def test_only_of_orders_paid_by_transfer(self):
        """SOP-11b: and not dated into the future, nor of nothing."""
        with self.assertRaisesRegex(ValidationError, "isn't paid by bank transfer"):
            self._create_proof(self._create_approved())
        with self.assertRaisesRegex(ValidationError, "future"):
            self._create_proof(self.order, transfer_date=fields.Date.add(fields.Date.today(), days=2))

    def test_today_is_the_branchs(self):
        """SOP-11b: what was transferred after midnight in Jakarta isn't of the future, whoever has no time zone."""
        night = {"name": "Night", "code": "NIGHT", "company_id": self.company.id, "tz": "Asia/Jakarta"}
        branch = self.env["crm.branch"].create({**night, "warehouse_id": self.warehouse.id})
        order = self._create_transfer_order()
        self.assertEqual(order.sudo().branch_id, branch)
        self.officer.tz = False
        with freeze_time("2026-03-02 18:30:00"):
            with self.assertRaisesRegex(ValidationError, "future"):
                self._create_proof(order, transfer_date="2026-03-04")
            self.assertTrue(self._create_proof(order, transfer_date="2026-03-03"))

    def test_another_officers_order(self):
        """SOP-11b: an officer adds no proof to a colleague's order."""
        with self.assertRaises(AccessError):
            self._create_proof(self.order, user=self.other_officer)

    def test_card_numbers_arent_kept(self):
        """SOP-12g: what looks like a card's number is masked, a bank account's isn't."""
        proof = self._create_proof(self.order, reference="kartu 4111 1111 1111 1111")
        self.assertEqual(proof.reference, "kartu •••• 1111")
        self.assertEqual(self._create_proof(self.order, reference="0060001234567").reference, "0060001234567")

    def test_the_form_begins_with_what_is_known(self):
        """SOP-11b: account and amount come from the order; the officer only adds day and file."""
        form = Form(self.env["crm.transfer.proof"].with_user(self.officer).with_context(default_order_id=self.order.id))
        self.assertEqual((form.bank_account_id, form.amount), (self.mandiri.bank_account_id, 3_000_000))
