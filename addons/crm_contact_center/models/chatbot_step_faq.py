from markupsafe import Markup

from odoo import models

TRIES = 3


class ChatbotScriptStep(models.Model):
    """The bot answers from the FAQ (CC-4, CC-7): with what visitors may see, as it was sanitized when written."""

    _inherit = "chatbot.script.step"

    def _process_answer(self, discuss_channel, message_body):
        """Override: answer a question; ask for other words up to three times, then go where the step says."""
        if self.step_type != "crm_faq":
            return super()._process_answer(discuss_channel, message_body)
        channel = discuss_channel.sudo()
        text = self._crm_text(message_body)
        faqs = self.env["crm.faq"]._find(text, channel._bot_company(), limit=3)
        if faqs:
            channel.crm_faq_id = faqs[:1]
            self._crm_say(discuss_channel, self._faq_body(faqs))
            return self._crm_next(channel)
        self.env["crm.faq.miss"]._note(text)
        if len(channel._bot_said(self)) < TRIES:
            self._crm_say(discuss_channel, self.env._("I found nothing about that. Try other words, please."))
            return self
        self._crm_say(discuss_channel, self.env._("I am sorry, I don't know that."))
        return self._crm_otherwise(channel)

    def _faq_body(self, faqs):
        best, others = faqs[:1], faqs[1:]
        body = Markup("<p><strong>%s</strong></p>%s") % (best.name, best.answer or "")
        if others:
            links = Markup("").join(Markup('<li><a href="%s">%s</a></li>') % (faq._url(), faq.name) for faq in others)
            body += Markup("<p>%s</p><ul>%s</ul>") % (self.env._("This may help too:"), links)
        return body
