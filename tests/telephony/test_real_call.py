"""CC-1, CC-3a: a real call on this machine: SIPp → Asterisk → adapter → Odoo → the agent's telephone, and back."""

import contextlib
import json
import os

import pytest
from journeys.server import serving

from tools import asterisk, database, postgres

from .world import Exchange, wait_until

#: A queue, agents with telephones 201 and 202, a customer; what the telephone system needs to know is printed.
SET_UP = """
import json
branch = env["crm.branch"].create({"name": "Telephone shop", "code": "TEL", "tz": "Asia/Jakarta"})
queue = env["crm.queue"].create({"name": "Service", "code": "SERVICE", "branch_id": branch.id})
users = env["res.users"].with_context(no_reset_password=True)
for login, extension in (("sinta", "201"), ("tono", "202")):
    user = users.create({
        "name": login, "login": login, "password": login, "branch_ids": [(6, 0, branch.ids)],
        "group_ids": [(4, env.ref("crm_contact_center.group_agent").id), (4, env.ref("base.group_user").id)],
    })
    agent = {"user_id": user.id, "branch_id": branch.id, "queue_ids": [(6, 0, queue.ids)]}
    env["crm.agent"].create({**agent, "extension": extension})
system = env["crm.telephony.system"].create({"name": "Asterisk", "branch_id": branch.id, "queue_id": queue.id})
customer = env["res.partner"].create({"name": "Ratna Dewi", "phone": "+6281255550101"})
purpose = env["crm.interaction.purpose"].create({"name": "Telephone test"})
outcome = env["crm.interaction.outcome"].create({"name": "Telephone test"})
print("SETUP" + json.dumps({
    "key": system.key, "secret": system.secret, "customer": customer.id,
    "purpose": purpose.id, "outcome": outcome.id,
}))
"""
NAME = os.environ.get("DATABASE", "")
TIMES = """
SELECT EXTRACT(EPOCH FROM command.create_date - ringing.at),
       EXTRACT(EPOCH FROM answered.at - ringing.at)
  FROM crm_telephony_event ringing
  JOIN crm_telephony_event answered ON answered.call = ringing.call AND answered.kind = 'answered'
  JOIN crm_queue_contact contact ON contact.key = ringing.system_id || ':' || ringing.call
  JOIN crm_telephony_command command ON command.contact_id = contact.id AND command.kind = 'ring'
 WHERE ringing.kind = 'ringing' AND contact.id = %s
"""


@pytest.fixture(scope="module")
def facts():
    """What was set up in Odoo."""
    log = "telephony-setup.log"
    database.run_script(NAME, SET_UP, log=log)
    line = next(line for line in (database.LOGS / log).read_text().splitlines() if "SETUP{" in line)
    return json.loads(line.partition("SETUP")[2])


@pytest.fixture(scope="module")
def odoo(facts):
    with serving(NAME) as server:
        yield server


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    asterisk.get()
    exchange = Exchange(tmp_path_factory.mktemp("exchange"))
    with exchange.running():
        yield exchange


@pytest.fixture
def connected(exchange, odoo, facts):
    """Asterisk and Odoo, with the adapter between them."""
    with exchange.adapter(f"{odoo.url}/crm_contact_center/telephony/{facts['key']}", facts["secret"]) as log:
        yield exchange
        assert "Traceback" not in log.read_text()


class Desk:
    """The agent's desk, as their browser asks for it."""

    def __init__(self, odoo, login="sinta"):
        self.api = odoo.api(login)
        self.api.call("crm.agent", "desk_set_mode", "available")

    def contact(self):
        """Return the contact at hand, if any."""
        contacts = self.api.call("crm.agent", "desk_state")["contacts"]
        return contacts[0] if contacts else {}

    def until(self, state):
        """Return the contact as soon as it has come so far."""
        return wait_until(lambda: (c := self.contact()).get("state") == state and c, f"a contact that is {state}")

    def end(self, contact):
        """Hang up on the screen."""
        self.api.call("crm.queue.contact", "action_end", [contact["id"]])
        self.until("wrapup")

    def wrap_up(self, contact, facts):
        self.api.call("crm.queue.contact", "action_wrap_up", [contact["id"]], facts["purpose"], facts["outcome"])

    def leave(self):
        self.api.call("crm.agent", "desk_set_mode", "offline")


@pytest.fixture
def desk(odoo):
    desk = Desk(odoo)
    yield desk
    desk.leave()


def test_call(connected, desk, facts, odoo):
    """CC-1, CC-3a: who calls is on the desk before the telephone is answered; then talk, end, wrap-up."""
    with connected.telephone(1500) as telephone, connected.caller(4000) as caller:
        contact = desk.until("offered")
        assert not connected.heard("telephone", connected.agent, "200 OK"), "the desk comes first"
        assert (contact["partner_id"], contact["phone"]) == (facts["customer"], "+6281255550101")
        (found,) = desk.api.read("crm.queue.contact", [contact["id"]], "words", "caller_name")
        assert (found["words"], found["caller_name"]) == ("my screen is broken", "Ibu Ratna")
        assert desk.until("active")["id"] == contact["id"]
        assert connected.heard("telephone", connected.agent, "200 OK")
        ended = desk.until("wrapup")
        assert (caller.wait(10), telephone.wait(10)) == (0, 0)
    assert ended["answered_at"] <= ended["ended_at"]
    desk.wrap_up(contact, facts)
    assert desk.contact() == {}
    ((offered, answered),) = postgres.execute(NAME, TIMES, contact["id"])
    print(f"\nfrom ringing: offered {offered:.3f} s, answered {answered:.3f} s (1.5 of it rings)")
    assert offered < 1
    assert answered < 4
    assert not odoo.refusals()


