from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from .chat_common import ChatCase

SECRET = "Kenari7341"


@tagged("post_install", "-at_install")
class TestChatRouting(ChatCase):
    """CC-2a: a chat goes by the queue, to the agent whom the routing chooses, and to nobody else's eyes."""

    def setUp(self):
        super().setUp()
        self._come(self.agent_1)

    def _taken(self, words="My screen is broken"):
        chat = self._chat_waiting(words)
        self._route()
        contact = chat._contact()
        contact.with_user(self.agent_1.user_id).action_take()
        return chat, contact

    # === THE WAY OF A CHAT === #

    def test_enters_the_queue(self):
        """CC-2a: who asks for a person waits in the queue, with what was said; no agent is a member yet."""
        chat = self._chat_waiting("My screen is broken")
        contact = chat._contact()
        self.assertEqual((contact.state, contact.channel, contact.queue_id), ("waiting", "chat", self.queue))
        self.assertIn("My screen is broken", contact.words)
        self.assertIn("An agent will be with you in a moment", self._heard(chat))
        self.assertNotIn(self.agent_1.user_id.partner_id, chat.channel_member_ids.partner_id)
        self._route()
        self.assertEqual((contact.state, contact.agent_id), ("offered", self.agent_1))
        self.assertNotIn(self.agent_1.user_id.partner_id, chat.channel_member_ids.partner_id)

    def test_taken(self):
        """CC-2a: whoever takes it is who the visitor talks with, and sees all that was said before; the bot leaves."""
        chat, contact = self._taken()
        agent = self.agent_1.user_id.partner_id
        self.assertEqual((contact.state, chat.livechat_operator_id), ("active", agent))
        self.assertEqual(chat.channel_member_ids.partner_id, agent)
        bodies = chat.with_user(self.agent_1.user_id).message_ids.mapped("body")
        self.assertTrue(any("My screen is broken" in body for body in bodies))
        self.assertEqual(contact.with_user(self.agent_1.user_id)._desk_line()["chat_id"], chat.id)
        self._say(chat, "Are you there?", trigger=False)
        chat.with_user(self.agent_1.user_id).message_post(body="I am", message_type="comment")
        self.assertEqual(chat.livechat_failure, "no_failure")
        before = len(chat.message_ids)
        self.make_jsonrpc_request("/chatbot/step/trigger", {"channel_id": chat.id})
        self.assertEqual(len(chat.message_ids), before, "the bot says no more")

    def test_more_words(self):
        """CC-2g: who waits may say more: it is heard, and their place is told."""
        first = self._chat_waiting()
        self.authenticate(None, None)
        chat = self._chat_waiting("Second")
        self.assertIn("Before you in the queue: 1", self._heard(chat))
        self._say(chat, "It is about an invoice")
        self.assertIn("invoice", chat._contact().words)
        self.assertEqual(len(self.contacts.search([("res_id", "in", (first + chat).ids)])), 2)

    def test_visitor_leaves(self):
        """CC-2a: who leaves while waiting has given up; who leaves in contact ends it: the wrap-up begins."""
        chat = self._chat_waiting()
        contact = chat._contact()
        self.make_jsonrpc_request("/im_livechat/visitor_leave_session", {"channel_id": chat.id})
        self.assertEqual(contact.state, "abandoned")
        self.authenticate(None, None)
        chat, contact = self._taken()
        self.make_jsonrpc_request("/im_livechat/visitor_leave_session", {"channel_id": chat.id})
        self.assertEqual(contact.state, "wrapup")
        contact.with_user(self.agent_1.user_id).action_wrap_up(self.purpose.id, self.outcome.id)
        self.assertEqual(contact.interaction_id.channel, "chat")

    def test_agent_ends(self):
        """CC-2a: what the agent ends is over for the visitor; leaving it in Discuss does the same."""
        chat, contact = self._taken()
        contact.with_user(self.agent_1.user_id).action_end()
        self.assertTrue(chat.livechat_end_dt)
        self.assertEqual(contact.state, "wrapup")
        contact.with_user(self.agent_1.user_id).action_wrap_up(self.purpose.id, self.outcome.id)
        self.authenticate(None, None)
        chat, contact = self._taken()
        chat.with_user(self.agent_1.user_id)._action_unfollow(partner=self.agent_1.user_id.partner_id)
        self.assertEqual(contact.state, "wrapup")

    def test_handed_on(self):
        """CC-2a: a chat that is handed on leaves the first agent, who reads no more of it."""
        chat, contact = self._taken()
        self._come(self.agent_2)
        contact.with_user(self.agent_1.user_id).action_transfer(agent_id=self.agent_2.id)
        self.assertNotIn(self.agent_1.user_id.partner_id, chat.channel_member_ids.partner_id)
        self.assertFalse(chat.livechat_end_dt)
        self._route()
        contact.with_user(self.agent_2.user_id).action_take()
        self.assertEqual(chat.channel_member_ids.partner_id, self.agent_2.user_id.partner_id)
        self.assertFalse(chat.with_user(self.agent_1.user_id).search([("id", "=", chat.id)]))

    def test_customer(self):
        """CC-2a: a customer who is logged in is known."""
        self.authenticate("test_portal", "test_portal")
        chat = self._chat_waiting()
        self.assertEqual(chat._contact().partner_id, self.portal.partner_id)
        self._route()
        chat._contact().with_user(self.agent_1.user_id).action_take()
        self.assertEqual(chat.channel_member_ids.partner_id, (self.portal + self.agent_1.user_id).partner_id)

    def test_browser_closed(self):
        """CC-2a: a visitor whose browser has gone away isn't offered to anybody."""
        chat = self._chat_waiting()
        contact = chat._contact()
        self.contacts._abandon_gone()
        self.assertEqual(contact.state, "waiting", "not known to be gone")
        guest = chat._visitor().guest_id
        self.env["mail.presence"].create(
            {"guest_id": guest.id, "status": "offline", "last_poll": self._later(minutes=-5)}
        )
        self.contacts._abandon_gone()
        self.assertEqual(contact.state, "abandoned")

    # === NOBODY THERE === #

    def test_nobody_there(self):
        """CC-2c: nobody has come to work: the visitor leaves a number and is called back."""
        self.agent_1._set_mode("offline")
        chat = self._chat_waiting()
        self.assertEqual(self._step(chat), "contact")
        self.assertFalse(chat._contact())
        self._say(chat, "whenever you like")
        self.assertEqual(self._step(chat), "contact", "asked again")
        self._say(chat, "0812 3456 7890")
        callback = self.contacts.search([("key", "=like", f"callback:{chat.id}:%")])
        self.assertEqual((callback.state, callback.phone, callback.channel), ("callback", "+6281234567890", "call"))
        self.assertIn("My screen is broken", callback.words)
        self.assertEqual(self._step(chat), "more")
        self._come(self.agent_1)
        self.contacts._resume_due()
        self._route()
        self.assertEqual((callback.agent_id, callback.direction), (self.agent_1, "outgoing"))

    def test_closed(self):
        """CC-2c: a closed queue gets no chats; an e-mail address becomes a lead with the conversation, once."""
        with patch.object(type(self.queue), "_opens_at", lambda queue, moment=None: self._later(days=1)):
            chat = self._chat_waiting()
            self.assertEqual(self._step(chat), "contact")
            self._say(chat, "ann@example.com")
        lead = chat.crm_lead_id
        self.assertEqual((lead.email_from, lead.user_id), ("ann@example.com", self.env["res.users"]))
        self.assertIn("My screen is broken", lead.description)

    def test_all_go_home(self):
        """CC-2c: who waits while the last agent leaves isn't left waiting: they can leave a number."""
        chat = self._chat_waiting()
        contact = chat._contact()
        self.agent_1._set_mode("offline")
        self._say(chat, "Hello?")
        self.assertEqual((contact.state, self._step(chat)), ("abandoned", "contact"))

    # === NOBODY ELSE === #

    def test_not_by_live_chat(self):
        """CC-2a: live chat's own assigning gets nothing, whatever a client asks for."""
        user = self.agent_2.user_id
        self.livechat.user_ids = [Command.link(user.id)]
        self.env["mail.presence"].create({"user_id": user.id, "status": "online"})
        self.assertFalse(self.livechat.available_operator_ids)
        self.assertFalse(self.livechat._get_operator())
        for bot in (self.env["chatbot.script"], self.env.ref("im_livechat.chatbot_script_welcome_bot", False)):
            chat = self._open(bot=bot)
            self.assertEqual(chat.livechat_operator_id, self.bot.operator_partner_id)
        self.assertFalse(chat._forward_human_operator(users=user))
        self.assertNotIn(user.partner_id, chat.channel_member_ids.partner_id)

    def test_bots_of_live_chat(self):
        """CC-2a: a channel with a queue has a bot, and none that hands over past the queue."""
        plain = self.env["im_livechat.channel"].create({"name": "Plain", "crm_queue_id": self.queue.id})
        self.assertEqual(plain._queue_bot(), self.env.ref("crm_contact_center.chatbot_reception"))
        step = {"step_type": "forward_operator", "message": "x"}
        bot = self.env["chatbot.script"].create({"title": "Past it", "script_step_ids": [Command.create(step)]})
        with self.assertRaises(ValidationError):
            plain.rule_ids = [Command.create({"chatbot_script_id": bot.id})]

    def test_reception(self):
        """CC-2a: a live chat without a bot of its own asks what it is about, and hands over."""
        plain = self.env["im_livechat.channel"].create({"name": "Plain", "crm_queue_id": self.queue.id})
        chat = self._open(plain)
        self._say(chat, "My parcel is lost")
        self.assertIn("My parcel is lost", chat._contact().words)

    def test_others_cant_read(self):
        """CC-2a: neither before nor after does another agent, or a supervisor, read a word of it by RPC."""
        chat, contact = self._taken(f"My name is {SECRET}")
        self.env.flush_all()
        for login in ("test_agent_2", "test_agent_b", "test_supervisor", "test_officer_a", "test_portal"):
            with self.subTest(login=login):
                self.authenticate(login, login)
                self._attack(chat)
        self.authenticate("test_agent_1", "test_agent_1")
        answer = self._call("discuss.channel", "search_read", [["id", "=", chat.id]], fields=["name"])
        self.assertEqual(len(answer["result"]), 1)
        self.assertEqual(contact.state, "active")

    def _call(self, model, method, *args, **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        url = f"/web/dataset/call_kw/{model}/{method}"
        return self.url_open(url, json={"jsonrpc": "2.0", "method": "call", "params": params}).json()

    def _attack(self, chat):
        messages = chat.sudo().message_ids.ids
        domain = [["model", "=", "discuss.channel"], ["res_id", "=", chat.id]]
        attempts = [
            self._call("discuss.channel", "search_read", [["id", "=", chat.id]], fields=["name"]),
            self._call("discuss.channel", "read", [chat.id], ["name", "livechat_operator_id"]),
            self._call("discuss.channel", "add_members", [chat.id], partner_ids=[self.env.user.partner_id.id]),
            self._call("discuss.channel", "livechat_join_channel_needing_help", [chat.id]),
            self._call("discuss.channel", "message_post", [chat.id], body="Hello"),
            self._call("discuss.channel.member", "search_read", [["channel_id", "=", chat.id]], fields=["guest_id"]),
            self._call("mail.message", "search_read", domain, fields=["body"]),
            self._call("mail.message", "read", messages, ["body"]),
            self._call("mail.message", "read_group", domain, ["id:count"], ["body"]),
            self._call("chatbot.message", "search_read", [], fields=["user_raw_answer"]),
            self._call("im_livechat.channel.member.history", "search_read", [], fields=["channel_id"]),
        ]
        fetch = {"params": {"channel_id": chat.id, "limit": 30}}
        for path in ("/discuss/channel/messages", "/im_livechat/session/update_note", "/im_livechat/feedback"):
            attempts.append(self.url_open(path, json={"jsonrpc": "2.0", **fetch}).json())
        fetch = {"fetch_params": [["discuss.channel", [chat.id]], ["/im_livechat/looking_for_help", {}]]}
        attempts.append(self.url_open("/mail/data", json={"jsonrpc": "2.0", "params": fetch}).json())
        attempts.append({"result": self.url_open(f"/im_livechat/download_transcript/{chat.id}").status_code == 200})
        for number, answer in enumerate(attempts):
            self.assertNotIn(SECRET, str(answer), f"attempt {number}")
        self.assertFalse([n for n in (0, 5, 6) if attempts[n].get("result")], "nothing is found")
        self.env.invalidate_all()
        self.assertEqual(chat.channel_member_ids.partner_id, self.agent_1.user_id.partner_id)

    def test_not_mine(self):
        """CC-2a: a colleague can't take what is offered to another agent."""
        chat = self._chat_waiting()
        self._route()
        with self.assertRaises(AccessError):
            chat._contact().with_user(self.agent_2.user_id).action_take()
        self.assertNotIn(self.agent_2.user_id.partner_id, chat.channel_member_ids.partner_id)

    def test_agents_need_no_live_chat_rights(self):
        """CC-2a: to be an agent gives no right to live chat, which would show all conversations."""
        for user in (self.agent_1.user_id, self.supervisor):
            self.assertFalse(user.has_group("im_livechat.im_livechat_group_user"))

    def test_too_long(self):
        """CC-7: 10,001 characters are refused with words, nothing of it is kept."""
        chat = self._open()
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._say(chat, "x" * 10_001)
        self.assertNotIn("xxx", self._heard(chat))

    def test_begins_anew(self):
        """CC-2a: nobody begins anew while an agent talks with them; afterwards the agent is out of it."""
        chat, contact = self._taken()
        script = chat.chatbot_current_step_id.chatbot_script_id
        with self.assertRaises(UserError):
            chat._chatbot_restart(script)
        contact._end()
        chat._chatbot_restart(script)
        self.assertEqual(chat.channel_member_ids.partner_id, self.bot.operator_partner_id)
