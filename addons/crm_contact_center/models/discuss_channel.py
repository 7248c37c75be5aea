from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from odoo.addons.mail.tools.discuss import Store

MOST_CHARACTERS = 10_000
HELD = ("waiting", "offered", "active")


class DiscussChannel(models.Model):
    """A conversation by live chat that is, or may become, a routed contact (CC-2a).

    Only the agent who has taken it is a member of it, besides the visitor: nobody else can read it.
    """

    _inherit = "discuss.channel"

    # === CRUD METHODS === #

    def write(self, vals):
        """Override: a conversation that ends, however it does, ends its contact too."""
        result = super().write(vals)
        if vals.get("livechat_end_dt"):
            self.sudo()._close_contacts()
        return result

    def message_post(self, **kwargs):
        """Override: nobody outside writes more than 10,000 characters at once to a queue."""
        if (
            len(self) == 1
            and len(kwargs.get("body") or "") > MOST_CHARACTERS
            and not self.env.user._is_internal()
            and self.sudo().livechat_channel_id.crm_queue_id
        ):
            raise UserError(self.env._("That is too long: write at most 10,000 characters at once."))
        return super().message_post(**kwargs)

    def _message_post_after_hook(self, message, msg_vals):
        """Override: live chat looks up who has taken part, which only its own agents may read.

        Ours have no such right: that they may post here has been checked before.
        """
        if self.channel_type == "livechat" and self.sudo().livechat_channel_id.crm_queue_id:
            return super(DiscussChannel, self.sudo())._message_post_after_hook(message, msg_vals)
        return super()._message_post_after_hook(message, msg_vals)

    # === ITS CONTACT === #

    def _contact(self, *states):
        """Return the conversation's latest contact in one of the states, by default those at hand; with all rights."""
        self.ensure_one()
        domain = [
            ("res_model", "=", self._name),
            ("res_id", "=", self.id),
            ("channel", "=", "chat"),
            ("state", "in", states or HELD),
        ]
        return self.env["crm.queue.contact"].sudo().search(domain, order="id desc", limit=1)

    def _close_contacts(self):
        """Let the contacts of conversations that have ended end, or count as abandoned if nobody had answered."""
        contacts = self.env["crm.queue.contact"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "in", HELD),
                ("channel", "=", "chat"),
            ]
        )
        for contact in contacts:
            if contact.state == "active":
                contact._end()
            else:
                contact._abandon()

    def _enter_queue(self, purpose=None):
        """Let the visitor wait for an agent.

        :return: the contact, with all rights
        """
        self.ensure_one()
        contacts = self.env["crm.queue.contact"].sudo()
        known = contacts.search_count([("res_model", "=", self._name), ("res_id", "=", self.id)])
        return contacts._enter([self._prepare_contact_vals(purpose) | {"key": f"chat:{self.id}:{known}"}])

    def _prepare_contact_vals(self, purpose=None):
        visitor = self._visitor()
        return {
            "queue_id": self.livechat_channel_id.crm_queue_id.id,
            "channel": "chat",
            "partner_id": visitor.partner_id.id,
            "caller_name": visitor.partner_id.name or visitor.guest_id.name or self.env._("Visitor"),
            "lang_id": self.livechat_lang_id.id,
            "purpose_id": purpose and purpose.id,
            "words": self._visitor_words(),
            "res_model": self._name,
            "res_id": self.id,
        }

    def _visitor(self):
        """Return the member who came with a question."""
        return self.channel_member_ids.filtered(lambda member: member.livechat_member_type == "visitor")[:1]

    def _visitor_words(self):
        """Return what the visitor wrote so far, as text: nothing in it is ever evaluated or shown as HTML."""
        visitor = self._visitor()
        said = self.message_ids.filtered(
            lambda message: (
                message.message_type == "comment"
                and (
                    message.author_guest_id == visitor.guest_id
                    if visitor.guest_id
                    else message.author_id == visitor.partner_id
                )
            )
        )
        return "\n".join(html2plaintext(message.body) for message in said.sorted("id")).strip()

    # === WHO TALKS WITH THE VISITOR === #

    def _can_reach_agent(self):
        """Return whether an agent is there who may get to it: the queue is open, and somebody has come to work."""
        self.ensure_one()
        queue = self.livechat_channel_id.sudo().crm_queue_id
        if queue and queue.closed_action == "overflow" and not queue._is_open():
            queue = queue.overflow_queue_id
        if not queue or not queue._takes("chat") or not queue._is_open():
            return False
        helpers = [queue_id for queue_id, _after in queue._helpers()[queue.id]]
        domain = [("mode", "=", "available"), ("queue_ids", "in", helpers)]
        return bool(self.env["crm.agent"].sudo().search_count(domain, limit=1))

    def _hand_to(self, user):
        """Let the agent be who the visitor talks with; the bot, and another agent from before, leave."""
        self.ensure_one()
        channel = self.with_user(user).sudo()
        leaving = channel._not_visitors() - user.partner_id
        channel._add_members(users=user, create_member_params={"livechat_member_type": "agent"})
        for partner in leaving:
            channel._action_unfollow(partner=partner, post_leave_message=False)
        visitor = channel._visitor()
        name = visitor.partner_id.name or visitor.guest_id.name or ""
        channel.write(
            {
                "livechat_operator_id": user.partner_id.id,
                "livechat_failure": "no_answer",
                "name": f"{name} {user.livechat_username or user.name}".strip(),
            }
        )
        channel._tell_handed_over()
        channel._broadcast(user.partner_id.ids)

    def _back_to_bot(self):
        """Let the visitor talk with the bot again: the agent leaves and reads no more of it."""
        self.ensure_one()
        script = self.chatbot_current_step_id.chatbot_script_id or self.livechat_channel_id._queue_bot()
        bot = script.operator_partner_id
        if not bot:
            return
        leaving = self._not_visitors() - bot
        params = {"livechat_member_type": "bot", "chatbot_script_id": script.id}
        self._add_members(partners=bot, create_member_params=params, post_joined_message=False)
        self.livechat_operator_id = bot
        for partner in leaving:
            self._action_unfollow(partner=partner, post_leave_message=False)

    def _not_visitors(self):
        return self.channel_member_ids.filtered(lambda member: member.livechat_member_type != "visitor").partner_id

    def _tell_handed_over(self):
        """Tell the visitor's browser that a person has taken over, as live chat does when it forwards."""
        step = self.chatbot_current_step_id
        visitor = self._visitor()
        if not step or not visitor:
            return
        script, message = step.chatbot_script_id, self.message_ids[:1]
        now = {"id": (step.id, message.id), "scriptStep": step.id, "message": message.id, "operatorFound": True}
        store = Store(bus_channel=visitor.partner_id.main_user_id or visitor.guest_id)
        store.add_model_values("ChatbotStep", now)
        store.add_model_values(
            "Chatbot",
            {
                "id": (script.id, self.id),
                "script": script.id,
                "thread": Store.One(self, [], as_thread=True),
                "currentStep": now,
            },
        )
        store.bus_send()

    def _end_for_visitor(self):
        """Tell the visitor that the agent has ended the conversation."""
        for channel in self.filtered(lambda channel: not channel.livechat_end_dt):
            channel.livechat_end_dt = fields.Datetime.now()
            Store(bus_channel=channel).add(channel, "livechat_end_dt").bus_send()

    def _forward_human_operator(self, chatbot_script_step=None, users=None):
        """Override: live chat itself hands nobody over to anybody in a channel with a queue."""
        if self.sudo().livechat_channel_id.crm_queue_id:
            self.sudo().livechat_failure = "no_agent"
            return self.env["mail.message"]
        return super()._forward_human_operator(chatbot_script_step=chatbot_script_step, users=users)

    def _chatbot_restart(self, chatbot_script):
        """Override: who begins anew with the bot waits no longer, and the agent from before reads no more."""
        channel = self.sudo()
        if channel.livechat_channel_id.crm_queue_id:
            contact = channel._contact()
            if contact.state == "active":
                raise UserError(self.env._("You are talking with somebody: end that first."))
            if contact:
                contact._abandon()
            if chatbot_script.sudo().operator_partner_id != channel.livechat_operator_id:
                channel._back_to_bot()
        return super()._chatbot_restart(chatbot_script)
