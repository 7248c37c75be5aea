"""A dealer's branch with its people, the reports of the main dealer, and WhatsApp on a stub server."""

import contextlib
import hashlib
import hmac
import importlib.util
import io
import json
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import requests
import xlsxwriter

from tools.paths import ADDONS

ZONE, SECRET = "Asia/Jakarta", "journey-secret"
PIC, HEAD, COORDINATOR, ADMIN = "tuti", "surya", "coky", "opik"
ROLES = {
    PIC: "crm_base.group_manager",
    HEAD: "crm_base.group_manager",
    COORDINATOR: "crm_base.group_manager",
    ADMIN: "crm_base.group_officer",
}
CDB_HEADER = ("No Mesin", "No Rangka", "Tipe", "No Polisi", "Tgl Jual", "Nama", "No HP", "Alamat", "Kota")
A2_HEADER = ("No Rangka", "No Mesin", "KPB Ke", "Tgl Servis", "Nama AHASS")


def _stub_module():
    path = ADDONS / "crm_whatsapp/tests/stub_server.py"
    specification = importlib.util.spec_from_file_location("whatsapp_stub", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


stub_server = _stub_module()


def today():
    """Return the branch's calendar date."""
    return datetime.now(ZoneInfo(ZONE)).date()


def workbook(*rows):
    """Return an xlsx file with these rows; dates become date cells."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if hasattr(cell, "year"):
                    sheet.write_datetime(line, column, datetime.combine(cell, datetime.min.time()), day)
                else:
                    sheet.write(line, column, cell)
    return stream.getvalue()


def upload(name, *rows):
    """Return the rows as a file that a browser chooses."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": name, "mimeType": kind, "buffer": workbook(*rows)}


class Motorcycle:
    """One motorcycle, bought so many days ago, and its buyer."""

    def __init__(self, number, buyer, days):
        self.buyer, self.bought = buyer, today() - timedelta(days=days)
        self.engine, self.frame = f"JM91E{2000000 + number}", f"MH1JM9110KK{200000 + number}"
        self.plate, self.phone = f"D {7000 + number} PDL", f"0812777{number:05}"

    @property
    def wa_id(self):
        return "62" + self.phone[1:]

    def cdb(self):
        address = ("Jl. Raya Padalarang 1", "Padalarang")
        return (self.engine, self.frame, "BeAT Sporty CBS", self.plate, self.bought, self.buyer, self.phone, *address)

    def a2(self, kpb, days):
        return (self.frame, self.engine, kpb, today() - timedelta(days=days), "AHASS Padalarang")


class Dealer:
    """The branch, hired and equipped by the administrator over the JSON API."""

    def __init__(self, server, stub):
        self.server, self.stub, self.admin = server, stub, server.api("admin")
        user = self.admin.ref("base.group_user")
        self.people = {
            login: self.admin.create(
                "res.users",
                name=login.title(),
                login=login,
                password=login,
                email=f"{login}@example.com",
                tz=ZONE,
                group_ids=[[6, 0, [user, self.admin.ref(role)]]],
            )
            for login, role in ROLES.items()
        }
        self.branch = self.admin.create(
            "crm.branch",
            name="Kenari Motor Padalarang",
            code="KMP",
            tz=ZONE,
            pic_id=self.people[PIC],
            head_id=self.people[HEAD],
            coordinator_id=self.people[COORDINATOR],
            user_ids=[[6, 0, [self.people[login] for login in (PIC, HEAD, ADMIN)]]],
        )
        self._open_workshop()
        self._connect_whatsapp()

    def _open_workshop(self):
        """Take in two motorcycles every weekday and Saturday, and one at a customer's home."""
        weekdays = [*range(6), *range(5)]
        for weekday, kind in zip(weekdays, ["workshop"] * 6 + ["home"] * 5, strict=True):
            values = {"kind": kind, "hour_from": 9, "hour_to": 11, "capacity": 2 if kind == "workshop" else 1}
            self.admin.create("crm.service.slot", branch_id=self.branch, weekday=str(weekday), **values)

    def _connect_whatsapp(self):
        """Let the account of FU-1's template send by the Cloud API, which here is the stub."""
        company = self.admin.ref("base.main_company")
        hours = {"whatsapp_quiet_from": 0, "whatsapp_quiet_to": 0}
        self.admin.call("res.company", "write", [company], hours)
        template = self.admin.read("res.company", [company], "followup_template_id")[0]["followup_template_id"][0]
        (account,) = self.admin.read("crm.whatsapp.template", [template], "account_id")
        self.account = account["account_id"][0]
        values = {"provider": "cloud", "number_key": "111", "api_url": self.stub.url, "rate": 1000, "tier": "0"}
        secrets = {"access_token": stub_server.TOKEN, "app_secret": SECRET}
        self.admin.call("crm.whatsapp.account", "write", [self.account], values | secrets)
        self.webhook = self.admin.read("crm.whatsapp.account", [self.account], "webhook_url")[0]["webhook_url"]

    # === WHAT HAPPENS BY ITSELF === #

    def run_job(self, xml_id):
        """Run a scheduled job, as the scheduler does."""
        self.admin.call("ir.cron", "method_direct_trigger", [self.admin.ref(xml_id)])

    def send(self):
        self.run_job("crm_whatsapp.ir_cron_send")

    def tell(self, *events):
        """Post events to the webhook, signed as WhatsApp does, and let them be applied."""
        for event in events:
            body = json.dumps(event).encode()
            signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            path = self.webhook[self.webhook.index("/crm_whatsapp") :]
            answer = requests.post(
                self.server.url + path,
                body,
                headers={"X-Hub-Signature-256": signature, "Content-Type": "application/json"},
                timeout=20,
            )
            assert answer.status_code == 200, answer.text
        self.run_job("crm_whatsapp.ir_cron_apply")

    def message(self, motorcycle):
        """Return the newest message to the motorcycle's buyer."""
        domain = [["phone", "=", f"+{motorcycle.wa_id}"]]
        (message,) = self.admin.call(
            "crm.whatsapp.message", "search_read", domain, fields=["wamid", "state"], limit=1, order="id desc"
        )
        return message

    def reply(self, motorcycle, text):
        """The buyer answers the message."""
        sent = self.message(motorcycle)["wamid"]
        now = int(time.time())
        self.tell(
            stub_server.status_event(sent, "delivered", timestamp=now),
            stub_server.message_event(motorcycle.wa_id, text, f"wamid.reply.{now}", now, motorcycle.buyer, quoted=sent),
        )

    def fail(self, motorcycle, code):
        """WhatsApp says that the message couldn't be delivered."""
        sent = self.message(motorcycle)["wamid"]
        self.tell(stub_server.status_event(sent, "failed", timestamp=int(time.time()), code=code))


@contextlib.contextmanager
def dealer(server):
    """Have the branch, and a WhatsApp that answers, until the block ends."""
    with stub_server.Stub() as stub:
        yield Dealer(server, stub)
