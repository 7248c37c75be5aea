import logging
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

#: Channels that a customer chooses to say: don't write to me.
NOT_WRITTEN = ("none", "phone", "chat")


class CrmSurveyRequest(models.Model):
    """How requests go out: by the way that the customer prefers, to nobody who doesn't want to be asked (CC-5).

    Here e-mails and messages are only put into their own outboxes, in the transaction that notes them as sent: these
    send after the commit, and tell if they fail.
    """

    _inherit = "crm.survey.request"

    def _send(self):
        """Send these due requests, or say why not."""
        requests = self.try_lock_for_update().filtered(lambda request: request.state == "due")
        for reason, left_out in requests._left_out().items():
            left_out.write({"state": "skipped", "reason": reason})
            requests -= left_out
        requests._prepare_answers()
        written = requests._send_whatsapp()
        (requests - written).filtered(lambda request: request.state == "due")._send_mail()

    # === WHO ISN'T ASKED === #

    def _left_out(self):
        """Return reason → requests that aren't sent: a few queries for all."""
        found = {}
        asked = self._asked_until_now()
        blocked = self._blocked_emails()
        agreeing = self._with_consent()
        for request in self.sorted(lambda request: (request.due_at, request.id)):
            partner = request.partner_id
            reason = request._refusal(asked.get(partner.id), blocked, request in agreeing)
            if reason:
                found[reason] = found.get(reason, self.browse()) | request
            else:
                asked[partner.id] = fields.Datetime.now()
        return found

    def _refusal(self, asked_at, blocked, agrees):
        partner, rule = self.partner_id, self.rule_id
        mail = partner.email_normalized
        by_whatsapp = self._goes_by_whatsapp()
        quiet_until = asked_at and asked_at + timedelta(days=rule.quiet_days)
        checks = {
            "late": not rule.active,
            "gone": not partner.active,
            "opted_out": partner.survey_opt_out or (not by_whatsapp and mail in blocked),
            "channel": partner.channel_choice in NOT_WRITTEN,
            "no_consent": not agrees,
            "no_address": not by_whatsapp and not mail,
            "quiet": rule.quiet_days and quiet_until and quiet_until > fields.Datetime.now(),
        }
        return next((reason for reason, holds in checks.items() if holds), None)

    def _asked_until_now(self):
        """Return customer id → when they were asked last, about whatever."""
        groups = self.sudo()._read_group(
            [("partner_id", "in", self.partner_id.ids), ("sent_at", "!=", False)], ["partner_id"], ["sent_at:max"]
        )
        return {partner.id: moment for partner, moment in groups}

    def _blocked_emails(self):
        emails = [email for email in self.partner_id.mapped("email_normalized") if email]
        return set(self.env["mail.blacklist"].sudo().search([("email", "in", emails)]).mapped("email"))

    # === HOW === #

    def _prepare_answers(self):
        """Give each request the sheet on which the customer answers, with its own secret link."""
        new = self.filtered(lambda request: not request.user_input_id)
        langs = {lang.code: lang.id for lang in self.env["res.lang"].sudo().search([])}
        sheets = self.env["survey.user_input"].sudo().create([request._prepare_answers_vals(langs) for request in new])
        for request, sheet in zip(new, sheets, strict=True):
            request.user_input_id = sheet
        for days, requests in self.grouped(lambda request: request.rule_id.expire_days).items():
            requests.user_input_id.sudo().write({"deadline": fields.Datetime.now() + timedelta(days=days)})

    def _prepare_answers_vals(self, langs):
        self.ensure_one()
        partner = self.partner_id
        return {
            "survey_id": self.rule_id.survey_id.id,
            "partner_id": partner.id,
            "email": partner.email,
            "nickname": partner.name,
            "lang_id": langs.get(partner.lang),
        }

    def _send_mail(self):
        """Put e-mails into Odoo's outbox, each in its customer's language; one by one to find a bad one."""
        for template, requests in self.grouped(lambda request: request.rule_id.mail_template_id).items():
            try:
                with self.env.cr.savepoint():
                    template.sudo().send_mail_batch(requests.ids)
                    requests._note_sent("email")
            except UserError as problem:  # what Odoo makes of a template that can't be filled
                if len(requests) == 1:
                    _logger.warning("Satisfaction request %s can't be sent: %s", requests.id, problem)
                    requests._note_failed(str(problem))
                    continue
                for request in requests:
                    request._send_mail()

    def _note_sent(self, channel):
        self.sudo().write({"state": "sent", "channel": channel, "sent_at": fields.Datetime.now(), "failure": False})

    def _note_failed(self, why):
        """Note that what was sent, or was to be, hasn't arrived. Who has answered meanwhile got it."""
        self.sudo().filtered(lambda request: request.state in ("due", "sent")).write(
            {"state": "failed", "sent_at": False, "failure": (why or self.env._("Unknown reason"))[:500]}
        )
