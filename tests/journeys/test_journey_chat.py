"""From the help page to a person: a visitor searches, asks the bot, is handed over, and an agent answers.

CC-4, CC-7, CC-2a.
"""

import os

from playwright.sync_api import expect

from .browser import SCREENSHOTS, opened
from .call_center import all_skills
from .server import PATIENCE, serving

AGENT, NAME = "dewanti", "Sari Utami"
QUESTION, ANSWER = "For how long have phones a guarantee?", "Twenty-four months, with the invoice."
WORDS = "The screen of my phone stays black"
REPLY, THANKS = "I am sorry to hear that. Which phone is it?", "The small one, in green"
ASK = """([model, method, args]) => fetch(`/web/dataset/call_kw/${model}/${method}`, {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify({jsonrpc: "2.0", method: "call", params: {model, method, args, kwargs: {}}}),
}).then((answer) => answer.json())"""


class Visitor:
    """Somebody who isn't logged in, in a window of their own."""

    def __init__(self, browser, server, width=1366, height=768):
        self.errors = []
        self.context = browser.new_context(
            locale="en-US", base_url=server.url, viewport={"width": width, "height": height}
        )
        self.context.set_default_timeout(PATIENCE * 1000 / 4)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(f"visitor: {error}"))

    def snap(self, name):
        """Keep a picture of what the visitor sees."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def search(self, text):
        """Search the help page."""
        self.page.fill("input[name=q]", text)
        self.page.click("form[role=search] button")

    def open_chat(self):
        """Press the chat's button."""
        self.page.locator(".o-livechat-LivechatButton").click(timeout=PATIENCE * 1000)
        expect(self.page.locator(".o-mail-ChatWindow")).to_be_visible()

    def choose(self, text):
        """Choose one of the bot's answers."""
        self.page.locator(".o-mail-Message button:visible", has_text=text).last.click()

    def say(self, text):
        """Write something."""
        composer = self.page.locator(".o-mail-Composer-input:visible").first
        expect(composer).to_be_enabled()
        composer.fill(text)
        composer.press("Enter")
        self.hears(text)

    def hears(self, text):
        """Wait until that is in the conversation."""
        expect(self.page.locator(".o-mail-Message", has_text=text).last).to_be_visible()


def prepare(admin):
    """An agent of the service desk, and a question on the help page."""
    groups = [admin.ref("base.group_user"), admin.ref("crm_contact_center.group_agent")]
    branch = admin.ref("crm_base.crm_branch_headquarters")
    access = {"group_ids": [[6, 0, groups]], "branch_ids": [[6, 0, [branch]]]}
    user = admin.create("res.users", name=NAME, login=AGENT, password=AGENT, tz="Asia/Jakarta", **access)
    queue = admin.ref("crm_contact_center.crm_queue_service_desk")
    able = {"queue_ids": [[6, 0, [queue]]], "skill_ids": all_skills(admin)}
    admin.create("crm.agent", user_id=user, branch_id=branch, **able)
    category = admin.ref("crm_contact_center.crm_faq_category_service")
    answer = f"<p>{ANSWER}</p>"
    return admin.create("crm.faq", name=QUESTION, answer=answer, category_id=category, is_published=True)


def rpc(agent, model, method, *args):
    """Do what the agent's desk does, in the agent's own session."""
    answer = agent.page.evaluate(ASK, [model, method, list(args)])
    assert "error" not in answer, answer["error"]
    return answer.get("result")


def read_up(visitor):
    """CC-4: the help page, a search with a typing mistake, the answer helps a little."""
    visitor.page.goto("/help")
    expect(visitor.page.locator("summary", has_text=QUESTION)).to_be_visible()
    visitor.search("garantee")
    expect(visitor.page.get_by_text(ANSWER)).to_be_visible()
    visitor.snap("journey-chat-help")
    visitor.page.locator("details[open]").get_by_role("button", name="Yes").click()
    expect(visitor.page.get_by_text("Thank you for telling us.")).to_be_visible()


def ask_bot(visitor):
    """CC-7: the bot answers from the same questions; that isn't enough."""
    visitor.open_chat()
    visitor.choose("I have a question")
    visitor.hears("What would you like to know?")
    visitor.say("what about the garantee")
    visitor.hears(ANSWER)
    visitor.snap("journey-chat-bot")
    visitor.choose("No, I want to talk to a person")
    visitor.hears("An agent will be with you")
    visitor.page.reload()
    visitor.hears("An agent will be with you")


def take(agent):
    """CC-2a: the agent whom the routing chose takes it, and has the whole conversation."""
    (contact,) = rpc(agent, "crm.agent", "desk_state")["contacts"]
    assert contact["state"] == "offered"
    rpc(agent, "crm.queue.contact", "action_take", [contact["id"]])
    agent.page.goto(f"/odoo/action-mail.action_discuss?active_id=discuss.channel_{contact['chat_id']}")
    expect(agent.page.locator(".o-mail-Discuss .o-mail-Message", has_text="garantee").last).to_be_visible()
    return contact["id"]


def talk(visitor, agent):
    """The visitor explains, the agent answers, each sees the other's words at once."""
    visitor.say(WORDS)
    thread = agent.page.locator(".o-mail-Discuss")
    expect(thread.locator(".o-mail-Message", has_text=WORDS)).to_be_visible()
    composer = thread.locator(".o-mail-Composer-input:visible").first
    composer.fill(REPLY)
    composer.press("Enter")
    visitor.hears(REPLY)
    visitor.say(THANKS)
    expect(thread.locator(".o-mail-Message", has_text=THANKS)).to_be_visible()
    visitor.snap("journey-chat-visitor")
    agent.snap("journey-chat-agent")


def finish(visitor, agent, contact):
    """What the agent ends is over for the visitor, and is to be wrapped up."""
    rpc(agent, "crm.queue.contact", "action_end", [contact])
    expect(visitor.page.get_by_text("This livechat conversation has ended").first).to_be_visible()
    (left,) = rpc(agent, "crm.agent", "desk_state")["contacts"]
    assert left["state"] == "wrapup"


def test_chat():
    """CC-4, CC-7, CC-2a: help page, search, bot, queue, agent, answer, end."""
    with serving(os.environ["DATABASE"]) as server, opened(server) as shop:
        admin = server.api("admin")
        faq = prepare(admin)
        agent = shop[AGENT]
        rpc(agent, "crm.agent", "desk_set_mode", "available")
        visitor = Visitor(shop.browser, server)
        read_up(visitor)
        assert admin.read("crm.faq", [faq], "helpful_count")[0]["helpful_count"] == 1
        ask_bot(visitor)
        contact = take(agent)
        talk(visitor, agent)
        finish(visitor, agent, contact)
        assert admin.read("crm.faq", [faq], "unhelpful_count")[0]["unhelpful_count"] == 1
        assert visitor.errors == []
        assert shop.errors() == []
