from odoo import api, fields, models


class CrmSurveyRequest(models.Model):
    """What other addons of the suite add to satisfaction requests, where they are installed: WhatsApp, consents."""

    _inherit = "crm.survey.request"

    def _goes_by_whatsapp(self):
        """Return whether this one goes by WhatsApp: the customer prefers it, has a number, and the rule a template."""
        self.ensure_one()
        partner = self.partner_id
        return bool(
            "crm.whatsapp.message" in self.env
            and self.rule_id.whatsapp_template
            and partner.preferred_channel == "whatsapp"
            and not partner.whatsapp_problem
        )

    def _send_whatsapp(self):
        """Queue WhatsApp messages where these are preferred, one for a customer at a time.

        :return: the requests that are sent, or that wait for the next time
        """
        chosen = self.filtered(lambda request: request._goes_by_whatsapp())
        for template, requests in chosen.grouped(lambda request: request.rule_id.whatsapp_template).items():
            first = {request.partner_id: request for request in requests.sorted("id", reverse=True)}
            messages = self.env["crm.whatsapp.message"]._whatsapp_send(
                template, self.env["res.partner"].union(*first), key=f"crm.survey.request-{max(requests.ids)}"
            )
            told = {message.partner_id: message for message in messages}
            for partner, request in first.items():
                message = told.get(partner)
                request.whatsapp_message = message.id if message else 0
                if not message or message.state == "left_out":
                    request._note_failed(message and message.problem)
                else:
                    request._note_sent("whatsapp")
        return chosen

    @api.model
    def _note_whatsapp_failures(self):
        """Note what the sender of WhatsApp messages couldn't bring to its customer."""
        if "crm.whatsapp.message" not in self.env:
            return
        since = fields.Datetime.subtract(fields.Datetime.now(), days=7)
        sent = self.sudo().search([("state", "=", "sent"), ("channel", "=", "whatsapp"), ("sent_at", ">", since)])
        messages = self.env["crm.whatsapp.message"].sudo().browse(sent.mapped("whatsapp_message")).exists()
        failed = {message.id: message for message in messages if message.state in ("failed", "left_out", "cancelled")}
        for request in sent.filtered(lambda request: request.whatsapp_message in failed):
            request._note_failed(failed[request.whatsapp_message].problem)

    def _with_consent(self):
        """Return the requests whose customer agrees to be asked, where the rule asks for a consent (BR-3)."""
        agreeing = self.filtered(lambda request: not request.rule_id.consent_purpose)
        groups = (self - agreeing).grouped(lambda request: (request.rule_id.consent_purpose, request.company_id))
        for (purpose, company), requests in groups.items():
            if not hasattr(requests.partner_id, "_with_consent"):
                continue
            people = requests.partner_id.with_company(company)._with_consent(purpose)
            agreeing |= requests.filtered(lambda request, people=people: request.partner_id in people)
        return agreeing
