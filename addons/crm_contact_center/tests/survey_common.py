"""A satisfaction rule of shop A and customers who are asked."""

from unittest.mock import patch

from odoo import fields

from .common import ContactCenterCase


class SurveyCase(ContactCenterCase):
    """Contacts of shop A are asked about at once, in the addon's own questions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.requests = cls.env["crm.survey.request"]
        cls.env["crm.survey.rule"].search([]).active = False
        cls.survey = cls.env.ref("crm_contact_center.survey_contact")
        cls.customer.email = "budi@example.com"
        cls.rule = cls._create_rule()

    @classmethod
    def _create_rule(cls, **values):
        return cls.env["crm.survey.rule"].create(
            {"name": "Test rule", "survey_id": cls.survey.id, "delay_minutes": 0, "quiet_days": 0, **values}
        )

    def _done(self, **values):
        """Let a contact of the customer come, be answered and wrapped up."""
        return self._finish(self._talk(**values))

    def _ask(self):
        """Do what the scheduler does; its commits wait for another day."""
        crons = self.env.registry["ir.cron"]
        with patch.object(crons, "_commit_progress", lambda *args, **kwargs: float("inf")):
            self.requests._cron_ask()
        return self.requests.search([], order="id")

    def _request(self, **values):
        """Return the request that follows a contact, sent."""
        contact = self._done(**values)
        self._ask()
        return self.requests.search([("res_id", "=", contact.id), ("rule_id", "=", self.rule.id)])

    def _answer(self, request, score=9, recommends=9, words=None):
        """Fill in and send the customer's page."""
        sheet = request.user_input_id
        names = {"score": score, "nps": recommends, "words": words}
        for name, value in names.items():
            question = self.env.ref(f"crm_contact_center.survey_contact_{name}")
            if value is not None:
                sheet._save_lines(question, value)
        sheet._mark_done()

    def _mails(self, request):
        return self.env["mail.mail"].search([("model", "=", request._name), ("res_id", "in", request.ids)])

    def _ago(self, **delta):
        return fields.Datetime.subtract(fields.Datetime.now(), **delta)
