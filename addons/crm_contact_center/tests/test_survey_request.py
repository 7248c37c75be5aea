from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .survey_common import SurveyCase


@tagged("post_install", "-at_install")
class TestSurveyRequest(SurveyCase):
    """CC-5: how requests are sent, and to whom not."""

    def test_sent_in_the_customers_language(self):
        """CC-5: by e-mail, with a link of the customer's own, in Odoo's outbox."""
        request = self._request()
        self.assertEqual((request.state, request.channel, bool(request.sent_at)), ("sent", "email", True))
        mail = self._mails(request)
        self.assertEqual((mail.state, mail.recipient_ids), ("outgoing", self.customer))
        self.assertIn(request.user_input_id.access_token, mail.body_html)
        self.assertIn("/no_more_questions/", mail.body_html)
        template = self.rule.mail_template_id
        template.with_context(lang="id_ID").subject = "Bagaimana?"
        self.customer.lang = "id_ID"
        request = self._request()
        self.assertEqual(self._mails(request).subject, "Bagaimana?")
        self.assertEqual(request.user_input_id.lang_id.code, "id_ID")

    def test_sent_once(self):
        """CC-5: however often the scheduler runs."""
        request = self._request()
        for _again in range(3):
            self._ask()
        self.assertEqual(len(self._mails(request)), 1)

    def test_many_at_once(self):
        """CC-5: many in one go: each gets one e-mail with a link of their own."""
        people = self.env["res.partner"].create(
            [{"name": f"Customer {number}", "email": f"c{number}@example.com"} for number in range(4)]
        )
        for person in people:
            self._done(partner_id=person.id)
        requests = self._ask()
        self.assertEqual(set(requests.mapped("state")), {"sent"})
        for request in requests:
            (mail,) = self._mails(request)
            self.assertEqual(mail.recipient_ids, request.partner_id)
            tokens = [token for token in requests.user_input_id.mapped("access_token") if token in mail.body_html]
            self.assertEqual(tokens, [request.user_input_id.access_token])

    def test_not_before_time(self):
        """CC-5: the rule's delay passes first."""
        self.rule.delay_minutes = 60
        request = self._request()
        self.assertEqual((request.state, self._mails(request).ids), ("due", []))
        request.due_at = self._ago(minutes=1)
        self._ask()
        self.assertEqual(request.state, "sent")

    def _skipped(self, reason):
        request = self._request()
        self.assertEqual((request.state, request.reason), ("skipped", reason))
        self.assertFalse(self._mails(request))
        self.assertFalse(request.user_input_id)

    def test_quiet_time(self):
        """CC-5: nobody is asked twice within the quiet time, not even in one go; 0 means always."""
        self.rule.quiet_days = 30
        self._done()
        self._done()
        requests = self._ask()
        self.assertEqual(sorted(requests.mapped("state")), ["sent", "skipped"])
        self.assertEqual(requests.filtered("reason").reason, "quiet")
        self.assertEqual(len(self._mails(requests)), 1)
        requests.filtered("sent_at").sent_at = self._ago(days=31)
        self.assertEqual(self._request().state, "sent")
        self.rule.quiet_days = 0
        self.assertEqual(self._request().state, "sent")

    def test_opted_out(self):
        """CC-5: who wants no questions gets none."""
        self.customer.survey_opt_out = True
        self._skipped("opted_out")

    def test_blocked_address(self):
        """CC-5: nothing goes to an address on Odoo's list of the blocked."""
        self.env["mail.blacklist"]._add("budi@example.com")
        self._skipped("opted_out")

    def test_no_address(self):
        """CC-5: without an address nobody is written to, and it is seen why."""
        self.customer.email = False
        self._skipped("no_address")

    def test_channels_that_arent_written(self):
        """CC-5: who chose the telephone, or nothing, isn't written to; who only calls most is."""
        for channel in ("none", "phone", "chat"):
            with self.subTest(channel=channel):
                self.customer.channel_choice = channel
                self._skipped("channel")
        self.customer.channel_choice = False
        self.customer.channel_used = "phone"
        self.assertEqual(self._request().state, "sent")

    def test_archived(self):
        """CC-5: nor who is no contact any more, nor for a rule that was switched off."""
        self.rule.delay_minutes = 60
        request = self._request()
        self.customer.active = False
        request.due_at = self._ago(minutes=1)
        self._ask()
        self.assertEqual(request.reason, "gone")
        self.customer.active = True
        request = self._request()
        self.rule.active = False
        request.due_at = self._ago(minutes=1)
        self._ask()
        self.assertEqual(request.reason, "late")

    def test_bad_template(self):
        """CC-5: one that can't be written fails by itself, is seen, and is sent again with the same link."""
        other = self.env["res.partner"].create({"name": "Broken", "email": "broken@example.com"})
        self.rule.mail_template_id.subject = "{{ 1 / (object.partner_id.name != 'Broken') }}"
        self._done()
        self._done(partner_id=other.id)
        with (
            mute_logger("odoo.addons.mail.models.mail_render_mixin"),
            mute_logger("odoo.addons.crm_contact_center.models.crm_survey_request_send"),
        ):
            requests = self._ask()
        states = {request.partner_id: request.state for request in requests}
        self.assertEqual(states, {self.customer: "sent", other: "failed"})
        failed = requests.filtered(lambda request: request.state == "failed")
        self.assertTrue(failed.failure)
        token = failed.user_input_id.access_token
        self.rule.mail_template_id.subject = "How was it?"
        failed.with_user(self.supervisor).action_retry()
        self._ask()
        self.assertEqual((failed.state, failed.user_input_id.access_token), ("sent", token))

    def test_undelivered(self):
        """CC-5: what the mail server refuses is seen on the request; it doesn't count as asked."""
        request = self._request()
        mail = self._mails(request)
        servers = self.env.registry["ir.mail_server"]
        with (
            patch.object(servers, "_disable_send", lambda self: False),
            patch.object(servers, "_connect__", lambda *args, **kwargs: None),
            patch.object(servers, "send_email", side_effect=UserError("mailbox full")),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            mail.send()
        self.assertEqual((request.state, request.sent_at), ("failed", False))
        self.assertTrue(request.failure)

    def test_expired(self):
        """CC-5: what nobody answered ends, and can't be answered later."""
        request = self._request()
        self.assertGreater(request.user_input_id.deadline, self._later(days=13))
        request.sent_at = self._ago(days=15)
        self._ask()
        self.assertEqual(request.state, "expired")

    def test_nobody_writes_one(self):
        """CC-5: no user makes, changes or deletes requests; agents don't send them again."""
        request = self._request()
        for user in (self.supervisor, self.agent_1.user_id):
            mine = request.with_user(user)
            for act in (lambda mine=mine: mine.write({"score": 10}), mine.unlink, lambda mine=mine: mine.copy()):
                with self.assertRaises(AccessError):
                    act()
        with self.assertRaises(AccessError):
            request.with_user(self.agent_1.user_id).action_retry()
        with self.assertRaises(UserError):
            request.with_user(self.supervisor).action_retry()
        with self.assertRaises(AccessError):
            request.with_user(self.supervisor).read(["survey_url"])
        self.assertIn("/survey/", self.customer.survey_url)
        self.assertFalse(self.customer.with_user(self.supervisor).survey_url)

    def test_other_branch(self):
        """CC-5: another branch sees neither request nor answers, nor the average."""
        request = self._request()
        self._answer(request, words="Kenari")
        other = self._create_user("test_supervisor_b", "crm_contact_center.group_supervisor", self.branch_b)
        for records in (request, request.user_input_id, request.user_input_id.user_input_line_ids):
            self.assertTrue(records.with_user(self.supervisor).has_access("read"))
            self.assertFalse(records.with_user(other).has_access("read"))
        report = self.env["crm.survey.report"]
        self.assertEqual(report.with_user(self.supervisor).search_count([("rule_id", "=", self.rule.id)]), 1)
        self.assertFalse(report.with_user(other).search_count([("rule_id", "=", self.rule.id)]))
