import io
import zipfile
from base64 import b64decode
from datetime import timedelta

from python_calamine import CalamineWorkbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import format_date

from ..models.crm_followup_figures import FIGURES
from .report_common import ReportCase


@tagged("post_install", "-at_install")
class TestSummary(ReportCase):
    def test_sent_to_the_head_with_a_copy_to_the_coordinator(self):
        """H23-4.5.3: the summary goes to the branch head by e-mail, cc area coordinator, with figures and an xlsx."""
        self._due()._answer("no_response", "Rang out")
        self._report().action_send()
        summary = self._summary()
        summary.note = "A quiet day"
        summary.action_send()
        mail = self._mails(summary)
        self.assertEqual(mail.recipient_ids, self.head.partner_id)
        self.assertFalse(mail.email_to)
        self.assertEqual(mail.email_cc, self.coordinator.email_formatted)
        self.assertIn(self.branch_a.name, mail.subject)
        for words in ("A quiet day", self.admin_1.name, "Success rate", f"follow-up-summaries/{summary.id}"):
            self.assertIn(words, mail.body_html)
        self.assertEqual(mail.attachment_ids.mapped("name"), [f"{self.branch_a.code}_{self.today}.xlsx"])
        self.assertEqual((summary.state, summary.sent_by_id), ("sent", self.pic))
        self.assertEqual(self._activities(summary, "evaluate"), self.head)

    def test_sent_once(self):
        """H23-4.5.3: a second click sends nothing and changes nothing."""
        summary = self._sent()
        sent_at, mails = summary.sent_at, self._mails(summary)
        self._willing(self._due(number=80))
        summary.action_send()
        self.assertEqual((summary.sent_at, self._mails(summary), summary.willing_count), (sent_at, mails, 0))
        self.assertEqual(len(mails), 1)

    def test_the_file_stays(self):
        """H23-4.5.3: the file that was sent is changed, moved or deleted by nobody; other files are theirs."""
        summary = self._sent()
        file = summary.sudo().attachment_id
        kept = file.raw
        for user in (self.admin_1, self.pic, self.head, self.coordinator, self.manager_hq):
            theirs = file.with_user(user)
            for vals in ({"raw": b"x"}, {"name": "x"}, {"res_model": "res.partner", "res_id": user.partner_id.id}):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    theirs.write(vals)
            with self.subTest(user=user.login), self.assertRaises(UserError):
                theirs.unlink()
        self.assertEqual((file.exists().raw, file.res_id), (kept, summary.id))
        values = {"name": "x", "raw": b"x", "res_model": summary._name, "res_id": summary.id}
        other = self.env["ir.attachment"].with_user(self.pic).create(values)
        other.write({"name": "y"})
        other.unlink()

    def test_missing_reports_need_a_reason(self):
        """H23-4.5.3: the summary lists who is missing, and goes out without them only with a reason."""
        self._due()._answer("no_response", "Rang out")
        self._due(number=2).sudo()._note({"user_id": self.admin_2.id})
        self._report().action_send()
        summary = self._summary()
        for reason in (False, "  "):
            summary.missing_reason = reason
            with self.assertRaisesRegex(UserError, self.admin_2.login):
                summary.action_send()
        self.assertEqual((summary.state, summary.missing_user_ids, summary.report_count), ("draft", self.admin_2, 1))
        self.assertFalse(self._mails(summary))
        summary.missing_reason = "Ill since noon"
        summary.action_send()
        self.assertEqual(summary.state, "sent")
        self.assertIn("Ill since noon", self._mails(summary).body_html)

    def test_nobody_to_send_it_to(self):
        """H23-4.5.3: a branch without head, or a head without e-mail, is told what to do."""
        summary = self._summary()
        self.head.partner_id.email = False
        with self.assertRaisesRegex(UserError, "e-mail"):
            summary.action_send()
        self.branch_a.head_id = False
        with self.assertRaisesRegex(UserError, "no head"):
            summary.action_send()
        self.assertEqual(summary.state, "draft")

    def test_figures_equal_counted_rows(self):
        """H23-4.5.3: by admin and by KPB the figures add up to the total, which is what a search counts."""
        for number in range(1, 4):
            self._due(number=number)._answer("no_response", "Rang out")
        theirs = self._due(number=4).sudo()
        theirs._note({"user_id": self.admin_2.id})
        self._willing(theirs.with_user(self.admin_2))
        self._due("3", number=5)._answer("no_response", "Rang out")
        nobody = self._due(number=6).sudo()
        nobody._note({"user_id": False})
        for admin in (self.admin_1, self.admin_2):
            self._report(admin).action_send()
        summary = self._summary()
        summary.action_send()
        for name in FIGURES:
            for group in ("admins", "steps"):
                with self.subTest(name=name, group=group):
                    self.assertEqual(sum(line[name] for line in summary.counted[group]), summary[name])
        start, stop = self.branch_a._day_bounds(self.today)
        done = [("branch_id", "=", self.branch_a.id), ("done_at", ">=", start), ("done_at", "<", stop)]
        self.assertEqual(summary.contacted_count, self.followups.search_count(done))
        self.assertEqual(summary.willing_count, self.followups.search_count([*done, ("result", "=", "willing")]))
        self.assertEqual(self._figures(summary, "due", "open", "unreachable"), (6, 1, 1))
        self.assertEqual([line["name"] for line in summary.counted["admins"]][-1], False, "without admin")

    def test_the_file(self):
        """H23-4.5.3: the xlsx holds the figures, contacts with result and feedback, and bookings."""
        followup = self._due(owner_name="=1+1", plate="B 1", model_name="@SUM(A1)")
        self._willing(followup, '=HYPERLINK("http://x")\n-2+3')
        self._due(number=2)._answer("no_response", "Rang out")
        self._report().action_send()
        summary = self._summary()
        summary.action_send()
        content = b64decode(summary.sudo().attachment_id.datas)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = ["By Admin", "By KPB and Follow-up", "Contacts", "Bookings"]
        self.assertEqual(book.sheet_names, names)
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in names}
        for name in names[:2]:
            header, total = sheets[name][1], sheets[name][-1]
            labels = [info["string"] for info in self.summaries.fields_get(FIGURES, ["string"]).values()]
            self.assertEqual(sorted(header[2:]), sorted(labels))
            found = dict(zip(header[2:], map(int, total[2:]), strict=True))
            for figure, info in self.summaries.fields_get(FIGURES, ["string"]).items():
                self.assertEqual(found[info["string"]], summary[figure], (name, figure))
        contacts = {row[0]: row for row in sheets["Contacts"][2:]}
        self.assertEqual(len(contacts), 2)
        self.assertEqual(contacts["=1+1"][1:4], [followup.owner_phone, "@SUM(A1)", "B 1"])
        self.assertEqual(contacts["=1+1"][8:10], ["Willing", '=HYPERLINK("http://x")\n-2+3'])
        self.assertEqual(contacts["Owner 2"][8:10], ["No Response", "Rang out"])
        (row,) = sheets["Bookings"][2:]
        booking = followup.case_id.booking_id
        when = f"{format_date(self.env, booking.day)} {booking.hours}"
        self.assertEqual((row[0], row[8:10]), ("=1+1", [when, "Workshop"]))
        self.assertNotIn(b"<f>", self._unzipped(content))

    @staticmethod
    def _unzipped(content):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"".join(archive.read(name) for name in archive.namelist())

    def test_roles(self):
        """H23-4.5.3: the branch's leaders and headquarters see and send it; admins and other branches don't."""
        summary = self._summary()
        for user in (self.admin_1, self.officer_b, self.manager_b, self.internal, self.portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                summary.with_user(user).action_send()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                summary.with_user(user).read(["day"])
        for user in (self.pic, self.head, self.manager_hq):
            self.assertTrue(summary.with_user(user).read(["day", "figures_html"]))
        self.branch_a.pic_id = self.admin_2
        summary.with_user(self.admin_2).write({"note": "From an officer in charge"})
        summary.with_user(self.admin_2).action_send()
        self.assertEqual(summary.sent_by_id, self.admin_2)

    def test_facts_by_rpc(self):
        """H23-4.5.3: states and figures aren't written, made or deleted by RPC or the context, by nobody."""
        summary = self._summary()
        hostile = [
            {"state": "sent"},
            {"state": "evaluated", "evaluation": "Good", "rating": "good"},
            {"contacted_count": 99},
            {"counted": {"total": {}}},
            {"sent_by_id": self.admin_1.id},
            {"missing_told_at": "2026-01-01 00:00:00"},
            {"branch_id": self.branch_b.id},
        ]
        for user in (self.admin_1, self.pic, self.head, self.manager_hq, self.admin):
            for vals in hostile:
                for context in ({}, {"followup_step": True, "workflow_permit": True}):
                    with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                        summary.with_user(user).with_context(**context).write(vals)
            with self.assertRaises(UserError):
                summary.with_user(user).unlink()
            with self.assertRaises(UserError):
                self.summaries.with_user(user).create({"branch_id": self.branch_a.id, "day": "2026-01-01"})
        sent = self._sent()
        with self.assertRaises(UserError):
            sent.write({"note": "Afterwards"})

    def test_not_ahead(self):
        """H23-4.5.3: a day that is still to come isn't summed up."""
        with self.assertRaises(UserError):
            self._summary(self.today + timedelta(days=1)).action_send()

    def test_today(self):
        """H23-4.5.3: the person in charge opens the summary of today with one click; an admin has none."""
        self._due()._answer("no_response", "Rang out")
        action = self.summaries.with_user(self.pic).action_today()
        summary = self.summaries.with_user(self.pic).browse(action["res_id"])
        self.assertEqual(
            (summary.branch_id, summary.day, summary.missing_user_ids), (self.branch_a, self.today, self.admin_1)
        )
        self.assertIn(self.admin_1.name, summary.figures_html)

    def test_printed(self):
        """H23-4.5.3: the summary is also a page: with company, branch, figures and the success rate's definition."""
        summary = self._sent()
        html, __ = self.env["ir.actions.report"]._render_qweb_html(
            "crm_h23_followup.crm_followup_summary_print", summary.ids
        )
        for words in (
            self.company.name,
            self.branch_a.name,
            self.admin_1.name,
            "serviced within the KPB’s window / due",
        ):
            self.assertIn(words, html.decode())

    def test_nothing_typed_becomes_html(self):
        """H23-4.5.3: what people type is text in the e-mail, not markup."""
        self.admin_1.name = "<b>Yoga</b>"
        self._due()._answer("no_response", "Rang out")
        self._report().action_send()
        summary = self._summary()
        summary.note = "<script>alert(1)</script>"
        summary.action_send()
        body = self._mails(summary).body_html
        self.assertNotIn("<script>", body)
        self.assertNotIn("<b>Yoga</b>", body)