def test_gives_up(connected, desk):
    """CC-10: who hangs up before anybody answers is noted as abandoned, and the agent's telephone stops ringing."""
    with connected.telephone(20_000), connected.caller(2000):
        contact = desk.until("offered")
        wait_until(lambda: not desk.contact(), "nothing rings any more")
        wait_until(lambda: connected.heard("telephone", connected.agent, "CANCEL sip:"), "the telephone stops")
    assert desk.api.read("crm.queue.contact", [contact["id"]], "state")[0]["state"] == "abandoned"


def test_engaged(connected, desk, facts):
    """CC-1: a telephone that is engaged: this agent pauses, and the caller waits on; coming back, it rings again."""
    with connected.caller(4000) as caller:
        with connected.sipp("busy", connected.agent, 0):
            wait_until(lambda: desk.api.call("crm.agent", "desk_state")["paused_by"] == "missed", "the agent pauses")
            assert desk.contact() == {}
        assert caller.poll() is None
        with connected.telephone(100):
            desk.api.call("crm.agent", "desk_set_mode", "available")
            contact = desk.until("active")
            desk.until("wrapup")
    desk.wrap_up(contact, facts)


def test_agent_hangs_up(connected, desk, facts):
    """CC-1: the agent's telephone ends the talk: the customer hears it, the wrap-up begins."""
    with connected.caller(60_000), connected.sipp("hanging_up", connected.agent, 500) as telephone:
        contact = desk.until("active")
        desk.until("wrapup")
        wait_until(lambda: connected.heard("customer", connected.customer, "BYE sip:"), "the customer is hung up")
        assert telephone.wait(10) == 0
    desk.wrap_up(contact, facts)


def test_hang_up_from_the_desk(connected, desk, facts):
    """CC-1: the agent ends the talk on the screen: the customer hears it."""
    with connected.telephone(100) as telephone, connected.caller(60_000):
        contact = desk.until("active")
        desk.end(contact)
        wait_until(lambda: connected.heard("customer", connected.customer, "BYE sip:"), "the customer is hung up")
        assert telephone.wait(10) == 0
    desk.wrap_up(contact, facts)


def test_handed_on_by_the_telephone(connected, desk, facts, odoo):
    """CC-1: with the telephone's own transfer key, to a colleague, whose desk shows who it is."""
    with connected.caller(60_000), connected.sipp("handing_on", connected.agent, 1500):
        contact = desk.until("active")
        other = Desk(odoo, "tono")
        with connected.telephone(500, connected.second):
            assert other.until("offered")["id"] == contact["id"]
            assert desk.contact() == {}
            other.until("active")
            other.end(contact)
    other.wrap_up(contact, facts)
    other.leave()


def test_handed_over_on_the_desk(connected, desk, facts, odoo):
    """CC-1: by the desk: the caller waits, the colleague's telephone rings."""
    with connected.caller(60_000), connected.telephone(100):
        contact = desk.until("active")
        other = Desk(odoo, "tono")
        with connected.telephone(500, connected.second):
            agent = other.api.call("crm.agent", "desk_state")["id"]
            desk.api.call("crm.queue.contact", "action_transfer", [contact["id"]], agent_id=agent)
            assert other.until("active")["id"] == contact["id"]
            assert connected.heard("telephone", connected.agent, "BYE sip:")
            other.end(contact)
    other.wrap_up(contact, facts)
    other.leave()


def test_dial(connected, desk, facts):
    """CC-1: click to dial: the agent's telephone rings, then the customer's; the contact is there to be wrapped up."""
    with connected.telephone(100), connected.telephone(400, connected.customer):
        assert desk.api.call("crm.agent", "dial", "0812-5555-0101") == "+6281255550101"
        contact = desk.until("active")
        assert (contact["direction"], contact["partner_id"]) == ("outgoing", facts["customer"])
        desk.end(contact)
    desk.wrap_up(contact, facts)


def test_adapter_killed(exchange, odoo, desk, facts):
    """CC-1: the adapter ends in the middle of a call and comes back: the talk goes on, and its end is known."""
    address = f"{odoo.url}/crm_contact_center/telephony/{facts['key']}"
    with contextlib.ExitStack() as stack:
        stack.enter_context(exchange.telephone(100))
        with exchange.adapter(address, facts["secret"]):
            caller = stack.enter_context(exchange.caller(4000))
            contact = desk.until("active")
        assert desk.contact()["state"] == "active"
        assert caller.wait(20) == 0
        with exchange.adapter(address, facts["secret"]):
            assert desk.until("wrapup")["id"] == contact["id"]
    desk.wrap_up(contact, facts)
