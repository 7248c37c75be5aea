from markupsafe import Markup

from odoo import models


class ChatbotScriptStep(models.Model):
    """The bot hands over to a person (CC-2a, CC-7): the conversation waits in the queue, and the visitor is told."""

    _inherit = "chatbot.script.step"

    def _process_step(self, discuss_channel):
        """Override: let the visitor wait for an agent, and say how many are before them."""
        if self.step_type != "crm_queue":
            return super()._process_step(discuss_channel)
        channel = discuss_channel.sudo()
        contact = channel._contact()
        hello = self.message if not contact else ""
        if not contact:
            contact = channel._enter_queue(self._queue_purpose(channel))
        return self._crm_say(discuss_channel, Markup("%s<p>%s</p>") % (hello or "", self._queue_words(contact)))

    def _process_answer(self, discuss_channel, message_body):
        """Override: who waits may say more; if all agents have gone meanwhile, they needn't wait for nobody."""
        if self.step_type != "crm_queue":
            return super()._process_answer(discuss_channel, message_body)
        channel = discuss_channel.sudo()
        contact = channel._contact("waiting", "offered")
        if not channel._can_reach_agent():
            if contact:
                contact._abandon()
            channel.livechat_failure = "no_agent"
            return self._crm_otherwise(channel)
        if contact:
            contact._hear(self._crm_text(message_body))
        return self

    def _queue_purpose(self, channel):
        return channel._bot_answers().crm_purpose_id[:1]

    def _queue_words(self, contact):
        before = contact._ahead()
        if contact.state != "waiting" or not before:
            return self.env._("An agent will be with you in a moment.")
        return self.env._("An agent will be with you. Before you in the queue: %s.", before)


class CrmQueueContact(models.Model):
    _inherit = "crm.queue.contact"

    def _ahead(self):
        """Return how many came before this one to its queue and still wait."""
        earlier = [("entered_at", "<=", self.entered_at), ("id", "<", self.id)]
        return self.search_count([("queue_id", "=", self.queue_id.id), ("state", "=", "waiting"), *earlier])
