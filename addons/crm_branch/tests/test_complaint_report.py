import base64
import io

from freezegun import freeze_time
from PIL import Image

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .shop_common import ShopCase

PDF = base64.b64encode(b"%PDF-1.4 warranty").decode()
SVG = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").decode()
SENTENCES = {"description": "<p>It doesn't switch on.</p>", "opinion": "<p>No sign of water.</p>"}


def picture(kind="PNG"):
    stream = io.BytesIO()
    Image.new("RGB", (4, 4)).save(stream, kind)
    return base64.b64encode(stream.getvalue()).decode()


@tagged("post_install", "-at_install")
class TestComplaintReport(ShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.headquarters.head_id = cls.clerk
        cls.terms = (
            cls.env["crm.complaint.terms"]
            .with_user(cls.clerk)
            .create({"body": "<p>Answered within 14 days.</p>", "valid_from": "2020-01-01"})
        )
        cls.report = cls._create_report()

    @classmethod
    def _create_report(cls, user=None, **values):
        values = {
            "partner_id": cls.customer.id,
            "product_id": cls.router.id,
            "warranty_card": PDF,
            **SENTENCES,
            "proof_of_purchase_missing": "Lost",
            **values,
        }
        return cls.env["crm.complaint.report"].with_user(user or cls.retention_officer_a).create(values)

    def _send(self, report=None):
        report = report or self.report
        report.action_acknowledge_terms()
        report.action_send()
        return report

    def _answer(self, report=None):
        report = (report or self.report).with_user(self.clerk)
        report.write({"decision": "accepted", "answer": "<p>The unit is replaced.</p>"})
        report.action_answer()
        return report

    def _tell(self, user=None):
        contact = (
            self.env["crm.interaction"]
            .with_user(user or self.retention_officer_a)
            .create(
                {
                    "partner_id": self.customer.id,
                    "direction": "outgoing",
                    "outcome_id": self.outcome.id,
                    "res_model": "crm.complaint.report",
                    "res_id": self.report.id,
                }
            )
        )
        contact.action_close()

    def test_all_steps(self):
        """BR-11: report, terms, to the headquarters at once, answer, the customer is told, closed."""
        self.assertEqual((self.report.branch_id, self.report.state), (self.branch_a, "draft"))
        self._send()
        self.assertEqual((self.report.state, self.report.sent_by_id), ("sent", self.retention_officer_a))
        ticket = self.report.sudo().ticket_id
        self.assertEqual((ticket.branch_id, ticket.partner_id), (self.branch_a, self.customer))
        self.assertEqual(self.report.activity_ids.user_id, self.clerk)
        self._answer()
        self.assertEqual(
            (self.report.answered_by_id, self.report.activity_ids.user_id), (self.clerk, self.retention_officer_a)
        )
        with self.assertRaisesRegex(UserError, "tell the customer first"):
            self.report.action_close()
        self._tell()
        self.report.action_close()
        self.assertEqual(self.report.state, "closed")
        self.assertTrue(ticket.closed)
        self.assertFalse(self.report.activity_ids)
        self.assertEqual([step[0] for step in self._history(self.report)], ["send", "answer", "close"])

    def test_what_must_be_there(self):
        """BR-11: no report leaves without information, opinion, terms, and papers or why there are none."""
        for values, message in (
            ({"description": "<p><br></p>"}, "customer's information"),
            ({"opinion": False}, "Officer's Opinion"),
            ({"warranty_card": False}, "Warranty Card"),
            ({"proof_of_purchase_missing": "  "}, "Proof"),
            ({"product_id": False}, "product"),
        ):
            report = self._create_report(**values)
            report.action_acknowledge_terms()
            with self.assertRaisesRegex(UserError, message):
                report.action_send()
        with self.assertRaisesRegex(UserError, "Terms Acknowledged"):
            self.report.action_send()

    def test_service_needs_no_papers(self):
        """BR-11: warranty card and proof of purchase belong to a product."""
        report = self._create_report(
            kind="service", product_id=False, warranty_card=False, proof_of_purchase_missing=False
        )
        self.assertEqual(self._send(report).state, "sent")

    def test_files(self):
        """BR-11: papers are PDF or pictures by their content; no SVG, whatever its name."""
        for content in (
            SVG,
            base64.b64encode(b"MZ...").decode(),
            "no base64 %",
            base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(),
        ):
            with self.assertRaisesRegex(UserError, "only a PDF"):
                self._create_report(warranty_card=content, warranty_card_name="card.pdf")
            with self.assertRaisesRegex(UserError, "only a PDF"):
                self.report.proof_of_purchase = content
        self.report.proof_of_purchase = picture()
        self.report.warranty_card = picture("JPEG")

    def test_terms_by_version(self):
        """BR-11: it is kept who was told which wording, when; the next wording is a new version."""
        self.report.action_acknowledge_terms()
        newer = self.env["crm.complaint.terms"].with_user(self.clerk).create({"body": "<p>New.</p>"})
        self.assertEqual((self.terms.version, newer.version), (1, 2))
        self.assertEqual((self.report.terms_id, self.report.terms_told_by_id), (self.terms, self.retention_officer_a))
        self.assertIn("14 days", self.report.terms_body)
        self.assertIn("New", self._create_report().terms_body)
        for attack in (
            lambda: newer.write({"body": "<p>Never.</p>"}),
            newer.unlink,
            lambda: self.terms.with_user(self.retention_officer_a).create({"body": "<p>Mine.</p>"}),
        ):
            with self.assertRaises(UserError):
                attack()

    def test_no_terms(self):
        """BR-11: without terms the officer is told whose task it is."""
        self.env["crm.complaint.terms"].search([]).sudo().unlink()
        with self.assertRaisesRegex(UserError, "headquarters hasn't written"):
            self.report.action_acknowledge_terms()

    def test_deadline(self):
        """BR-11: the answer is due within the company's days from receipt, by the branch's calendar; late ones show."""
        with freeze_time("2026-03-01 16:59:00"):  # the 1st, 23:59 in Jakarta
            report = self._create_report()
            self.assertEqual(str(report.received_on), "2026-03-01")
            self.assertEqual(str(report.deadline), "2026-03-15")
        reports = self.env["crm.complaint.report"].with_user(self.clerk)
        overdue = [("is_overdue", "=", True), ("id", "=", report.id)]
        for now, late in (("2026-03-15 16:59:00", False), ("2026-03-15 17:00:00", True)):
            with freeze_time(now):
                report.invalidate_recordset()
                self.assertEqual((report.is_overdue, bool(reports.search(overdue))), (late, late))
        self.company.complaint_answer_days = 30
        with freeze_time("2026-03-01 16:59:00"):
            self.assertEqual(str(self._create_report().deadline), "2026-03-31")
        with self.assertRaisesRegex(UserError, "still to come"):
            self._create_report(received_on="2099-01-01")

    def test_returned_and_appealed(self):
        """BR-11: the headquarters returns what is incomplete; a customer who appeals is answered again."""
        self._send()
        report = self.report.with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "reason"):
            report._workflow_do("return")
        report._workflow_do("return", "Photo of the damage is missing")
        self.assertEqual(self.report.activity_ids.user_id, self.retention_officer_a)
        self.report.action_send()
        self._answer()
        ticket = self.report.sudo().ticket_id
        self.report._workflow_do("appeal", "Wants the money back")
        self.assertEqual((self.report.state, self.report.sudo().ticket_id), ("sent", ticket))

    def test_sent_is_locked(self):
        """BR-11: what was sent doesn't change; the answer is the headquarters', and nobody answers their own."""
        self._send()
        for values in ({"opinion": "<p>x</p>"}, {"warranty_card": picture()}, {"partner_id": self.customer.copy().id}):
            with self.assertRaises(UserError):
                self.report.write(values)
        with self.assertRaises(UserError):
            self.report.unlink()
        both = self._create_user(
            "test_both",
            "crm_branch.group_retention_officer,crm_branch.group_headquarters",
            self.headquarters + self.branch_a,
        )
        report = self._send(self._create_report(both, branch_id=self.branch_a.id))
        report.write({"decision": "accepted", "answer": "<p>Yes</p>"})
        with self.assertRaisesRegex(UserError, "somebody else"):
            report.action_answer()

    def test_facts_are_not_typed(self):
        """BR-11: who told the terms, when it was sent and answered, number and ticket are typed by nobody."""
        now = "2020-01-01 00:00:00"
        facts = {
            "terms_id": self.terms.id,
            "terms_acknowledged_at": now,
            "terms_told_by_id": self.admin.id,
            "sent_at": now,
            "answered_at": now,
            "number": "X",
            "state": "closed",
            "deadline": "2099-01-01",
        }
        for name, value in facts.items():
            with self.assertRaises(UserError, msg=name):
                self.report.write({name: value})
            with self.assertRaises(UserError, msg=name):
                self._create_report(**{name: value})
        sneaky = self.env["crm.complaint.report"].with_user(self.retention_officer_a)
        sneaky = sneaky.with_context(default_terms_acknowledged_at=now, default_state="closed", default_sent_at=now)
        report = sneaky.create({"partner_id": self.customer.id, "kind": "service", "state": "draft"})
        self.assertFalse(report.terms_acknowledged_at or report.sent_at)

    def test_roles(self):
        """BR-17: only retention officers make and send; the headquarters answers; the manager reads (BR-18)."""
        values = {"partner_id": self.customer.id, "branch_id": self.branch_a.id}
        reports = self.env["crm.complaint.report"]
        for user in (
            self.service_officer_a,
            self.cashier_a,
            self.branch_manager_a,
            self.clerk,
            self.internal,
            self.portal,
        ):
            with self.assertRaises(AccessError, msg=user.login):
                reports.with_user(user).create(values)
        for user in (self.service_officer_a, self.cashier_a, self.branch_manager_a, self.internal, self.portal):
            for step in ("action_acknowledge_terms", "action_send", "action_answer", "action_close"):
                with self.assertRaises(AccessError, msg=user.login):
                    getattr(self.report.with_user(user), step)()
        self.assertTrue(self.report.with_user(self.branch_manager_a).read(["opinion"]))
        with self.assertRaises(UserError):
            self.report.with_user(self.clerk).action_acknowledge_terms()
        with self.assertRaises(AccessError):
            self.report.with_user(self.clerk).opinion = "<p>x</p>"
        for values in ({"answer": "<p>Yes.</p>"}, {"decision": "accepted"}):
            with self.assertRaises(AccessError):
                self._create_report(**values)
        self._send()
        for values in ({"answer": "<p>Yes.</p>"}, {"decision": "accepted"}):
            with self.assertRaises(AccessError):
                self.report.write(values)
        self.report.with_user(self.clerk).write({"decision": "rejected", "answer": "<p>No.</p>"})
        with self.assertRaises(AccessError):
            self.report.action_answer()

    def test_branches(self):
        """BR-11: another branch sees neither the report nor its files, its ticket or its history."""
        self._send()
        for user in (self.retention_officer_b, self.branch_manager_b):
            self.assertNotIn(self.report, self.env["crm.complaint.report"].with_user(user).search([]))
            with self.assertRaises(AccessError):
                self.report.with_user(user).read(["opinion"])
            with self.assertRaises(AccessError):
                self.report.with_user(user).message_ids.read(["body"])
            with self.assertRaises(AccessError):
                self.report.sudo().ticket_id.with_user(user).read(["name"])
            with self.assertRaises(AccessError):
                self.report.with_user(user)._workflow_do("appeal", "x")
        with self.assertRaises(AccessError):
            self._create_report(branch_id=self.branch_b.id)
        self.assertTrue(self.report.sudo().ticket_id.with_user(self.clerk).read(["name"]))

    def test_prints(self):
        """BR-11: the customer gets the report with the terms on paper; the officer's opinion stays inside."""
        self.report.action_acknowledge_terms()
        html = (
            self.env["ir.actions.report"]._render_qweb_html("crm_branch.report_complaint", self.report.ids)[0].decode()
        )
        for text in (self.report.number, "switch on", "14 days", self.company.name):
            self.assertIn(text, html)
        self.assertNotIn("No sign of water", html)
