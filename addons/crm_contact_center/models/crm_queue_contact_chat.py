from datetime import timedelta

from odoo import api, fields, models

#: So long after their browser went away, a visitor who still waits is taken for gone.
GONE_SECONDS = 120


class CrmQueueContact(models.Model):
    """A contact that is a conversation by live chat: who takes it becomes who the visitor talks with (CC-2a)."""

    _inherit = "crm.queue.contact"

    def _chat(self):
        """Return the conversation of a chat, with all rights."""
        chats = self.filtered(lambda contact: contact.channel == "chat" and contact.res_model == "discuss.channel")
        return self.env["discuss.channel"].sudo().browse(chats.mapped("res_id")).exists()

    def _answer(self, agent=None, moment=None):
        """Override: the agent comes into the conversation, and sees all of it."""
        result = super()._answer(agent, moment)
        for chat in self._chat():
            chat._hand_to(self.agent_id.user_id)
        return result

    def _end(self, moment=None):
        """Override: what the agent has ended is over for the visitor too."""
        result = super()._end(moment)
        self._chat()._end_for_visitor()
        return result

    def _after_transition(self, transition):
        """Override: a chat that is handed on is with the bot until the next agent takes it."""
        if transition.name == "transfer":
            for chat in self._chat():
                chat._back_to_bot()
        return super()._after_transition(transition)

    def _desk_line(self):
        """Override: the desk opens the conversation."""
        return {**super()._desk_line(), "chat_id": self._chat().id}

    @api.model
    def _cron_route(self):
        """Override: nobody is offered a visitor who has closed the browser."""
        self._abandon_gone()
        return super()._cron_route()

    @api.model
    def _abandon_gone(self):
        """End the conversations of visitors who wait and whose browser went away a while ago."""
        waiting = self.sudo().search([("channel", "=", "chat"), ("state", "in", ("waiting", "offered"))])
        since = fields.Datetime.now() - timedelta(seconds=GONE_SECONDS)
        visitors = {chat: chat._visitor() for chat in waiting._chat()}
        gone = (
            self.env["mail.presence"]
            .sudo()
            .search(
                [
                    ("status", "=", "offline"),
                    ("last_poll", "<", since),
                    "|",
                    ("guest_id", "in", [visitor.guest_id.id for visitor in visitors.values() if visitor.guest_id]),
                    ("user_id", "in", [v.partner_id.main_user_id.id for v in visitors.values() if v.partner_id]),
                ]
            )
        )
        for chat, visitor in visitors.items():
            if visitor.guest_id & gone.guest_id or visitor.partner_id.main_user_id & gone.user_id:
                chat._close_livechat_session()
