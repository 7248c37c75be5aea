"""What the tests of chats begin with: a live chat with a queue, and a visitor who uses the routes of the browser."""

from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import HttpCase

from ..controllers import help as help_controller
from ..limiter import Limiter
from .common import ContactCenterCase


class ChatCase(ContactCenterCase, HttpCase):
    """The ready bot on a live chat of shop A's queue; two agents there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bot = cls.env.ref("crm_contact_center.chatbot_desk")
        cls.livechat = cls.env["im_livechat.channel"].create(
            {
                "name": "Test chat",
                "user_ids": [Command.clear()],
                "rule_ids": [Command.create({"chatbot_script_id": cls.bot.id})],
                "crm_queue_id": cls.queue.id,
            }
        )
        cls.company.help_livechat_channel_id = cls.livechat
        cls.category = cls.env.ref("crm_contact_center.crm_faq_category_service")

    def setUp(self):
        super().setUp()
        for name in ("SEARCHES", "VOTES"):
            limiter = patch.object(help_controller, name, Limiter(a_minute=60_000, burst=1000))
            limiter.start()
            self.addCleanup(limiter.stop)

    @classmethod
    def _faq(cls, name, answer="<p>So it is.</p>", published=True, **values):
        values = {"category_id": cls.category.id, "answer": answer, "is_published": published, **values}
        return cls.env["crm.faq"].create({"name": name, **values})

    # === THE VISITOR === #

    def _open(self, livechat=None, bot=None):
        """Open a chat as a visitor does; return the conversation."""
        livechat = livechat or self.livechat
        bot = livechat._queue_bot() if bot is None else bot
        data = self.make_jsonrpc_request(
            "/im_livechat/get_session", {"channel_id": livechat.id, "chatbot_script_id": bot.id if bot else False}
        )
        return self.env["discuss.channel"].browse(data["channel_id"])

    def _say(self, chat, text, answer=None, trigger=True):
        """Write something in the chat, or choose an answer, and let the bot go on as the browser does."""
        params = {
            "thread_model": "discuss.channel",
            "thread_id": chat.id,
            "post_data": {"body": text, "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
        }
        if answer:
            params["selected_answer_id"] = answer.id
        self.make_jsonrpc_request("/mail/message/post", params)
        if trigger:
            self._go_on(chat)

    def _go_on(self, chat):
        """Ask for steps until one waits for the visitor."""
        listening = ("question_selection", "question_phone", "free_input_single", "crm_faq", "crm_order", "crm_queue")
        for _step in range(6):
            self.make_jsonrpc_request("/chatbot/step/trigger", {"channel_id": chat.id, "data_id": 1})
            self.env.invalidate_all()
            step = chat.chatbot_current_step_id
            if step.step_type in listening or chat.livechat_end_dt:
                return
        self.fail("The bot talks for ever.")

    def _choose(self, chat, name):
        """Choose an answer of the ready bot by the end of its external id."""
        answer = self.env.ref(f"crm_contact_center.chatbot_desk_{name}")
        self._say(chat, answer.name, answer)

    def _step(self, chat):
        """Return which step of the ready bot the conversation is at."""
        return next(iter(chat.chatbot_current_step_id.get_external_id().values())).partition("chatbot_desk_")[2]

    def _heard(self, chat):
        """Return all that was said to the visitor, newest first, as one text."""
        self.env.invalidate_all()
        return " ".join(str(message.body) for message in chat.message_ids if not message.author_guest_id)

    def _chat_waiting(self, words="My screen is broken"):
        """Open a chat and ask for a person."""
        chat = self._open()
        self._choose(chat, "menu_person")
        self._say(chat, words)
        return chat
