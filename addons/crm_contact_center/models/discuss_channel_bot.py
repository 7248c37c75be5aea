from odoo import fields, models


class DiscussChannel(models.Model):
    """What the bot remembers of a conversation (CC-7)."""

    _inherit = "discuss.channel"

    crm_bot_since = fields.Integer("Bot's Answers Since", help="The last chatbot message before it began anew.")
    crm_faq_id = fields.Many2one("crm.faq", "Last Answer from the FAQ", index="btree_not_null", ondelete="set null")
    crm_lead_id = fields.Many2one("crm.lead", "Lead", index="btree_not_null", ondelete="set null")

    def _bot_answers(self):
        """Return the answers that the visitor chose since the bot last went back, newest first."""
        return self.chatbot_message_ids.filtered(lambda said: said.id > self.crm_bot_since).user_script_answer_id

    def _bot_said(self, step):
        """Return what the visitor wrote in that step since the bot last went back, oldest first."""
        bot = step.chatbot_script_id.operator_partner_id
        return self.chatbot_message_ids.filtered(
            lambda said: (
                said.id > self.crm_bot_since and said.script_step_id == step and said.mail_message_id.author_id != bot
            )
        ).sorted("id")

    def _bot_goes(self, step, following):
        """Forget the answers if the bot goes back: they are given anew."""
        if following and following.sequence <= step.sequence and following != step:
            self.crm_bot_since = max(self.chatbot_message_ids.ids, default=0)

    def _bot_company(self):
        """Return whose questions, products and orders the bot knows."""
        return self.livechat_channel_id.crm_queue_id.company_id or self.env.company
