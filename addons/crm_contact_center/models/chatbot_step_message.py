from odoo import fields, models
from odoo.tools import email_normalize


class ChatbotScriptStep(models.Model):
    """Nobody is there: the bot takes a message. A number is called back, an e-mail address becomes a lead (CC-2c).

    It also makes a lead of who is interested in a product (CC-7).
    """

    _inherit = "chatbot.script.step"

    def _process_step(self, discuss_channel):
        """Override: note how to reach the visitor, and thank; or say that nothing was understood."""
        if self.step_type not in ("crm_callback", "crm_lead"):
            return super()._process_step(discuss_channel)
        channel = discuss_channel.sudo()
        details = self._message_details(channel)
        if not any(details.values()):
            return self._crm_say(discuss_channel, self.env._("I see no phone number and no e-mail address in that."))
        if self.step_type == "crm_lead":
            self._message_lead(channel, details)
        else:
            self._message_take(channel, details)
        return self._crm_say(discuss_channel, self.message or self.env._("Thank you. We will get back to you."))

    def _process_answer(self, discuss_channel, message_body):
        """Override: without a number or address it is asked for again."""
        if self.step_type in ("crm_callback", "crm_lead"):
            channel = discuss_channel.sudo()
            if not any(self._message_details(channel).values()):
                return self._crm_otherwise(channel)
        return super()._process_answer(discuss_channel, message_body)

    # === WHAT IS KNOWN === #

    def _message_details(self, channel):
        """Return how the visitor can be reached: phone, email; as they said last, else as their login says."""
        kinds = ("question_phone", "question_email")
        said = channel.chatbot_message_ids.filtered(
            lambda message: (
                message.script_step_id.step_type in kinds
                and message.mail_message_id.author_id != self.chatbot_script_id.operator_partner_id
            )
        ).sorted("id", reverse=True)
        phone = email = False
        for message in said:
            text = self._crm_text(message.mail_message_id.body)
            email = email or email_normalize(text)
            phone = phone or self._crm_phone(text, channel)
        partner = channel._visitor().partner_id
        if not (phone or email):
            phone, email = partner.phone_sanitized, partner.email_normalized
        return {"phone": phone, "email": email}

    def _message_take(self, channel, details):
        """Have the visitor called back when the queue is open; where nobody can call, make a lead."""
        queue = channel.livechat_channel_id.crm_queue_id
        if not (details["phone"] and queue and queue._takes("call")):
            return self._message_lead(channel, details)
        contacts = self.env["crm.queue.contact"]
        known = contacts.search_count([("key", "=like", f"callback:{channel.id}:%"), ("state", "=", "callback")])
        if known:
            return None
        number = contacts.search_count([("res_model", "=", channel._name), ("res_id", "=", channel.id)])
        vals = channel._prepare_contact_vals() | {
            "channel": "call",
            "phone": details["phone"],
            "key": f"callback:{channel.id}:{number}",
            "purpose_id": self._queue_purpose(channel).id,
        }
        contact = contacts._enter([vals])
        if contact.state == "waiting":
            contact.callback_at = fields.Datetime.now()
            contact._workflow_do("postpone")
        return contact

    def _message_lead(self, channel, details):
        """Make a lead with the conversation, one for each conversation."""
        description = channel._get_channel_history()
        if channel.crm_lead_id:
            channel.crm_lead_id.description = description
            return
        channel.crm_lead_id = self.env["crm.lead"].create(self._prepare_lead_vals(channel, details, description))

    def _prepare_lead_vals(self, channel, details, description):
        visitor, queue, team = channel._visitor(), channel.livechat_channel_id.crm_queue_id, self.crm_lead_team_id
        words = channel._visitor_words().splitlines()
        vals = {
            "name": self.env._("Chat: %s", words[-1][:80] if words else self.chatbot_script_id.title),
            "type": "lead" if team.use_leads else "opportunity",
            "description": description,
            "partner_id": visitor.partner_id.id,
            "contact_name": visitor.partner_id.name or visitor.guest_id.name,
            "phone": details["phone"],
            "email_from": details["email"],
            "team_id": team.id,
            "user_id": False,
            "company_id": channel._bot_company().id,
            "source_id": self.chatbot_script_id.source_id.id,
        }
        if "branch_id" in self.env["crm.lead"]._fields and queue:
            vals["branch_id"] = queue.branch_id.id
        return vals
