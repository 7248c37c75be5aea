import io
import json
import os
import zipfile
from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from .papers_common import PDF, PapersCase

NAME = "Zbigniew Żurawiński"
EMAIL = "zbigniew.zurawinski@example.com"
PHONE = "+48 601 987 654"
STREET = "ul. Bociania 77/3"
#: As somebody would look for the person in the database.
NEEDLES = ("Żurawiński", "zbigniew.zurawinski", "601987654", "601 987 654", "601%20987", "Bociania")


class PersonCase(PapersCase):
    """A customer with something of everything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.env["res.partner"].create(
            {
                "name": NAME,
                "email": EMAIL,
                "phone": PHONE,
                "street": STREET,
                "city": "Kraków",
                "zip": "31-001",
                "vat": "PL5260001246",
                "country_id": cls.env.ref("base.pl").id,
                "comment": f"{NAME} likes cats",
                "image_1920": cls.PIXEL,
                "bank_ids": [Command.create({"acc_number": "PL61109010140000071219812874", "acc_holder_name": NAME})],
                "child_ids": [Command.create({"name": f"{NAME} home", "type": "delivery", "street": STREET})],
            }
        )
        cls.secret = PDF + NAME.encode()
        cls.invoice = cls._create_invoice()
        cls._fill()

    PIXEL = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

    @classmethod
    def _create_invoice(cls):
        account = cls.env["account.account"].create(
            {"name": "Test income", "code": "TESTINC", "account_type": "income"}
        )
        receivable = cls.env["account.account"].create(
            {"name": "Test due", "code": "TESTREC", "account_type": "asset_receivable", "reconcile": True}
        )
        journal = cls.env["account.journal"].create(
            {"name": "Test sales", "code": "TSAL", "type": "sale", "default_account_id": account.id}
        )
        cls.person.property_account_receivable_id = receivable
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.person.id,
                "journal_id": journal.id,
                "invoice_date": date(2026, 3, 31),
                "narration": f"Dla {NAME}",
                "ref": EMAIL,
                "invoice_line_ids": [
                    Command.create({"name": f"Abonament {NAME}", "price_unit": 0, "account_id": account.id})
                ],
            }
        )
        invoice.action_post()
        return invoice

    @classmethod
    def _fill(cls):
        cls.customer_note = cls.person.message_post(body=f"Zadzwonić do {NAME}, {PHONE}", subject=NAME)
        cls.lead = cls._create_lead(
            name=f"Umowa {NAME}", partner_id=cls.person.id, description=f"{NAME} pyta", user_id=cls.service_officer_a.id
        )
        cls.lead.message_post(body=f"E-mail {EMAIL}", attachments=[("scan.pdf", cls.secret)])
        cls.lead.activity_schedule(summary=f"Call {NAME}", user_id=cls.service_officer_a.id)
        cls.stranger = cls._create_lead(name="Web form", partner_id=False, contact_name=NAME, email_from=EMAIL)
        cls.call = cls._create_done(cls.retention_officer_a, partner_id=cls.person.id, note=f"{NAME} said")
        cls.anonymous = cls._create_interaction(
            cls.service_officer_a, partner_id=False, phone="+48601987654", caller_name=NAME, channel="visit"
        )
        cls.ticket = cls.env["helpdesk.ticket"].create(
            {
                "name": f"Skarga {NAME}",
                "description": f"<p>{NAME} is angry</p>",
                "partner_id": cls.person.id,
                "partner_name": NAME,
                "partner_email": EMAIL,
                "stage_id": cls.env["helpdesk.ticket.stage"].search([("closed", "=", True)], limit=1).id,
            }
        )
        cls.consent = cls.person.with_user(cls.service_officer_a)._give_consent(
            cls.contract, "paper", scan=cls._base64(cls.secret), scan_name=f"{NAME}.pdf"
        )
        cls.contract_done = cls.env["contract.contract"].create(
            {"name": f"Umowa {NAME}", "partner_id": cls.person.id, "note": f"{NAME}, {PHONE}", "line_recurrence": False}
            | {
                "branch_id": cls.branch_a.id,
                "date_start": "2025-01-01",
                "signed_by": NAME,
                "signed_scan": cls._base64(cls.secret + b"x"),
            }
        )
        cls.contract_done.date_end = fields.Date.today() - timedelta(days=2)
        cls.order = cls.env["sale.order"].create({"partner_id": cls.person.id, "note": NAME, "client_order_ref": EMAIL})
        cls.env["calendar.event"].create(
            {"name": f"Spotkanie {NAME}", "partner_ids": [Command.link(cls.person.id)], "start": "2026-01-02 10:00:00"}
            | {"stop": "2026-01-02 11:00:00"}
        )
        cls.env["mail.blacklist"]._add(EMAIL)
        cls.env.flush_all()

    def _files(self):
        """Return the files of the lead, the consent, the contact and the contract."""
        files = self.env["ir.attachment"].sudo()
        return files.union(
            *(
                files.search(list(files._of_documents(record._name, record.ids)))
                for record in (self.lead, self.consent, self.person, self.contract_done)
            )
        )

    def _erase(self, **options):
        self.person.with_user(self.clerk)._erase(options.pop("reason", "Asked for it"), **options)


@tagged("post_install", "-at_install")
class TestPersonErase(PersonCase):
    def _hits(self):
        """Return (table, column, value) of everything in the database that names the person."""
        self.env.flush_all()
        columns = self.env.execute_query(
            SQL(
                """
                SELECT c.table_name, c.column_name FROM information_schema.columns c
                  JOIN information_schema.tables t USING (table_schema, table_name)
                 WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
                   AND c.data_type IN ('text', 'character varying', 'character', 'json', 'jsonb')
                """
            )
        )
        found = []
        for table, column in columns:
            looked = SQL(" OR ").join(
                SQL("%s::text ILIKE %s", SQL.identifier(column), f"%{needle}%") for needle in NEEDLES
            )
            rows = self.env.execute_query(
                SQL("SELECT %s::text FROM %s WHERE %s", SQL.identifier(column), SQL.identifier(table), looked)
            )
            found += [(table, column, value) for (value,) in rows]
        return found

    def test_nothing_is_left(self):
        """BR-3: after erasure no text of the database names the person, but for what the law keeps on invoices."""
        before = {table for table, __, ___ in self._hits()}
        self.assertTrue(
            {"res_partner", "crm_lead", "crm_interaction", "mail_message", "helpdesk_ticket", "account_move"} <= before
        )
        self._erase(reason=f"{NAME} asked, {EMAIL}")
        hits = self._hits()
        self.assertEqual({table for table, __, ___ in hits}, {"crm_legal_identity"}, hits)

    def test_closed_complaint_stays_valid(self):
        """BR-3: a complaint's texts say that they were erased: an addon's checks want the decided ones filled in."""
        self._erase()
        self.ticket.invalidate_recordset()
        self.assertIn("[…]", self.ticket.description)
        self.assertEqual(self.ticket.partner_name, "[…]")

    def test_files_are_removed(self):
        """BR-3: the person's files go, from the database and from the disk."""
        files = self._files()
        self.assertGreaterEqual(len(files), 4)
        paths = [file._full_path(file.store_fname) for file in files if file.store_fname]
        self.assertTrue(paths and all(map(os.path.exists, paths)))
        self._erase()
        self.assertFalse(files.exists())
        self.assertFalse(self.consent.scan)
        self.env["ir.attachment"]._gc_file_store_unsafe()
        self.assertFalse([path for path in paths if os.path.exists(path)])

    def test_law_keeps_the_buyer(self):
        """BR-3: who bought stays with the posted invoice alone, for accountants, and as long as the law wants."""
        self._erase()
        kept = self.env["crm.legal.identity"].search([("move_id", "=", self.invoice.id)])
        self.assertEqual((kept.name, kept.vat, kept.keep_until), (NAME, "PL5260001246", date(2031, 12, 31)))
        self.assertIn(STREET, kept.address)
        accountant = self._create_user("test_accountant", "account.group_account_invoice", self.headquarters)
        self.assertEqual(kept.with_user(accountant).name, NAME)
        for user in (*self._staff("a"), self.clerk, self.portal):
            self.assertFalse(kept.with_user(user).has_access("read"), user.login)
        for attack in (
            lambda: kept.with_user(accountant).unlink(),
            lambda: kept.sudo().write({"name": "x"}),
            lambda: kept.sudo().unlink(),
        ):
            with self.assertRaises(UserError):
                attack()
        html = self.env["ir.actions.report"]._render_qweb_html("account.account_invoices", self.invoice.ids)[0]
        self.assertIn(NAME, html.decode())
        with self.enter_registry_test_mode():
            self.env.ref("crm_branch.ir_cron_delete_legal_identities").method_direct_trigger()
        self.assertTrue(kept.exists())
        kept._as_step().keep_until = "2020-12-31"
        with self.enter_registry_test_mode():
            self.env.ref("crm_branch.ir_cron_delete_legal_identities").method_direct_trigger()
        self.assertFalse(kept.exists())

    def test_facts_stay(self):
        """BR-3: that there was a customer, a call, an invoice stays, and counts; who it was doesn't."""
        total = self.invoice.amount_total
        self._erase()
        self.assertEqual((self.invoice.state, self.invoice.amount_total), ("posted", total))
        self.assertEqual(self.call.state, "done")
        self.assertEqual(self.call.partner_id, self.person)
        self.assertFalse(self.person.active)
        self.assertFalse(self.consent.is_valid)
        self.assertEqual(self.consent.wording, self.contract.wording)

    def test_log_names_nobody(self):
        """BR-3: the log keeps who erased, when, why and how much, and no personal data; nobody changes it."""
        self._erase(reason=f"Letter of {NAME}")
        log = self.env["crm.privacy.log"].search([("person", "=", self.person.id), ("kind", "=", "erasure")])
        self.assertEqual((log.user_id, log.reason), (self.clerk, "Letter of […]"))
        self.assertEqual((log.counts["leads"], log.counts["consents"], log.counts["kept by law"]), (2, 1, 1))
        for user in (self.clerk, self.admin):
            mine = log.with_user(user)
            for attack in (
                lambda mine=mine: mine.write({"reason": "x"}),
                lambda mine=mine: mine.sudo().write({"reason": "x"}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.sudo().with_context(crm_branch_privacy=True).unlink(),
                lambda mine=mine: mine.create({"kind": "export", "person": 1}),
            ):
                with self.assertRaises(UserError):
                    attack()

    def test_others_stay(self):
        """BR-3: another customer of the same name isn't touched."""
        other = self.env["res.partner"].create({"name": NAME})
        lead = self._create_lead(name="Other", partner_id=other.id)
        self._erase()
        self.assertEqual((other.name, lead.partner_id), (NAME, other))

    def test_portal_access_ends(self):
        """BR-3: an erased person can't log in any more."""
        user = self._create_user(
            EMAIL, "base.group_portal", self.env["crm.branch"], partner_id=self.person.id, name=NAME
        )
        self._erase()
        self.assertFalse(user.active)
        self.assertEqual(user.login, f"erased-{user.id}")
        self.assertFalse([hit for hit in self._hits() if hit[0] != "crm_legal_identity"])

    def test_blockers(self):
        """BR-3: while contract, invoice, order or complaint need the person, nothing is erased."""
        self.contract_done.date_end = False
        with self.assertRaisesRegex(UserError, "contract hasn't ended"):
            self._erase()
        self.contract_done.date_end = fields.Date.today() - timedelta(days=2)
        draft = self.invoice.copy()
        with self.assertRaisesRegex(UserError, "unpaid or a draft"):
            self._erase()
        draft.invoice_line_ids.price_unit = 100
        draft.invoice_date = date(2026, 4, 30)
        draft.action_post()
        with self.assertRaisesRegex(UserError, "unpaid or a draft"):
            self._erase()
        draft.button_draft()
        draft.button_cancel()
        self.ticket.stage_id = self.env["helpdesk.ticket.stage"].search([("closed", "=", False)], limit=1)
        with self.assertRaisesRegex(UserError, "complaint is open"):
            self._erase()
        self.assertEqual(self.person.name, NAME)
        for ours in (self.clerk.partner_id, self.company.partner_id):
            with self.assertRaisesRegex(UserError, "own contact"):
                ours.with_user(self.clerk)._erase("x")

    def test_only_headquarters(self):
        """BR-3, BR-17: nobody in a branch exports or erases, nor headquarters' group without a headquarters."""
        astray = self._create_user("test_astray", "crm_branch.group_headquarters", self.branch_a)
        for user in (*self._staff("a"), self.manager_hq, astray, self.portal, self.internal):
            person = self.person.with_user(user)
            for attack in (
                lambda person=person: person.action_export_person(),
                lambda person=person: person.action_erase_person(),
                lambda person=person: person._export_person(),
                lambda person=person: person.sudo()._export_person(),
                lambda person=person: person._erase("x"),
                lambda person=person: person.sudo()._erase("x"),
                lambda user=user: (
                    self.env["crm.person.erase"]
                    .with_user(user)
                    .create({"partner_id": self.person.id, "reason": "x", "is_confirmed": True})
                    .action_erase()
                ),
            ):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    attack()
        self.assertEqual(self.person.name, NAME)

    def test_wizard(self):
        """BR-3: the window says what goes and what stays, and asks for a tick."""
        wizards = self.env["crm.person.erase"].with_user(self.clerk)
        wizard = wizards.create({"partner_id": self.person.id, "reason": "Asked"})
        self.assertIn("Opportunities: 2", wizard.goes)
        self.assertIn("1 posted invoices", wizard.stays)
        self.assertFalse(wizard.blockers)
        self.assertFalse(wizards.create({"partner_id": self.customer.id, "reason": "Asked"}).stays)
        with self.assertRaisesRegex(UserError, "can't be undone"):
            wizard.action_erase()
        wizard.is_confirmed = True
        wizard.action_erase()
        self.assertFalse(self.person.active)


@tagged("post_install", "-at_install")
class TestPersonExport(PersonCase, HttpCase):
    def _archive(self, content):
        archive = zipfile.ZipFile(io.BytesIO(content))
        return archive, json.loads(archive.read("person.json"))

    def test_export(self):
        """BR-3: a person gets all of it: data as JSON, and the files."""
        archive, content = self._archive(self.person.with_user(self.clerk)._export_person())
        self.assertEqual(content["contact"][0]["name"], NAME)
        self.assertEqual(len(content["contact"]), 2)
        for section in ("consents", "contracts", "leads", "orders", "invoices", "interactions", "tickets", "meetings"):
            self.assertTrue(content[section], section)
        self.assertEqual({row["id"] for row in content["leads"]}, {self.lead.id, self.stranger.id})
        self.assertIn("Zadzwonić", " ".join(row["text"] for row in content["messages"]))
        self.assertEqual(content["consents"][0]["wording"], self.contract.wording)
        contents = [archive.read(row["file"]) for row in content["files"]]
        self.assertIn(self.secret, contents)
        self.assertNotIn("token", json.dumps(content))
        log = self.env["crm.privacy.log"].search([("person", "=", self.person.id)])
        self.assertEqual((log.kind, log.user_id), ("export", self.clerk))

    def test_file_names_stay_in_their_folder(self):
        """BR-3: a file that somebody called badly is written nowhere else."""
        self.env["ir.attachment"].create(
            {"name": "../../etc/passwd", "raw": b"x", "res_model": "res.partner", "res_id": self.person.id}
        )
        archive, __ = self._archive(self.person.with_user(self.clerk)._export_person())
        self.assertFalse([name for name in archive.namelist() if ".." in name or name.count("/") > 1])

    def test_other_companies(self):
        """BR-3: headquarters exports what its own companies keep."""
        other = self.env["res.company"].create({"name": "Other"})
        lead = self._create_lead(name="Other's", partner_id=self.person.id, company_id=other.id, team_id=False)
        __, content = self._archive(self.person.with_user(self.clerk)._export_person())
        self.assertNotIn(lead.id, {row["id"] for row in content["leads"]})
        with self.assertRaisesRegex(UserError, "don't work for"):
            self._erase()

    def test_download(self):
        """BR-3: over the web it is headquarters' alone."""
        url = f"/crm_branch/person/{self.person.id}"
        self.authenticate("test_branch_manager_a", "test_branch_manager_a")
        answer = self.url_open(url)
        self.assertNotEqual(answer.status_code, 200)
        self.assertNotIn("Żurawiński", answer.text)
        self.authenticate("test_clerk", "test_clerk")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self._archive(answer.content)[1]["contact"][0]["name"], NAME)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
