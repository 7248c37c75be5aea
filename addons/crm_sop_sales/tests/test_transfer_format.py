import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .transfer_common import PDF, TransferCase, statement


class TestTransferFormat(TransferCase):
    """Which bank and format a statement's file has, by its heading."""

    def _wizard(self, **values):
        return self.env["account.statement.import"].with_user(self.accountant).create(values)

    def _file(self, name, content=None):
        return {
            "statement_file": base64.b64encode(statement(name) if content is None else content),
            "statement_filename": f"{name}.csv",
        }

    def test_the_file_says_bank_and_format(self):
        """SOP-11d: who only chooses the file finds bank and format filled in."""
        for name, journal in (("bca_personal", self.bca), ("bca_business", self.bca), ("mandiri", self.mandiri)):
            with self.subTest(file=name):
                form = Form(self.env["account.statement.import"].with_user(self.accountant))
                form.statement_file = base64.b64encode(statement(name))
                self.assertEqual(form.journal_id, journal)
                self.assertEqual(form.sheet_mapping_id, self.env.ref(f"crm_sop_sales.mapping_{name}"))

    def test_the_other_format_of_the_same_bank(self):
        """SOP-11d: an account that usually reads one format of its bank takes the other one too, said or not."""
        for mapping in (self.env.ref("crm_sop_sales.mapping_bca_personal"), self.env["crm.branch"]):
            lines = self.env["account.bank.statement.line"].search([("journal_id", "=", self.bca.id)])
            content = statement("bca_business").replace(b"SEWA GUDANG", b"SEWA %d" % mapping.id)
            values = {"journal_id": self.bca.id, "sheet_mapping_id": mapping.id}
            wizard = self._wizard(**values, **self._file("bca_business", content))
            wizard.import_file_button()
            self.assertEqual(wizard.sheet_mapping_id, self.env.ref("crm_sop_sales.mapping_bca_business"))
            self.assertTrue(self.env["account.bank.statement.line"].search([("journal_id", "=", self.bca.id)]) - lines)

    def test_two_formats_of_one_line(self):
        """SOP-11d: what one format of the bank has brought, the other doesn't bring again."""
        first = self._import(self.bca, "bca_personal")
        second = self._import(self.bca, "bca_business")
        self.assertEqual(sorted(first.mapped("amount")), [-72_100_000, 1_999_000, 3_150_000])
        self.assertEqual(sorted(second.mapped("amount")), [-72_100_000, 5_499_000])
        self.assertIn("1 transaction had already been imported", self.imported["params"]["message"])

    def test_another_banks_file(self):
        """SOP-11d: isn't taken for this bank's: not by its format, and not by one that a client names."""
        personal = self.env.ref("crm_sop_sales.mapping_bca_personal")
        for mapping in (personal, self.mandiri.default_sheet_mapping_id):
            wizard = self._wizard(journal_id=self.mandiri.id, sheet_mapping_id=mapping.id, **self._file("bca_personal"))
            with self.assertRaisesRegex(UserError, "a file of BCA, but you chose Mandiri"):
                wizard.import_file_button()
        self.assertFalse(self.env["account.bank.statement.line"].search([("journal_id", "=", self.mandiri.id)]))

    def test_an_unknown_file(self):
        """SOP-11d: is refused with what it says, and what is known; at once when it is chosen."""
        for content in (b"Tanggal;Jumlah\n1;2\n", b"", b"\0\0\0", PDF, b"Date,Description\n", b"\xff\xfe\0\xd8,"):
            with self.subTest(content=content):
                wizard = self._wizard(journal_id=self.bca.id, **self._file("strange", content))
                with self.assertRaisesRegex(UserError, "BCA Personal, BCA Business"):
                    wizard.import_file_button()
        wizard = self._wizard(journal_id=self.bca.id, **self._file("strange", b"Tanggal;Jumlah\n1;2\n"))
        self.assertIn("Tanggal;Jumlah", wizard._onchange_file()["warning"]["message"])
        wizard = self._wizard(**self._file("strange", b"Tanggal;Jumlah\n1;2\n"))
        self.assertIn("BCA Personal", wizard._onchange_file()["warning"]["message"])
        self.assertFalse(wizard.journal_id)

    def test_a_format_of_ones_own(self):
        """SOP-11d: a format without a bank is used where it is chosen, and never guessed."""
        own = self.env.ref("crm_sop_sales.mapping_bca_business").copy({"name": "Own", "bank_name": False})
        wizard = self._wizard(journal_id=self.bca.id, sheet_mapping_id=own.id, **self._file("bca_business"))
        wizard.import_file_button()
        self.assertEqual(wizard.sheet_mapping_id, own)
        self.assertNotIn(own, self.bca.default_sheet_mapping_id._of_same_bank())

    def test_a_bank_without_a_usual_format(self):
        """SOP-11d: any known heading is recognised there."""
        self.bca.default_sheet_mapping_id = False
        wizard = self._wizard(journal_id=self.bca.id, **self._file("bca_personal"))
        wizard.import_file_button()
        self.assertEqual(wizard.sheet_mapping_id, self.env.ref("crm_sop_sales.mapping_bca_personal"))

    def test_two_accounts_of_one_bank(self):
        """SOP-11d: then the file alone doesn't say which account it is of, and the user chooses."""
        self._create_bank("BCA Two", "5270099999", "mapping_bca_personal")
        form = Form(self.env["account.statement.import"].with_user(self.accountant))
        form.statement_file = base64.b64encode(statement("bca_personal"))
        self.assertFalse(form.journal_id)
        self.assertEqual(form.sheet_mapping_id, self.env.ref("crm_sop_sales.mapping_bca_personal"))

    def test_who_and_where(self):
        """SOP-11d: officers recognise nothing by it; finance of another company doesn't import here."""
        values = {"journal_id": self.bca.id, **self._file("bca_personal")}
        with self.assertRaises(AccessError):
            self.env["account.statement.import"].with_user(self.officer).create(values).import_file_button()
        stranger = self._create_user("stranger", "account.group_account_invoice")
        home = self.env["res.company"].create({"name": "Elsewhere"})
        stranger.write({"company_ids": [Command.set(home.ids)], "company_id": home.id})
        foreign = self.env["account.statement.import"].with_user(stranger).with_context(allowed_company_ids=home.ids)
        with self.assertRaises(AccessError):
            foreign.create(values).import_file_button()
