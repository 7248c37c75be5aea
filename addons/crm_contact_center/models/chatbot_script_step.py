from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import html2plaintext

from odoo.addons.mail.tools.discuss import Store

from ..words import MOST_CHARACTERS

#: Steps after which the bot listens: live chat's own and ours.
LISTENING = frozenset(
    {"question_selection", "question_email", "question_phone", "free_input_single", "free_input_multi"}
    | {"crm_faq", "crm_order", "crm_queue"}
)


class ChatbotScriptStep(models.Model):
    """Where the cyber agent goes after a step (CC-7). What its own steps do is in ``chatbot_step_*.py``.

    Live chat's scripts run from top to bottom. ``crm_next_step_id`` leads back to a question asked before; answers
    from before that no longer count then. Whatever visitors write is text: searched for, compared, never evaluated.
    """

    _inherit = "chatbot.script.step"

    step_type = fields.Selection(
        selection_add=[
            ("crm_faq", "Answer from the FAQ"),
            ("crm_order", "Order Status"),
            ("crm_advice", "Product Advice"),
            ("crm_lead", "Make a Lead"),
            ("crm_queue", "Hand Over to an Agent"),
            ("crm_callback", "Take a Message"),
        ],
        ondelete={
            "crm_faq": "cascade",
            "crm_order": "cascade",
            "crm_advice": "cascade",
            "crm_lead": "cascade",
            "crm_queue": "cascade",
            "crm_callback": "cascade",
        },
    )
    crm_next_step_id = fields.Many2one(
        "chatbot.script.step",
        "Then Go To",
        copy=False,
        ondelete="set null",
        domain="[('chatbot_script_id', '=', chatbot_script_id)]",
        help="Empty: the next step below that fits the answers.",
    )
    crm_else_step_id = fields.Many2one(
        "chatbot.script.step",
        "Otherwise Go To",
        copy=False,
        ondelete="set null",
        domain="[('chatbot_script_id', '=', chatbot_script_id)]",
        help="When nothing was found, or nobody is there. Empty: the next step below that fits the answers.",
    )
    crm_lead_team_id = fields.Many2one("crm.team", "Sales Team of the Lead", ondelete="set null")
    crm_product_limit = fields.Integer("Products", default=3, help="How many are recommended at most.")

    _product_limit_range = models.Constraint(
        "CHECK(crm_product_limit BETWEEN 1 AND 10)", "Recommend one to ten products."
    )

    # === COMPUTE METHODS === #

    def _compute_is_forward_operator(self):
        """Override: our hand-over is one."""
        result = super()._compute_is_forward_operator()
        self.filtered(lambda step: step.step_type == "crm_queue").is_forward_operator = True
        return result

    # === CONSTRAINS METHODS === #

    @api.constrains("crm_next_step_id", "crm_else_step_id", "step_type", "chatbot_script_id", "sequence")
    def _check_jumps(self):
        for step in self:
            jumps = step.crm_next_step_id | step.crm_else_step_id
            if jumps.chatbot_script_id - step.chatbot_script_id:
                raise ValidationError(self.env._("A step goes on to a step of the same bot."))
            if any(jump.step_type not in LISTENING and jump.sequence <= step.sequence for jump in jumps):
                raise ValidationError(
                    self.env._("Going back to a step that doesn't wait for an answer, the bot would talk for ever.")
                )

    # === BUSINESS METHODS === #

    def _process_answer(self, discuss_channel, message_body):
        """Override: count what the answer says of the FAQ, and go where the step leads."""
        super()._process_answer(discuss_channel, message_body)
        channel = discuss_channel.sudo()
        answer = channel._bot_answers().filtered(lambda answer: answer in self.answer_ids)[:1]
        if answer.crm_vote and channel.crm_faq_id:
            self.env["crm.faq.vote"]._vote(channel.crm_faq_id, f"chat:{channel.id}", answer.crm_vote == "helpful")
        return self._crm_next(channel)

    def _is_last_step(self, discuss_channel=False):
        """Override: who waits for an answer, or goes on elsewhere, isn't the last."""
        if self.crm_next_step_id or (self.crm_else_step_id and self.step_type in ("crm_faq", "crm_order", "crm_queue")):
            return False
        if discuss_channel and self.step_type != "question_selection":
            return not self._fetch_next_step(discuss_channel.sudo()._bot_answers())
        return super()._is_last_step(discuss_channel)

    def _crm_next(self, channel):
        """Return the step that follows. Where nobody is there to hand over to, it is what follows that instead."""
        self.ensure_one()
        step = self.crm_next_step_id or self._fetch_next_step(channel._bot_answers())
        channel._bot_goes(self, step)
        if step.step_type == "crm_queue" and not channel._can_reach_agent():
            channel.livechat_failure = "no_agent"
            return step._crm_otherwise(channel)
        return step

    def _crm_otherwise(self, channel):
        """Return the step for when it didn't work out."""
        self.ensure_one()
        step = self.crm_else_step_id or self._fetch_next_step(channel._bot_answers())
        channel._bot_goes(self, step)
        if step.step_type == "crm_queue" and step != self and not channel._can_reach_agent():
            channel.livechat_failure = "no_agent"
            return step._crm_otherwise(channel)
        return step

    @staticmethod
    def _crm_text(message_body):
        """Return what a visitor wrote, as text of at most 2,000 characters."""
        return (
            html2plaintext((message_body or "")[: 10 * MOST_CHARACTERS])[:MOST_CHARACTERS].replace("\x00", "").strip()
        )

    def _crm_say(self, discuss_channel, body):
        """Post what the bot says: a plain text is escaped, :class:`Markup` is HTML.

        The visitor's browser is told at once, so that an answer stands before the question that follows it.
        """
        message = discuss_channel._chatbot_post_message(self.chatbot_script_id, body)
        partner, guest = discuss_channel.env["res.partner"]._get_current_persona()
        store = Store(bus_channel=partner.main_user_id or guest).add(message)
        store.add(discuss_channel, {"messages": Store.Many(message, mode="ADD")}).bus_send()
        return message
