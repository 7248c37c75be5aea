"""A contact center with its telephone system: the calls come by its signed events, as Asterisk's adapter sends them."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import requests

AGENT, SUPERVISOR = "rani", "bagus"
ROLES = {AGENT: "crm_contact_center.group_agent", SUPERVISOR: "crm_contact_center.group_supervisor"}
EXTENSION = "7101"


def all_skills(admin):
    """Every skill there is, at its highest level: callers may need any of those of the demo data."""
    return [[0, 0, {"skill_id": skill, "level": 5}] for skill in admin.call("crm.skill", "search", [])]


class Center:
    """A branch with a queue, an agent with a telephone, a supervisor, and a customer who calls."""

    def __init__(self, server):
        self.server, self.admin, self.calls = server, server.api("admin"), 0
        admin = self.admin
        user = admin.ref("base.group_user")
        self.people = {
            login: admin.create(
                "res.users",
                name=login.title(),
                login=login,
                password=login,
                tz="Asia/Jakarta",
                group_ids=[[6, 0, [user, admin.ref(role)]]],
            )
            for login, role in ROLES.items()
        }
        people = [[6, 0, list(self.people.values())]]
        self.branch = admin.create(
            "crm.branch", name="Contact Center Bandung", code="CCB", tz="Asia/Jakarta", user_ids=people
        )
        self.queue = self.create_queue("Sales line", "SALESLINE")
        self.agent = self.create_agent(AGENT, EXTENSION)
        telephone = admin.create("crm.telephony.system", name="Asterisk", branch_id=self.branch, queue_id=self.queue)
        (self.telephone,) = admin.read("crm.telephony.system", [telephone], "key", "secret")
        self.purpose = admin.create("crm.interaction.purpose", name="Asks for a delivery")
        self.outcome = admin.create("crm.interaction.outcome", name="Was told the day")

    def create_queue(self, name, code, **values):
        return self.admin.create(
            "crm.queue", name=name, code=code, branch_id=self.branch, user_id=self.people[SUPERVISOR], **values
        )

    def create_agent(self, login, extension=False):
        """An agent who can do everything that callers may need."""
        return self.admin.create(
            "crm.agent",
            user_id=self.people[login],
            branch_id=self.branch,
            extension=extension,
            queue_ids=[[6, 0, [self.queue]]],
            skill_ids=all_skills(self.admin),
        )

    def create_customer(self, name, phone, **values):
        """A customer with a quotation that is open."""
        admin = self.admin
        customer = admin.create("res.partner", name=name, phone=phone, **values)
        product = admin.create("product.product", name="Garuda C5 case", list_price=150_000)
        line = [0, 0, {"product_id": product, "product_uom_qty": 1}]
        admin.create("sale.order", partner_id=customer, user_id=self.people[AGENT], order_line=[line])
        return customer

    # === THE TELEPHONE === #

    def ring(self, number, **values):
        """Somebody calls; return the call's name in the telephone system."""
        self.calls += 1
        call = f"call-{self.calls}"
        self.tell(call, 1, "ringing", number=number, **values)
        return call

    def answer(self, call, extension=EXTENSION):
        self.tell(call, 2, "answered", extension=extension)

    def hang_up(self, call, sequence=3):
        self.tell(call, sequence, "ended")

    def tell(self, call, sequence, kind, **values):
        """Report what happened to a call."""
        event = {"event_id": f"{call}-{sequence}", "call_id": call, "sequence": sequence, "kind": kind, **values}
        self.post("events", event | {"at": datetime.now(UTC).isoformat()})

    def post(self, path, content):
        """Post to the door of the telephone system, signed."""
        body, timestamp = json.dumps(content).encode(), str(int(time.time()))
        signed = hmac.new(self.telephone["secret"].encode(), timestamp.encode() + b"." + body, hashlib.sha256)
        answer = requests.post(
            f"{self.server.url}/crm_contact_center/telephony/{self.telephone['key']}/{path}",
            body,
            headers={"X-Timestamp": timestamp, "X-Signature": f"sha256={signed.hexdigest()}"},
            timeout=20,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()
