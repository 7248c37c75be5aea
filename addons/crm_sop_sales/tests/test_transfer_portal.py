import re

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_sop_sales.controllers.portal_transfer import TransferPortal

from .transfer_common import PDF, TransferCase, png


@tagged("post_install", "-at_install")
class TestTransferPortal(TransferCase, HttpCase):
    """The customer's own page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._create_transfer_order(confirm=False)
        cls.order.sudo()._portal_ensure_token()

    def _page(self, order=None, token=None):
        order = order or self.order
        return self.url_open(f"/my/orders/{order.id}?access_token={token or order.sudo().access_token}")

    def _send(self, name, files=None, order=None, token=None, **values):
        order = order or self.order
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', self._page().text)[1]
        values = {"csrf_token": csrf, "access_token": token or order.sudo().access_token, **values}
        return self.url_open(f"/my/orders/{order.id}/{name}", data=values, files=files)

    def _upload(self, content=PDF, name="bukti.pdf", **values):
        values = {
            "account": self.mandiri.bank_account_id.id,
            "transfer_date": "2026-01-05",
            "amount": "3.000.000",
            **values,
        }
        return self._send("transfer-proof", files={"file": (name, content)}, **values)

    def test_colleagues_are_no_customers(self):
        """SOP-11b, SOP-11c: who is logged in as a colleague neither chooses nor proves for the customer."""
        self.authenticate(self.accountant.login, self.accountant.login)
        self.assertIn("logged in as a colleague", self._upload().text)
        self.assertIn("logged in as a colleague", self._send("payment-choice", payment_choice="handover").text)
        self.order.invalidate_recordset()
        self.assertFalse(self.order.proof_ids)
        self.assertEqual(self.order.payment_choice, "transfer")

    def test_where_to_transfer(self):
        """SOP-11a: accounts, amount and reference are on the page."""
        page = self._page().text
        for text in ("0060001234567", "5270012345", self.order.name, "Send Proof"):
            self.assertIn(text, page)

    def test_the_customer_chooses(self):
        """SOP-11a: while the quotation is open, of what is offered; it stays in the history."""
        self._send("payment-choice", payment_choice="handover")
        self.order.invalidate_recordset()
        self.assertEqual(self.order.payment_choice, "handover")
        self.assertIn("portal", self.order.workflow_log_ids[0].reason)
        self.assertIn("is settled", self._send("payment-choice", payment_choice="free").text)
        self._send("payment-choice", payment_choice="transfer", account=self.bca.bank_account_id.id)
        self.order.invalidate_recordset()
        self.assertEqual(self.order.transfer_account_id, self.bca.bank_account_id)
        proof = self._create_proof(self.order)
        self.assertIn("is settled", self._send("payment-choice", payment_choice="handover").text)
        proof.with_user(self.accountant)._workflow_do("reject", "Not ours")
        self.order.action_confirm()
        self.assertIn("is settled", self._send("payment-choice", payment_choice="handover").text)
        self.order.invalidate_recordset()
        self.assertEqual(self.order.payment_choice, "transfer")

    def test_a_proof_is_uploaded(self):
        """SOP-11b: with its facts, as the customer's; finance sees it."""
        answer = self._upload()
        self.assertIn("Thank you", answer.text)
        proof = self.order.sudo().proof_ids
        self.assertEqual((proof.amount, proof.by_customer, proof.mimetype), (3_000_000, True, "application/pdf"))
        self.assertIn("Waiting for Finance", answer.text)
        self._confirm(proof)
        self.assertIn("Your money has arrived.", self._page().text)
        self.assertNotIn("We deliver until", self._page().text)
        self.order.action_confirm()
        self.assertIn("We deliver until", self._page().text)

    def test_bad_files_are_refused_and_nothing_is_kept(self):
        """SOP-11b: no SVG under another name, nothing too large, no empty amount; the page says why."""
        for content, values, problem in (
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, "PDF, JPG or PNG"),
            (PDF, {"amount": "much"}, "Enter the amount"),
            (PDF, {"transfer_date": "31/02/2026"}, "Enter the day"),
            (PDF, {"account": "0"}, "Choose the account"),
            (PDF, {"account": "0\0"}, "Choose the account"),
            (PDF, {"amount": "0"}, "Enter the amount"),
            (PDF, {"amount": "-5"}, "Enter the amount"),
            (PDF, {"amount": "\u0663"}, "Enter the amount"),
            (PDF, {"amount": "9" * 16}, "Enter the amount"),
            (PDF, {"transfer_date": ""}, "Enter the day"),
            (PDF, {"transfer_date": "2026-01-0\0"}, "Enter the day"),
            (PDF, {"transfer_date": "9999-01-01"}, "in the future"),
            (b"", {}, "PDF, JPG or PNG"),
            (b"<html>%PDF-1.4", {}, "PDF, JPG or PNG"),
            (b"\x89PNG\r\n\x1a\n<script>", {}, "PDF, JPG or PNG"),
        ):
            with self.subTest(problem=problem):
                self.assertIn(problem, self._upload(content, **values).text)
        self.company.transfer_proof_megabytes = 1
        self.assertIn("larger than 1 MB", self._upload(PDF + b"0" * (2**20 + 1)).text)
        self.assertFalse(self.order.sudo().proof_ids)

    def test_a_strange_name_is_kept_as_a_plain_one(self):
        """SOP-11b: what the file is called does nothing: the ending is that of its content, and nothing is a path."""
        self._upload(PDF + b"<script>alert(1)</script>", name="../a.php\x00.html", reference="<b>1\0</b>")
        proof = self.order.sudo().proof_ids
        self.assertEqual((proof.mimetype, proof.file_name.rsplit(".", 1)[1]), ("application/pdf", "pdf"))
        self.assertFalse(set(proof.file_name) & set("/\\\0<>"))
        self.assertNotIn("\0", proof.reference)

    def test_a_wrong_token_or_form(self):
        """SOP-11b: another's order isn't touched, nor without the form's own token."""
        self._upload(token="0" * 36)
        other = self._create_transfer_order(confirm=False)
        self._upload(order=other, token=self.order.sudo().access_token)
        self.assertFalse((self.order | other).sudo().proof_ids)
        answer = self.url_open(
            f"/my/orders/{self.order.id}/transfer-proof",
            data={"access_token": self.order.sudo().access_token},
            files={"file": ("x.pdf", PDF)},
        )
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self.order.sudo().proof_ids)

    def test_not_too_many(self):
        """SOP-11b: after some files an hour the customer is asked to call."""
        for shade in range(5):
            self._upload(png(shade), name="x.png")
        self.assertIn("sent several files", self._upload(png(9)).text)
        self.assertEqual(len(self.order.sudo().proof_ids), 5)

    def test_the_same_file_again(self):
        """SOP-11b: refused without naming another customer's order."""
        other = self._create_transfer_order(confirm=False)
        self._create_proof(other, content=PDF)
        answer = self._upload()
        self.assertIn("of another transfer", answer.text)
        self.assertNotIn(other.name, answer.text)

    def test_amounts_as_people_write_them(self):
        """SOP-11b: points, commas and blanks as in Jakarta and Warsaw; one decimal is no ten times as much."""
        controller = TransferPortal()
        for text, amount in (
            ("3.150.000", 3_150_000),
            ("3,150,000.00", 3_150_000),
            ("3\u00a0150,50", 3150.5),
            ("3150,5", 3150.5),
            (" 3150000 ", 3_150_000),
        ):
            self.assertEqual(controller._amount(text), amount, text)
